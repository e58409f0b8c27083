"""The figure as Python sees it: its sums, its words, its HTML, what it refuses."""

import gzip
import json
import re
import subprocess
import sys
from urllib.parse import unquote

import numpy as np
import pytest
from support.explorer import MODES, Reader, W, X, data_of, random_arrays, still_of

from cnnlab import reference
from cnnlab.page.explorer import drawing, element, explore, explore_pooling, words
from cnnlab.page.part import file_text
from cnnlab.page.shared import NAMES

# Sums


@pytest.mark.parametrize(
    "sizes", [(2, 4, 5, 3, 2, 3), (1, 4, 4, 1, 2, 2), (3, 3, 6, 2, 3, 1), (1, 2, 3, 2, 2, 3)]
)
def test_sums_come_from_the_reference(sizes, rng):
    X, w, b, dZ = random_arrays(rng, *sizes)
    data = data_of(explore(X, w, b, dZ))
    for name, expected in {
        "X": X,
        "w": w,
        "b": b,
        "dZ": dZ,
        "Z": reference.conv2d(X, w, b),
        "dw": reference.conv2d_dw(dZ, X, w.shape),
        "dX": reference.conv2d_dX(dZ, w, X.shape),
    }.items():
        np.testing.assert_array_equal(data[name], expected)
        # Digits as whole numbers are written.
        assert all(isinstance(entry, int) for entry in np.ravel(np.array(data[name], object)))


@pytest.mark.parametrize("mode", MODES)
def test_text(mode):
    """By hand: the first look at [[1, 2, 3], [4, 5, 6]] searched for two 2x2 patterns."""
    text = repr(explore(X, W, [10, 0], [[[1, -2]], [[0, 3]]], mode=mode))
    name, line = {
        "forward": ("Forward", "Z[0,0,0] = 10 + 1·1 + 2·2 + 4·3 + 5·(-4) = 7"),
        "weight": ("Weight gradient", "dw[0,0,0,1] = 2·1 + 3·(-2) = -4"),
        "gather": ("Input gradient: gather", "dX[0,0,1] = 1·2 + (-2)·1 + 0·1 + 3·0 = 0"),
        "scatter": (
            "Input gradient: scatter",
            "dX[0,0,1] += (-2)·1, dX[0,0,2] += (-2)·2, dX[0,1,1] += (-2)·3, dX[0,1,2] += (-2)·(-4)",
        ),
    }[mode]
    expected = f"<Explorer of X (1, 2, 3), w (2, 1, 2, 2); {name}: {line}>"
    assert text.replace(words.MINUS, "-") == expected


def test_without_arrays_a_seeded_example():
    first, again, other = (explore(seed=seed).values for seed in (0, 0, 1))
    assert first == again != other
    # No weight twice: it is seen which way up a pattern lies.
    for pattern in np.reshape(first["w"], (4, 6)):
        assert len(set(pattern.tolist())) == 6


def test_seeded_gradient():
    first, again, other = (explore(X, W, seed=seed).values["dZ"] for seed in (0, 0, 1))
    assert first == again != other
    assert np.shape(first) == (2, 1, 2)
    assert explore(X, W).values["b"] == [0, 0]


# HTML


