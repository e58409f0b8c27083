"""The glossary: a bar of its letters, and the line of other words below an entry."""

from docutils import nodes
from search_index import OTHER_WORDS, title_of
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class AddLetters(SphinxPostTransform):
    """Lead from the top of the glossary to each of its letters."""

    default_priority = 500

    def run(self, **kwargs):
        """Look whether this page is a glossary."""
        glossary = next(iter(self.document.findall(addnodes.glossary)), None)
        if glossary is None:
            return
        page = next(iter(self.document.findall(nodes.section)))
        letters = [section for section in page.children if isinstance(section, nodes.section)]
        bar = nodes.bullet_list(classes=["letters"])
        for letter in letters:
            name = title_of(letter).astext()
            link = nodes.reference("", name, refuri=f"#{letter['ids'][0]}", internal=True)
            bar += nodes.list_item("", nodes.paragraph("", "", link))
        page.insert(page.index(letters[0]), bar)
        for paragraph in self.document.findall(nodes.paragraph):
            if paragraph.astext().startswith(OTHER_WORDS):
                paragraph["classes"].append("other-words")


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(AddLetters)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
