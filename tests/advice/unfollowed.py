"""Messages whose next step no program can follow in a test, and why."""

UNFOLLOWED = {
    (
        "data/sets.py",
        "import_package",
    ): "installs a package; tests/data/test_sets.py reads the line",
    ("page/digit/element.py", "part"): "is told to who writes a page; tests/page/digit",
    **{
        ("page/editor/arrays.py", function): "is what Python and NumPy say, shown by the editor"
        for function in (
            *("ndarray.__len__", "ndarray.__bool__", "ndarray.__setitem__", "ndarray._view"),
            *("ndarray.item", "ndarray.reshape", "ndarray.__matmul__"),
            *("_shape", "_common", "_stretched", "array"),
        )
    },
    ("data/idx.py", "read_idx"): "one needs a file without rights; tests/data/test_idx.py",
    ("data/pictures.py", "image"): "one needs a file without rights; tests/data/test_pictures.py",
    ("runs.py", "_checked"): "is told in the message of settings_of",
    ("data/downloads.py", "_Limited.write"): "is told in the message of all mirrors",
    **{
        ("tutor/plain.py", function): "is caught and told by the tutor; tests/tutor/test_plain.py"
        for function in ("plain.copy", "_array")
    },
    (
        "tutor/diagnosis/known.py",
        "_called",
    ): "is caught by the tutor, as if a student had raised it",
    **{
        (f"grading/{file}.py", function): f"is told of a submission; tests/grading/test_{test}.py"
        for file, test, functions in (
            ("isolation", "hostile", ["_content"]),
            ("isolation", "isolation", ["_Conversation.reply", "check_size"]),
            ("loading", "loading", ["write_files", "code_cells"]),
            ("values", "values", ["pack.written", "_key"]),
            ("worker", "isolation", ["Absent.find_spec", "guard.hook", "Stubs.__call__.asked"]),
        )
        for function in functions
    },
    ("grading/executors.py", "cluster"): "needs Dask, or none; tests/grading/test_executors.py",
    ("grading/executors.py", "_same_everywhere"): "needs other workers; the same tests",
    ("grading/collection.py", "_content"): "is told with the file that is left out",
    ("grading/gradescope.py", "_only"): "is told to a student; tests/grading/test_gradescope.py",
    ("grading/process.py", "system"): "needs another system; tests/grading/test_isolation.py",
    ("grading/process.py", "Process.wait_until_ready"): "needs a system that starts no process",
    ("pytorch/modules.py", "load"): "installs a package; tests/pytorch/test_exporting.py",
    ("pytorch/answers.py", "Answers.__call__"): "installs a package; tests/pytorch/test_answers.py",
    ("pytorch/answers.py", "Answers._check"): "tests/pytorch/test_answers.py, with and without",
    ("pytorch/modules.py", "__getattr__"): "is what Python says of any module",
    **{
        (f"pytorch/{file}.py", function): f"needs PyTorch; tests/pytorch/test_{file}.py follows it"
        for file, functions in {
            "exporting": ["_Export._module"],
            "importing": [
                *("from_torch", "_dtype_of", "_check_hooks", "_Import._layer", "_Import._new"),
                *("_Import._check_depth", "_Import._check_zeros", "_Import._max_pool2d"),
                *("_Import._avg_pool2d", "_Import._adaptive", "_Import._flatten"),
                "_Import._batch_norm2d",
            ],
        }.items()
        for function in functions
    },
    ("fast/jit.py", "_warn_if_loaded_again"): "restarts Python; tests/fast/test_jit.py",
    ("fast/parts.py", "PartOfKernel.__call__"): "needs compiled kernels; tests/fast/test_jit.py",
    ("fast/threads.py", "share"): "needs a machine without memory; tests/fast/test_threads.py",
    ("algorithms/rounding.py", "rounding_error"): "needs a machine without wider floats; "
    "tests/algorithms/test_rounding.py follows the advice there",
}
