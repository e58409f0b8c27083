"""Places of planes, without planes."""

from cnnlab.page.explorer import places

ROW, COLUMN = [0, 1], (0, 1)


def test_side_by_side_and_one_below_the_other():
    placed = places.arrange([ROW], [], [(100, 60), (50, 40)])["wide"]
    margin = places.MARGIN
    assert placed["places"] == [[margin, margin], [margin + 100 + places.GAP, margin + 10]]
    assert placed["size"] == placed["shown"] == [150 + places.GAP + 2 * margin, 60 + 2 * margin]
    placed = places.arrange([COLUMN], [], [(100, 60), (50, 40)])["wide"]
    assert placed["places"] == [[margin, margin], [margin + 25, margin + 60 + places.SPACE]]


def test_the_room_says_which_way():
    """Wide planes stand side by side on a desk, and one below the other on a phone."""
    rooms = places.arrange([ROW, COLUMN], [(0, 1, "+")], [(300, 60), (300, 60)])
    (first, second), (above, below) = rooms["wide"]["places"], rooms["narrow"]["places"]
    assert first[1] == second[1]
    assert above[0] == below[0]
    assert rooms["wide"]["links"] == [(0, 1, "+")]


def test_the_first_way_is_taken_if_it_is_hardly_shrunk_more():
    width = places.ROOMS["wide"][0] // 2
    assert places.arrange([ROW, COLUMN], [], [(width, 60)] * 2)["wide"]["shown"][1] < 100
