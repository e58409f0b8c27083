"""What a figure puts on a page: files of this package, and a still picture as an image."""

import re
from html import escape
from importlib import resources
from urllib.parse import quote

# Characters that may stand in a quoted address as they are; escaping them makes it no safer.
SAFE = " /=:;,.()[]{}+*?!'"


def file_text(name: str) -> str:
    """Read a file of this package, without the comments and indentation that readers need."""
    text = resources.files("cnnlab.explorer").joinpath(name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("// "))


def still_image(picture: str, style: str, alt: str) -> str:
    """Return an inline SVG as an image: JupyterLab keeps it in notebooks that it does not trust."""
    still = picture.replace(
        '<svg class="cx-picture"', '<svg xmlns="http://www.w3.org/2000/svg" class="cx-picture"'
    )
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    still = still.replace(">", f"><style>\n{style}</style>{paper}", 1).replace('"', "'")
    address = quote(still, safe=SAFE)
    return f'<img class="cx-still" src="data:image/svg+xml,{address}" alt="{escape(alt)}">'
