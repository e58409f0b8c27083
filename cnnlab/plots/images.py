"""What arrays look like: images, patterns and response maps, each entry a pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from cnnlab.plots.canvas import (
    add_color_bar,
    axes_array,
    check_some,
    check_titles,
    checked_array,
    checked_gray,
    checked_pixels,
    column_count,
    draw_image,
    draw_signed,
    fit_words,
    frame,
    gray_limits,
    keep_width,
    new_panels,
    outline,
    signed_limits,
)
from cnnlab.plots.style import (
    BLUE,
    GRAY_MAP,
    GREEN,
    OCHER,
    PAPER,
    SIGNED_MAP,
    VERMILION,
    WIDTH,
    Array,
)
from cnnlab.shapes import ceil_div


def show_image(image: npt.ArrayLike, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show one image, without ticks.

    Black is 0 (or the smallest value, if that is negative), white is 1 (or the largest value, if
    that is above 1): two images are comparable by eye as long as both stay in [0, 1].

    Parameters
    ----------
    image : array_like
        Shape (M, N) or (1, M, N) for a gray image, (3, M, N) for red, green and blue in [0, 1].
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Text above the image.

    Returns
    -------
    ax : Axes
        The Axes with the image.

    Raises
    ------
    ValueError
        If `image` has another rank or depth, has no pixel, or has colors outside [0, 1].

    Examples
    --------
    >>> ax = show_image([[0.0, 1.0], [1.0, 0.0]], title="a chessboard")
    >>> ax.get_title()
    'a chessboard'
    """
    pixels, limits = checked_pixels(image, "show_image")
    if ax is None:
        rows, columns = pixels.shape[:2]
        width = min(WIDTH, 3.6 * columns / rows, 0.15 * columns + 1.6)
        figure, ax = plt.subplots(
            figsize=(WIDTH, width * rows / columns + (0.3 if title else 0.05))
        )
        keep_width(figure)
    draw_image(ax, pixels, limits)
    if title is not None:
        ax.set_title(title)
    return ax


def show_images(
    images: npt.ArrayLike | Sequence[npt.ArrayLike],
    *,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
) -> Array:
    """Show several images in a grid.

    Parameters
    ----------
    images : array_like or sequence of array_like
        Shape (B, D, M, N), or a sequence of images as `show_image` takes them; their sizes may
        differ.
    titles : sequence of str, optional
        One text for each image.
    columns : int, optional
        Images in a row; by default as many as stay legible.

    Returns
    -------
    axes : ndarray of Axes
        Shape (B,), in the order of `images`.

    Raises
    ------
    ValueError
        If there is no image, an image is refused by `show_image`, or the number of titles differs.

    Examples
    --------
    >>> show_images(np.zeros((4, 1, 8, 8)), columns=2).shape
    (4,)
    """
    if isinstance(images, np.ndarray):
        checked_array(images, "show_images", "images", {3: "(B, M, N)", 4: "(B, D, M, N)"})
    pictures = [checked_pixels(image, "show_images") for image in images]  # type: ignore[union-attr]
    check_some(len(pictures), "show_images", "images")
    check_titles(titles, len(pictures), "show_images")
    ratio = max(pixels.shape[0] / pixels.shape[1] for pixels, _ in pictures)
    across = min(columns or column_count(len(pictures)), len(pictures))
    lines = 0
    if titles is not None:
        titles = fit_words(titles, WIDTH / across)
        lines = max(title.count("\n") + 1 for title in titles)
    axes = new_panels(len(pictures), across, ratio, title=0.07 + 0.21 * lines)
    for place, (pixels, limits) in enumerate(pictures):
        draw_image(axes[place], pixels, limits)
        if titles is not None:
            axes[place].set_title(titles[place])
    return axes


