"""Every error message of the poolings: both backends say the same words."""

import re

import numpy as np
import pytest
from support.failures import by_words, each

X = np.zeros((2, 3, 5, 6))
Y = np.zeros((2, 3, 2, 3))
WINNERS = np.zeros(Y.shape, np.int64)


def pooling(words, *arguments, **options):
    """A wrong call of every function that moves a window, and what each must say."""
    return [
        ("max_pool2d", (X, *arguments), options, words),
        ("avg_pool2d", (X, *arguments), options, words),
        ("avg_pool2d_dX", (Y, X.shape, *arguments), options, words),
    ]


FORMS = (
    'an integer, a pair (rows, columns), ((top, bottom), (left, right)), "valid", "same" or '
    '"full" is needed; pass one of these.'
)

WRONG = [
    *pooling(
        "a window of 6 x 2 does not fit into an image of 5 x 6 (X.shape=(2, 3, 5, 6)); "
        "use a smaller window or a larger image.",
        (6, 2),
    ),
    *pooling(
        "a window of 4 x 9 does not fit into an image of 5 x 6, 5 x 8 with its padding "
        "(X.shape=(2, 3, 5, 6)); use a smaller window or a larger image.",
        (4, 9),
        padding=(0, 1),
    ),
    # Rounding up must not make room: the last window may hang over, the first may not.
    *pooling("a window of 6 x 6 does not fit into an image of 5 x 6 (X.", 6, ceil_mode=True),
    *pooling("size=0, but at least 1 is needed; pass 1", 0),
    *pooling("size=-2, but at least 1 is needed; pass 1", (2, -2)),
    *pooling("size=float 2.0 came, but an integer is needed; pass 1", 2.0),
    *pooling("size=bool True came, but an integer is needed; pass 1", True),
    *pooling("size=NoneType None came, but an integer is needed; pass 1", None),
    *pooling(
        "size=(2, 2, 2) has 3 entries, but needs 2; pass (rows, columns), or one integer for both.",
        (2, 2, 2),
    ),
    *pooling("size=2147483648, but at most 2147483647 is possible; pass a", 2**31),
    *pooling("stride=0, but at least 1 is needed; pass 1", 2, stride=0),
    *pooling("stride=(2,) has 1 entries, but needs 2", 2, stride=(2,)),
    *pooling("stride=str '2' came, but an integer is needed; pass 1", 2, stride="2"),
    *pooling("padding=-1, but at least 0 is needed; pass 0", 2, padding=-1),
    *pooling("padding=float 0.5 came, but an integer is needed; pass 0", 2, padding=0.5),
    *pooling(f"padding='SAME' came, but {FORMS}", 2, padding="SAME"),
    *pooling(f"padding=tuple (1, 2, 3, 4) came, but {FORMS}", 2, padding=(1, 2, 3, 4)),
    *pooling(f"padding=tuple (1, (0, 1)) came, but {FORMS}", 2, padding=(1, (0, 1))),
    *pooling("padding=(1, 2, 3) has 3 entries, but needs 2", 2, padding=((1, 2, 3), (0, 0))),
    *pooling("ceil_mode=int 1 came, but True or False is needed; pass one.", 2, ceil_mode=1),
    *pooling(
        "the result of shape (2, 3, 2147483652, 2147483653) has more entries than any memory "
        "holds; use a smaller padding, stride or dilation.",
        2,
        stride=1,
        padding=2**30,
    ),
    (
        "max_pool2d",
        (X, 3),
        {"dilation": (2, 3)},
        "a window of 3 x 3, 5 x 7 with its dilation, does not fit into an image of 5 x 6 "
        "(X.shape=(2, 3, 5, 6)); use a smaller window or a larger image.",
    ),
    (
        "max_pool2d",
        (X, 3),
        {"dilation": 4, "padding": ((0, 1), (1, 1)), "ceil_mode": True},
        "a window of 3 x 3, 9 x 9 with its dilation, does not fit into an image of 5 x 6, "
        "6 x 8 with its padding (X.shape=(2, 3, 5, 6)); use a smaller window or a larger image.",
    ),
    ("max_pool2d", (X, 2), {"dilation": 0}, "dilation=0, but at least 1 is needed; pass 1 or"),
    ("max_pool2d", (X, 2), {"dilation": 1.5}, "dilation=float 1.5 came, but an integer"),
    (
        "avg_pool2d",
        (X, 2),
        {"count_include_pad": None},
        "count_include_pad=NoneType None came, but True or False is needed; pass one.",
    ),
    (
        "avg_pool2d_dX",
        (Y, X.shape, 2),
        {"count_include_pad": "no"},
        "count_include_pad=str 'no' came, but True or False is needed; pass one.",
    ),
    *[
        (name, arguments, {}, words)
        for name in ("max_pool2d", "avg_pool2d")
        for arguments, words in [
            (
                (X[0, 0], 2),
                "X has 2 axes (X.shape=(5, 6)), but needs 3 (one image: depth, height, width) or "
                "4 (a batch of images); a gray image needs a depth of 1: X[np.newaxis].",
            ),
            (
                (X[:, :0], 2),
                "X holds images of size zero (X.shape=(2, 0, 5, 6)); depth, height and width "
                "must be at least 1 (only the batch may be empty).",
            ),
            ((X[:, :, :0], 2), "X holds images of size zero (X.shape=(2, 3, 0, 6));"),
            ((X[..., :0], 2), "X holds images of size zero (X.shape=(2, 3, 5, 0));"),
        ]
    ],
    (
        "avg_pool2d_dX",
        (Y[..., :2], X.shape, 2),
        {},
        "dY.shape=(2, 3, 2, 2), but pooling images of shape (2, 3, 5, 6) gives Y of shape "
        "(2, 3, 2, 3); dY must have the shape of Y.",
    ),
    ("avg_pool2d_dX", (Y[:1], X.shape, 2), {}, "dY.shape=(1, 3, 2, 3), but pooling images"),
    ("avg_pool2d_dX", (Y, X.shape, 2), {"ceil_mode": True}, "dY.shape=(2, 3, 2, 3), but pooling"),
    (
        "avg_pool2d_dX",
        (Y[0], X.shape, 2),
        {},
        "dY has 3 axes but X_shape has 4; both must be one image (3 axes) or both a batch "
        "(4 axes).",
    ),
    ("avg_pool2d_dX", (Y[0, 0], X.shape, 2), {}, "dY has 2 axes (dY.shape=(2, 3)), but needs 3"),
    ("avg_pool2d_dX", (Y, (5, 6), 2), {}, "X_shape=(5, 6) has length 2, but needs 3 or 4;"),
    ("avg_pool2d_dX", (Y, X, 2), {}, "X_shape must be a tuple of integers, not an array"),
    ("avg_pool2d_dX", (Y, (2, 3, 0, 6), 2), {}, "X holds images of size zero (X.shape=(2, 3, 0"),
    (
        "max_pool2d_dX",
        (Y, WINNERS + 0.0, X.shape),
        {},
        "argmax=an array of dtype float64 and shape (2, 3, 2, 3) came, but integers are needed; "
        "pass the argmax that max_pool2d returned.",
    ),
    ("max_pool2d_dX", (Y, WINNERS > 0, X.shape), {}, "argmax=an array of dtype bool and shape"),
    ("max_pool2d_dX", (Y, None, X.shape), {}, "argmax=NoneType None came, but integers are needed"),
    ("max_pool2d_dX", (Y, [[1], [2, 3]], X.shape), {}, "argmax=list [[1], [2, 3]] came, but"),
    (
        "max_pool2d_dX",
        (Y, np.ma.masked_equal(WINNERS, 1), X.shape),
        {},
        "argmax=a masked array of dtype int64 and shape (2, 3, 2, 3) came, but integers",
    ),
    (
        "max_pool2d_dX",
        (Y, WINNERS[:1], X.shape),
        {},
        "dY.shape=(2, 3, 2, 3) but argmax.shape=(1, 3, 2, 3); both must have the shape of what "
        "max_pool2d returned.",
    ),
    ("max_pool2d_dX", (Y, WINNERS[0], X.shape), {}, "dY.shape=(2, 3, 2, 3) but argmax.shape=(3, "),
    ("max_pool2d_dX", (Y, WINNERS.swapaxes(2, 3), X.shape), {}, "dY.shape=(2, 3, 2, 3) but argmax"),
    (
        "max_pool2d_dX",
        (Y, WINNERS + 30, X.shape),
        {},
        "argmax holds 30 to 30, but planes of 5 x 6 have the indices 0 to 29 (-1 for a window "
        "without a pixel); pass the argmax and the X_shape of the same max_pool2d.",
    ),
    ("max_pool2d_dX", (Y, WINNERS - 2, X.shape), {}, "argmax holds -2 to -2, but planes of 5 x 6"),
    (
        "max_pool2d_dX",
        (Y, WINNERS.astype(np.uint64) + np.uint64(2**64 - 1), X.shape),
        {},
        "argmax holds 18446744073709551615 to 18446744073709551615, but planes of 5 x 6",
    ),
    (
        "max_pool2d_dX",
        (Y, WINNERS, (2, 4, 5, 6)),
        {},
        "dY.shape=(2, 3, 2, 3), but pooling images of shape (2, 4, 5, 6) gives Y of shape "
        "(2, 4, 2, 3); dY must have the shape of Y.",
    ),
    ("max_pool2d_dX", (Y, WINNERS, (1, 3, 5, 6)), {}, "dY.shape=(2, 3, 2, 3), but pooling images"),
    ("max_pool2d_dX", (Y[0], WINNERS[0], X.shape), {}, "dY has 3 axes but X_shape has 4;"),
    ("max_pool2d_dX", (Y[0, 0], WINNERS[0, 0], X.shape), {}, "dY has 2 axes (dY.shape=(2, 3)),"),
    ("max_pool2d_dX", (Y, WINNERS, (2, 3, 5)), {}, "dY has 4 axes but X_shape has 3;"),
    ("max_pool2d_dX", (Y, WINNERS, 5), {}, "X_shape must be a tuple of integers, not int 5;"),
    ("max_pool2d_dX", (Y, WINNERS, (2, 3, 5, 0)), {}, "X holds images of size zero (X.shape=(2, 3"),
    (
        "max_pool2d_dX",
        (Y[:, :, :0], WINNERS[:, :, :0], X.shape),
        {},
        "dY holds images of size zero (dY.shape=(2, 3, 0, 3)); depth, height and width must be",
    ),
    (
        "max_pool2d_dX",
        (Y, WINNERS, (2, 3, 2**40, 2**40)),
        {},
        "X_shape=(2, 3, 1099511627776, 1099511627776) has more entries than any memory holds; "
        "pass the shape of the array that it describes, X.shape.",
    ),
    (
        "max_pool2d",
        (X[0], 9),
        {},
        "a window of 9 x 9 does not fit into an image of 5 x 6 (X.shape=(3, 5, 6)); use a smaller",
    ),
    ("max_pool2d_dX", (Y, WINNERS, (2, 3, 5, -6)), {}, "X_shape=(2, 3, 5, -6) has a negative size"),
]


@each(call={f"{row[0]} {name}": row for name, row in by_words(WRONG).items()})
def test_message(call, ops):
    name, arguments, options, words = call
    with pytest.raises((ValueError, TypeError), match="^" + re.escape(f"{name}: {words}")) as error:
        getattr(ops, name)(*arguments, **options)
    assert str(error.value).endswith(".")


def test_one_winner_out_of_reach_is_enough(ops):
    for wrong in (-2, 30):
        winners = WINNERS.copy()
        winners[1, 2, 0, 1] = wrong
        with pytest.raises(ValueError, match="^max_pool2d_dX: argmax holds .*"):
            ops.max_pool2d_dX(Y, winners, X.shape)
