"""The page that a host shows where there is none: 404.html.

A host shows it under the address that was asked for, which may be any number of folders deep. So it
needs no other file to be readable. Its links are absolute where the address of the site is known;
elsewhere a few lines look which folder above holds the site.
"""

from html import escape
from pathlib import Path

from design import style_sheet

PROOF = "_static/logo.svg"  # the folder that has it is that of the site

PAGE = """<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page &#8212; {title}</title>
<script>
if (matchMedia("(prefers-color-scheme: dark)").matches) {{
  document.documentElement.dataset.theme = "dark";
}}
</script>
<style>
{palette}
body {{ margin: 0; background: var(--cnn-paper); color: var(--cnn-ink); }}
main {{ max-width: 34rem; margin: 15vh auto 0; padding: 0 1.5rem; }}
body {{ font: var(--cnn-size)/1.6 var(--cnn-text); }}
h1 {{ font-size: 1.8rem; line-height: 1.2; }}
a {{ color: var(--cnn-link); }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>It may have another name now. All chapters stand on the start page, and the search finds
words.</p>
<ul>
{links}
</ul>
</main>
{script}</body>
</html>
"""

# Pictures may be asked for from anywhere, and say whether they are there; so the deepest folder
# that has the logo is found, also where the site is opened from files.
SCRIPT = """<script>
(() => {{
  const folders = location.pathname.split("/").slice(1, -1);
  const look = (depth) => {{
    if (depth < 0) return;
    const root = ["", ...folders.slice(0, depth), ""].join("/");
    const proof = new Image();
    proof.onload = () => {{
      for (const link of document.querySelectorAll("a[data-page]")) {{
        link.href = root + link.dataset.page;
      }}
    }};
    proof.onerror = () => look(depth - 1);
    proof.src = root + "{proof}";
  }};
  look(folders.length);
}})();
</script>
"""


def page(title, base, links):
    """Return the page; `links` are words by the name of the page they lead to."""
    items = [
        f'<li><a href="{escape(base + name)}" data-page="{escape(name)}">{escape(text)}</a></li>'
        for name, text in links.items()
    ]
    return PAGE.format(
        title=escape(title),
        palette=style_sheet(),
        links="\n".join(items),
        script="" if base else SCRIPT.format(proof=PROOF),
    )


def write_page(app, exception):
    """Write it into the root of the site."""
    if exception is None and app.builder.name == "html":
        links = {
            "index.html": app.config.html_title,
            app.builder.get_target_uri("search"): "Search",
        }
        text = page(app.config.html_title, app.config.html_baseurl or "", links)
        (Path(app.outdir) / "404.html").write_text(text, encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", write_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
