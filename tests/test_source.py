"""Showing code: what is left out, what stays, what is refused."""

import functools
import subprocess
import sys

import numba
import pytest
from support.failures import each

from cnnlab import reference
from cnnlab.source import loops


def decorate(function):
    """Stand between the reader and the function."""

    @functools.wraps(function)
    def wrapper(*values):
        return function(*values)

    return wrapper


@decorate
def with_everything(
    x,
    *,
    times=2,
):
    """Multiply.

    Returns
    -------
    A number.
    """

    # Why.
    total = x * times  # a remark

    return total


def without_docstring(x):
    # Why.
    return x


def only_docstring():
    """Do nothing."""


def one_line(x): return x  # fmt: skip


def one_line_documented(x): "Do nothing."; return x  # fmt: skip  # noqa: E702


class Holder:
    """Has methods."""

    def method(self, x):
        """Add nothing."""
        text = """not a
docstring"""
        return text, x

    @staticmethod
    def static(x):
        """Add nothing."""
        return x

    @classmethod
    def made(cls):
        """Make one."""
        return cls()


@numba.njit
def compiled(x):
    """Add one."""
    return x + 1


WITH_EVERYTHING = """\
def with_everything(
    x,
    *,
    times=2,
):
    # Why.
    total = x * times  # a remark

    return total"""

METHOD = '''\
def method(self, x):
    text = """not a
docstring"""
    return text, x'''


@each(
    shown=[
        (with_everything, WITH_EVERYTHING),
        (without_docstring, "def without_docstring(x):\n    # Why.\n    return x"),
        (only_docstring, 'def only_docstring():\n    """Do nothing."""'),
        (one_line, "def one_line(x): return x  # fmt: skip"),
        (
            one_line_documented,
            'def one_line_documented(x): "Do nothing."; return x  # fmt: skip  # noqa: E702',
        ),
        (Holder.static, "def static(x):\n    return x"),
        (Holder.made, "def made(cls):\n    return cls()"),
        (compiled, "def compiled(x):\n    return x + 1"),
    ],
)
def test_code(shown):
    function, code = shown
    assert loops(function).code == code


@each(method=[Holder.method, Holder().method])
def test_methods_lose_their_indentation(method):
    # The second line of a text inside the code must keep its own.
    assert loops(method).code == METHOD


def test_shown_as_text_and_as_markdown():
    shown = loops(compiled)
    assert str(shown) == repr(shown) == shown.code
    assert shown._repr_markdown_() == "```python\ndef compiled(x):\n    return x + 1\n```"


def test_same_text_in_another_process():
    script = "import textwrap; from cnnlab.source import loops; print(loops(textwrap.dedent))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(texts) == 1


@each(thing=[len, int, Holder, Holder(), 3, None, functools.partial(one_line, 1), pytest])
def test_without_python_source(thing):
    with pytest.raises(TypeError, match=r"^loops: got .* of type .* no Python source; pass a"):
        loops(thing)


def test_lambda():
    with pytest.raises(ValueError, match=r"^loops: got a lambda; give the function a name"):
        loops(lambda x: x)


def test_source_not_found():
    space = {}
    exec("def made_up(x):\n    return x", space)
    with pytest.raises(ValueError, match=r"^loops: the source of made_up is not to be found"):
        loops(space["made_up"])


def typed(
    x: int | None, *rest: float, word: "str" = "same", times: tuple[int, ...] = (), **more: object
) -> list[int]:
    """Hold types."""
    y: int = 2
    return [y]


def test_types_of_arguments_are_left_out():
    assert loops(typed).code == (
        'def typed(x, *rest, word="same", times=(), **more):\n    y: int = 2\n    return [y]'
    )


def test_a_long_signature_has_lines_of_its_own():
    assert loops(reference.avg_pool2d_dX).code.splitlines()[:3] == [
        "def avg_pool2d_dX(",
        "    dY, X_shape, size, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True",
        "):",
    ]
