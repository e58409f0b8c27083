#!/bin/sh
# Every check, cheapest first; stops at the first that fails. `sh tools/test.sh lint`
# stops before the tests. Run it through `make test`, which provides the environment.
set -eu

step() {
    echo
    echo "== $1"
    name=$1
    shift
    "$@" || { echo "make test: FAILED at \"$name\"; the commands after it did not run." >&2; exit 1; }
}

step "lint (ruff)" python -m ruff check .
step "format (ruff)" python -m ruff format --check .
step "import rules (import-linter)" \
    python -c 'from importlinter.cli import lint_imports_command; lint_imports_command(prog_name="lint-imports")' --no-logo
step "types (mypy)" python -m mypy
if [ "${1:-all}" = lint ]; then
    echo
    echo "Lint, format, import rules and types: all passed."
    exit 0
fi

step "unit tests (pytest)" python -m pytest tests -rs
step "examples in docstrings (doctest)" python -m pytest --doctest-modules cnnlab -q
step "every output of every notebook (nbval)" \
    python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=600 -q book
echo
echo "make test: all passed."
