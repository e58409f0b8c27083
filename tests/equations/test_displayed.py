"""Every equation that the book displays is read from its page, evaluated, and must hold.

And none may hold by accident: with any one letter, sign, bound or term changed, it must fail.
"""

import doctest

import pytest
from support.book import ROOT

import equations
from cnnlab.operations import find
from equations import arithmetic, judge, latex, mutate, pages
from equations.check import check
from equations.world import WrongError
from equations.worlds import table
from equations.worlds.layers import entry_by_entry

PAGES = pages.pages()


def problems(page, text=None):
    """Return what is wrong with the equations of a page, a line for each."""
    found, example = [], arithmetic.Example()
    for equation, tree in judge.equations(page, text):
        try:
            if tree is not None:
                judge.judge(equation, tree, example)
        except WrongError as error:
            found.append(f"{equation.name}: {error}")
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_displayed_equation_holds(page):
    assert problems(page) == []


@pytest.mark.parametrize("page", PAGES)
def test_equations_within_the_lines(page):
    found = []
    for equation in pages.inline(page, pages.prose(page)):
        try:
            tree = latex.read(equation.latex)
            arithmetic.compare(tree)
            if judge.claims(equation, tree):
                judge.world_of(equation, tree)
        except latex.LatexError:
            continue  # words between dollars: an ellipsis, an interval
        except WrongError as error:
            found.append(f"{equation.latex}: {error}")
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_no_changed_equation_holds(page):
    found, example = [], arithmetic.Example()
    for equation, tree in judge.equations(page):
        try:
            name = None if tree is None else judge.judge(equation, tree, example)
        except WrongError as error:
            found.append(f"{equation.name}: {error}")
            continue
        if name in table.WORLDS:
            found += [f"{equation.name}: {s}" for s in judge.survivors(equation, tree, name)]
    assert found == []


def every_equation():
    """Return the equations of all pages, displayed and within the lines."""
    texts = {page: pages.prose(page) for page in PAGES}
    found = [e for page in PAGES for e in pages.displayed(page, texts[page])]
    return found + [e for page in PAGES for e in pages.inline(page, texts[page])]


def test_no_exception_is_left_over():
    found = every_equation()
    for key in judge.NOT_EVALUATED:
        assert any(key in judge.left_out(equation) for equation in found), key
    names = [
        (equation.page, what)
        for equation, tree in (pair for page in PAGES for pair in judge.equations(page))
        if tree is not None and equation.page in {page for page, _ in judge.NO_MISTAKE}
        for world in table.WORLDS[table.candidates(*equation)[0]]()[:1]
        for what, _ in mutate.mutants(tree, world)
    ]
    for page, piece in judge.NO_MISTAKE:
        assert any(page == where and piece in what for where, what in names), piece


def test_every_special_world_is_needed():
    found = every_equation()
    for key in table.SPECIAL:
        assert any(key == e.label or key in e.latex for e in found), key
    used = {name for names in table.PAGES.values() for name in names} | {*table.SPECIAL.values()}
    assert used == set(table.WORLDS)


