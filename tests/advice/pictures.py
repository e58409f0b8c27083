"""Pictures of wrong numbers, with the advice that answers them; what it leads to is drawn."""

import numpy as np

from cnnlab import plots, reference
from cnnlab.page.explorer import explore, explore_geometry, explore_pooling

RNG = np.random.default_rng(0)
IMAGE, PATTERN = RNG.random((6, 5)), RNG.standard_normal((3, 2))
MAP = reference.conv2d(IMAGE[None], PATTERN[None, None])[0]
DZ, W = np.arange(6.0).reshape(2, 3), np.arange(4.0).reshape(2, 2)
DX = reference.conv2d_dX(DZ[None], W[None, None], (1, 3, 4))[0]
LAYER = [2, 1], [[1, -1], [-2, 3]], [-1, 2], [0, 1], [0.5, 0.73]
NETWORK = [np.ones(shape) for shape in [(1, 8, 8), (2, 1, 3, 3), (2, 6, 6), (2, 6, 6), 10]]
INPUTS = np.linspace(-1, 1, 5)
FEW, MANY = ({name: [1, 2] for name in names} for names in ("abcdef", "abcdefg"))
NAMES = "a", "b", "c"


def network(Z):
    return plots.show_network(*NETWORK[:2], Z, *NETWORK[3:])


def dense(w=LAYER[1], X=LAYER[0], **options):
    return plots.show_dense(X, w, *LAYER[2:], **options)


def product(first, second, result):
    return plots.show_product(first, second, result, NAMES)


def windows(position):
    return plots.show_windows(IMAGE, 2, [position])


def grid(rectangle):
    return plots.show_grid(np.eye(3), highlight=rectangle)


def slopes(names, values=INPUTS):
    return plots.plot_slopes(INPUTS, dict.fromkeys(names, (INPUTS, values)))


def step(rates, losses, **options):
    return plots.show_step(rates, losses, -1.0, **options)


# A wrong picture, the words of the advice, and the picture that it leads to.
ARRAYS = [
    (
        lambda: plots.show_image([["1", "0"]]),
        "convert it with np.asarray(..., float) first",
        lambda: plots.show_image(np.asarray([["1", "0"]], float)),
    ),
    (
        lambda: plots.show_image(IMAGE[None, None]),
        "pick one with an index or add an axis",
        lambda: plots.show_image(IMAGE[None, None][0]),
    ),
    (
        lambda: plots.show_image(IMAGE[:0]),
        "give at least one number",
        lambda: plots.show_image(IMAGE[:1]),
    ),
    (
        lambda: plots.show_image(np.zeros((2, 4, 4))),
        "show_depths draws the planes of any depth",
        lambda: plots.show_depths(np.zeros((2, 4, 4))),
    ),
    (
        lambda: plots.show_image(np.full((3, 2, 2), 255)),
        "divide by the largest possible value",
        lambda: plots.show_image(np.full((3, 2, 2), 255) / 255),
    ),
    (
        lambda: plots.show_images([]),
        "give at least one",
        lambda: plots.show_images([IMAGE]),
    ),
    (
        lambda: plots.show_images([IMAGE, IMAGE], titles=["one"]),
        "give one for each",
        lambda: plots.show_images([IMAGE, IMAGE], titles=["one", "two"]),
    ),
    (
        lambda: plots.show_matches(IMAGE, [1, 2, 3], (2, 2)),
        "give one pair (i, j) for each match",
        lambda: plots.show_matches(IMAGE, [(1, 2)], (2, 2)),
    ),
    (
        lambda: plots.show_matches(IMAGE, [(5, 0)], (2, 2)),
        "rows go to 4, columns to 3",
        lambda: plots.show_matches(IMAGE, [(4, 3)], (2, 2)),
    ),
    (
        lambda: plots.show_digits(np.zeros((2, 3, 4, 4)), [1, 2]),
        "use show_images for color",
        lambda: plots.show_images(np.zeros((2, 3, 4, 4))),
    ),
    (
        lambda: plots.show_digits(np.zeros((2, 4, 4)), [1]),
        "give one for each image",
        lambda: plots.show_digits(np.zeros((2, 4, 4)), [1, 2]),
    ),
    (
        lambda: grid((0, 0, 1)),
        "give (row, column, rows, columns)",
        lambda: grid((0, 0, 1, 1)),
    ),
    (
        lambda: grid((2, 2, 2, 1)),
        "give (row, column, rows, columns) inside it",
        lambda: grid((2, 2, 1, 1)),
    ),
    (
        lambda: windows((5, 0)),
        "give a row from 0 to 4 and a column from 0 to 3",
        lambda: windows((4, 3)),
    ),
    (
        lambda: plots.show_counts([[0.5]]),
        "show_grid draws numbers of any kind",
        lambda: plots.show_grid([[0.5]]),
    ),
]

