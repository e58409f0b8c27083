"""What a part of a page consists of, for the website that puts it there."""

import re
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple


class Part(NamedTuple):
    """A part of a page: its element, and the files that it needs."""

    #: The element, with a still picture in it: what is printed, and seen where scripts do not run.
    html: str
    #: Names and texts of scripts, in the order in which they are loaded.
    scripts: Mapping[str, str]
    #: Names and texts of style sheets.
    styles: Mapping[str, str]
    #: Names and contents of files that a script loads when they are asked for.
    later: Mapping[str, bytes] = {}


def file_text(name: str) -> str:
    """Read a script or style sheet, without the comments and indentation that readers need.

    Parameters
    ----------
    name : str
        Its path inside ``cnnlab/page``.
    """
    text = resources.files("cnnlab.page").joinpath(name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("// "))
