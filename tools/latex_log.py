"""What LaTeX says of a book that is not as it should be: ``python -m tools.latex_log FILE.log``.

A reference that leads nowhere, a letter that no font has, a line that runs off the paper.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MARGIN = 40.0  # points: what is wider than the text by less stands in the margin, and is read
WRAP = 79  # LaTeX breaks the lines of its log there

BROKEN = re.compile(
    r"LaTeX Warning: ((?:Hyper r|R|Citation|Label)[^.]*?(?:undefined|multiply defined))"
)
ABSENT = re.compile(r"(Missing character: There is no .+? in font [^!]*)!")
WIDE = re.compile(r"Overfull \\hbox \(([\d.]+)pt too wide\)([^\n]*)")


def unwrapped(log: str) -> str:
    """Join the lines that LaTeX broke."""
    lines = log.split("\n")
    return "".join(line if len(line) >= WRAP else f"{line}\n" for line in lines)


def faults(log: str) -> list[str]:
    """Return what is wrong, each fault once."""
    text = unwrapped(log)
    found = [" ".join(match[1].split()) for match in BROKEN.finditer(text)]
    found += [match[1] for match in ABSENT.finditer(text)]
    found += [
        f"a line is {match[1]} points too wide{match[2]}"
        for match in WIDE.finditer(text)
        if float(match[1]) > MARGIN
    ]
    return list(dict.fromkeys(found))


def main(path: Path) -> int:
    """Print the faults of a log, and return whether there are any."""
    found = faults(path.read_text(encoding="utf-8", errors="replace"))
    for fault in found:
        print(f"make pdf: {fault}", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