def test_the_worked_example_of_contributing_is_right():
    """What CONTRIBUTING says of (eq-db): its tree, its world, its values, its mutants."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (found,) = [pair for pair in judge.equations("bias-gradient") if pair[0].label == "eq-db"]
    equation, tree = found
    assert equation.latex in guide
    assert f"`{latex.show(tree)}`" in " ".join(guide.split())
    name = judge.judge(equation, tree, arithmetic.Example())
    assert f"here `{name}`, then\n   `{table.candidates(*equation)[1]}`" in guide
    world = table.WORLDS[name]()[0]
    sizes = {size: world.sizes[size] for size in "MNmnP"}
    assert "M = {M}, N = {N},\n   m = {m}, n = {n}, P = {P} patterns".format(**sizes) in guide
    assert f"{check(tree, world)} values, all equal" in guide
    versions = dict(mutate.mutants(tree, world))
    assert f"makes {len(versions)} versions" in guide
    with pytest.raises(WrongError, match="the sides differ in 28 of 35 values"):
        check(versions["wrong_letters: k -> i"], world)
    assert "differ in 28 of 35 values" in guide


@pytest.mark.parametrize("name", table.IN_CHAPTERS)
def test_an_activation_without_a_chapter_has_a_world(name):
    """Those with one are tried here: the formulas of a page need no arrays written by hand."""
    world = entry_by_entry(find(name))
    right = {
        "sigmoid": r"\frac{\partial L}{\partial Z} = \frac{\partial L}{\partial Y} Y (1 - Y)",
        "tanh": r"\frac{\partial L}{\partial Z} = \frac{\partial L}{\partial Y} (1 - Y^2)",
        "relu": r"Y = [Z > 0] \cdot Z",
    }
    for other, formula in right.items():
        if other == name:
            assert check(latex.read(formula), world) > 0
        else:
            with pytest.raises(WrongError):
                check(latex.read(formula), world)


# --- The checker itself -------------------------------------------------------


def test_the_guide_shows_what_happens():
    failed, attempted = doctest.testmod(equations)
    assert failed == 0
    assert attempted > 10


# A page, a piece of it, and the slip of the pen that must be found there.
SLIPS = [
    ("notation", r"T[u,v]\; X[i+u,\, j+v]", r"T[v,u]\; X[i+u,\, j+v]"),
    ("notation", r"0 \le p < M'+m-1", r"0 \le p < M'+n-1"),
    ("images", r"a_c\, X[c,p,q]", r"a_c\, X[c,q,p]"),
    ("vanilla-network", r"W[o,\tilde i]\; [\tilde i = i]", r"W[o,\tilde i]\; [\tilde i = o]"),
    ("pattern-search", r"X[c,\, i+u,\, j+v]\; w[k,c,u,v]", r"X[k,\, i+u,\, j+v]\; w[k,c,u,v]"),
    ("delta-and-activation", r"Y[\tilde k,\tilde i,\tilde j]}", r"Y[\tilde k,\tilde j,\tilde i]}"),
    ("weight-gradient", r"X[c,\, i+u,\, j+v]", r"X[c,\, i+v,\, j+u]"),
    ("weight-gradient", r"Z[k]} \star X[c]", r"Z[k]} \star X[k]"),
    ("bias-gradient", r"Z[k,i,j]}{\partial b[k]} = 1", r"Z[k,j,i]}{\partial b[k]} = 1"),
    ("input-gradient", r"\,p-u,\,q-v]}\; w[k,c,u,v]", r"\,p-u,\,q-v]}\; w[c,k,u,v]"),
    ("input-gradient", r"\,p-u,\,q-v]}\; w[k,c,u,v]", r"\,p+u,\,q-v]}\; w[k,c,u,v]"),
    ("seven-algorithms", r"t + u N + v", r"t + v N + u"),
    ("performance", r"(M' - 1)(n - 1)", r"(N' - 1)(n - 1)"),
    ("input-gradient", r"* w[k,c]", r"* w[c,k]"),
    ("input-gradient", r"[\tilde c = c]\, [\tilde u = u]", r"[\tilde c = c]\, [\tilde u = v]"),
    ("input-gradient", r"1 & 4 & 4 & 0", r"1 & 4 & 5 & 0"),
    ("gradient-checks", r"X[c,p,q]\; \frac{\partial L}", r"X[c,q,p]\; \frac{\partial L}"),
    ("learning", r"[o = \ell_s]}{B}", r"[s = \ell_s]}{B}"),
    ("max-pooling", r"= pN + q\bigr]", r"= qN + p\bigr]"),
    ("max-pooling", r"u \cdot \text{dilation}", r"v \cdot \text{dilation}"),
    ("max-pooling", r"Y[\tilde c,i,j]}{\partial", r"Y[\tilde c,j,i]}{\partial"),
    ("max-pooling", r"g_r\, (\tilde x_r - x_r)", r"g_r\, (x_r - \tilde x_r)"),
    ("max-pooling", r"-4 & 0 & 6 & 0", r"-4 & 0 & 5 & 0"),
    ("lenet", r"W[o,k,\,p-u,\,q-v]\; w", r"W[o,k,\,p+u,\,q-v]\; w"),
    ("lenet", r"f^{(1)}(Z[k,\,p-u,\,q-v])", r"f^{(1)}(Z[k,\,p-v,\,q-u])"),
    ("lenet", r"= z[o] - \tilde z[o,i,j]", r"= \tilde z[o,i,j] - z[o]"),
    ("lenet", r"= P\, (D m n + 1)", r"= P\, (D m m + 1)"),
    ("lenet", r"\tilde Z[k,i,j] = Z[k,\,i,\,j+t]", r"\tilde Z[k,i,j] = Z[k,\,i,\,j-t]"),
    ("lenet", r"\frac{\text{count}[r]}{S}", r"\frac{\text{count}[r]}{R}"),
    ("wrong-gradients", r"-\sum_{r=0}^{R-1} g[r]\, h[r]", r"-\sum_{r=0}^{R-1} g[r]\, g[r]"),
    ("wrong-gradients", r"a[r]\, g[r]^2", r"a[r]\, g[r]"),
    ("wrong-gradients", r"- \sum_{r=S}^{R-1} g[r]^2", r"- \sum_{r=S}^{R-1} h[r]\, a[r]"),
    ("wrong-gradients", r"\sqrt{\sum_{r=0}^{R-1} h[r]^2}", r"\sqrt{\sum_{r=0}^{R-1} g[r]^2}"),
    ("wrong-gradients", r"5 \cdot 4 \cdot 3", r"5 \cdot 4 \cdot 4"),
    ("wrong-gradients", r"- A[s,\tilde t]", r"+ A[s,\tilde t]"),
    ("wrong-gradients", r"3\, \text{noise}", r"\text{noise}"),
    ("wrong-gradients", r"\bigl(-h[r]\bigr)", r"\bigl(h[r]\bigr)"),
    ("geometry", r"k \bmod \tfrac{P}{G}", r"k \bmod \tfrac{D}{G}"),
    ("geometry", r"& i = (p - u", r"& i = (p - v"),
    ("geometry", r"+ c,\, p,\, q\bigr]\; w", r"+ c,\, q,\, p\bigr]\; w"),
    ("geometry", r"0 & 9 & 0 & -1 & 0 & 4", r"0 & 9 & 0 & 1 & 0 & 4"),
    ("geometry", r"0 & 7 & 0 & 12 & 0", r"0 & 7 & 0 & 21 & 0"),
    ("geometry", r"I-t,\,J-\tau", r"J-\tau,\,I-t"),
    ("geometry", r"\min(I,\;\lfloor (m-1-r_M)", r"\min(I,\;\lfloor (n-1-r_M)"),
    ("geometry", r"- 1) \cdot \text{shift}_{\ell-1}", r"- 1) \cdot \text{shift}_\ell"),
    ("geometry", r"X[c,i,j]\; w[c,k,u,v]", r"X[c,i,j]\; w[k,c,u,v]"),
    ("losses-and-optimizers", r"y_{r-1}\, (1 - y_{r-1})", r"y_{r-1}\, (1 - y_r)"),
    ("losses-and-optimizers", r"- z[s, \ell_s] \Bigr)", r"- z[s, o] \Bigr)"),
    ("losses-and-optimizers", r"e^{z[\tilde o] - h}", r"e^{z[\tilde o] + h}"),
    ("losses-and-optimizers", r"^2 = O\, V\, H_1", r"^2 = I\, V\, H_1"),
    ("losses-and-optimizers", r"- \frac{\hat x_r}{K} \sum", r"- \frac{\hat x_t}{K} \sum"),
    ("losses-and-optimizers", r"\hat x_t\,\hat x_r}{K}", r"\hat x_t\,\hat x_t}{K}"),
    ("losses-and-optimizers", r"\beta_2\, u_{t-1} + (1", r"\beta_2\, u_{t-1} - (1"),
    ("losses-and-optimizers", r"/ (1 - \beta_2^t)", r"/ (1 - \beta_1^t)"),
    ("losses-and-optimizers", r"(g_t + \text{momentum}", r"(g_t - \text{momentum}"),
    ("losses-and-optimizers", r"\frac{t + 1}{\text{steps} + 1}", r"\frac{t}{\text{steps} + 1}"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "right", "wrong"), SLIPS)
def test_a_slip_in_the_book_is_found(page, right, wrong):
    text = pages.prose(page)
    assert right in text
    assert problems(page, text.replace(right, wrong, 1)) != []


def test_equations_are_found_on_a_page():
    text = """
