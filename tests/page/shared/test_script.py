"""The pieces of scripts that parts of a page share, under Node's own test runner."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cnnlab.page import shared
from cnnlab.page.part import file_text

TESTS = Path(__file__).with_name("shared.test.mjs")


def test_files_pass_their_own_tests():
    """`node --test` reads what `script` puts together."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed: node --test runs these tests")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(re.findall(r"\d+", version.stdout)[0]) < 18:
        pytest.skip(f"Node.js {version.stdout.strip()} has no test runner; 18 and later have one")
    files = "".join(map(file_text, shared.NAMES))
    ran = subprocess.run(
        [node, "--test", TESTS],
        env={"CNNLAB_SHARED": files},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert int(re.search(r"# pass (\d+)", ran.stdout)[1]) >= 6


def test_a_script_closes_its_names():
    text = shared.script("shared/arrays.js", "shared/numbers.js")
    assert text.startswith('(() => {\n"use strict";\n')
    assert text.endswith("})();\n")
    for name in ("shared/arrays.js", "shared/numbers.js"):
        assert file_text(name) in text
