"""The course as one PDF, by `make pdf`: the website's pages, as a book has them.

- Chapters, equations and figures have the numbers of the website, parts their titles.
- Cells that are folded on the website are left out: checks, the setup, the code of drawings.
- Hints, solutions and the answers of a quiz stand at the end of their chapter.
"""

from pathlib import Path

import yaml
from docutils import nodes
from equation_links import number_of
from quiz import number_of_question
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import wrap_displaymath
from sphinx_exercise.nodes import exercise_enumerable_node, solution_node

ANSWERS = ("Hint", "Answer")
QUIZ = "quiz"
FILE = "convolutional-networks"

PREAMBLE = r"""
\addto\captionsenglish{\renewcommand{\contentsname}{Contents}}
\setcounter{tocdepth}{0}
\usepackage{fancyhdr}
\fvset{fontsize=\footnotesize}
\setlength{\headheight}{14pt}
\allowdisplaybreaks
\emergencystretch=3em
\providecommand{\class}[2]{#2}
"""

ELEMENTS = {
    "papersize": "a4paper",
    "pointsize": "10pt",
    "figure_align": "H",
    "extraclassoptions": "openany,oneside",
    "fncychap": "",
    "sphinxsetup": "verbatimwithframe=false, VerbatimColor={RGB}{245,246,248}, "
    "InnerLinkColor={RGB}{91,63,214}, OuterLinkColor={RGB}{91,63,214}, "
    "hmargin={22mm,22mm}, vmargin={24mm,26mm}",
    "preamble": PREAMBLE,
}


def describe(app, config):
    """Say how LaTeX is to set the book."""
    config.latex_engine = "xelatex"
    config.latex_use_xindy = False
    config.latex_show_urls = "no"
    config.latex_elements = ELEMENTS
    name = (config.root_doc, f"{FILE}.tex", config.html_title, config.author, "manual")
    config.latex_documents = [name]
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        ("latex", "image/svg+xml", 5),
    ]


class Fold(SphinxPostTransform):
    """Leave out what is folded on the website."""

    default_priority = 2  # before the forms of outputs are chosen
    formats = ("latex",)

    def run(self, **kwargs):
        """Look at each cell."""
        for cell in list(self.document.findall(nodes.container)):
            mode = cell.get("hide_mode", "")
            if mode == "all":
                cell.parent.remove(cell)
            elif "input" in mode:
                for part in [child for child in cell if "cell_input" in child.get("classes", ())]:
                    cell.remove(part)


def tex(code):
    """Return a node that is written as it is."""
    return nodes.raw("", code, format="latex")


class FirstChapter(SphinxPostTransform):
    """Make the start page a chapter: LaTeX would take each of its sections for one."""

    default_priority = 890
    formats = ("latex",)

    def run(self, **kwargs):
        """Wrap what the start page says, which comes before the other pages."""
        book = next(child for child in self.document if isinstance(child, nodes.section))
        own = []
        for child in book.children[1:]:
            if next(iter(child.findall(addnodes.start_of_file)), None) is not None:
                break
            own.append(child)
        for child in own:
            book.remove(child)
        chapter = nodes.section(ids=["the-course"])
        chapter += [nodes.title("", "The course"), *own]
        book[1:1] = [tex("\\setcounter{secnumdepth}{-1}\n"), chapter]


class Derivations(SphinxPostTransform):
    """Give the step of a derivation more room than the reason."""

    default_priority = 890
    formats = ("latex",)

    def run(self, **kwargs):
        """Write the widths before each table of a derivation."""
        for table in list(self.document.findall(nodes.table)):
            if "derivation" in table["classes"]:
                widths = (
                    r"p{\dimexpr0.62\linewidth-2\tabcolsep}p{\dimexpr0.38\linewidth-2\tabcolsep}"
                )
                spec = addnodes.tabular_col_spec(spec=widths)
                table.parent.insert(table.parent.index(table), spec)


