"""Names the mistake in an answer: with a catalogue where it can, by what is seen where not.

`explain` works from the answers alone. It compares them with what every known mistake would have
given, `cnnlab.mutants` among them, then with every two of those at once, and otherwise says what is
true of the wrong numbers: a ratio, an axis, the border.
"""

from cnnlab.tutor.diagnosis.explaining import explain

__all__ = ["explain"]
