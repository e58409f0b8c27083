"""Where each equation stands in the book, and what its page is called."""

from __future__ import annotations

__all__ = ["PAGES", "address_of", "page_of", "title_of"]

_CHAPTERS = {
    "vanilla-network": (
        "A vanilla network",
        "eq-vanilla eq-sigmoid eq-squared-error eq-vanilla-dX eq-vanilla-dw eq-vanilla-db",
    ),
    "pattern-search": (
        "Pattern search",
        "eq-pattern-search eq-output-size eq-activation eq-flatten",
    ),
    "delta-and-activation": (
        "Delta and activation",
        "eq-delta eq-dZ-jacobian eq-dZ eq-tanh eq-tanh-dZ eq-relu eq-relu-dZ",
    ),
    "weight-gradient": ("Weight gradient", "eq-dw-chain eq-dZ-dw eq-dw eq-dw-slice eq-dw-3d"),
    "bias-gradient": ("Bias gradient", "eq-db-chain eq-dZ-db eq-db"),
    "input-gradient": (
        "Input gradient",
        "eq-dX-chain eq-Z-shifted eq-dZ-dX eq-Z-shifted-terms eq-dX eq-border eq-dX-conv eq-dX-3d",
    ),
    "learning": (
        "Learning",
        "eq-softmax eq-log-softmax eq-cross-entropy eq-cross-entropy-dZ eq-update-w eq-update-b",
    ),
    "max-pooling": (
        "Max-pooling",
        "eq-max-pool eq-max-pool-argmax eq-max-pool-dX eq-subgradient eq-avg-pool eq-avg-pool-dX "
        "eq-pool-size",
    ),
    "geometry": (
        "Geometry",
        "eq-geometry eq-geometry-size eq-same eq-geometry-dX eq-geometry-dw eq-transpose "
        "eq-transpose-size",
    ),
    "losses-and-optimizers": (
        "Losses and optimizers",
        "eq-batch-norm eq-batch-norm-dX eq-batch-norm-dw eq-batch-norm-db eq-dropout eq-dropout-dX",
    ),
    "operations": ("The operations", "eq-leaky-relu eq-leaky-relu-dZ"),
    "notation": ("Notation", "eq-cross-correlation eq-convolution"),
}
#: The page on which an equation stands, by its label.
PAGES = {label: page for page, (_, labels) in _CHAPTERS.items() for label in labels.split()}


def page_of(label: str, otherwise: str = "") -> str:
    """Return the page on which an equation stands, as "input-gradient"."""
    return PAGES.get(label, otherwise)


def title_of(page: str) -> str:
    """Return the title of a page; its name if it is none of those."""
    return _CHAPTERS[page][0] if page in _CHAPTERS else page


def address_of(page: str, label: str) -> str:
    """Return the address of an equation, from the page of an assignment."""
    return f"../{page}.html" + (f"#equation-{label.lower()}" if label else "")
