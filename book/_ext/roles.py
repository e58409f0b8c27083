"""Roles that screen readers understand: docutils gives the bibliography one that is out of use."""


def replace_old_roles(app, pagename, templatename, context, doctree):
    """Make the entries of a bibliography the items of the list that they stand in."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", replace_old_roles)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
