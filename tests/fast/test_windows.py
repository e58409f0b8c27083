"""Few positions: which layers may become a product with all windows, and in which portions."""

from cnnlab.fast import windows
from cnnlab.shapes.geometry import Geometry


def test_which_layers_may_go_this_way():
    def few(positions, w_shape, groups=1, step=1):
        pair = step, step
        geometry = Geometry(pair, ((0, 0), (0, 0)), pair, positions, groups)
        return windows.are_few(positions, w_shape, geometry)

    assert few((1, 1), (120, 16, 5, 5))  # the last convolution of LeNet-5
    assert few((4, 4), (128, 128, 3, 3))
    assert not few((28, 28), (512, 512, 3, 3))
    assert not few((7, 7), (8, 8, 3, 3))
    assert not few((1, 1), (120, 16, 5, 5), groups=4)
    assert not few((0, 4), (128, 128, 3, 3))
    assert not few((4, 4), (128, 128, 3, 3), step=2000)  # far apart, and zeros between them


def test_portions_hold_all_images_once():
    shape, w_shape = (100, 7, 5, 5), (7, 64, 9, 9)
    images = [image for part in windows._portions(shape, w_shape) for image in range(100)[part]]
    assert images == list(range(100))
    assert len(list(windows._portions(shape, w_shape))) > 1
    assert not list(windows._portions((0, 7, 5, 5), w_shape))
