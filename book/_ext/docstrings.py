"""Docstrings on the website.

- ``(eq-dw)`` in a docstring becomes a link to that equation of the book. A label
  that no chapter defines is a warning, and so breaks the build.
- ```cnnlab.fast.conv2d``` in single backticks becomes a link to that object.
- A compiled function is described by its own words alone, for the loops beside it have the rest.
- ``.. api:: cnnlab.fast`` documents everything in that module's ``__all__``, with a table first, so
  that no page falls behind the package; ``:file: conv`` takes what is defined in that file alone.
- ``.. names:: cnnlab.fast`` lists the same names, each with a link to where it is documented.
"""

import importlib
import inspect
import re

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from cnnlab.fast.manual import OWN_WORDS

EQUATION = re.compile(r"\((eq-[\w-]+(?:,\s*eq-[\w-]+)*)\)")
OBJECT = re.compile(r"(?<![`:])`(cnnlab(?:\.\w+)+)(?:\(\))?`(?!`)")


def link_equations(line):
    """Replace each ``(eq-a, eq-b)`` of a line by references to these equations."""
    return EQUATION.sub(
        lambda found: ", ".join(f":eq:`{name.strip()}`" for name in found[1].split(",")), line
    )


def link_objects(line):
    """Replace each ```cnnlab.x.y``` of a line by a reference to that object."""
    return OBJECT.sub(r":py:obj:`\1`", line)


def rewrite(app, what, name, obj, options, lines):
    """Rewrite a docstring in place; literal blocks, which follow ``::``, stay as they are."""
    literal = None  # the indentation of the line that opened a literal block
    for number, line in enumerate(lines):
        indentation = len(line) - len(line.lstrip())
        if literal is not None and line.strip() and indentation <= literal:
            literal = None
        if literal is None:
            lines[number] = link_objects(link_equations(line))
            if line.rstrip().endswith("::"):
                literal = indentation


def own_words(app, what, name, obj, options, lines):
    """Say of a compiled function what its file says; what holds for the loops is beside them."""
    own = OWN_WORDS.get(getattr(obj, "__name__", ""))
    if own is not None and name.startswith("cnnlab.fast."):
        lines[:] = [*inspect.cleandoc(own).splitlines(), ""]


def skip_field_aliases(app, what, name, obj, skip, options):
    """Leave out the generated attributes of a NamedTuple; its docstring describes them."""
    return (
        True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None
    )


class OfModule(SphinxDirective):
    """Say something of the names that a module offers, or one of its files."""

    required_arguments = 1
    option_spec = {"file": directives.unchanged}  # noqa: RUF012 - docutils wants it so

    def run(self):
        """Write what one would write by hand, and have it parsed."""
        name, file = self.arguments[0], self.options.get("file")
        module = importlib.import_module(name)
        members = [m for m in module.__all__ if not file or file_of(module, m) == file]
        lines = self.write(name, module, members)
        section = nodes.section()
        section.document = self.state.document
        self.state.nested_parse(
            StringList(lines, source=f"{name}.__all__"), self.content_offset, section
        )
        return section.children


class Api(OfModule):
    """Document a module: its docstring, a table of its ``__all__``, every member of it."""

    def write(self, name, module, members):
        """Write the table, and a directive for each member."""
        what = "currentmodule" if "file" in self.options else "automodule"
        lines = [f".. {what}:: {name}", *(["   :no-members:"] if what == "automodule" else [])]
        lines += ["", ".. autosummary::", ""]
        lines += [f"   {member}" for member in members]
        for member in members:
            lines += ["", f".. {directive_for(getattr(module, member))}:: {name}.{member}"]
        return lines


class Names(OfModule):
    """List the names of a module."""

    def write(self, name, module, members):
        """Write them one after the other."""
        links = [f":py:obj:`{member} <{name}.{member}>`" for member in members]
        return [".. container:: names", "", "   " + " ".join(links)]


def file_of(module, member):
    """Give the name of the file in which a member of a package is defined."""
    return getattr(module, member).__module__.rpartition(".")[2]


def directive_for(thing):
    """Choose the directive that documents an object."""
    if inspect.isclass(thing):
        return "autoexception" if issubclass(thing, BaseException) else "autoclass"
    return "autofunction" if callable(thing) else "autodata"


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.autosummary")
    app.add_directive("api", Api)
    app.add_directive("names", Names)
    app.connect("autodoc-process-docstring", own_words, priority=300)
    app.connect("autodoc-process-docstring", rewrite, priority=400)  # before napoleon
    app.connect("autodoc-skip-member", skip_field_aliases)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