class Number(SphinxPostTransform):
    """Give equations, figures and chapters the numbers that they have on the website."""

    default_priority = 900  # when all references are resolved
    formats = ("latex",)

    def run(self, **kwargs):
        """Go through the whole book, which is one document here."""
        for formula in list(self.document.findall(nodes.math_block)):
            if formula.get("label"):
                self.number_formula(formula)
        self.number_figures(self.document, self.app.config.root_doc)
        parts = parts_by_first_page(Path(self.app.srcdir) / "_toc.yml")
        for page in list(self.document.findall(addnodes.start_of_file)):
            name = page["docname"]
            number = self.env.toc_secnumbers.get(name, {}).get("", (0,))[0]
            depth = 0 if number else -1
            page.insert(
                0,
                tex(
                    parts.get(name, "")
                    + f"\\setcounter{{secnumdepth}}{{{depth}}}"
                    + f"\\setcounter{{chapter}}{{{max(number - 1, 0)}}}\n"
                ),
            )
            self.number_figures(page, name)

    def number_formula(self, formula):
        """Write the number beside the formula: LaTeX would count anew."""
        label = f"equation:{formula['docname']}:{formula['label']}"
        number = number_of(self.env, formula["label"])
        display = wrap_displaymath(formula.astext(), label, False)
        tag = rf"\label{{{label}}}"
        formula.replace_self(tex(display.replace(tag, rf"{tag}\tag{{{number}}}", 1)))

    def number_figures(self, page, name):
        """Set the counter before each figure, so that it comes to the number of the website."""
        numbers = self.env.toc_fignumbers.get(name, {}).get("figure", {})
        for figure in list(page.findall(nodes.figure)):
            for label in set(figure["ids"]) & set(numbers):
                count = tex(f"\\setcounter{{figure}}{{{numbers[label][-1] - 1}}}\n")
                figure.parent.insert(figure.parent.index(figure), count)


def parts_by_first_page(path):
    """Return the command that begins each part, by the page that it stands before."""
    parts = yaml.safe_load(path.read_text(encoding="utf-8"))["parts"]
    return {part["chapters"][0]["file"]: rf"\part{{{part['caption']}}}" "\n" for part in parts}


class AnswersLast(SphinxPostTransform):
    """Move hints, solutions and answers to the end of their chapter."""

    default_priority = 910
    formats = ("latex",)

    def run(self, **kwargs):
        """Look at each page of the book."""
        for page in list(self.document.findall(addnodes.start_of_file)):
            chapter = next((child for child in page if isinstance(child, nodes.section)), None)
            if chapter is None:
                continue
            answers = list(self.answers(chapter))
            if answers:
                section = nodes.section(ids=[f"{page['docname']}-answers"])
                section += [nodes.title("", "Answers"), *answers]
                chapter += section

    def answers(self, chapter):
        """Take the answers out of a chapter, in their order."""
        subject, question, options = "", 0, 0
        for node in list(chapter.findall()):
            if isinstance(node, exercise_enumerable_node):
                subject = node[0].astext().split(" (")[0]
            elif isinstance(node, solution_node):
                node.parent.remove(node)
                yield node
            elif number_of_question(node):
                question, options = number_of_question(node), 0
            elif is_fold(node):
                title = node[0].astext()
                section = next(parent for parent in ancestors(node) if is_section(parent))
                if QUIZ in section["ids"] or f"{section['ids'][0]}".endswith(QUIZ):
                    letter = f"{chr(ord('a') + options)}) "
                    options += 1
                    yield from taken(node, f"Quiz {question}, {letter}", keep=letter)
                elif title.startswith(ANSWERS):
                    has_exercise = any(section.findall(exercise_enumerable_node))
                    of = subject if has_exercise else section[0].astext()
                    yield from taken(node, f"{of}: {title}")


def is_fold(node):
    """Tell whether a node is a folded part with a title."""
    return isinstance(node, nodes.container) and node.get("design_component") == "dropdown"


def is_section(node):
    """Tell whether a node is a section."""
    return isinstance(node, nodes.section)


def ancestors(node):
    """Give what a node stands in, the innermost first."""
    while node.parent is not None:
        node = node.parent
        yield node


def taken(fold, title, keep=None):
    """Give a title and the content of a folded part, which leaves its place, but for an option."""
    head, content = fold[0], fold.children[1:]
    if keep is None:
        fold.parent.remove(fold)
    else:
        fold.replace_self(nodes.paragraph("", "", nodes.Text(keep), *head.children))
    yield nodes.paragraph("", "", nodes.strong("", title))
    yield from content


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", describe, priority=900)
    app.add_post_transform(Fold)
    app.add_post_transform(FirstChapter)
    app.add_post_transform(Derivations)
    app.add_post_transform(Number)
    app.add_post_transform(AnswersLast)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
