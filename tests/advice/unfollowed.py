"""Messages whose next step no program can follow in a test, and why."""

UNFOLLOWED = {
    (
        "data/sets.py",
        "import_package",
    ): "installs a package; tests/data/test_sets.py reads the line",
    ("data/idx.py", "read_idx"): "one needs a file without rights; tests/data/test_idx.py",
    ("data/pictures.py", "image"): "one needs a file without rights; tests/data/test_pictures.py",
    ("runs.py", "_checked"): "is told in the message of settings_of",
    ("data/downloads.py", "_Limited.write"): "is told in the message of all mirrors",
    ("fast/jit.py", "_warn_if_loaded_again"): "restarts Python; tests/fast/test_jit.py",
    ("fast/parts.py", "PartOfKernel.__call__"): "needs compiled kernels; tests/fast/test_jit.py",
    ("fast/threads.py", "share"): "needs a machine without memory; tests/fast/test_threads.py",
    ("algorithms/rounding.py", "rounding_error"): "needs a machine without wider floats; "
    "tests/algorithms/test_rounding.py follows the advice there",
}
