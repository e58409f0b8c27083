"""Loops beside their fast twins.

- ``.. twins:: conv`` writes a section for each operation of ``reference/conv.py``: its equations as
  they stand in the chapters, its loop and its twin side by side, and the checks of the equations.
- The description of an operation ends with a link to its section.
"""

import inspect
import types
from functools import cache
from html import escape
from importlib import import_module

from docstrings import EQUATION, file_of
from docutils import nodes
from equation_links import PROOF, number_of
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from cnnlab import fast, reference
from cnnlab.reference import plain
from cnnlab.source import loops

# What all kernels stand on; the chapter on performance explains it.
GROUND = {"absent", "addresses", "elementary", "jit", "threads", "tiles"}


class proofs_of(nodes.General, nodes.Element):  # noqa: N801 - as docutils names its nodes
    """Stands for equations of chapters, or for their checks, until all chapters are read."""


class Twins(SphinxDirective):
    """Show the operations of one file."""

    required_arguments = 1

    def run(self):
        """Write one section for each."""
        file = self.arguments[0]
        self.env.note_dependency(import_module(f"cnnlab.fast.{file}").__file__)
        self.env.note_dependency(import_module(f"cnnlab.reference.{file}").__file__)
        shown = {}
        names = [name for name in reference.__all__ if file_of(reference, name) == file]
        jump = nodes.paragraph("", "", classes=["jump"])
        for name in names:
            link = nodes.literal("", name)
            jump += [nodes.reference("", "", link, refuri=f"#twins-{name}"), nodes.Text(" ")]
        return [jump, *(self.section(name, shown) for name in names)]

    def section(self, name, shown):
        """Write the section of one operation; `shown` has the kernels that came before."""
        anchor = f"twins-{name}"
        labels = self.env.get_domain("std").anonlabels
        labels[anchor.lower()] = (self.env.docname, anchor)
        cited = labels_of(name)
        columns = nodes.container(classes=["twins"])
        columns += nodes.container("", *self.loop(name), classes=["twin"])
        columns += nodes.container("", *self.twin(name, shown), classes=["twin"])
        title = nodes.title("", name)
        equations = proofs_of(labels=cited, what="equations")
        checks = proofs_of(labels=cited, what="checks")
        return nodes.section("", title, equations, columns, checks, ids=[anchor])

    def loop(self, name):
        """Show the loop, and the one without options that the chapters begin with."""
        parts = [heading("Loop", f"cnnlab.reference.{name}"), listing(getattr(reference, name))]
        if hasattr(plain, name):
            title = f"Without options: cnnlab.reference.plain.{name}"
            parts += folded(title, listing(getattr(plain, name)))
        return parts

    def twin(self, name, shown):
        """Show the function that Python calls, then what it runs, file by file."""
        function = getattr(fast, name)
        parts = [heading("Twin", f"cnnlab.fast.{name}"), listing(function)]
        called = called_by(function)
        before = {kernel.__name__: shown[kernel] for kernel in called if kernel in shown}
        for file, kernels in by_file(kernel for kernel in called if kernel not in shown):
            anchor = f"twins-{name}-{file}"
            shown |= dict.fromkeys(kernels, anchor)
            title = f"cnnlab/fast/{file}.py: {', '.join(kernel.__name__ for kernel in kernels)}"
            code = "\n\n\n".join(str(loops(kernel)) for kernel in kernels)
            own = function.__module__ == f"cnnlab.fast.{file}"
            parts += folded(title, code_block(code), anchor, is_open=own)
        if before:
            line = nodes.paragraph("", "Shown above:", classes=["shown-above"])
            for kernel, anchor in before.items():
                link = nodes.reference("", "", nodes.literal("", kernel), refuri=f"#{anchor}")
                line += [nodes.Text(" "), link]
            parts.append(line)
        return parts


def by_file(kernels):
    """Group functions by the file that has them."""
    files = {}
    for kernel in kernels:
        files.setdefault(kernel.__module__.rpartition(".")[2], []).append(kernel)
    return files.items()


def labels_of(name):
    """Give the labels of the equations that an operation cites, each once."""
    found = EQUATION.findall(inspect.getdoc(getattr(reference, name)))
    labels = (label.strip() for group in found for label in group.split(","))
    return list(dict.fromkeys(labels))


