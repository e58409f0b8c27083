"""The look of the website is that of the course: colors and type of `cnnlab/palette.toml`.

Written as a style sheet of custom properties, which all others use: `--cnn-ink`, `--cnn-X`,
`--cnn-dX`, `--cnn-text`.

The fonts of the first screen go into the style sheet that names them: when they come later than the
words, the words move.
"""

import re
from base64 import b64encode
from pathlib import Path

from cnnlab import palette

STYLE_SHEET = "palette.css"
FIRST = re.compile(
    r'url\("(fonts/source-(?:serif-4|sans-3)-latin-(?:wght|opsz)-(?:normal|italic)\.woff2)"\)'
)


def style_sheet():
    """Return the palette as custom properties of both modes."""
    light, dark = map(palette.colors, palette.MODES)
    return "\n".join(
        [
            rule("html", palette.typography() | light),
            rule('html[data-theme="dark"]', dark),
            # Until the theme's script has run, and where no script runs.
            "@media (prefers-color-scheme: dark) {\n"
            + rule('html[data-theme="auto"]', dark)
            + "}\n",
        ]
    )


def rule(where, properties):
    """Write one rule of custom properties."""
    lines = [f"  --cnn-{name}: {value};" for name, value in properties.items()]
    return "\n".join([f"{where} {{", *lines, "}", ""])


def write_style_sheet(app, exception):
    """Put it beside the other style sheets of the site."""
    if exception is None and app.builder.format == "html":
        path = Path(app.outdir) / "_static" / STYLE_SHEET
        path.write_text(style_sheet(), encoding="utf-8")


def embed_fonts(app, exception):
    """Write the fonts of the first screen into the style sheet that names them."""
    if exception is None and app.builder.format == "html":
        static = Path(app.outdir) / "_static"

        def embedded(found):
            font = b64encode((static / found[1]).read_bytes()).decode("ascii")
            return f'url("data:font/woff2;base64,{font}")'

        for sheet in static.glob("*.css"):
            sheet.write_text(FIRST.sub(embedded, sheet.read_text("utf-8")), encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.add_css_file(STYLE_SHEET, priority=150)  # before those that use it
    app.connect("build-finished", write_style_sheet)
    app.connect("build-finished", embed_fonts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
