"""Scripts of pages, run by Node where it is installed."""

import json
import shutil
import subprocess

import pytest


def run_script(text):
    """Run JavaScript; return what its last line, `say(...)`, hands over."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    shown = "const say = (value) => console.log(JSON.stringify(value));\n"
    done = subprocess.run([node, "-"], input=shown + text, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)
