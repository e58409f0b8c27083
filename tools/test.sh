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
    name=$1
    since=$(date +%s)
    shift
    "$@" || { echo "make test: FAILED at \"$name\"; what comes after it did not run." >&2; exit 1; }
    table="$table$(printf '%6d s  %s' $(($(date +%s) - since)) "$name")
"
}

# Examples in docstrings and cells of notebooks are tests, too: nbval executes every notebook again
# and compares every output.
tests() { python -m pytest --doctest-modules --nbval --nbval-current-env --nbval-cell-timeout=600 "$@"; }

# A file goes to one worker as a whole, for its notebook, pages or pictures are made once for all
# its tests. More than eight workers would wait for the longest file.
all_tests() {
    tests -n auto --maxprocesses=8 --dist=loadscope --no-loadscope-reorder \
        -rfEs --durations=20 tests cnnlab book && return
    echo >&2
    echo "Run a test alone:      make test ARGS='\"NAME\"', its NAME as it stands above" >&2
    echo "or a part of them:     make test ARGS='tests/layers -k pool -x'" >&2
    echo "or a whole notebook:   make test ARGS=book/images.ipynb" >&2
    return 1
}

case "${1:-}" in '' | lint) ;; *) tests "$@"; exit ;; esac

stage "lint (ruff)" python -m ruff check .
stage "format (ruff)" python -m ruff format --check .
stage "import rules (import-linter)" \
    python -c 'from importlinter.cli import lint_imports_command; lint_imports_command(prog_name="lint-imports")' --no-logo
stage "types (mypy)" python -m mypy
if [ "${1:-}" = lint ]; then
    echo
    echo "Lint, format, import rules and types: all passed."
    exit 0
fi
stage "tests, examples in docstrings, notebooks (pytest)" all_tests

echo
printf '%s' "$table"
echo "make test: all passed in $(($(date +%s) - begun)) s."
