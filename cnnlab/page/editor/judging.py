"""Run what a reader wrote, and compare: the same file in a browser and in the tests.

What comes is compared with a table that `cnnlab` has computed: the right answers of some cases, and
the answers that each known mistake gives there. A mistake is named if it gives every answer that
came, and not otherwise.
"""

# It imports nothing but the arrays: the Python of a browser has no standard library here.
# mypy: ignore-errors

from cnnlab.page.editor import arrays as numpy

FILE = "<string>"  # what Python calls code without a file
TOLERANCE = 2e-5  # in units of the largest right entry, as of `cnnlab.tutor`
MOST_LINES = 20  # of what is printed


def judge(source, name, results, cases, rows):
    """Say what is wrong with a function.

    Parameters
    ----------
    source : str
        What the reader wrote.
    name : str
        Of the function.
    results : list of str
        Names of what it returns.
    cases : str
        A line for each case, the smallest first: names and values of its arguments, and the right
        answer. See `argument` and `answer`.
    rows : str
        A line for each mistake, with an answer for each case.

    Returns
    -------
    verdict : list of str
        Which kind, and what there is to say of this kind.
    printed : list of str
        What was printed while the first case was asked that is not right.
    """
    printed = []
    function, verdict = _defined(source, name, printed)
    if verdict:
        return verdict, printed
    asked, rights, shown = [], [], None
    for line in cases.splitlines():
        *given, right = line.split("|")
        del printed[:]
        rights.append(answer(right))
        asked.append(_asked(function, [one.split("=") for one in given], rights[-1], results))
        if asked[-1][0] and shown is None:
            shown = len(asked) - 1, list(printed)
    wrong = [one for one in asked if one[0]]
    if not wrong:
        return ["right", str(len(asked))], printed
    case = shown[0]
    kind, _, *said = asked[case]
    numbers = [one for one in wrong if one[0] in ("values", "not finite", "shape", "raised")]
    named = _named(asked, rights, rows) if numbers and len(numbers) == len(wrong) else []
    right = len(asked) - len(wrong)
    return [kind, str(case), f"{right}/{len(asked)}", " ".join(map(str, named)), *said], shown[1]


def _defined(source, name, printed):
    """Run the code once; return the function, or what is wrong."""

    def put(*values, sep=" ", end="\n", **_):
        if len(printed) < MOST_LINES:
            printed.append(sep.join(map(str, values)))

    space = {"np": numpy, "print": put, "__name__": "page"}
    try:
        exec(source, space)
    except SyntaxError as error:
        return None, ["syntax", "", "", "", f"{type(error).__name__}: {error.msg}",
                      str(error.lineno or "")]  # fmt: skip
    except BaseException as error:  # of sys.exit, too
        return None, ["raised", "", "", "", *_told(error)]
    if not callable(space.get(name)):
        return None, ["missing"]
    return space[name], None


def _asked(function, given, right, results):
    """Ask one case; return the kind of fault, the answer, and words."""
    arguments = [argument(text) for _, text in given]
    before = [one.copy() if isinstance(one, numpy.ndarray) else one for one in arguments]
    try:
        came = function(*arguments)
    except BaseException as error:
        return ("raised", None, *_told(error))
    parts = [came] if len(results) == 1 else came
    if came is None:
        return "nothing", None
    if len(results) > 1 and not (isinstance(came, tuple | list) and len(came) == len(results)):
        return "parts", None, type(came).__name__
    found = []
    for name, part, (shape, values) in zip(results, parts, right, strict=True):
        if isinstance(part, list | tuple):
            try:
                part = numpy.array(part)
            except (TypeError, ValueError) as error:
                return "type", None, name, f"a {type(part).__name__} came; {error}"
        if isinstance(part, int | float) and not isinstance(part, bool):
            part = numpy.array(part)
        if not isinstance(part, numpy.ndarray):
            return "type", None, name, f"{part!r:.60} of type {type(part).__name__} came"
        found.append((part.shape, part.flat(), name, shape, values))
    answered = [(shape, values) for shape, values, *_ in found]
    for came, _, name, shape, _ in found:
        if came != shape:
            return "shape", answered, name, str(came), str(shape)
    for shape, came, name, _, values in found:
        bad = [at for at, value in enumerate(came) if not isinstance(value, int | float)]
        if bad:
            return "type", None, name, f"it holds {came[bad[0]]!r:.60}"
        wrong = _wrong(came, values)
        if wrong:
            at = wrong[0]
            place = ",".join(map(str, numpy.unravel_index(at, shape)))
            kind = "values" if abs(came[at]) < float("inf") else "not finite"
            return (kind, answered, f"{name}[{place}]", short(came[at]), short(values[at]),
                    str(len(wrong)), str(len(values)))  # fmt: skip
    for (name, _), one, old in zip(given, arguments, before, strict=True):
        if isinstance(one, numpy.ndarray) and (one.shape, one.flat()) != (old.shape, old.flat()):
            return "changed", answered, name
    return "", answered


