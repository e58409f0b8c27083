"""A6: every mistake loses exactly the items that it should."""

import numpy as np
from support.assignments import from_catalogue, lost, own_mistakes, questions, solutions
from support.failures import each

QUESTIONS = questions("A6")
ALL = {name: [item.name for item in question.items] for name, question in QUESTIONS.items()}

OWN = {
    ("max_pool2d", "place-within-window"): "all",
    ("max_pool2d", "place-by-columns"): "all",
    ("max_pool2d", "place-within-batch"): "all",
    ("max_pool2d", "place-by-width-of-Y"): "all",
    # Where most pixels are minus infinity, they tie as well.
    ("max_pool2d", "last-wins"): ["ties", "nan"],
    ("max_pool2d", "nan-skipped"): ["nan"],
    ("max_pool2d", "starts-at-zero"): "all",
    ("max_pool2d", "stride-forgotten"): ["overlap", "gaps", "ties"],
    ("max_pool2d", "last-window-missed"): "all",
    ("max_pool2d", "size-transposed"): "all",
    ("max_pool2d", "largest-in-size"): "all",
    ("max_pool2d", "place-with-rows-for-columns"): "all",
    ("max_pool2d", "place-without-begin"): "all",
    ("max_pool2d", "place-split-by-height"): "all",
    ("max_pool2d", "place-without-stride"): "all",
    ("max_pool2d", "places-of-first-depth"): "all",
    ("max_pool2d", "last-number-wins"): ["ties", "nan"],
    ("max_pool2d", "last-nan-wins"): ["nan"],
    ("max_pool2d", "leftmost-wins"): ["ties", "nan"],
    ("max_pool2d", "nan-in-value-only"): ["nan"],
    ("max_pool2d", "nan-skipped-from-first"): ["nan"],
    ("max_pool2d", "starts-at-zero-in-window"): "all",
    ("max_pool2d", "starts-at-lowest"): ["nan"],
    ("max_pool2d", "one-stride-for-both"): "all",
    ("max_pool2d", "last-column-of-windows-missed"): "all",
    ("max_pool2d_dX", "width-of-Y"): "all",
    ("max_pool2d_dX", "first-plane-decides"): "all",
    ("max_pool2d_dX", "height-for-width"): "all",
    ("max_pool2d_dX", "first-window-counts"): ["overlap", "edges"],
    ("max_pool2d_dX", "largest-window-counts"): ["overlap", "edges"],
    ("max_pool2d_dX", "no-winner-to-first-pixel"): ["nowhere"],
    ("max_pool2d_dX", "first-pixel-left-out"): "all",
    ("max_pool2d_dX", "summed-as-whole-numbers"): "all",
    ("split", "all-winners-get-all"): ["ties", "both"],
    ("split", "first-winner-gets-all"): ["ties", "both"],
    ("split", "shares-overwrite"): ["overlap", "both"],
    ("split", "divided-by-size"): "all",
    ("split", "divided-by-wins"): ["overlap", "ties", "both"],
    ("split", "half-for-each-winner"): ["ties", "both"],
    ("split", "winners-counted-by-rows"): ["ties", "both"],
    ("split", "rows-share-first"): ["ties", "both"],
    ("split", "winners-counted-over-depths"): ["ties", "both"],
    ("split", "shares-rounded-down"): "all",
    ("split", "largest-of-all-depths"): "all",
    ("split", "winners-counted-in-plane"): ["ties", "both"],
    ("split", "pixels-outside-share"): ["ties", "both"],
    ("split", "winners-overwrite"): ["overlap", "both"],
    ("split", "nearly-equal-share"): ["ties"],
    ("avg_pool2d_dX", "blocks-repeated"): ["overlap", "gaps"],
    ("avg_pool2d_dX", "divided-by-windows"): ["overlap"],
    ("avg_pool2d_dX", "divided-by-height"): "all",
    ("avg_pool2d_dX", "divided-by-stride"): ["overlap", "gaps", "edges"],
    ("avg_pool2d_dX", "divided-by-height-squared"): "all",
    ("avg_pool2d_dX", "divided-by-image"): "all",
    ("avg_pool2d_dX", "divided-by-number-of-windows"): "all",
    ("avg_pool2d_dX", "divided-and-rounded-down"): "all",
    ("avg_pool2d_dX", "window-transposed"): "all",
    ("avg_pool2d_dX", "first-pixel-only"): "all",
    ("avg_pool2d_dX", "blocks-repeated-to-the-border"): ["overlap", "gaps"],
}

