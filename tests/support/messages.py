"""Wrong calls of operations, and the words that answer them."""

import pytest


def each_wrong_call(cases):
    """Parametrize a test over pairs: a function that calls a backend, and how its error begins."""
    return pytest.mark.parametrize(
        ("wrong_call", "words"),
        cases,
        ids=lambda value: value[:45] if isinstance(value, str) else "",
    )


def assert_refused(wrong_call, words, ops):
    """A wrong call ends in these words, and a whole sentence."""
    with pytest.raises((ValueError, TypeError)) as error:
        wrong_call(ops)
    message = str(error.value)
    assert message.startswith(words), message
    assert message.endswith("."), message