def called_by(function):
    """List the functions of `cnnlab.fast` that one calls, in the order in which it names them."""
    found = {}

    def visit(one):
        code, around = one.__code__, one.__globals__
        inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
        for name in dict.fromkeys(n for c in (code, *inner) for n in c.co_names):
            called = around.get(name)
            called = inspect.unwrap(getattr(called, "py_func", called))
            home, _, file = getattr(called, "__module__", "").rpartition(".")
            is_kernel = home == "cnnlab.fast" and file not in GROUND and inspect.isfunction(called)
            if is_kernel and called not in found:
                found[called] = True
                visit(called)

    visit(inspect.unwrap(function))
    return list(found)


def heading(word, name):
    """Name a listing, with a link to what is said of the function."""
    link = addnodes.pending_xref(
        "", nodes.literal("", name), refdomain="py", reftype="obj", reftarget=name
    )
    return nodes.paragraph("", "", nodes.strong("", word), nodes.Text(" "), link)


def listing(function):
    """Show the code of a function."""
    return code_block(str(loops(function)))


def code_block(code):
    """Show code."""
    return nodes.literal_block(code, code, language="python")


def folded(title, block, anchor="", is_open=False):
    """Fold a listing under a title; on paper it stands open."""
    place = (f' id="{anchor}"' if anchor else "") + " open" * is_open
    opening = f'<details class="listing"{place}><summary>{escape(title)}</summary>'
    return [
        nodes.raw("", opening, format="html"),
        block,
        nodes.raw("", "</details>", format="html"),
    ]


class ShowProofs(SphinxPostTransform):
    """Bring equations and checks from the chapters."""

    default_priority = 1  # before formulas, references and folded cells are looked at

    def run(self, **kwargs):
        """Look at each place that waits for them; a page with formulas needs MathJax."""
        places = list(self.document.findall(proofs_of))
        if places:
            self.env.get_domain("math").data["has_equations"][self.env.docname] = True
        for place in places:
            shown = []
            for label in place["labels"]:
                page = self.env.get_domain("math").equations[label][0]
                show = self.equation if place["what"] == "equations" else self.check
                shown += show(label, *read_chapter(self.env, page))
            place.replace_self(shown)

    def equation(self, label, equations, checks):
        """Show an equation, without a second number, and name its place."""
        link = addnodes.pending_xref(
            "",
            nodes.inline(),
            refdomain="math",
            reftype="eq",
            reftarget=label,
            refdoc=self.env.docname,
        )
        link["refexplicit"] = False
        copy = equations[label].deepcopy()
        copy["label"] = copy["number"] = None
        copy["ids"], copy["names"] = [], []
        return [nodes.paragraph("", "Equation ", link, classes=["of-equation"]), copy]

    def check(self, label, equations, checks):
        """Show the cell that checks an equation."""
        if label not in checks:
            return []
        title = f"Check of equation ({number_of(self.env, label)})"
        return folded(title, code_block(checks[label]))


def read_chapter(env, page):
    """Read the equations and the checks of a chapter, by label."""
    cached = env.app.__dict__.setdefault("chapters_of_twins", {})
    if page not in cached:
        doctree = env.get_doctree(page)
        equations = {
            block["label"]: block
            for block in doctree.findall(nodes.math_block)
            if block.get("label")
        }
        checks = {}
        for block in doctree.findall(nodes.literal_block):
            first, _, rest = block.astext().partition("\n")
            if first.startswith(PROOF):
                for label in EQUATION.findall(first):
                    checks |= {one.strip(): rest for one in label.split(",")}
        cached[page] = equations, checks
    return cached[page]


@cache
def has_twins(name):
    """Tell whether a name is that of an operation in one of the backends."""
    module, _, function = name.rpartition(".")
    return module in ("cnnlab.reference", "cnnlab.fast") and function in reference.__all__


def link_twins(app, what, name, obj, options, lines):
    """End the description of an operation with a link to its section."""
    if has_twins(name):
        target = name.rpartition(".")[2]
        lines += ["", f":ref:`Loop and twin side by side <twins-{target}>`", ""]


def setup(app):
    """Register with Sphinx."""
    app.add_node(proofs_of)
    app.add_directive("twins", Twins)
    app.add_post_transform(ShowProofs)
    app.connect("autodoc-process-docstring", link_twins, priority=900)  # after napoleon
    # What was read of a chapter is kept in one process.
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": False}
