"""Every sum that the explorer can show, read from the page, against arrays computed here."""

import json
import re

import numpy as np
import pytest
from support.book import SITE
from support.explorer import MODES
from support.explorer_page import compute, contrast, example, met, titled, walk, window

from cnnlab import reference


def check_sums(values, mode, states):
    """Hold every displayed number of a mode against arrays computed here; return how many sums."""
    values = {name: np.array(values[name]) for name in ("X", "w", "b", "dZ")}
    if mode == "scatter":
        return check_shares(values, states)
    X, w, b, dZ = (values[name] for name in ("X", "w", "b", "dZ"))
    letter, exact = {
        "forward": ("Z", reference.conv2d(X, w, b)),
        "weight": ("dw", reference.conv2d_dw(dZ, X, w.shape)),
        "gather": ("dX", reference.conv2d_dX(dZ, w, X.shape)),
    }[mode]
    count = 0
    for k, c, row, column, shown in states:
        count += 1
        where = f"{mode} k={k} c={c} row={row} column={column}"
        (grid,) = [plane for plane in shown["planes"] if plane["grid"]]
        assert grid["chosen"] == [row, column], where
        indices = {"forward": (k,), "weight": (k, c), "gather": (c,)}[mode]
        np.testing.assert_array_equal(grid["cells"], exact[indices], where)
        expected = exact[(*indices, row, column)]
        assert grid["cells"][row][column] == expected, where
        assert (
            len(titled(shown, "products"))
            == {"forward": len(X), "weight": 1, "gather": len(w)}[mode]
        )
        bias = b[k] if mode == "forward" else 0
        present = check_products(shown, bias, expected, where)

        # The line below spells the same sum.
        name, terms, result = " ".join(shown["sum"]).split(" = ")
        assert name == f"{letter}[{','.join(map(str, (*indices, row, column)))}]", where
        assert compute(terms) == compute(result) == expected, where
        assert terms.count("·") == present, where
    return count


def check_products(shown, bias, expected, where):
    """The products are those of the numbers that meet, and add up; return how many there are."""
    total = sum(plane["cells"][0][0] for plane in titled(shown, "b["))
    assert total == bias, where
    present = 0
    for plane, product in zip(met(shown), titled(shown, "products"), strict=True):
        cells, laid = window(plane)
        for line, factors, results in zip(cells, laid, product["cells"], strict=True):
            for entry, factor, result in zip(line, factors, results, strict=True):
                assert result == (None if entry is None else entry * factor), where
                total += result or 0
                present += result is not None
    assert total == expected, where
    return present


def check_shares(values, states):
    """Hold what every entry of dZ hands on against the sums that gather it; return how many."""
    X, w, dZ = (values[name] for name in ("X", "w", "dZ"))
    exact = reference.conv2d_dX(dZ, w, X.shape)
    handed, written = np.zeros(X.shape), np.zeros(X.shape)
    count = 0
    for k, c, row, column, shown in states:
        count += 1
        where = f"scatter k={k} c={c} row={row} column={column}"
        (grid,) = [plane for plane in shown["planes"] if plane["grid"]]
        assert grid["chosen"] == [row, column], where
        assert grid["cells"] == dZ[k].tolist(), where
        (shares,) = titled(shown, "shares")
        assert shares["window"] == [row, column], where
        assert shares["laid"] == w[k, c].ravel().tolist(), where
        cells, laid = window(shares)
        np.testing.assert_array_equal(cells, dZ[k, row, column] * np.array(laid))
        handed[c] += [[0 if value is None else value for value in line] for line in shares["cells"]]
        (total,) = titled(shown, f"dX[{c}]")
        np.testing.assert_array_equal(total["cells"], exact[c])
        for piece in shown["sum"]:
            name, term = piece.rstrip(",").split(" += ")
            written[tuple(map(int, re.findall(r"\d+", name)))] += compute(term)
    np.testing.assert_array_equal(handed, exact)
    np.testing.assert_array_equal(written, exact)
    return count


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(2, 4, 5, 2, 2, 3), (1, 4, 4, 1, 2, 2), (3, 3, 4, 3, 2, 1)])
def test_every_sum(mode, sizes, show):
    figure = example(sizes)
    D, M, N, P, m, n = sizes
    rows, columns = M - m + 1, N - n + 1
    expected = {
        "forward": P * rows * columns,
        "weight": P * D * m * n,
        "gather": D * M * N,
        "scatter": P * D * rows * columns,
    }
    states = walk(show(figure), figure.values, mode)
    assert check_sums(figure.values, mode, states) == expected[mode]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["Z", "dw", "dX", "w"])
