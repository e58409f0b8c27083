"""What the search of the website looks through, in one file: `search-index.js`.

It has an entry for each page, section, word of the glossary, numbered equation and name of the
package, with its text, so that a result can show where it was found. `search.js` loads it when the
search is opened, as a script: browsers refuse everything else to pages that are files.

Solutions, hints and answers are left out: a search gives nothing away.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from equation_links import number_of
from formula_text import formula_text
from sphinx import addnodes
from sphinx_exercise.nodes import solution_node

PAGE, SECTION, WORD, EQUATION, NAME = range(5)
OTHER_WORDS = "Other words: "
FILE = "search-index.js"

# What is no text, or is folded away until somebody asks.
UNREAD = (nodes.raw, nodes.comment, nodes.pending, addnodes.index, addnodes.toctree, solution_node)
FOLDED = {"tag_hide-cell", "cell_output", "sd-dropdown"} | {
    f"fold-{kind}" for kind in ("hint", "solution", "answer", "check")
}
IDENTIFIER = re.compile(r"[A-Za-z]\w{2,}")
SPACE = re.compile(r"\s+")


class Reader(nodes.NodeVisitor):
    """Reads a page that is about to be written, and collects its entries."""

    def __init__(self, document, docname, env):
        """Start with nothing; the title of the page is its first section."""
        super().__init__(document)
        self.docname, self.env = docname, env
        self.entries, self.open, self.sections = [], [], {}

    def begin(self, kind, title, anchor):
        """Open an entry: what is read from here on is its text."""
        entry = {"kind": kind, "title": plain(title), "anchor": anchor, "text": [], "code": set()}
        self.entries.append(entry)
        self.open.append(entry)

    def say(self, text):
        """Add to the text of the innermost entry."""
        if self.open:
            self.open[-1]["text"].append(text)

    def unknown_visit(self, node):
        """Leave out what is no text, and go into everything else."""
        is_unread = isinstance(node, UNREAD) or node.get("design_component") == "dropdown"
        if is_unread or FOLDED.intersection(node.get("classes", ())):
            raise nodes.SkipNode

    def unknown_departure(self, node):
        """Keep the words of two paragraphs apart."""
        if isinstance(node, nodes.TextElement) and not isinstance(node, nodes.Inline | nodes.Text):
            self.say(" ")

    def visit_section(self, node):
        """Make an entry of each section; the first is the page itself, and exercises are none."""
        if title := title_of(node):
            first = not self.entries
            self.begin(PAGE if first else SECTION, words_of(title), "" if first else node["ids"][0])

    def depart_section(self, node):
        """Go back to the section around it."""
        if title_of(node):
            self.open.pop()

    def visit_title(self, node):
        """Leave out titles, which have been read."""
        raise nodes.SkipNode

    def visit_definition_list_item(self, node):
        """Make an entry of a word of the glossary, and of its other words."""
        term = next(iter(node.findall(nodes.term)))
        if isinstance(node.parent.parent, addnodes.glossary):
            self.begin(WORD, words_of(term), term["ids"][0])
            self.open[-1]["others"] = other_words(node)
            self.open[-1]["links"] = [link["refuri"] for link in links_in(node)]

    def depart_definition_list_item(self, node):
        """Close it."""
        if isinstance(node.parent.parent, addnodes.glossary):
            self.open.pop()

    def visit_term(self, node):
        """Leave out the word itself, which is the title of its entry."""
        if isinstance(node.parent.parent.parent, addnodes.glossary):
            raise nodes.SkipNode

    def visit_desc(self, node):
        """Make an entry of a function, a class or a method, by its whole name."""
        signature = next(iter(node.findall(addnodes.desc_signature)))
        if signature["ids"]:
            self.begin(NAME, signature["ids"][0], signature["ids"][0])

    def depart_desc(self, node):
        """Close it."""
        if next(iter(node.findall(addnodes.desc_signature)))["ids"]:
            self.open.pop()

    def visit_desc_signature(self, node):
        """Leave out the signature: its name is the title."""
        raise nodes.SkipNode

    def visit_math_block(self, node):
        """Make an entry of an equation with a number; leave out other displays."""
        text = formula_text(node.astext())
        if node.get("label"):
            anchor = f"equation-{nodes.make_id(node['label'])}"
            self.sections[anchor] = self.open[-1]["anchor"]
            self.begin(EQUATION, f"Equation ({number_of(self.env, node['label'])})", anchor)
            self.say(text)
            self.open.pop()
        raise nodes.SkipNode

    def visit_math(self, node):
        """Say a formula in letters."""
        self.say(formula_text(node.astext()))
        raise nodes.SkipNode

    def visit_literal_block(self, node):
        """Of code only the names are kept, to be found."""
        if self.open:
            self.open[-1]["code"].update(IDENTIFIER.findall(node.astext()))
        raise nodes.SkipNode

    def visit_Text(self, node):
        """Say a text."""
        self.say(node.astext())


def title_of(section):
    """Give the title of a section, or None."""
    return next((part for part in section.children if isinstance(part, nodes.title)), None)


def words_of(node):
    """Give the text of a title, its formulas in letters."""
    parts = []
    for part in node.findall(lambda n: isinstance(n, nodes.Text)):
        text = part.astext()
        parts.append(formula_text(text) if isinstance(part.parent, nodes.math) else text)
    return "".join(parts)


def links_in(node):
    """Find the links to other pages."""
    return (link for link in node.findall(nodes.reference) if ".html" in link.get("refuri", ""))


def other_words(node):
    """Read the line of an entry of the glossary that has its other words."""
    lines = (paragraph.astext() for paragraph in node.findall(nodes.paragraph))
    line = next((line for line in lines if line.startswith(OTHER_WORDS)), "")
    return [word.strip() for word in line.removeprefix(OTHER_WORDS).strip(".").split(",") if word]


def plain(text):
    """Write a text on one line."""
    return SPACE.sub(" ", text).strip()


def read_page(app, pagename, templatename, context, doctree):
    """Collect the entries of a page, and take the scripts of Sphinx's own search from it."""
    own = ("sphinx_highlight.js", "searchtools.js", "language_data.js")
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if not str(getattr(script, "filename", script)).endswith(own)
    ]
    if doctree is None:
        return
    reader = Reader(doctree, pagename, app.env)
    doctree.walkabout(reader)
    for entry in reader.entries:
        entry["text"] = plain("".join(entry["text"]))
        said = set(IDENTIFIER.findall(entry["text"]))
        entry["code"] = " ".join(sorted(entry["code"] - said))
    number = app.env.toc_secnumbers.get(pagename, {}).get("", ())
    app.search_pages[pagename] = {
        "address": app.builder.get_target_uri(pagename),
        "number": ".".join(map(str, number)),
        "entries": reader.entries,
        "sections": reader.sections,
    }