$$
a = b
$$ (eq-a)

Words, $c = d$, and $$e = f$$

| Step | Why |
| --- | --- |
| $\\displaystyle g = h$ | because |
| $\\displaystyle = i$ | of this |
| $\\displaystyle j = k$ | and that |
"""
    found = pages.displayed("page", text)
    assert [(e.latex, e.label) for e in found[:1]] == [("a = b", "eq-a")]
    assert [e.latex for e in found[-2:]] == ["g = h \\\\ = i", "j = k"]
    with pytest.raises(ValueError, match="never closed"):
        pages.displayed("page", "$$\na = b\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"Y[k,i,j] = f(Z[k,i,j])", "Y[k,i,j] = f(Z[k,i,j])"),
        (r"x_r \cdot \hat x_{r}^2", "x[r] hat x[r]^2"),
        (r"\frac{\partial L}{\partial Z[k,\,p-u]}\; w[k,u]", "d(L)/d(Z[k,(p + -u)]) w[k,u]"),
        (r"a &= b \\ c &= d", "a = b; c = d"),
        (r"a = b \\ &\quad + c", "a = (b + c)"),
        (r"\sum_{i=0}^{I-1} \sum_{u,v} x", "sum_{i=0..(I + -1)} (sum_{u} (sum_{v} (x)))"),
        (r"A * T \star X", "(A conv T) star X"),
        (r"\begin{pmatrix} 1 & -2 \\ 3 & 4 \end{pmatrix}", "2(1, -2, 3, 4)"),
        (r"[o = \ell_s]\, p[o]", "[o = ell[s]] p[o]"),
        (r"e^{-z} / \lfloor k / 2 \rfloor", "exp(-z) / floor((k / 2))"),
        (r"\lvert a - b \rvert", "abs((a + -b))"),
    ],
)
def test_reading(text, shown):
    bare = str.maketrans("", "", "()")  # brackets are what a tree is for; not compared here
    assert latex.show(latex.read(text)).translate(bare) == shown.translate(bare)


def test_conditions_belong_to_the_equation_above():
    text = r"a[i] = b \\ \text{for } 0 \le i < M' \\ \text{and } 0 \le j < N'"
    (statement,) = latex.read(text).children
    assert statement.value == ("for", "for")
    assert len(statement.children) == 3


@pytest.mark.parametrize("text", [r"a = \sqrt", "a + ] b", r"\sum x", r"\begin{array} 1", "= a"])
def test_what_is_not_understood_is_refused(text):
    with pytest.raises(latex.LatexError):
        latex.read(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (r"1 \cdot 1 + 2 \cdot 2 = 5", True),
        (r"1 \cdot 1 + 2 \cdot 2 = 6", False),
        (r"e^{-0.5} / (e^{0.5} + e^{-0.5}) = 0.2689", True),
        (r"e^{-0.5} / (e^{0.5} + e^{-0.5}) = 0.2690", False),
        (r"(0.7311, -0.7311) \cdot 0.5 = (0.3655, -0.3655)", True),
        (r"(1, 2) \star (0, 3, 1, 0) = (6, 5, 1)", True),
        (r"(1, 2) \star (0, 3, 1, 0) = (1, 5, 6)", False),
        (r"8 \cdot 24 \cdot 24 = 4{,}608", True),
    ],
)
def test_arithmetic(text, holds):
    if holds:
        assert arithmetic.compare(latex.read(text)) == 1
    else:
        with pytest.raises(WrongError):
            arithmetic.compare(latex.read(text))