SUMS = [
    (
        lambda: plots.show_search(np.ones((3, 4, 4)), np.ones((2, 2, 2)), np.ones((3, 3)), (0, 0)),
        "axis 0 of both must agree",
        lambda: plots.show_search(
            np.ones((2, 4, 4)), np.ones((2, 2, 2)), np.full((3, 3), 8), (0, 0)
        ),
    ),
    (
        lambda: plots.show_search(IMAGE, PATTERN, MAP[:2], (0, 0)),
        "pass conv2d's Z for one pattern",
        lambda: plots.show_search(
            IMAGE, PATTERN, reference.conv2d(IMAGE[None], PATTERN[None, None])[0], (0, 0)
        ),
    ),
    (
        lambda: plots.show_search(IMAGE, PATTERN, MAP, (4, 0)),
        "i goes to 3, j to 3",
        lambda: plots.show_search(IMAGE, PATTERN, MAP, (3, 3)),
    ),
    (
        lambda: plots.show_search(IMAGE, PATTERN, MAP + 1, (0, 0)),
        "pass the bias",
        lambda: plots.show_search(IMAGE, PATTERN, MAP + 1, (0, 0), bias=1),
    ),
    (
        lambda: plots.show_gather(DZ, W, DX[:2], (0, 0)),
        "pass one plane of conv2d_dX's dX",
        lambda: plots.show_gather(
            DZ, W, reference.conv2d_dX(DZ[None], W[None, None], (1, 3, 4))[0], (0, 0)
        ),
    ),
    (
        lambda: plots.show_gather(DZ, W, DX, (3, 0)),
        "p goes to 2, q to 3",
        lambda: plots.show_gather(DZ, W, DX, (2, 3)),
    ),
    (
        lambda: plots.show_gather(DZ, W, DX + 1, (0, 0)),
        "check the result",
        lambda: plots.show_gather(DZ, W, DX, (0, 0)),
    ),
    (
        lambda: product(*np.ones((3, 1, 5))),
        "pass a part of each",
        lambda: product(*np.ones((3, 1, 5))[..., :4]),
    ),
    (
        lambda: product([[2]], [[3]], [[5]]),
        "check the three",
        lambda: product([[2]], [[3]], [[6]]),
    ),
    (
        lambda: network(np.zeros((2, 8, 8))),
        "Z and Y need shape (2, 6, 6)",
        lambda: network(np.zeros((2, 6, 6))),
    ),
    (
        lambda: dense(np.ones((5, 2))),
        "draw a smaller layer",
        lambda: dense(np.ones((2, 2))),
    ),
    (
        lambda: dense(X=[1]),
        "X needs shape (2,)",
        lambda: dense(X=[1, 2]),
    ),
    (
        lambda: dense(gradients={"dL": [1, 2]}),
        "needs names among 'dX'",
        lambda: dense(gradients={"dX": [1, 2]}),
    ),
    (
        lambda: plots.show_layer(P=0),
        "needs 1 or more; give every size",
        lambda: plots.show_layer(P=1),
    ),
    (
        lambda: plots.show_layer(M=2, m=3),
        "make m <= M and n <= N",
        lambda: plots.show_layer(M=3, m=3),
    ),
]

