#!/bin/sh
# Set the whole book with LaTeX: _build/latex/convolutional-networks.pdf. Run it through
# `make pdf`, which provides the environment. Pages show the outputs that the notebooks hold;
# `make book` and `make test` see to it that they are right.
set -eu
name=convolutional-networks

missing=
for command in latexmk xelatex; do
    command -v $command >/dev/null || missing="$missing $command"
done
if [ -n "$missing" ]; then
    {
        echo "make pdf needs LaTeX; missing:$missing. Install it with"
        echo "    Debian, Ubuntu:  sudo apt install latexmk texlive-xetex texlive-latex-extra \\"
        echo "                         texlive-fonts-recommended fonts-freefont-otf libcairo2"
        echo "    macOS:           brew install --cask mactex; brew install cairo"
        echo "    elsewhere:       TeX Live, https://tug.org/texlive"
        echo "Without it, print a chapter from the browser: answers come last, pages are numbered."
    } >&2
    exit 1
fi

rm -rf _build/latex
python -c 'from jupyter_book.cli.main import main; main(prog_name="jupyter-book")' \
    build . --builder latex -W -n --keep-going
cd _build/latex
# It says on some hundred pages what it does; what matters is read from its log.
latexmk -xelatex -interaction=nonstopmode -halt-on-error -quiet $name.tex >latexmk.out 2>&1 ||
    { tail -n 40 latexmk.out >&2; grep -A 6 '^!' $name.log >&2; exit 1; }
cd ../..
python -m tools.latex_log _build/latex/$name.log
echo
echo "The book is ready: $PWD/_build/latex/$name.pdf"
