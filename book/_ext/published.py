"""Where the course is published, if it is: told once, when the website is built.

Two addresses are read, from the environment or else from `_config.yml`:

- `COURSE_ADDRESS` (`html: baseurl`), where the website will be: pages then name their canonical
  address and a picture for previews, and there is a `sitemap.xml`;
- `COURSE_REPOSITORY` (`repository: url`), a public repository with these files: notebooks then have
  buttons that open them on Colab and Binder, and on a JupyterHub if `COURSE_JUPYTERHUB` names one.

Without them nothing on the site leads to a place outside. Descriptions are on all pages.
"""

import os
import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes

TAG = re.compile(r"<[^>]+>")
LONGEST = 200  # characters of a description; search engines show fewer
PICTURE = "_static/overview.png"
PICTURE_IN_WORDS = "A digit on its way through the network of the course"
SERVICES = {
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
}


def addresses(app, config):
    """Take the addresses from where they are given, or none."""
    address = os.environ.get("COURSE_ADDRESS") or config.html_baseurl
    config.html_baseurl = f"{address.rstrip('/')}/" if address else ""
    options = config.html_theme_options
    given = os.environ.get("COURSE_REPOSITORY") or options.get("repository_url") or ""
    options["repository_url"] = given.rstrip("/")
    launch = dict(options.get("launch_buttons") or {})
    for service in (*SERVICES, "jupyterhub_url"):
        launch.pop(service, None)
    if given:
        launch |= SERVICES
        if hub := os.environ.get("COURSE_JUPYTERHUB"):
            launch["jupyterhub_url"] = hub
    options["launch_buttons"] = launch


def description(doctree):
    """Return the lead of a page: its first paragraph whose formulas can be read as text."""
    for paragraph in doctree.findall(nodes.paragraph):
        inside_a_box = isinstance(paragraph.parent, nodes.Admonition | nodes.list_item)
        formulas = [formula.astext() for formula in paragraph.findall(nodes.math)]
        text = " ".join(paragraph.astext().split())
        if inside_a_box or len(text) < 30 or any("\\" in formula for formula in formulas):
            continue
        if len(text) > LONGEST:
            text = text[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:") + " ..."
        return text
    return ""


def meta(name, content, key="name"):
    """Return one element of the head."""
    return f'<meta {key}="{escape(name)}" content="{escape(content)}" />'


def describe(app, pagename, templatename, context, doctree):
    """Write the description of a page, and what a preview of it shows."""
    if doctree is None:
        return
    existing = context.get("metatags") or ""
    found = [
        node["content"] for node in doctree.findall(nodes.meta) if node.get("name") == "description"
    ]
    text = found[0] if found else description(doctree)
    lines = [] if found or not text else [meta("description", text)]
    lines += [
        meta("og:type", "article", "property"),
        meta("og:site_name", app.config.html_title, "property"),
        meta("og:title", plain(context["title"]), "property"),
        meta("og:description", text, "property"),
        meta("twitter:card", "summary"),
    ]
    if app.config.html_baseurl:
        lines += [
            meta(
                "og:url", app.config.html_baseurl + app.builder.get_target_uri(pagename), "property"
            ),
            meta("og:image", app.config.html_baseurl + PICTURE, "property"),
            meta("og:image:alt", PICTURE_IN_WORDS, "property"),
        ]
    context["metatags"] = "\n".join([existing, *lines])


def plain(title):
    """Return a title without markup: Sphinx hands it over as HTML."""
    return unescape(TAG.sub("", title))


def write_files(app, exception):
    """Write what hosts and search engines look for."""
    if exception is not None or app.builder.name != "html":
        return
    # GitHub Pages leaves out folders that begin with an underscore, unless this file is there.
    (Path(app.outdir) / ".nojekyll").touch()
    if app.config.html_baseurl:
        pages = sorted(app.builder.get_target_uri(name) for name in app.env.found_docs)
        lines = [
            f"  <url><loc>{escape(app.config.html_baseurl + page)}</loc></url>" for page in pages
        ]
        text = "\n".join(
            [
                '<?xml version="1.0" encoding="utf-8"?>',
                '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
                *lines,
                "</urlset>\n",
            ]
        )
        (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", addresses, priority=900)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
