"""A diagnosis as lines for a terminal, and as a block for a notebook."""

from __future__ import annotations

import html as markup
import re
import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from cnnlab.tutor.comparing import wrong_entries
from cnnlab.tutor.findings import Diagnosis, Finding, Term, WrongEntry
from cnnlab.tutor.judging import LATER, Outcome, Report
from cnnlab.tutor.pages import address_of, title_of
from cnnlab.tutor.words import cleaned

__all__ = ["html", "terminal"]

WIDTH = 79
TERMS = 6  # so many are written out in a terminal
MORE_TERMS = 12  # and in a notebook
ROWS, COLUMNS = 8, 10  # of a table in a notebook
FINDINGS = 3
LONGEST = 400  # characters of a finding

BESIDE = "dtype", "changed", "shared", "reused"  # what does not explain a wrong number
COUNTS = {0: "missing", 2: "twice", -1: "subtracted"}
UNKNOWN = "The values are wrong, and I cannot name the mistake."


def terminal(report: Report, diagnosis: Diagnosis) -> str:
    """Say what is wrong in lines of plain ASCII, the most important first.

    Parameters
    ----------
    report : Report
        What was judged.
    diagnosis : Diagnosis
        What `explain` says of it.

    Returns
    -------
    lines : str
        About twenty lines at most, none longer than 79 letters.
    """
    lines = _wrapped(f"{report.name}: {_headline(report, diagnosis)}")
    if _silent(report, diagnosis):
        return "\n".join(lines)
    for words in _said_below(report, diagnosis):
        lines += _wrapped(_ascii(words, LONGEST), "  ")
    if diagnosis.case and (diagnosis.entry or diagnosis.findings):
        lines += _wrapped(f"Case: {_ascii(diagnosis.case)}", "  ")
    if diagnosis.entry is not None:
        lines += _entry_lines(diagnosis.entry)
    if diagnosis.equation:
        lines += _wrapped(
            f"See equation ({diagnosis.equation}) in the chapter {title_of(diagnosis.page)}.", "  "
        )
    return "\n".join([*lines, *_wrapped(_points(report), "  ")])


def _silent(report: Report, diagnosis: Diagnosis) -> bool:
    """Tell whether one line says all: it is right, or not written yet."""
    unwritten = any(finding.kind == "not written" for finding in diagnosis.findings)
    return unwritten or (report.right and not diagnosis.findings)


def _known(diagnosis: Diagnosis) -> bool:
    """Tell whether something explains the wrong numbers, if there are some."""
    names = [finding.name for finding in diagnosis.findings[:1]]
    return bool(names) and not (diagnosis.entry is not None and names[0] in BESIDE)


def _said_below(report: Report, diagnosis: Diagnosis) -> list[str]:
    """Return what is said below the first line, a paragraph each."""
    if not _known(diagnosis):
        return [_right_cases(report), *(one.words for one in diagnosis.findings[:FINDINGS])]
    first, *others = diagnosis.findings[:FINDINGS]
    rest = _split(report, first)[1]
    return [*([rest] if rest else []), *(finding.words for finding in others)]


def _headline(report: Report, diagnosis: Diagnosis) -> str:
    """Say what is wrong in one sentence."""
    if report.right and not diagnosis.findings:
        return f"right, {_points(report)}"
    if not _known(diagnosis):
        return UNKNOWN if diagnosis.entry is not None else _first_fault(report)
    finding = diagnosis.findings[0]
    if finding.kind == "not written":
        return "not written yet."
    return _split(report, finding)[0]


def _right_cases(report: Report) -> str:
    """Say in which cases it is right: what there is to say where the mistake is not known."""
    right = [outcome.case for outcome in report.outcomes if not outcome.fault]
    words = f"It is right in {len(right)} of {len(report.outcomes)} cases"
    seen = [case for case in right if not case.hidden]
    return f"{words}, as: {_ascii(seen[-1].words)}." if seen else f"{words}."


