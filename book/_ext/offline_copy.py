"""The whole website as one file, to be read without a network: a link in the footer of each page.

The same pages give the same file: names in order, no times.
"""

import re
import zipfile
from pathlib import Path

FOLDER = "convolutional-networks"
NAME = f"{FOLDER}.zip"
LINK = '<a class="offline-copy" href="{}">All pages as one file</a>'
# In the copy the link would lead nowhere.
WRITTEN = re.compile(r'<p><a class="offline-copy".*?</p>')
MIDNIGHT = (1980, 1, 1, 0, 0, 0)  # the first time that the format knows


def offer(app, pagename, templatename, context, doctree):
    """Put the link into the footer."""
    link = LINK.format(context["pathto"](NAME, 1))
    context["theme_extra_footer"] = context.get("theme_extra_footer", "") + f"<p>{link}</p>"


def content(path):
    """Return what the copy holds of a file."""
    if path.suffix != ".html":
        return path.read_bytes()
    return WRITTEN.sub("", path.read_text(encoding="utf-8")).encode()


def write_copy(site):
    """Write all files of a site into one."""
    target = site / NAME
    target.unlink(missing_ok=True)
    paths = sorted(path for path in site.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for path in paths:
            entry = zipfile.ZipInfo(f"{FOLDER}/{path.relative_to(site).as_posix()}", MIDNIGHT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            copy.writestr(entry, content(path))


def after_all(app, exception):
    """Write the copy when everything else is there."""
    if exception is None and app.builder.name == "html":
        write_copy(Path(app.outdir))


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", offer, priority=600)  # below the versions
    app.connect("build-finished", after_all, priority=999)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
