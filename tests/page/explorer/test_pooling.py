"""The pooling explorer as Python sees it: its numbers, its HTML, what it refuses."""

import json
import re
import subprocess
import sys
from urllib.parse import unquote

import numpy as np
import pytest
from support.explorer import POOLINGS, Reader, X, pooling_figure, still_of

from cnnlab import reference
from cnnlab.page.explorer import element, explore, explore_pooling, pools, words

MODES = list(pools.MODES)


def data_of(figure):
    return json.loads(Reader(figure._repr_html_()).one("cnnlab-pooling")["data-values"])


@pytest.mark.parametrize("case", POOLINGS)
def test_numbers_come_from_the_reference(case):
    """What is shown exactly is equal; what is rounded is as near as its digits say."""
    data = data_of(pooling_figure(case))
    X, dY, options = np.array(data["X"]), np.array(data["dY"]), {"stride": data["stride"]}
    largest = reference.max_pool2d(X, data["size"], **options)
    wanted = {
        ("Y", 0): largest.Y,
        ("Y", 2): largest.Y,
        ("Y", 3): reference.avg_pool2d(X, data["size"], **options),
        ("dX", 0): reference.max_pool2d_dX(dY, largest.argmax, X.shape),
        ("dX", 3): reference.avg_pool2d_dX(dY, X.shape, data["size"], **options),
    }
    for (name, k), expected in wanted.items():
        shown = np.array(data[name][k], object)
        assert shown.shape == expected.shape
        for text, number in zip(shown.ravel(), expected.ravel(), strict=True):
            rounded = str(text).startswith("≈")
            over, _, below = str(text).lstrip("≈").partition("/")
            assert float(over) / float(below or 1) == pytest.approx(
                number, rel=0, abs=0.0501 if rounded else 1e-12
            )
            assert len(str(text)) <= 7


def test_text():
    figure = explore_pooling([[[1, 6, 2], [6, 3, 8]]], 2, stride=1, dY=[[[2, 5]]])
    assert repr(figure) == (
        "<PoolingExplorer of X (1, 2, 3), windows 2 x 2; first; Forward: "
        "Y[0,0,0] = max(1, 6, 6, 3) = 6>"
    )
    other = explore_pooling([[[1, 6, 2], [6, 3, 8]]], 2, stride=1, dY=[[[2, 5]]], rule="split")
    other.mode = "scatter"
    assert repr(other).endswith("split; Backward: scatter: dX[0,0,1] += 2·1/2, dX[0,1,0] += 2·1/2>")


def test_gather_begins_at_the_pixel_that_wins_most_windows():
    figure = pooling_figure("chapter")
    figure.mode = "gather"
    assert "dX[0,1,2] = 3·1 + 1·1 + 2·1 + 5·0 = 6" in repr(figure)


def test_without_arrays_a_seeded_example():
    first, again, other = (explore_pooling(seed=seed).values for seed in (0, 0, 1))
    assert first == again != other


def test_the_stride_is_the_size_unless_given():
    assert explore_pooling(np.ones((1, 6, 6)), (2, 3)).values["stride"] == [2, 3]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rule", pools.RULES)
def test_html_stands_alone(mode, rule):
    """Nothing from elsewhere, and nothing that a second figure on the page could collide with."""
    figure = explore_pooling(mode=mode, rule=rule)
    html = figure._repr_html_()
    names = unquote(html).replace("xmlns='http://www.w3.org/2000/svg'", "")
    assert not re.search(r"https?:|//\w|url\(|@import|\bsrc=(?!.data:)", names)
    assert not any("id" in attributes for _, attributes in Reader(html).tags)
    assert [tag for tag, _ in Reader(html).tags].count("script") == 1
    assert len(html) < 56_000
    state = figure._first(mode)
    (line,) = re.findall(r'<p class="cx-sum">(.*)</p>', html)
    spelled = pools.spell(figure.values, state)
    assert line == element.spans(spelled)
    assert Reader(html).one("img")["alt"].endswith(" ".join(words.plain(spelled)))
    marks = [r for r in still_of(figure).iterfind(".//{*}rect") if "mark" in r.get("class", "")]
    assert bool(marks) == (rule != "mean" or mode == "gather")


def test_html_is_the_same_in_another_process():
    script = (
        "import json; from cnnlab.page.explorer import explore_pooling; "
        f"print(json.dumps([explore_pooling(mode=mode)._repr_html_() for mode in {MODES}]))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    assert json.loads(other) == [explore_pooling(mode=mode)._repr_html_() for mode in MODES]


def test_two_kinds_of_figures_have_names_of_their_own():
    tags = {Reader(f()._repr_html_()).tags[0][0] for f in (explore, explore_pooling)}
    assert tags == {"cnnlab-explorer", "cnnlab-pooling"}


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((), {"mode": "back"}, ValueError, r"^explore_pooling: mode='back' came, but 'forward', "),
        ((), {"rule": ["all"]}, ValueError, r"^explore_pooling: rule=\['all'\] came, but 'first'"),
        ((), {"rule": np.array(["all"])}, ValueError, r"^explore_pooling: rule=array"),
        ((), {"seed": -1}, ValueError, r"^explore_pooling: seed=-1, but at least 0"),
        ((X[0],), {}, ValueError, r"^explore_pooling: X has 2 axes .* X\[np.newaxis\]"),
        ((X[None],), {}, ValueError, r"^explore_pooling: X has 4 axes .* a batch, X\[0\]"),
        ((X, 3), {}, ValueError, r"^explore_pooling: a window of 3 x 3 does not fit"),
        ((X, 0), {}, ValueError, r"^explore_pooling: size=0, but at least 1"),
        ((X, 1.5), {}, TypeError, r"^explore_pooling: size=float 1.5 came"),
        ((X, 2), {"stride": 0}, ValueError, r"^explore_pooling: stride=0, but at least 1"),
        (
            (np.ones((4, 9, 8)), 5),
            {},
            ValueError,
            r"^explore_pooling: D=4, M=9, m=5, n=5 .*size=\(5, 5\)\), but at most D=3, M=8",
        ),
        ((X, 2), {"dY": [[[1, 2]]]}, ValueError, r"^explore_pooling: dY.shape=\(1, 1, 2\), but"),
        ((X + 0.5,), {}, ValueError, r"^explore_pooling: X holds 1.5, but whole numbers"),
        ((X,), {"dY": [[[21]]]}, ValueError, r"^explore_pooling: dY holds 21, but whole numbers"),
        ((X * np.nan,), {}, ValueError, r"^explore_pooling: X holds nan"),
        ((X * 1j,), {}, TypeError, r"^explore_pooling: X has dtype complex128"),
    ],
)
def test_refusals(arguments, options, error, message):
    with pytest.raises(error, match=message):
        explore_pooling(*arguments, **options)
