r"""Cut the LaTeX of the book into tokens, and the tokens into statements and conditions."""

import re
from typing import NamedTuple


class Token(NamedTuple):
    kind: str  # "name", "number", "sign", or "break": where a statement may end
    text: str
    glued: bool  # nothing stands between this token and the one before


PIECE = re.compile(
    r"""
    \\(?:text|mathrm|operatorname)\{(?P<words>[^{}]*)\}
    | \\(?:begin|end)\{(?:aligned|split|align\*?|gathered|equation\*?)\} (?P<frame>)
    | (?P<environment>\\(?:begin|end)\{\w+\})
    | (?P<command>\\(?:[A-Za-z]+'*|.))
    | (?P<number>\d+(?:\{,\}\d{3})*(?:\.\d+)?)
    | (?P<letter>[A-Za-z]'*)
    | (?P<space>[\s~]+|\{\}|%.*)
    | (?P<sign>.)
    """,
    re.VERBOSE,
)
DERIVATIVE = re.compile(r"\^\{\((\d)\)\}")  # f^{(2)} is the second derivative of f
BREAKS = {"\\\\", "\\quad", "\\qquad"}
SPACES = {"\\,", "\\;", "\\:", "\\!", "\\ ", "\\displaystyle", "\\textstyle", "\\dots"}
SIZES = {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in "lr"}
SIZES |= {"\\left", "\\right", "\\limits"}
SAME = {
    "\\tfrac": "\\frac",
    "\\dfrac": "\\frac",
    "\\times": "\\cdot",
    "\\leq": "\\le",
    "\\geq": "\\ge",
    "\\neq": "\\ne",
    "\\ln": "\\log",
    "\\exp": "\\mathexp",
    "\\lbrack": "[",
    "\\rbrack": "]",
    "\\prime": "'",
    "\\ast": "*",
}
# Commands with a grammar of their own; every other command is the name of something.
SIGNS = {
    *(
        "\\frac",
        "\\sum",
        "\\sqrt",
        "\\partial",
        "\\max",
        "\\min",
        "\\log",
        "\\cos",
        "\\lfloor",
        "\\rfloor",
        "\\lvert",
        "\\rvert",
    ),
    *("\\lceil", "\\rceil", "\\cdot", "\\star", "\\bmod", "\\le", "\\ge", "\\ne", "\\approx"),
    *("\\leftarrow", "\\hat", "\\bar", "\\tilde", "\\substack", "\\mathexp", "\\top", "\\mathsf"),
}
RELATIONS = {"=", "<", ">", "\\le", "\\ge", "\\ne", "\\approx", "\\leftarrow"}
BRACKETS = {
    "\\lfloor": ("\\rfloor", "floor"),
    "\\lceil": ("\\rceil", "ceil"),
    "\\lvert": ("\\rvert", "abs"),
}
WORDS = ("for", "unless", "and", "if", "where", "otherwise")


def tokens(text):
    """Cut the text into what has a meaning; spaces and sizes have none."""
    found, glued, inside = [], False, []
    for match in PIECE.finditer(DERIVATIVE.sub(_primes, text.replace("\\;\\;", "\\quad"))):
        piece = SAME.get(match[0], match[0])
        if match["frame"] is not None or piece in SIZES:
            continue
        kind = "space" if match["space"] or piece in SPACES else "sign"
        if piece in BREAKS or piece == "&":
            kind, piece = _line_break(piece, inside)
        elif match["words"] is not None:
            piece = match["words"].replace("\\_", "_").strip()
            kind = "word" if piece.split(" ")[0].rstrip(":") in WORDS else "name"
        elif match["number"]:
            kind, piece = "number", piece.replace("{,}", "")
        elif match["letter"]:
            kind = "name"
        elif match["command"] and kind == "sign" and piece not in SIGNS and piece[1:2].isalpha():
            kind, piece = "name", piece[1:]
        if kind == "space":
            glued = False
            continue
        if kind == "sign" and _depth(piece) > 0:
            inside.append("\\substack" if found and found[-1].text == "\\substack" else piece)
        elif kind == "sign" and _depth(piece) < 0 and inside:
            inside.pop()
        found.append(Token(kind, piece, glued))
        glued = True
    return found


def _primes(derivative):
    return "'" * int(derivative[1])


def _line_break(piece, inside):
    r"""Say what `\\`, `&` or a wide space is here: in brackets nothing, in a matrix a border."""
    if inside and inside[-1] == "\\substack":
        return ("sign", ",") if piece == "\\\\" else ("space", "")
    if inside and inside[-1].startswith("\\begin"):
        return ("break", piece) if piece in ("\\\\", "&") else ("space", "")
    return ("break", piece) if not inside and piece != "&" else ("space", "")


def parts(stream):
    """Split into statements (word None) and conditions (word "for" or "unless").

    A line, or what follows a wide space or a comma, starts a statement of its own if it has a
    relation with something on its left. Otherwise it goes on with the one before.
    """
    parts = []
    word = None
    for segment in _segments(stream):
        while segment and segment[0].kind == "word":
            found, segment = segment[0].text.split(" ")[0].rstrip(":"), segment[1:]
            word = {"and": word, "if": "for", "where": None}.get(found, found)
        if not segment:
            continue
        relations = _relations(segment)
        starts = relations and relations[0] > 0
        only_bounds = starts and all(segment[i].text in ("<", "\\le") for i in relations)
        before = parts[-1][1] if parts else []
        if parts and (not starts or not _relations(before) or _is_open(before)) and word is None:
            before.extend(segment)
        else:
            bound = "for" if only_bounds and parts and word is None else word
            parts.append((bound, list(segment)))
            if not only_bounds:
                word = None
    return parts


def _segments(stream):
    depth, segment = 0, []
    for token in stream:
        depth += _depth(token.text)
        ends = token.kind == "break" or token.text in (",", ";")
        if depth == 0 and (ends or token.kind == "word"):
            yield segment
            segment = [token] if token.kind == "word" else []
        else:
            segment.append(token)
    if segment and segment[-1].text == ".":
        segment = segment[:-1]
    yield segment


def _depth(sign):
    """Return 1 for what opens, -1 for what closes, 0 for everything else."""
    opens = sign in {"(", "{", "[", *BRACKETS} or sign.startswith("\\begin")
    closes = sign in {")", "}", "]", "\\rfloor", "\\rceil", "\\rvert"} or sign.startswith("\\end")
    return opens - closes


def _relations(segment):
    depth, found = 0, []
    for place, token in enumerate(segment):
        depth += _depth(token.text)
        if depth == 0 and token.kind == "sign" and token.text in RELATIONS:
            found.append(place)
    return found


def _is_open(part):
    return part[-1].kind == "sign" and part[-1].text in {"+", "-", "\\cdot", *RELATIONS}
