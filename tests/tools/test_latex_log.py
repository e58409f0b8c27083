"""The log of LaTeX tells what is wrong with a book."""

from tools import latex_log

LOG = r"""
LaTeX Warning: Reference `equation:book/a:eq-b' on page 7 undefined on input lin
e 12.

LaTeX Warning: Hyper reference `book/glossary:term-pattern' on page 1 undefined on input line 3.
Missing character: There is no 漢 (U+6F22) in font [FreeSerif.otf]/OT:script=latn!
Overfull \hbox (93.6pt too wide) in paragraph at lines 7860--7860
Overfull \hbox (9.1pt too wide) in paragraph at lines 1--2
LaTeX Warning: Citation `x' on page 2 undefined on input line 5.
"""


def test_what_is_broken_is_named_once():
    assert latex_log.faults(LOG + LOG) == [
        "Reference `equation:book/a:eq-b' on page 7 undefined",
        "Hyper reference `book/glossary:term-pattern' on page 1 undefined",
        "Citation `x' on page 2 undefined",
        "Missing character: There is no 漢 (U+6F22) in font [FreeSerif.otf]/OT:script=latn",
        "a line is 93.6 points too wide in paragraph at lines 7860--7860",
    ]


def test_a_good_log_is_good(tmp_path, capsys):
    path = tmp_path / "book.log"
    path.write_text("Overfull \\hbox (9.1pt too wide) in paragraph at lines 1--2\n", "utf-8")
    assert latex_log.main(path) == 0
    path.write_text(LOG, "utf-8")
    assert latex_log.main(path) == 1
    assert "make pdf: a line is 93.6 points too wide" in capsys.readouterr().err
