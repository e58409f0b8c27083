"""Code on the website: letters in their colors, comments that a phone can show.

What has a letter has its color in code as well: exact names, never within strings or comments. A
comment behind code is wrapped together with the space before it and the end of its line, so that
a style sheet can put it below the code where lines are short. What is copied stays the same.
"""

import re
from html import unescape

from cnnlab.palette import LETTERS

NAME = re.compile(rf'<span class="n">(d?(?:{"|".join(LETTERS)}))</span>')
BLOCK = re.compile(r'(<div class="highlight"><pre>)(.*?)(</pre>)', re.DOTALL)
COMMENT = re.compile(
    r'^(?P<code>.*\S.*?)(?P<space>(?:[ ]|<span class="w">[ ]+</span>)*)'
    r'(?P<comment><span class="c1">[^<]*</span>)\n',
    re.MULTILINE,
)
TAG = re.compile(r"<[^>]*>")
PHONE = 42  # characters in a line there


def listings(html):
    """Mark letters and comments in the code of a page."""
    html = NAME.sub(r'<span class="n letter-\1">\1</span>', html)
    return BLOCK.sub(lambda found: found[1] + COMMENT.sub(beside, found[2]) + found[3], html)


def beside(found):
    """Wrap a comment that stands behind code, if a phone is too narrow for its line."""
    line = unescape(TAG.sub("", found[0])).rstrip("\n")
    if len(line) <= PHONE or not TAG.sub("", found["code"]).strip():
        return found[0]
    indent = len(line) - len(line.lstrip(" "))
    style = f' style="--indent: {indent}ch"' if indent else ""
    return f'{found["code"]}<span class="beside"{style}>{found["space"]}{found["comment"]}\n</span>'


def mark_listings(app, pagename, templatename, context, doctree):
    """Do so in each page."""
    if "body" in context:
        context["body"] = listings(context["body"])


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", mark_listings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
