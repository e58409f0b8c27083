# `make book` and `make test` are the two commands; `make help` lists the rest.
# The work is done by the shell scripts in tools/, which also run without make:
# environment.sh makes .venv and runs a command in it.

.PHONY: help book pdf publish test soak serve lab bench lint clean
.DEFAULT_GOAL := help

help:
	@echo "make book    execute every notebook and build the website in _build/html"
	@echo "make pdf     set the whole book with LaTeX, in _build/latex"
	@echo "make publish follow every link of the website; SITE=folder or SITE=host:folder to copy it"
	@echo "make test    lint, types, unit tests, doctests, every number of every notebook;"
	@echo "             ARGS=tests/layers for a part of the tests"
	@echo "make soak    the tests that can go on for hours: interrupts, gradient checks"
	@echo "make serve   show the website on this machine (PORT=8000)"
	@echo "make lab     open the notebooks in JupyterLab"
	@echo "make bench   compare results, then times, with PyTorch, NumPy and C++ (ARGS=--help)"
	@echo "make lint    lint, format, import rules and types only"
	@echo "make clean   delete what was built; ALL=1 deletes .venv too"
	@echo
	@echo "The first call makes .venv; PYTHON=/path/to/python3.12 names the Python for it."

book:
	@sh tools/environment.sh book test -- sh tools/build_book.sh

pdf:
	@sh tools/environment.sh book pdf -- sh tools/build_pdf.sh

publish:
	@sh tools/environment.sh book -- python -m tools.publish $(SITE)

test:
	@sh tools/environment.sh book test -- sh tools/test.sh $(ARGS)

soak:
	@CNNLAB_SOAK=1 sh tools/environment.sh book test -- sh tools/test.sh tests/fast/test_threads.py tests/gradcheck/test_never_wrong.py

serve:
	@test -f _build/html/index.html || $(MAKE) --no-print-directory book
	@sh tools/environment.sh book test -- sh tools/serve.sh

lab:
	@sh tools/environment.sh dev -- python -m tools.lab

bench:
	@sh tools/environment.sh test -- python -m benchmarks $(if $(SAVE),--save) $(ARGS)

lint:
	@sh tools/environment.sh book test -- sh tools/test.sh lint

clean:
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@if [ -n "$(ALL)" ]; then echo "rm -rf .venv"; rm -rf .venv; fi