def show_depths(
    image: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    columns: int | None = None,
) -> Array:
    """Show the D planes of an image, each as a gray image on the same scale.

    A color image comes first as a whole, then its red, green and blue planes: what is bright in
    a plane is what that color contributes.

    Parameters
    ----------
    image : array_like
        Shape (D, M, N).
    names : sequence of str, optional
        What each plane holds; red, green and blue when D = 3.
    columns : int, optional
        Planes in a row; 2 for a color image.

    Returns
    -------
    axes : ndarray of Axes
        Shape (D,), one for each plane (the picture of the whole is not among them).

    Raises
    ------
    ValueError
        If `image` does not have 3 axes, or the number of names differs from D.

    Examples
    --------
    >>> [ax.get_title() for ax in show_depths(np.zeros((2, 4, 6)))]
    ['c = 0', 'c = 1']
    """
    planes = checked_array(image, "show_depths", "image", {3: "(D, M, N)"})
    depth, rows, wide = planes.shape
    color = depth == 3 and names is None
    if color:
        names = ("red", "green", "blue")
    check_titles(names, depth, "show_depths", "names", "planes")
    limits = gray_limits(planes)
    count = depth + color
    axes = new_panels(count, columns or (2 if color else column_count(count)), rows / wide)
    if color:
        pixels, whole = checked_pixels(planes, "show_depths")
        draw_image(axes[0], pixels, whole)
        axes[0].set_title("all three")
    for c in range(depth):
        ax = axes[c + color]
        draw_image(ax, planes[c], limits)
        ax.set_title(f"c = {c}" if names is None else f"c = {c}, {names[c]}")
        if color:
            frame(ax, (VERMILION, GREEN, BLUE)[c])
    return axes[color:]