CURVES = [
    (
        lambda: plots.plot_losses([1, 2], [1]),
        "give one of each for every epoch",
        lambda: plots.plot_losses([1, 2], [1, 2]),
    ),
    (
        lambda: plots.plot_correlation([0, 1], {"noise": [1]}),
        "give one for each distance",
        lambda: plots.plot_correlation([0, 1], {"noise": [1, 0.5]}),
    ),
    (
        lambda: plots.show_confusion(np.zeros((2, 3))),
        "one row and one column for each class",
        lambda: plots.show_confusion(np.zeros((2, 2))),
    ),
    (
        lambda: plots.plot_step_errors([1, 0], {"a": [1, 1]}),
        "a step is not greater than 0",
        lambda: plots.plot_step_errors([1, 0.1], {"a": [1, 1]}),
    ),
    (
        lambda: plots.plot_step_errors([1, 2], {"a": [1]}),
        "give one for each step",
        lambda: plots.plot_step_errors([1, 2], {"a": [1, 1]}),
    ),
    (lambda: slopes("abcde"), "leave some out", lambda: slopes("abcd")),
    (
        lambda: slopes("a", INPUTS[1:]),
        "give one value for each input",
        lambda: slopes("a", INPUTS),
    ),
    (
        lambda: step([0, 1, 2], [3, 2]),
        "give one loss per rate",
        lambda: step([0, 1, 2], [3, 2, 1]),
    ),
    (
        lambda: step([0, 2, 1], [3, 1, 2]),
        "sort them and begin with 0",
        lambda: step([0, 1, 2], [3, 2, 1]),
    ),
    (
        lambda: step([0, 1, 2], [3, 2, 1], chosen=3),
        "choose one between",
        lambda: step([0, 1, 2], [3, 2, 1], chosen=1),
    ),
    (
        lambda: plots.plot_times({"a": [1] * 7}, list("abcdefg")),
        "leave some out",
        lambda: plots.plot_times({"a": [1] * 6}, list("abcdef")),
    ),
    (
        lambda: plots.plot_multiplications([1, 2], MANY),
        "leave some out",
        lambda: plots.plot_multiplications([1, 2], FEW),
    ),
    (
        lambda: plots.plot_multiplications([1, 2], {"a": [1, 2, 3]}),
        "give one for each size",
        lambda: plots.plot_multiplications([1, 2], {"a": [1, 2]}),
    ),
    (
        lambda: plots.plot_multiplications([1], {"a": [0]}),
        "a value of a is not above 0; the axis is logarithmic",
        lambda: plots.plot_multiplications([1], {"a": [1]}),
    ),
    (
        lambda: plots.show_errors({"a": [[np.nan]]}),
        "pass sizes, without NaN",
        lambda: plots.show_errors({"a": [[1.0]]}),
    ),
    (
        lambda: plots.show_tile(0, 3),
        "needs at least one of each",
        lambda: plots.show_tile(1, 1),
    ),
    (
        lambda: plots.plot_shares({"a": (0, 0)}),
        "needs two times for each layer, not below 0 and not all 0",
        lambda: plots.plot_shares({"a": (1, 0)}),
    ),
    (
        lambda: plots.plot_rates({"a": 0}),
        "needs a number above 0",
        lambda: plots.plot_rates({"a": 1, "b": 2}),
    ),
]

TRAINING = [
    (
        lambda: plots.plot_layer_sizes({}),
        "give at least one",
        lambda: plots.plot_layer_sizes({"a": [1]}),
    ),
    (
        lambda: plots.plot_layer_sizes(dict.fromkeys("abcdefg", (1,))),
        "leave some out",
        lambda: plots.plot_layer_sizes(dict.fromkeys("abcdef", (1,))),
    ),
    (
        lambda: plots.plot_layer_sizes({"a": [0, 1]}),
        "give sizes greater than 0",
        lambda: plots.plot_layer_sizes({"a": [0.1, 1]}),
    ),
    (
        lambda: plots.plot_learning_rates([0, 2, 1], {"a": [1, 1, 1]}),
        "sort them, and leave 0 out",
        lambda: plots.plot_learning_rates([1, 2], {"a": [1, 1]}),
    ),
    (
        lambda: plots.plot_learning_rates([1, 2], {"a": [1]}),
        "give one loss for each rate",
        lambda: plots.plot_learning_rates([1, 2], {"a": [1, 1]}),
    ),
    (
        lambda: plots.show_descents((1, -1), {"a": [[1, 1]]}),
        "give one for each axis of a path",
        lambda: plots.show_descents((1, 1), {"a": [[1, 1]]}),
    ),
    (
        lambda: plots.show_descents((1, 1), {"a": [[1, 1, 1]]}),
        "give it the shape (T, 2)",
        lambda: plots.show_descents((1, 1), {"a": [[1, 1]]}),
    ),
]