def _told(error):
    """Say which error it was, and in which of the reader's lines."""
    line, step = "", error.__traceback__
    while step is not None:
        if getattr(step.tb_frame.f_code, "co_filename", "") == FILE:
            line = str(step.tb_lineno)
        step = step.tb_next
    words = str(error).split(" (warning: ")[0]  # of files beside the page
    return f"{type(error).__name__}: {words}" if words else type(error).__name__, line


def _wrong(came, right):
    """Return where entries are further from the right ones than rounding allows."""
    finite = [abs(value) for value in right if abs(value) < numpy.inf]
    allowed = TOLERANCE * (numpy.largest(finite or [1]) or 1)
    pairs = enumerate(zip(came, right, strict=True))
    return [at for at, (one, two) in pairs if not (_same(one, two) or abs(one - two) <= allowed)]


def _same(one, two):
    return one == two or (one != one and two != two)


def _named(asked, rights, rows):
    """Return the numbers of the mistakes that give all the answers that came."""
    found = []
    for number, row in enumerate(rows.splitlines()):
        if _agrees(asked, rights, row.split("|")):
            found.append(number)
    return found


def _agrees(asked, rights, texts):
    for (kind, came, *_), right, text in zip(asked, rights, texts, strict=True):
        if (kind == "raised") != (text == "!"):
            return False
        if kind == "raised":
            continue
        for (shape, values), (other, expected) in zip(came, answer(text, right), strict=True):
            if shape != other or _wrong(values, expected):
                return False
    return True


def argument(text):
    """Read an argument: an array as "2,3:1 -4 7 ...", a tuple as "(2, 3)", a number as "0.9".

    Examples
    --------
    >>> argument("(2, 3)")
    (2, 3)
    """
    if ":" in text:
        [(shape, values)] = answer(text)
        return numpy.ndarray(values, shape)
    if text.startswith("("):
        return tuple(int(size) for size in text[1:-1].split(",") if size.strip())
    return number(text)


def answer(text, like=()):
    """Read what a function returns: a shape and numbers for each array, with ";" between them.

    Where no shape is given, it is that of the same part of another answer.

    Examples
    --------
    >>> answer("2,1:3 -4.5")
    [((2, 1), [3, -4.5])]
    >>> answer("7 8", [((2,), [5, 6])])
    [((2,), [7, 8])]
    """
    found = []
    for place, part in enumerate(text.split(";")):
        shape, colon, values = part.rpartition(":")
        sizes = tuple(int(size) for size in shape.split(",") if size)
        read = [number(value) for value in values.split()]
        found.append((sizes if colon else like[place][0], read))
    return found


def number(text):
    """Read a whole number or a float."""
    return float(text) if "." in text or "e" in text or "n" in text else int(text)


def short(value):
    """Write a number as short as it can be read.

    Examples
    --------
    >>> short(2.0), short(1 / 3)
    ('2', '0.333333')
    """
    return f"{value:.6g}"
