"""The class of the page *For instructors*: its assignment, its students, what is typed there."""

import re
from pathlib import Path

from support.book import ROOT

from cnnlab.grading.grading import Content, Handout

PAGE = (ROOT / "book" / "instructors.md").read_text("utf-8")
BLOCKS = re.findall(r"^(.+)\n\n```(\w+)\n((?s:.*?))\n```$", PAGE, re.MULTILINE)

#: The files of the page by name: each stands below a paragraph that names it last.
FILES = {
    re.findall(r"`([\w-]+\.py)`", words)[-1]: code + "\n"
    for words, kind, code in BLOCKS
    if kind == "python" and re.search(r"`[\w-]+\.py`", words)
}
B1 = Handout("B1.py", FILES["B1.py"].encode())
STUDENTS = {name: code for name, code in FILES.items() if name.startswith("student-")}
RIGHT = STUDENTS["student-001.py"]


def content(code):
    """Return the file of a student."""
    return Content("student.py", code.encode())


def hand_in(folder: Path, **codes):
    """Write submissions into a folder, which is made; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for student, code in codes.items():
        (folder / f"{student}.py").write_text(code, encoding="utf-8")
    return folder
