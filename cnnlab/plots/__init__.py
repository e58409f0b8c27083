"""Pictures of the book: arrays in, matplotlib Axes out.

Every function draws what it is given and computes no convolution of its own. Figures are as wide
as a column of the book and no wider, so their letters have one size everywhere, on a phone too.

Signs are shown by one diverging map (blue below 0, white at 0, red above), always with limits
that are symmetric about 0; images are gray. Nothing is said by color alone.
"""

from cnnlab.plots.agreement import plot_differences, show_orders
from cnnlab.plots.costs import plot_multiplications, plot_times, show_errors
from cnnlab.plots.curves import (
    plot_correlation,
    plot_losses,
    plot_slopes,
    plot_step_errors,
    show_confusion,
    show_step,
)
from cnnlab.plots.diagrams import show_dense, show_network
from cnnlab.plots.grids import show_counts, show_grid, show_windows
from cnnlab.plots.images import (
    show_depths,
    show_digits,
    show_features,
    show_image,
    show_images,
    show_maps,
    show_matches,
    show_patterns,
)
from cnnlab.plots.inspection import plot_calibration, plot_shifts, show_influence
from cnnlab.plots.mistakes import plot_costs_of_mistakes, show_first_steps
from cnnlab.plots.notation import show_layer
from cnnlab.plots.pools import show_winners
from cnnlab.plots.speed import (
    plot_rates,
    plot_roofline,
    plot_shares,
    plot_tile_rates,
    show_cache_lines,
    show_tile,
)
from cnnlab.plots.style import use_style
from cnnlab.plots.sums import show_gather, show_product, show_search
from cnnlab.plots.training import plot_layer_sizes, plot_learning_rates, show_descents

__all__ = [
    "plot_calibration",
    "plot_correlation",
    "plot_costs_of_mistakes",
    "plot_differences",
    "plot_layer_sizes",
    "plot_learning_rates",
    "plot_losses",
    "plot_multiplications",
    "plot_rates",
    "plot_roofline",
    "plot_shares",
    "plot_shifts",
    "plot_step_errors",
    "plot_slopes",
    "plot_tile_rates",
    "plot_times",
    "show_cache_lines",
    "show_confusion",
    "show_counts",
    "show_dense",
    "show_depths",
    "show_descents",
    "show_digits",
    "show_errors",
    "show_features",
    "show_first_steps",
    "show_gather",
    "show_grid",
    "show_image",
    "show_images",
    "show_influence",
    "show_layer",
    "show_maps",
    "show_matches",
    "show_network",
    "show_orders",
    "show_patterns",
    "show_product",
    "show_search",
    "show_step",
    "show_tile",
    "show_windows",
    "show_winners",
    "use_style",
]