def remember(app):
    """Start from the pages of the last build: only those that changed are written again."""
    memory = Path(app.doctreedir) / "search.json"
    app.search_pages = json.loads(memory.read_text("utf-8")) if memory.exists() else {}


def write_index(app, exception):
    """Write the entries of all pages in the order of the book, and drop Sphinx's own index."""
    if exception is not None or app.builder.format != "html":
        return
    (Path(app.doctreedir) / "search.json").write_text(json.dumps(app.search_pages), "utf-8")
    order = list(app.env.toctree_includes.get(app.config.root_doc, []))
    for name in order:
        order += [page for page in app.env.toctree_includes.get(name, []) if page not in order]
    names = [app.config.root_doc, *sorted(order, key=place_in(app.env))]
    pages = {name: app.search_pages[name] for name in names if name in app.search_pages}
    text = json.dumps(index_of(pages), ensure_ascii=False, separators=(",", ":"))
    out = Path(app.outdir)
    (out / FILE).write_text(f"window.searchIndex = {text};\n", "utf-8")
    for unused in ("searchindex.js", "_static/searchtools.js", "_static/sphinx_highlight.js"):
        (out / unused).unlink(missing_ok=True)


def place_in(env):
    """Give the key that sorts pages as the book does: each below the page that it is part of."""
    above = {child: page for page, children in env.toctree_includes.items() for child in children}

    def key(name):
        path = []
        while name in above:
            path.insert(0, env.toctree_includes[above[name]].index(name))
            name = above[name]
        return path

    return key


def index_of(pages):
    """Put entries into lists, and say where the words of the glossary are explained."""
    index = {"pages": [], "entries": [], "words": []}
    places, words = {}, []
    for number, page in enumerate(pages.values()):
        index["pages"].append([page["address"], page["number"]])
        for entry in page["entries"]:
            places[page["address"], entry["anchor"]] = len(index["entries"])
            if entry["kind"] == WORD:
                words.append((len(index["entries"]), entry, page["address"]))
            fields = (entry[field] for field in ("kind", "title", "anchor", "text", "code"))
            index["entries"].append([number, *fields])
    sections = {page["address"]: page["sections"] for page in pages.values()}
    for place, entry, address in words:
        home = home_of(entry["links"], address, places, sections)
        index["words"].append([place, home, *entry["others"]])
    return index


def home_of(links, address, places, sections):
    """Find the section that explains a word: that of the first equation, or the first page."""
    folder = address.rpartition("/")[0]
    targets = [link.partition("#")[::2] for link in links]
    targets = [(f"{folder}/{page}" if folder else page, anchor) for page, anchor in targets]
    for page, anchor in sorted(targets, key=lambda target: not target[1]):
        section = sections.get(page, {}).get(anchor, anchor)
        if (page, section) in places:
            return places[page, section]
    return -1


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", remember)
    app.connect("html-page-context", read_page)
    app.connect("build-finished", write_index)
    # The entries are kept in one process.
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
