#!/bin/sh
# Every check, the cheapest first; stops at the first stage that fails. Run it through `make test`,
# which provides the environment.
#
#     sh tools/test.sh            everything
#     sh tools/test.sh lint       stops before the tests
#     sh tools/test.sh PATH...    only these tests, in one process (what follows goes to pytest)
set -eu
# Workers and threads would be more than there are processors.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

begun=$(date +%s)
table=

stage() {  # stage "title" command...
    echo
    echo "== $1"
    title=$1
    since=$(date +%s)
    verdict=passed
    shift
    "$@" || verdict=FAILED
    table="$table$(printf '%6d s  %s  %s' $(($(date +%s) - since)) $verdict "$title")
"
    [ $verdict = passed ] || finish "FAILED at \"$title\"; what comes after it did not run"
}

finish() {  # finish "how it went"
    printf '\n%smake test: %s (%d s).\n' "$table" "$1" $(($(date +%s) - begun))
    [ "$verdict" = passed ]
    exit
}

# This environment executes the notebooks. Another may do it, as `.ci/run` wants: in the folder
# CNNLAB_ALONE, share/jupyter/kernels/alone names its kernel.
kernel=--nbval-current-env
if [ -n "${CNNLAB_ALONE:-}" ]; then
    kernel=--nbval-kernel-name=alone
    export JUPYTER_PATH="$CNNLAB_ALONE/share/jupyter"
fi

# Examples in docstrings and cells of notebooks are tests, too: nbval executes every notebook, and
# compares every output.
tests() {
    python -m pytest -c pyproject.toml --rootdir=. --doctest-modules \
        --nbval "$kernel" --nbval-cell-timeout=600 \
        --nbval-sanitize-with=tools/notebooks/drawings.cfg "$@"
}

# A file goes to one worker as a whole, for its notebook, pages or pictures are made once for all
# its tests. More than eight workers would wait for the longest file. What `make book` gave, and
# nothing has changed since that it depends on (tools/notebooks/record.py), is compared as it is.
all_tests() {
    tests -n auto --maxprocesses=8 --dist=loadscope --no-loadscope-reorder \
        -rfEs --durations=20 --as-executed tests cnnlab book assignments && return
    echo
    echo "A test alone, its NAME as above:  make test ARGS='\"NAME\"'"
    echo "A notebook, not only a cell:      make test ARGS=book/images.ipynb"
    return 1
}

case "${1:-}" in '' | lint) ;; *) tests "$@"; exit ;; esac

stage "lint (ruff)" python -m ruff check .
stage "format (ruff)" python -m ruff format --check .
stage "import rules (import-linter)" \
    python -c 'from importlinter.cli import lint_imports_command; lint_imports_command(prog_name="lint-imports")' --no-logo
stage "types (mypy)" env MYPY_NUM_WORKERS="${MYPY_NUM_WORKERS:-2}" python -m mypy
[ "${1:-}" != lint ] || finish "lint, format, import rules and types passed"
stage "tests, examples in docstrings, notebooks (pytest)" all_tests
finish "all passed"
