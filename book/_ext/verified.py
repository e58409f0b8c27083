"""The footer of each page says when the course was last verified, and with which versions.

The same files give the same pages: the date is that of the last commit, or what
`SOURCE_DATE_EPOCH` says, and never that of the clock.
"""

import os
import platform
import subprocess
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version

import cnnlab

NAMES = {"NumPy": "numpy", "Numba": "numba"}


def date_of(folder):
    """Return the date of what is built, or None outside of a repository."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        command = ["git", "-C", str(folder), "log", "-1", "--format=%ct"]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        seconds = asked.stdout.strip()
    return datetime.fromtimestamp(int(seconds), UTC).date().isoformat() if seconds else None


def words(date, executed):
    """Return the sentence; without a run of the notebooks nothing is said to be verified."""
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {version(package)}" for name, package in NAMES.items()]
    versions += [f"cnnlab {cnnlab.__version__}"]
    what = "Last verified" if executed else "Last changed"
    when = f" {date}" if date else ""
    return f"{what}{when} with {', '.join(versions[:-1])} and {versions[-1]}."


def ask_once(app):
    """Ask for the date once in a build."""
    app.date_of_course = date_of(app.srcdir)


def write_footer(app, pagename, templatename, context, doctree):
    """Put the sentence into the footer."""
    executed = bool(getattr(app, "executed", None))
    context["theme_extra_footer"] = (
        f'<p class="verified">{escape(words(app.date_of_course, executed))}</p>'
    )


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", ask_once)
    app.connect("html-page-context", write_footer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
