"""What parts of a page are sent as."""

from pathlib import Path

import pytest

from cnnlab import page
from cnnlab.page.part import file_text

HERE = Path(page.__file__).parent
SCRIPTS = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.js"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_shipped_whole(name):
    """Comments and indentation go; the code stays."""
    text = (HERE / name).read_text("utf-8")
    assert "*/" not in text  # only // comments, on lines of their own, are dropped
    kept = [line.strip() for line in text.splitlines()]
    assert file_text(name).splitlines() == [s for s in kept if s and s[:3] != "// "]
