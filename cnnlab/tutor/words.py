"""What somebody else wrote, made fit to be shown."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["class_name", "cleaned", "sentence", "text_of", "type_name"]

# What a terminal obeys: colours and movements (CSI), titles and links (OSC), and the rest.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")


def cleaned(text: str, limit: int = 200) -> str:
    r"""Return a text as one line that nothing obeys: no escapes, controls or lone surrogates.

    All that a student wrote or raised goes through here before it is shown, once. What is written
    into HTML is escaped there.

    Parameters
    ----------
    text : str
        Whatever came.
    limit : int
        So many characters are left at most; what is longer ends in "...".

    Returns
    -------
    line : str

    Examples
    --------
    >>> cleaned("a \x1b[31mred\x1b[0m\n word\0")
    'a red word'
    >>> cleaned("x" * 1000, 8)
    'xxxxx...'
    """
    text = _ESCAPES.sub("", text[: 20 * limit + 1000])
    kept = (
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."


def type_name(value: object) -> str:
    """Name the type of a value with an article, as "a list" or "an int"."""
    name = cleaned(class_name(value), 40)
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def class_name(value: object) -> str:
    """Name the class of a value, whatever a metaclass of somebody's own says of it."""
    return str(type.__dict__["__name__"].__get__(type(value)))


def text_of(value: object) -> str:
    """Return a value as text; empty if its own `__str__` fails, in whatever way."""
    try:
        return str.__str__(str(value))  # exactly a string, and none of a class of somebody's own
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""


def sentence(text: str) -> str:
    """Return a text with a full stop behind it, if it has none."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
