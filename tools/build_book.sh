#!/bin/sh
# Build the website from nothing: every notebook is executed, every warning is an
# error. Run it through `make book`, which provides the environment.
set -eu

# Left-overs would be published, and pages that were read before would hide a change in cnnlab.
rm -rf _build/html _build/.doctrees

if python -c 'from jupyter_book.cli.main import main; main(prog_name="jupyter-book")' build . -W -n --keep-going; then
    echo
    echo "The book is ready. Open this page in a browser:"
    echo "    $PWD/_build/html/index.html"
else
    echo "make book: the build failed; each warning above is an error." >&2
    exit 1
fi