def test_a_wrong_number_is_noticed(mode, name, show):
    """The check above is a check: one wrong number among the data, and it fails."""
    figure = example((2, 3, 4, 2, 2, 3))
    truth = json.loads(json.dumps(figure.values))
    wrong = np.array(figure.values[name])
    wrong.flat[wrong.size // 2] += 1
    figure.values[name] = wrong.tolist()
    uses = {"forward": "Z w", "weight": "dw", "gather": "dX w", "scatter": "dX w"}[mode].split()
    states = walk(show(figure), truth, mode)
    if name not in uses:
        check_sums(truth, mode, states)
        return
    with pytest.raises(AssertionError):
        check_sums(truth, mode, states)


def test_absent_entries_are_those_outside_the_border(show):
    figure = example()
    for _, _, _, _, shown in walk(show(figure), figure.values, "gather"):
        for k, plane in enumerate(titled(shown, "dZ[")):
            inside = np.pad(np.zeros((3, 3), bool), ((1, 1), (2, 2)), constant_values=True)
            np.testing.assert_array_equal(plane["absent"], inside)
            np.testing.assert_array_equal(
                np.array(plane["cells"])[~inside].reshape(3, 3), figure.values["dZ"][k]
            )


@pytest.mark.parametrize("mode", ["gather", "scatter"])
def test_the_pattern_lies_turned_or_as_it_is(mode, show):
    figure = example()
    w = np.array(figure.values["w"])
    for k, c, _, _, shown in walk(show(figure), figure.values, mode):
        turned = w[..., ::-1, ::-1] if mode == "gather" else w
        for other in range(2) if mode == "gather" else [k]:
            (pattern,) = titled(shown, f"w[{other},{c}]")
            np.testing.assert_array_equal(pattern["cells"], turned[other, c])
        for other, plane in enumerate(met(shown)):
            np.testing.assert_array_equal(
                plane["laid"], turned[other if mode == "gather" else k, c].ravel()
            )


# ------------------------------------------------------------------------------- the website


def pages_with_explorers():
    return [
        path.relative_to(SITE).as_posix()
        for path in sorted(SITE.glob("book/**/*.html"))
        if "<cnnlab-explorer" in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("name", pages_with_explorers())
def test_explorers_of_the_website(name, site, plain_tab):
    """Every explorer of every page, every mode, every entry."""
    page = plain_tab.page
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    url, size = f"{site.as_uri()}/{name}", {"width": 390, "height": 844}
    faults = plain_tab.open(url, size, within=site.as_uri())
    count = page.locator("cnnlab-explorer").count()
    assert count > 0
    for nth in range(count):
        data = page.locator("cnnlab-explorer").nth(nth).get_attribute("data-values")
        values = json.loads(data)
        for mode in MODES:
            assert check_sums(values, mode, walk(page, values, mode, nth)) > 0
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("s => document.documentElement.dataset.theme === s", arg=scheme)
        assert contrast(page) > 7
        card = "getComputedStyle(document.querySelector('cnnlab-explorer').parentNode)"
        assert page.evaluate(f"{card}.backgroundColor") == "rgba(0, 0, 0, 0)"
    assert not faults, faults