CATALOGUE = {
    ("max_pool2d_dX", "max-pool-overlap-overwrites"): ["overlap"],
    ("max_pool2d_dX", "max-pool-counted-by-columns"): "all",
    # In an empty batch there is no last pixel.
    ("max_pool2d_dX", "max-pool-no-winner-wraps"): ["edges", "nowhere"],
    ("max_pool2d_dX", "max-pool-plane-forgotten"): "all",
    ("max_pool2d_dX", "max-pool-upstream-forgotten"): "all",
    ("avg_pool2d_dX", "avg-pool-not-divided"): "all",
    ("avg_pool2d_dX", "avg-pool-always-by-size"): [],  # without padding that is right
    ("avg_pool2d_dX", "avg-pool-overlap-overwrites"): ["overlap"],
    ("avg_pool2d_dX", "avg-pool-stride-is-size"): ["overlap", "gaps"],
}


def expected(name, items):
    return ALL[name] if items == "all" else items


def test_right_answers_lose_nothing():
    for question in QUESTIONS.values():
        assert lost(question, question.right) == []
        assert lost(question, solutions("A6")[question.function]) == []


@each(case=list(OWN))
def test_a_mistake_of_the_questions_loses_the_items_that_it_should(case):
    name, mistake = case
    function = own_mistakes(QUESTIONS[name])[mistake]
    assert lost(QUESTIONS[name], function, seed=None) == expected(name, OWN[case])


@each(case=list(CATALOGUE))
def test_a_mistake_of_the_catalogue_loses_the_items_that_it_should(case):
    name, mistake = case
    function = from_catalogue(QUESTIONS[name], mistake)
    assert lost(QUESTIONS[name], function, seed=None) == expected(name, CATALOGUE[case])


def test_every_mistake_stands_in_the_table():
    assert list(OWN) == [
        (name, mistake) for name, asked in QUESTIONS.items() for mistake in own_mistakes(asked)
    ]


def test_windows_of_numpy_are_not_accused():
    def max_pool2d(X, size, stride):
        windows = np.lib.stride_tricks.sliding_window_view(X, size, axis=(2, 3))
        windows = windows[:, :, :: stride[0], :: stride[1]]
        shape = windows.shape[:4]
        flat = windows.reshape(*shape, size[0] * size[1])
        u, v = np.divmod(flat.argmax(axis=-1), size[1])
        p = u + stride[0] * np.arange(shape[2])[:, None]
        return flat.max(axis=-1), p * X.shape[3] + v + stride[1] * np.arange(shape[3])

    def max_pool2d_dX(dY, argmax, X_shape):
        dX = np.zeros(X_shape, dY.dtype)
        s, c, i, j = np.nonzero(argmax >= 0)
        np.add.at(
            dX.reshape(*X_shape[:2], X_shape[2] * X_shape[3]),
            (s, c, argmax[s, c, i, j]),
            dY[s, c, i, j],
        )
        return dX

    assert lost(QUESTIONS["max_pool2d"], max_pool2d) == []
    assert lost(QUESTIONS["max_pool2d_dX"], max_pool2d_dX) == []


def test_shares_that_go_into_a_view_of_dY_lose_the_manners():
    def in_place(dY, argmax, X_shape):
        dX = QUESTIONS["max_pool2d_dX"].right(dY, argmax, X_shape)
        dY *= 0
        return dX

    assert lost(QUESTIONS["max_pool2d_dX"], in_place) == ["manners"]