X, KERNELS = np.array([[[1, 2, 3, 4], [0, 1, 2, 3]]]), np.array([[[[1, 2, 3]]], [[[0, -1, 1]]]])
HALVES = X / 3

POOLED = reference.max_pool2d([[[1, 5, 2]]], (1, 2), stride=1)
PAID = reference.max_pool2d_dX([[[3, 4]]], POOLED.argmax, (1, 1, 3))


def winners(Y=POOLED.Y[0], argmax=POOLED.argmax[0], dX=PAID[0]):
    return plots.show_winners([[1, 5, 2]], Y, argmax, [[3, 4]], dX)


LINE = np.array([0.0, 1.0, 2.0])
PLANE = np.outer(LINE, LINE)


def descents(losses=PLANE, start=(1, 1), steps=2):
    return plots.show_first_steps(
        LINE, LINE, losses, start, dict.fromkeys("abcdefg"[:steps], (0, 0))
    )


def costs(cosines, kinds):
    return plots.plot_costs_of_mistakes(cosines, [0.0] * len(kinds), kinds)


MISTAKES = [
    (lambda: descents(LINE[np.newaxis]), "one row for each y", descents),
    (lambda: descents(steps=7), "needs 6 at most; leave some out", lambda: descents(steps=6)),
    (lambda: descents(start=(1, 1, 1)), "give both parameters", descents),
    (lambda: costs([1], "ab"), "one of each for every", lambda: costs([1, 0], "ab")),
    (lambda: costs(range(7), "abcdefg"), "6 at most; join some", lambda: costs([1, 0], "ab")),
]
OUTSIDE = reference.max_pool2d([[[7]]], 1, padding=1)
WINNERS = [
    (lambda: winners(dX=[[0]]), "what max_pool2d and max_pool2d_dX returned", winners),
    (lambda: winners(Y=[[5, 6]]), "what max_pool2d and max_pool2d_dX returned", winners),
    (
        lambda: plots.show_winners([[7]], *(array[0] for array in OUTSIDE), np.ones((3, 3)), [[1]]),
        "choose windows that all contain a pixel",
        winners,
    ),
]
INSPECTION = [
    (
        lambda: plots.show_influence(np.ones((1, 3, 4, 4)), {"a": np.ones((1, 4, 4))}),
        "pass X.mean(axis=1) for color",
        lambda: plots.show_influence(np.ones((1, 3, 4, 4)).mean(axis=1), {"a": np.ones((1, 4, 4))}),
    ),
    (
        lambda: plots.show_influence(np.ones((2, 4, 4)), {"a": np.ones((1, 4, 4))}),
        "give one for each",
        lambda: plots.show_influence(np.ones((2, 4, 4)), {"a": np.ones((2, 4, 4))}),
    ),
    (
        lambda: plots.plot_shifts([0, 1], MANY),
        "leave some out",
        lambda: plots.plot_shifts([0, 1], FEW),
    ),
    (
        lambda: plots.plot_shifts([0, 1, 2], FEW),
        "give one for each of columns",
        lambda: plots.plot_shifts([0, 1], FEW),
    ),
    (
        lambda: plots.plot_calibration([0.5], [0.5], [1, 2]),
        "give one of each for every bin",
        lambda: plots.plot_calibration([0.5], [0.5], [1]),
    ),
]