def _first_fault(report: Report) -> str:
    """Say what is wrong with the first case that is, in the words of the judge."""
    faulty = [outcome for outcome in report.outcomes if outcome.fault]
    words = _ascii(faulty[0].words or faulty[0].fault) if faulty else "nothing was tried"
    return f"{words[:1].upper()}{words[1:]}."


def _said(finding: Finding) -> str:
    return _ascii(finding.words, LONGEST)


def _split(report: Report, finding: Finding) -> tuple[str, str]:
    """Split what is said after its first sentence; of an exception after the student's line."""
    words = _said(finding)
    end = ". "
    if finding.kind == "exception":
        problems = [outcome.answer.problem for outcome in report.outcomes]
        line = next((one.line for one in problems if one is not None), "")
        end = f"{_ascii(line)}. "
    at = words.find(end)
    return (words, "") if at < 0 else (words[: at + len(end) - 1], words[at + len(end) :])


def _ascii(text: str, limit: int = 200) -> str:
    """Return somebody's text in letters that every terminal has."""
    return cleaned(text, limit).replace("``", "`").encode("ascii", "replace").decode()


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + ("  " if not indent else ""),
        break_on_hyphens=False,
    )  # fmt: skip


def _entry_lines(entry: WrongEntry) -> Iterator[str]:
    """Yield the wrong entry and its sum."""
    share = f"{entry.wrong} of {entry.entries} entries wrong"
    yield f"  {entry.place} = {_number(entry.yours)}, expected {_number(entry.expected)} ({share})"
    shown = _shown(entry.terms, TERMS)
    wide = max((len(term.symbols) for term in shown), default=0)
    wide = min(wide, 34)
    numbers = max((len(term.numbers) for term in shown), default=0)
    for at, term in enumerate(shown):
        sign = "=" if at == 0 else "+"
        note = f"  <- {COUNTS[term.counted]}" if term.counted in COUNTS else ""
        line = (
            f"    {sign} {term.symbols:<{wide}}  {term.numbers:>{numbers}} = {_number(term.value)}"
        )
        yield f"{line}{note}"[:WIDTH]
    left = len(entry.terms) - len(shown)
    if left:
        missing = sum(term.counted in COUNTS for term in entry.terms)
        more = f", {missing} of {len(entry.terms)} missing or counted wrongly" if missing else ""
        yield f"    + {left} more term{'s' if left > 1 else ''}{more}"


def _shown(terms: Sequence[Term], count: int) -> Sequence[Term]:
    """Return the terms to write out: if too many, those that are counted wrongly first."""
    if len(terms) <= count:
        return terms
    odd = [term for term in terms if term.counted in COUNTS]
    others = [term for term in terms if term.counted not in COUNTS]
    chosen = odd[: count - 1]
    chosen += others[: count - len(chosen)]
    return [term for term in terms if any(term is one for one in chosen)]


def _number(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | float | np.number):
        return f"{float(value):.6g}"
    return cleaned(str(value), 40)


def _points(report: Report) -> str:
    """Say what it is worth, and which items were lost."""
    less = [scored for scored in report.items if scored.points < scored.item.points]
    lost = [scored.item.name for scored in less if scored.words != LATER]
    later = len(less) - len(lost)
    words = f"{report.points:g} of {report.question.points:g} points"
    words += f"; lost: {', '.join(lost)}" if lost else ""
    if later:
        words += f"; {later} item{'s are' if later > 1 else ' is'} tried when it is graded"
    return f"{words}."


# In a notebook

