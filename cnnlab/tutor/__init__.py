"""A tutor: says what is wrong with a function, and what it is worth.

`check` tries a function on the cases of a question and names the mistake; it shows itself in a
terminal and in a notebook. A question is one of an assignment, as "A4.gather", or any function of
the contract of the operations, as "conv2d_dX". `assignments` lists what is handed out, `find` finds
it by name, and `load` reads an assignment of one's own from a file. `judge` is what `check` and the
grader have in common: it knows a function by its answers alone.
"""

from cnnlab.tutor.answers import Answer, Problem
from cnnlab.tutor.assignments import assignments, find, load
from cnnlab.tutor.check import Checked, check, diagnose
from cnnlab.tutor.findings import Diagnosis, Finding, Term, WrongEntry
from cnnlab.tutor.judging import Outcome, Report, Scored, judge
from cnnlab.tutor.questions import Assignment, Case, Item, Mistake, Question

__all__ = [
    "check",
    "diagnose",
    "Checked",
    "assignments",
    "find",
    "load",
    "judge",
    "Report",
    "Outcome",
    "Scored",
    "Diagnosis",
    "Finding",
    "WrongEntry",
    "Term",
    "Assignment",
    "Question",
    "Item",
    "Case",
    "Mistake",
    "Answer",
    "Problem",
]
