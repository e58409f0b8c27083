"""Tables for notebooks."""

from cnnlab.tables import as_html


def test_cells_are_text_and_numbers_end_at_the_right():
    table = as_html(["layer", "a < b"], [["<b>", "1"], ["", "23"]], numbers=[1])
    right = ' style="text-align:right"'
    assert table == (
        f"<table><thead><tr><th>layer</th><th{right}>a &lt; b</th></tr></thead>"
        f"<tbody><tr><td>&lt;b&gt;</td><td{right}>1</td></tr>"
        f"<tr><td></td><td{right}>23</td></tr></tbody></table>"
    )