STYLE = """
.cnnlab-tutor{--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--ground:#fff;--bad:#a40e26;
--bad-ground:#ffebe9;--good:#116329;--link:#0550ae;color:var(--ink);background:var(--ground);
border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:6px;
padding:.7em 1em;margin:.4em 0;max-width:46em;font:14px/1.5 system-ui,sans-serif;overflow-x:auto}
.cnnlab-tutor.right{border-left-color:var(--good)}
.cnnlab-tutor .head{font-weight:600;margin:0}
.cnnlab-tutor p{margin:.35em 0;color:inherit}
.cnnlab-tutor .soft{color:var(--soft)}
.cnnlab-tutor table{border-collapse:collapse;margin:.3em 1em .3em 0;font:13px/1.4 ui-monospace,
monospace;color:inherit;background:none;display:inline-table}
.cnnlab-tutor caption{text-align:left;font:600 13px system-ui,sans-serif;color:var(--soft);
caption-side:top;padding:0 0 .2em;white-space:nowrap}
.cnnlab-tutor code{font:13px ui-monospace,monospace;color:inherit;background:none;padding:0}
.cnnlab-tutor th,.cnnlab-tutor td{padding:.1em .5em;text-align:right;border:1px solid var(--line);
color:inherit;background:none;white-space:nowrap}
.cnnlab-tutor th{font-weight:400;color:var(--soft);text-align:left}
.cnnlab-tutor .wrong,.cnnlab-tutor tr.off td,.cnnlab-tutor tr.off th{background:var(--bad-ground);
color:var(--bad);font-weight:600}
.cnnlab-tutor a{color:var(--link)}
@media(prefers-color-scheme:dark){.cnnlab-tutor{--ink:#e6edf3;--soft:#9da7b3;--line:#3d444d;
--ground:#151b23;--bad:#ffa198;--bad-ground:#4d1519;--good:#56d364;--link:#79c0ff}}
[data-theme=light] .cnnlab-tutor,[data-jp-theme-light=true] .cnnlab-tutor{--ink:#1b1f24;
--soft:#57606a;--line:#d0d7de;--ground:#fff;--bad:#a40e26;--bad-ground:#ffebe9;--good:#116329;
--link:#0550ae}
[data-theme=dark] .cnnlab-tutor,[data-jp-theme-light=false] .cnnlab-tutor{--ink:#e6edf3;
--soft:#9da7b3;--line:#3d444d;--ground:#151b23;--bad:#ffa198;--bad-ground:#4d1519;--good:#56d364;
--link:#79c0ff}
""".replace("\n", "")


def html(report: Report, diagnosis: Diagnosis) -> str:
    """Say what is wrong as a block for Jupyter and for web pages, in light and dark.

    Parameters
    ----------
    report : Report
        What was judged.
    diagnosis : Diagnosis
        What `explain` says of it.

    Returns
    -------
    html : str
        One element with its own style. All that somebody else wrote is escaped in it.
    """
    right = report.right and not diagnosis.findings
    body = [
        f'<p class="head">{_text(f"{report.name}: {_headline(report, diagnosis)}", LONGEST)}</p>'
    ]
    if not _silent(report, diagnosis):
        body += [f"<p>{_text(words, LONGEST)}</p>" for words in _said_below(report, diagnosis)]
        if diagnosis.case:
            body.append(f'<p class="soft">Case: {_text(diagnosis.case)}</p>')
        if diagnosis.entry is not None:
            body += _entry_block(report, diagnosis)
        if diagnosis.equation:
            address = markup.escape(address_of(diagnosis.page, diagnosis.equation))
            body.append(
                f'<p>See equation (<a href="{address}">{_text(diagnosis.equation)}</a>) in the '
                f"chapter {_text(title_of(diagnosis.page))}.</p>"
            )
        body.append(f'<p class="soft">{_text(_points(report))}</p>')
    kind = "cnnlab-tutor right" if right else "cnnlab-tutor"
    return f'<div class="{kind}" role="status"><style>{STYLE}</style>{"".join(body)}</div>'


def _text(words: str, limit: int = 200) -> str:
    """Return somebody's words for a page: cleaned, escaped, with code as code."""
    words = markup.escape(cleaned(words, limit))
    return re.sub(r"``?([^`]+)``?", r"<code>\1</code>", words)