def test_html_is_the_same_in_another_process():
    script = (
        "import json; from cnnlab.page.explorer import explore; "
        f"print(json.dumps([explore(mode=mode)._repr_html_() for mode in {MODES}]))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    assert json.loads(other) == [explore(mode=mode)._repr_html_() for mode in MODES]


@pytest.mark.parametrize("mode", MODES)
def test_html_stands_alone(mode):
    """Nothing from elsewhere, and nothing that a second figure on the page could collide with."""
    html = explore(mode=mode)._repr_html_()
    names = unquote(html).replace("xmlns='http://www.w3.org/2000/svg'", "")
    assert not re.search(r"https?:|//\w|url\(|@import|\bsrc=(?!.data:)", names)
    assert not any("id" in attributes for _, attributes in Reader(html).tags)
    assert [tag for tag, _ in Reader(html).tags].count("script") == 1
    assert len(html) < 62_000


@pytest.mark.parametrize(
    ("figure", "subject"), [(explore, "convolution.js"), (explore_pooling, "pooling.js")]
)
def test_a_script_is_the_shared_files_and_a_subject_in_one_scope(figure, subject):
    (sent,) = Reader(figure()._repr_html_()).texts["script"]
    files = [*NAMES, *(f"explorer/{name}.js" for name in ("draw", "board", "words", "motion"))]
    files += [f"explorer/{subject}", "explorer/explorer.js"]
    inside = "".join(map(file_text, files))
    assert sent.strip() == f'(() => {{\n"use strict";\n{inside}}})();'
    assert "</script" not in sent
    assert len(sent.encode()) < 27_000
    assert len(gzip.compress(sent.encode())) < 9_000


def test_still_picture():
    """Without a script: the first state, drawn, with its sum in words."""
    figure = explore(X, W, [10, 0])
    reader = Reader(figure._repr_html_())
    assert reader.one("img")["alt"].replace(words.MINUS, "-") == (
        "Forward, one entry worked out: Z[0,0,0] = 10 + 1·1 + 2·2 + 4·3 + 5·(-4) = 7"
    )
    (line,) = re.findall(r'<p class="cx-sum">(.*)</p>', figure._repr_html_())
    pieces = drawing.spell(figure.values, drawing.State("forward", 0, 0, 0, 0))
    assert line == element.spans(pieces)
    written = [re.sub("<.*?>", "", piece) for piece in re.findall("<span>(.*?)</span>", line)]
    assert written == words.plain(pieces)
    assert written[:3] == ["Z[0,0,0] =", "10", "+ 1·1"]
    # Each factor in the color of its array.
    assert '+ <b class="cx-of-X">2</b>·<b class="cx-of-w">2</b>' in line
    texts = [
        e.text.replace(words.MINUS, "-") for e in still_of(figure).iterfind(".//{*}text") if e.text
    ]
    assert texts == [
        *("X[0]", *"123456", *(f"{drawing.TIMES}{w}" for w in (1, 2, 3, -4))),
        *("w[0,0]", "1", "2", "3", "-4", "products", "1", "4", "12", "-20"),
        *("b[0]", "10", "Z[0]", "7", "9", drawing.TIMES, "=", "+", "+"),
    ]


def test_imports_neither_numba_nor_matplotlib():
    script = (
        "import sys; from cnnlab import explorer; explorer.explore()._repr_html_(); "
        "print([name for name in ('numba', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


# Refusals


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((), {"mode": "back"}, ValueError, r"^explore: mode='back' came, but 'forward', 'weight'"),
        ((), {"mode": ["gather"]}, ValueError, r"^explore: mode=\['gather'\] came, but"),
        ((), {"seed": -1}, ValueError, r"^explore: seed=-1, but at least 0"),
        ((X,), {}, ValueError, r"^explore: only some of the arrays came, .* pass both X and w"),
        ((None, W), {}, ValueError, r"^explore: only some of the arrays came"),
        ((None, None, [1]), {}, ValueError, r"^explore: only some of the arrays came"),
        ((), {"dZ": [[[1]]]}, ValueError, r"^explore: only some of the arrays came"),
        ((X[0], W), {}, ValueError, r"^explore: X has 2 axes \(X.shape=\(2, 3\)\).* X\[np.newaxis"),
        ((X[np.newaxis], W), {}, ValueError, r"^explore: X has 4 axes .* a batch, X\[0\]"),
        ((X, W[0]), {}, ValueError, r"^explore: w has 3 axes .* pass w\[np.newaxis\]"),
        ((np.ones((2, 2, 3)), W), {}, ValueError, r"^explore: X has depth D=2 but w expects 1"),
        ((X, np.ones((1, 1, 3, 3))), {}, ValueError, r"^explore: a pattern of 3 x 3 does not fit"),
        ((np.ones((1, 9, 3)), W), {}, ValueError, r"^explore: M=9 \(X.shape=.* but at most D=3, P"),
        (
            (np.ones((4, 2, 9)), np.ones((5, 4, 2, 6))),
            {},
            ValueError,
            r"^explore: D=4, N=9, P=5, n=6 \(X.shape=\(4, 2, 9\), .* pass a part of the image",
        ),
        ((X, W, [1]), {}, ValueError, r"^explore: b.shape=\(1,\), .* pass b of shape \(2,\)"),
        ((X, W, None, [[[1]]]), {}, ValueError, r"^explore: dZ.shape=\(1, 1, 1\), .* \(2, 1, 2\)"),
        ((X + 0.5, W), {}, ValueError, r"^explore: X holds 1.5, but whole numbers from -20 to 20"),
        (
            (X, W * 7),
            {},
            ValueError,
            r"^explore: w holds 21, but whole .* np.rint\(w / np.abs\(w\)",
        ),
        ((X, W, [0, np.nan]), {}, ValueError, r"^explore: b holds nan, but whole"),
        ((X * np.inf, W), {}, ValueError, r"^explore: X holds inf, but whole"),
        ((X * 1j, W), {}, TypeError, r"^explore: X has dtype complex128"),
        (("X", W), {}, TypeError, r"^explore: X has dtype"),
    ],
)
def test_refusals(arguments, options, error, message):
    with pytest.raises(error, match=message):
        explore(*arguments, **options)


def test_largest_and_smallest_are_accepted():
    explore(np.full((3, 8, 8), 20), np.full((3, 3, 4, 4), -20), [20, -20, 0])
    assert repr(explore([[[2]]], [[[[-3]]]])).endswith(
        f"Z[0,0,0] = 0 + 2·({words.MINUS}3) = -6>".replace("-", words.MINUS)
    )
