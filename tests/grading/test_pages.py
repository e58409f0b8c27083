"""Pages of results: whole documents, in which nothing of a student is anything but text."""

from html.parser import HTMLParser

import pytest
from support.classes import B1
from support.failures import each

from cnnlab.grading.collection import LeftOut
from cnnlab.grading.grading import opened
from cnnlab.grading.pages import class_page, report_page

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Reads the tags, the links and the text of a page, and sees that every tag is closed."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.links, self.text, self.open = [], [], "", []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]
        assert not [name for name, _ in attributes if name.startswith("on")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def record(student="Anna", score=70, words="wrong", finding="It adds up each row."):
    tests = [
        ("B1.columns: column_sums(X)", 0, 0),
        ("B1.columns values", score and 70, 70),
        ("B1.columns edges", score and 20, 20),
        ("B1.columns manners", score and 10, 10),
    ]
    findings = [{"kind": "mistake", "name": "rows-summed", "words": finding}]
    question = {"points": score, "of": 100, "right": False, "findings": findings}
    return {
        "score": score,
        "execution_time": 1.5,
        "tests": [
            {"name": name, "score": points, "max_score": of, "output": f"{words}\nmore",
             "status": "passed" if points == of else "failed"}
            for name, points, of in tests
        ],
        "extra_data": {
            "student": student, "file": f"{student}.py", "of": 100, "problems": [words],
            "assignment": "B1", "isolation": ["no network"], "versions": {"cnnlab": "1"},
            "graded": True,
            "made_from": {"submission": "0123456789abcdef0"}, "seed": 271828,
            "questions": {"B1.columns": question},
        },
    }  # fmt: skip


def test_a_student_reads_points_items_and_diagnosis():
    words = '<p>what the tutor <a href="../images.html#x">says</a></p>'
    page = report_page(record(), opened(B1), [words])
    reader = Reader(page)
    for words in ("Anna", "70 of 100 points", "B1.columns: 70 of 100", "column_sums(X)",
                  "what the tutor says", "✓ right", "no network", "not a container"):  # fmt: skip
        assert words in reader.text
    assert reader.links == []
    assert "271828" not in page, "the seed stays secret"


@each(page={
    "student": lambda text: report_page(record(text, words=text), opened(B1), []),
    "class": lambda text: class_page([record(text, words=text, finding=text)],
                                     [LeftOut(text, text, text), LeftOut(text, text)]),
})  # fmt: skip
def test_what_comes_from_a_student_is_text(page):
    reader, plain = Reader(page(HOSTILE)), Reader(page("plain"))
    assert HOSTILE in reader.text
    assert reader.tags == plain.tags


@each(page=[report_page(record(), opened(B1), []), class_page([record()], [])])
def test_a_page_needs_no_other_file_and_fits_screen_and_paper(page):
    assert page.startswith("<!DOCTYPE html>\n<html lang=")
    assert "http" not in page.replace("http-equiv", "")
    assert "script" not in Reader(page).tags
    for words in ("width=device-width", "prefers-color-scheme: dark", "@media print",
                  "default-src 'none'", '<meta charset="utf-8">'):  # fmt: skip
        assert words in page


def test_the_class_reads_what_to_explain_again():
    class_ = [record("a", 0), record("b", 0), record("c", 0, finding="Another."), record("d", 100)]
    class_[3]["extra_data"]["questions"]["B1.columns"]["findings"] = []
    reader = Reader(class_page(class_, [LeftOut("e", "holds no notebook", "e")]))
    assert "4 graded, from 0 to 100 of 100 points, the median is 0." in reader.text
    assert "2It adds up each row.B1.columns1Another." in reader.text
    assert reader.text.index("It adds up each row.") < reader.text.index("Another.")
    assert "1 of 4" in reader.text
    assert "e: holds no notebook" in reader.text
    assert reader.links == ["./a.html", "./b.html", "./c.html", "./d.html"]


@pytest.mark.parametrize(
    ("student", "link"),
    [
        ("Jörg Ä", "./J%C3%B6rg%20%C3%84.html"),
        ("-x", "./-x.html"),
        ("a?b#c", None),
        ("100%", "./100%25.html"),
        ("javascript:alert(1)", None),
    ],
)
def test_a_link_leads_to_the_page_beside(student, link):
    (found,) = Reader(class_page([record(student)], [])).links
    assert found.startswith("./")
    assert link is None or found == link
    assert not set(found[2:]) & set("/:?#\\")


def test_letters_of_no_alphabet():
    page = class_page([record("\udcff")], [])
    assert page.encode("utf-8", "backslashreplace")


def test_nobody():
    assert "Students" in Reader(class_page([], [LeftOut("a", "holds no notebook", "a")])).text


def test_no_name_turns_the_direction_of_what_is_read():
    name = "rtl\u202egpj"
    left = [LeftOut(f"{name}.py", "no score", f"{name}2"), LeftOut(f"{name}3", "is a link")]
    report = report_page(record(name), opened(B1), ["", ""])
    for page in class_page([record(name)], left), report:
        assert "\u202e" not in page
        assert "rtlgpj" in page