def _entry_block(report: Report, diagnosis: Diagnosis) -> list[str]:
    """Return the tables yours and expected, and the sum of the first wrong entry."""
    entry = diagnosis.entry
    assert entry is not None
    body: list[str] = []
    for outcome in report.outcomes:
        if outcome.case.words == diagnosis.case and outcome.fault and not body:
            body = _planes(report, outcome, entry)
    body.append(
        f"<p>{_text(entry.place)} is {_number(entry.yours)}, expected is "
        f"{_number(entry.expected)} ({entry.wrong} of {entry.entries} entries are wrong).</p>"
    )
    if entry.terms:
        body.append(_sum_table(entry))
    return body


def _planes(report: Report, outcome: Outcome, entry: WrongEntry) -> list[str]:
    """Return the plane of the first wrong entry, yours and expected beside each other.

    Nothing if the entry is not of this case: several may have the same words.
    """
    name, _, index = entry.place.partition("[")
    at = tuple(int(number) for number in index.rstrip("]").split(",") if number)
    given, right = (
        _part(value, name, report) for value in (outcome.answer.value, outcome.expected)
    )
    if given is None or right is None or given.shape != right.shape or given.ndim != len(at):
        return []
    if not at or any(place >= length for place, length in zip(at, given.shape, strict=True)):
        return []
    if not np.array_equal(given[at], entry.yours, equal_nan=True):
        return []
    wrong = wrong_entries(given, right)
    lead = at[:-2]
    planes = [np.atleast_2d(array[lead]) for array in (given, right, wrong)]
    label = name + (f"[{','.join(map(str, lead))}]" if lead else "")
    return [
        _plane(f"{label}, {whose}", plane, planes[2])
        for whose, plane in (("yours", planes[0]), ("expected", planes[1]))
    ]


def _part(value: object, name: str, report: Report) -> np.ndarray | None:
    """Return the part of an answer that has this name, if it is an array of numbers."""
    names = report.question.returns
    if isinstance(value, dict):
        value = value.get(name)
    elif isinstance(value, tuple | list):
        at = names.index(name) if name in names else 0
        value = value[at] if at < len(value) else None
    return value if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" else None


def _plane(caption: str, plane: np.ndarray, wrong: np.ndarray) -> str:
    """Return a table of numbers; wrong ones are marked, for eyes and for ears."""
    rows = []
    for numbers, marks in zip(plane[:ROWS], wrong[:ROWS], strict=True):
        cells = [
            f'<td class="wrong"><span aria-label="wrong: {_number(number)}">{_number(number)}'
            "</span></td>" if mark else f"<td>{_number(number)}</td>"
            for number, mark in zip(numbers[:COLUMNS], marks[:COLUMNS], strict=True)
        ]  # fmt: skip
        cells += ["<td>...</td>"] if plane.shape[1] > COLUMNS else []
        rows.append(f"<tr>{''.join(cells)}</tr>")
    if len(plane) > ROWS:
        rows.append(f"<tr><td>{len(plane) - ROWS} more rows</td></tr>")
    return f"<table><caption>{_text(caption)}</caption>{''.join(rows)}</table>"


def _sum_table(entry: WrongEntry) -> str:
    """Return the sum that an entry should be, a term in each row."""
    shown = _shown(entry.terms, MORE_TERMS)
    told = any(term.counted in COUNTS for term in entry.terms)
    head = ["term", "numbers", "value", "in yours"][: 4 if told else 3]
    rows = ["".join(f'<th scope="col">{word}</th>' for word in head)]
    kinds = [""]
    for term in shown:
        note = COUNTS.get(term.counted, "") if term.counted is not None else ""
        kinds.append(' class="off"' if note else "")
        cells = [_text(term.numbers), _number(term.value), note][: len(head) - 1]
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f'<th scope="row">{_text(term.symbols)}</th>{row}')
    left = len(entry.terms) - len(shown)
    if left:
        more = f"{left} more term{'s' if left > 1 else ''}"
        rows.append(f'<th scope="row" colspan="{len(head)}">{more}</th>')
        kinds.append("")
    body = "".join(f"<tr{kind}>{row}</tr>" for kind, row in zip(kinds, rows, strict=True))
    return (
        f"<table><caption>{_text(f'The sum that {entry.place} should be')}</caption>{body}</table>"
    )
