r"""Formulas in letters, for lists of results: ``\frac{\partial L}{\partial Z}`` is ∂L/∂Z."""

# ruff: noqa: RUF001 - Greek letters are meant

import re

SIGNS = {
    "partial": "∂", "sum": "Σ", "prod": "Π", "star": "⋆", "cdot": "·", "times": "×", "le": "≤",
    "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "in": "∈", "to": "→",
    "rightarrow": "→", "mapsto": "↦", "infty": "∞", "pm": "±", "odot": "⊙", "circ": "∘",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "ldots": "…", "dots": "…", "cdots": "…", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ",
    "Delta": "Δ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ",
    "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω",
    "ell": "ℓ", "sqrt": "√", "nabla": "∇",
}  # fmt: skip
FRACTION = re.compile(r"\\[dt]?frac\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
# What only says how a formula looks.
LOOKS = re.compile(
    r"\\(?:begin|end)\{\w+\*?\}(?:\{[^}]*\})?|\\(?:left|right|big|Big|bigl|bigr|quad|qquad|text|"
    r"mathrm|mathbf|operatorname|displaystyle|underbrace|overbrace|tilde|hat|bar|limits|nonumber|"
    r"tag)\b\*?|\\[,;:! ]|\\\\|[{}&~]"
)
COMMAND = re.compile(r"\\([A-Za-z]+)\s*")


def formula_text(tex):
    """Write a formula as a line of text.

    Parameters
    ----------
    tex : str
        As it stands in a page, without dollar signs.

    Returns
    -------
    text : str
        Its letters and signs; commands that have no sign are named.
    """
    for _ in range(3):  # fractions in fractions
        tex = FRACTION.sub(lambda found: f"{found[1]}/{found[2]}", tex)
    tex = LOOKS.sub(" ", tex)
    tex = COMMAND.sub(lambda found: SIGNS.get(found[1], found[1] + " "), tex)
    return " ".join(tex.replace("\\", "").split())
