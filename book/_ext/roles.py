"""Roles and names that screen readers understand, where docutils and the theme have none."""


def replace_old_roles(app, pagename, templatename, context, doctree):
    """Make the entries of a bibliography the items of the list that they stand in."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def name_toggles(app, pagename, templatename, context, doctree):
    """Say what the arrows in the list of pages open."""
    generate = context["generate_toctree_html"]

    def named(*arguments, **options):
        pages = generate(*arguments, **options)
        for toggle in pages.select("li > details > summary") if pages else ():
            above = toggle.parent.parent.find("a")
            toggle["aria-label"] = f"Pages of {above.get_text(strip=True)}"
        return pages

    context["generate_toctree_html"] = named


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", replace_old_roles)
    app.connect("html-page-context", name_toggles, priority=900)  # after the theme
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