def show_matches(
    image: npt.ArrayLike,
    positions: npt.ArrayLike,
    size: tuple[int, int],
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show where a pattern was found: numbered frames on an image, the best match first.

    Parameters
    ----------
    image : array_like
        Shape (M, N), (1, M, N) or (3, M, N).
    positions : array_like
        Row and column (i, j) of the upper left pixel of each window, best match first.
        Shape (R, 2), or (2,) for one.
    size : tuple of int
        Height and width (m, n) of the pattern.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Text above the image.

    Returns
    -------
    ax : Axes
        The Axes with the image and its frames.

    Raises
    ------
    ValueError
        If `positions` is not a list of pairs, or a window leaves the image.

    Examples
    --------
    >>> ax = show_matches(np.zeros((20, 30)), [(3, 4), (10, 20)], (5, 5))
    >>> [text.get_text() for text in ax.texts]
    ['1', '2']
    """
    pixels, _ = checked_pixels(image, "show_matches")
    places = np.atleast_2d(np.asarray(positions))
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(
            f"show_matches: positions has shape {np.shape(positions)}, needs (R, 2); "
            "give one pair (i, j) for each match."
        )
    m, n = size
    rows, columns = pixels.shape[:2]
    for i, j in places:
        if i < 0 or j < 0 or i + m > rows or j + n > columns:
            raise ValueError(
                f"show_matches: the window at ({i}, {j}) of size {m} x {n} leaves the image of "
                f"{rows} x {columns}; rows go to {rows - m}, columns to {columns - n}."
            )
    ax = show_image(image, ax=ax, title=title)
    for rank, (i, j) in enumerate(places, start=1):
        color = VERMILION if rank == 1 else OCHER
        outline(ax, j - 0.5, i - 0.5, n, m, color, width=2.4 if rank == 1 else 1.8)
        inside = i < 0.08 * rows
        ax.text(
            j - 0.5,
            i + m - 0.5 if inside else i - 0.5,
            str(rank),
            ha="left",
            va="top" if inside else "bottom",
            weight="bold",
            color=PAPER,
            bbox={"boxstyle": "square,pad=0.15", "facecolor": color, "edgecolor": "none"},
            zorder=5 + 1 / rank,
        )
    return ax


def show_patterns(
    w: npt.ArrayLike,
    *,
    columns: int | None = None,
    titles: Sequence[str] | None = None,
) -> Array:
    """Show the P patterns of a layer by sign and size, all on one scale.

    A pattern of depth D is a row of D planes: a signed weight has no color of its own, so a
    pattern is never shown as red, green and blue.

    Parameters
    ----------
    w : array_like
        Shape (P, D, m, n).
    columns : int, optional
        Patterns in a row; by default as many as stay legible.
    titles : sequence of str, optional
        One text for each pattern; "k = 0" and so on by default.

    Returns
    -------
    axes : ndarray of Axes
        Shape (P, D).

    Raises
    ------
    ValueError
        If `w` does not have 4 axes, or the number of titles differs from P.

    Examples
    --------
    >>> show_patterns(np.ones((5, 3, 4, 4))).shape
    (5, 3)
    """
    weights = checked_array(w, "show_patterns", "w", {4: "(P, D, m, n)"})
    count, depth, m, n = weights.shape
    check_titles(titles, count, "show_patterns", "titles", "patterns")
    limits = signed_limits(weights)
    across = columns or (column_count(count) if depth == 1 else max(1, 4 // depth))
    across = min(across, count)
    slots = across * depth
    down = ceil_div(count, across)
    side = WIDTH / (slots + (across - 1) * 0.2 + 0.3)
    high = min(side, 1.15) * m / n + 0.3 + (0.24 if depth > 1 and down == 1 else 0.0)
    figure = plt.figure(figsize=(WIDTH, down * high + 0.75), layout="compressed")
    keep_width(figure)
    places = figure.subplots(down, slots, squeeze=False)
    axes = np.empty((count, depth), dtype=object)
    for place in range(down * across):
        for c in range(depth):
            ax = places[place // across, (place % across) * depth + c]
            if place >= count:
                ax.remove()
                continue
            axes[place, c] = ax
            draw_signed(ax, weights[place, c], limits)
            name = f"k = {place}" if titles is None else titles[place]
            if depth == 1:
                ax.set_title(name)
            elif across == 1:
                if c == 0:
                    ax.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
                if place == 0:
                    ax.set_title(f"c = {c}")
            else:
                ax.set_title(f"{name}, c = {c}" if c == 0 else f"c = {c}")
    add_color_bar(figure, axes, limits, "weight")
    return axes


def show_maps(
    Z: npt.ArrayLike,
    *,
    image: npt.ArrayLike | None = None,
    signed: bool = True,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
) -> Array:
    """Show the P response maps of one image, all on one scale, and the image itself if given.

    Parameters
    ----------
    Z : array_like
        Shape (P, M', N').
    image : array_like, optional
        What was searched, drawn before the maps. Shape (M, N), (1, M, N) or (3, M, N).
    signed : bool, optional
        Color by sign with symmetric limits (for Z); False draws gray from the smallest value to
        the largest (for Y, after an activation).
    titles : sequence of str, optional
        One text for each map; "k = 0" and so on by default.
    columns : int, optional
        Panels in a row; by default as many as stay legible.

    Returns
    -------
    axes : ndarray of Axes
        Shape (P,), one for each map (the picture of the image is not among them).

    Raises
    ------
    ValueError
        If `Z` does not have 3 axes, or the number of titles differs from P.

    Examples
    --------
    >>> axes = show_maps(np.zeros((4, 6, 6)))
    >>> [ax.get_title() for ax in axes]
    ['k = 0', 'k = 1', 'k = 2', 'k = 3']
    """
    maps = checked_array(Z, "show_maps", "Z", {3: "(P, M', N')"})
    count, rows, wide = maps.shape
    check_titles(titles, count, "show_maps", "titles", "maps")
    limits = signed_limits(maps) if signed else (float(np.nanmin(maps)), float(np.nanmax(maps)))
    first = 0 if image is None else 1
    across = columns or column_count(first + count)
    panels = new_panels(first + count, across, rows / wide, bar=True)
    if image is not None:
        draw_image(panels[0], *checked_pixels(image, "show_maps"))
        panels[0].set_title("image")
    axes = panels[first:]
    for k in range(count):
        if signed:
            draw_signed(axes[k], maps[k], limits)
        else:
            draw_image(axes[k], maps[k], limits)
        axes[k].set_title(f"k = {k}" if titles is None else titles[k])
    figure = axes[0].figure
    add_color_bar(figure, panels, limits, "response", SIGNED_MAP if signed else GRAY_MAP)
    return axes


def show_features(layers: Mapping[str, npt.ArrayLike], *, image: npt.ArrayLike) -> Array:
    """Show what several layers of a network make of one image: each layer begins a new row.

    The maps of a layer are gray, from the smallest value of that layer to the largest.

    Parameters
    ----------
    layers : dict of str to array_like
        Maps by the name of their layer, which stands before them. Shape (P, M', N') each.
    image : array_like
        What the network was given, in the first row. Shape (M, N), (1, M, N) or (3, M, N).

    Returns
    -------
    axes : ndarray of Axes
        One for each map, layer after layer (the picture of the image is not among them).

    Raises
    ------
    ValueError
        If there is no layer, or its maps do not have 3 axes.

    Examples
    --------
    >>> axes = show_features({"first": np.zeros((9, 6, 6))}, image=np.zeros((8, 8)))
    >>> len(axes), axes[0].get_ylabel()
    (9, 'first')
    """
    kept = {
        name: checked_array(maps, "show_features", f"layers[{name!r}]", {3: "(P, M', N')"})
        for name, maps in layers.items()
    }
    check_some(len(kept), "show_features", "layers")
    pixels = checked_pixels(image, "show_features")
    across = 6
    rows = [1] + [ceil_div(len(maps), across) for maps in kept.values()]
    ratios = [1.0] + [maps.shape[1] / maps.shape[2] for maps in kept.values()]
    side = (WIDTH - 0.3) / across - 0.08
    high = sum(n * (side * ratio + 0.24) for n, ratio in zip(rows, ratios, strict=True))
    figure = plt.figure(figsize=(WIDTH, high + 0.04), layout="compressed")
    keep_width(figure)
    places = figure.subplots(sum(rows), across, squeeze=False)
    used = {places[0, 0]}
    draw_image(places[0, 0], *pixels)
    places[0, 0].set_ylabel("image")
    axes = []
    for first, (name, maps) in zip(np.cumsum(rows), kept.items(), strict=False):
        limits = float(np.nanmin(maps)), float(np.nanmax(maps))
        for k, values in enumerate(maps):
            ax = places[first + k // across, k % across]
            draw_image(ax, values, limits)
            ax.set_title(f"k = {k}")
            axes.append(ax)
        axes[-len(maps)].set_ylabel(name)
    used.update(axes)
    for ax in set(places.flat) - used:
        ax.remove()
    return axes_array(axes)


def show_digits(
    X: npt.ArrayLike,
    labels: npt.ArrayLike,
    predictions: npt.ArrayLike | None = None,
    *,
    columns: int = 5,
) -> Array:
    """Show digits with what they are and, if given, what they were taken for.

    A mistake has a frame and says so in words: "4, read as 9".

    Parameters
    ----------
    X : array_like
        Shape (B, 1, M, N) or (B, M, N).
    labels : array_like
        What each digit is. Shape (B,).
    predictions : array_like, optional
        What each digit was taken for. Shape (B,).
    columns : int, optional
        Digits in a row.

    Returns
    -------
    axes : ndarray of Axes
        Shape (B,).

    Raises
    ------
    ValueError
        If `X` has another rank or depth, or the numbers of images, labels and predictions differ.

    Examples
    --------
    >>> axes = show_digits(np.zeros((2, 1, 8, 8)), [4, 7], [9, 7])
    >>> [ax.get_title().splitlines() for ax in axes]
    [['4', 'read as 9'], ['7']]
    """
    images = checked_gray(X, "show_digits", hint="use show_images for color.")
    count = len(images)
    truth = np.asarray(labels)
    guess = truth if predictions is None else np.asarray(predictions)
    for name, given in (("labels", truth), ("predictions", guess)):
        if given.shape != (count,):
            raise ValueError(
                f"show_digits: {name} has shape {given.shape}, needs ({count},) for X of shape "
                f"{np.shape(X)}; give one for each image."
            )
    limits = gray_limits(images)
    axes = new_panels(
        count,
        columns,
        images.shape[1] / images.shape[2],
        title=0.52 if (guess != truth).any() else 0.3,
    )
    for s in range(count):
        draw_image(axes[s], images[s], limits)
        if guess[s] == truth[s]:
            axes[s].set_title(f"{truth[s]}")
        else:
            axes[s].set_title(f"{truth[s]}\nread as {guess[s]}", color=VERMILION)
            frame(axes[s], VERMILION)
    return axes