AGREEMENT = [
    (
        lambda: plots.show_orders(np.zeros((1, 5, 5)), {"ours": (0, 1, 2)}),
        "show a part of it",
        lambda: plots.show_orders(np.zeros((1, 5, 5))[:, :3], {"ours": (0, 1, 2)}),
    ),
    (
        lambda: plots.show_orders(X, {"ours": (1, 2)}),
        "as (1, 2, 0)",
        lambda: plots.show_orders(X, {"ours": (1, 2, 0)}),
    ),
    (
        lambda: plots.plot_differences(MANY),
        "leave some out",
        lambda: plots.plot_differences(FEW),
    ),
    (
        lambda: plots.plot_differences({"a": [-1, 2]}),
        "pass absolute values, without NaN",
        lambda: plots.plot_differences({"a": np.abs([-1, 2])}),
    ),
]
EXPLORER = [
    (
        lambda: explore(mode="back"),
        "'forward', 'weight'",
        lambda: explore(mode="forward"),
    ),
    (lambda: explore(X), "pass both X and w, or none", lambda: [explore(X, KERNELS), explore()]),
    (lambda: explore(X[None], KERNELS), "X[0]", lambda: explore(X[None][0], KERNELS)),
    (lambda: explore(X[0], KERNELS), "X[np.newaxis]", lambda: explore(X[0][np.newaxis], KERNELS)),
    (
        lambda: explore(np.tile(X, (1, 5, 1)), KERNELS),
        "pass a part of the image",
        lambda: explore(np.tile(X, (1, 5, 1))[:, :8], KERNELS),
    ),
    (
        lambda: explore(X, KERNELS, [1]),
        "pass b of shape (2,)",
        lambda: explore(X, KERNELS, [1, 1]),
    ),
    (
        lambda: explore(X, KERNELS, None, [[[1]]]),
        "dZ must have the shape of Z",
        lambda: explore(X, KERNELS, None, np.ones((2, 2, 2))),
    ),
    (
        lambda: explore(HALVES, KERNELS),
        "np.rint(X / np.abs(X).max() * 9)",
        lambda: explore(np.rint(HALVES / np.abs(HALVES).max() * 9), KERNELS),
    ),
    (lambda: explore(seed=-1), "pass 0 or more", lambda: explore(seed=0)),
    (
        lambda: explore_geometry(image=(4, 9)),
        "pass 8 or less",
        lambda: explore_geometry(image=(4, 8)),
    ),
    (
        lambda: explore_pooling(mode="back"),
        "'forward', 'gather', 'scatter' are possible",
        lambda: [explore_pooling(mode=mode) for mode in ("forward", "gather", "scatter")],
    ),
    (
        lambda: explore_pooling(rule="last"),
        "'first', 'split', 'all', 'mean' are possible",
        lambda: [explore_pooling(rule=rule) for rule in ("first", "split", "all", "mean")],
    ),
    (lambda: explore_pooling(X[None]), "X[0]", lambda: explore_pooling(X[None][0])),
    (lambda: explore_pooling(X[0]), "X[np.newaxis]", lambda: explore_pooling(X[0][np.newaxis])),
    (
        lambda: explore_pooling(np.tile(X, (1, 5, 1))),
        "pass a part of the image",
        lambda: explore_pooling(np.tile(X, (1, 5, 1))[:, :8]),
    ),
    (
        lambda: explore_pooling(np.ones((1, 8, 8)), 5),
        "or smaller windows",
        lambda: explore_pooling(np.ones((1, 8, 8)), 4),
    ),
    (
        lambda: explore_pooling(np.ones((1, 4, 4)), dY=[[[1]]]),
        "dY must have the shape of Y",
        lambda: explore_pooling(np.ones((1, 4, 4)), dY=np.ones((1, 2, 2))),
    ),
    (
        lambda: explore_pooling(HALVES),
        "np.rint(X / np.abs(X).max() * 9)",
        lambda: explore_pooling(np.rint(HALVES / np.abs(HALVES).max() * 9)),
    ),
]

CASES = {
    f"{name} {place}: {row[1]}": row
    for name, table in {
        "arrays": ARRAYS,
        "sums": SUMS,
        "curves": CURVES,
        "training": TRAINING,
        "mistakes": MISTAKES,
        "winners": WINNERS,
        "inspection": INSPECTION,
        "agreement": AGREEMENT,
        "explorer": EXPLORER,
    }.items()
    for place, row in enumerate(table)
}
