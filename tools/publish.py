"""Copy the built website to where it is served: ``python -m tools.publish [FOLDER | HOST:FOLDER]``.

Every link of every page is followed first, as a browser would below the address of a folder. A link
from the root of a server, such as ``/book``, would work on the machine of its author alone.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
NOT_PAGES = "_static"  # pieces of the theme, which no reader opens


class Links(HTMLParser):
    """The anchors of a page, and the addresses it points to."""

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self.anchors = {""}
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember anchors and addresses of one element."""
        attributes = dict(attrs)
        self.anchors.update(attributes[key] or "" for key in ("id", "name") if key in attributes)
        self.addresses += [attributes[key] or "" for key in ("href", "src") if key in attributes]


def read_pages(site: Path) -> dict[Path, Links]:
    """Read the links of all pages."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        if NOT_PAGES not in path.relative_to(site).parts:
            pages[path.resolve()] = links = Links()
            links.feed(path.read_text(encoding="utf-8"))
    return pages


def fault_of(address: str, path: Path, site: Path, pages: dict[Path, Links]) -> str | None:
    """Say what is wrong with an address on a page, or None."""
    url = urlsplit(address)
    if url.scheme or url.netloc:
        return None
    if url.path.startswith("/"):
        return "begins at the root of the server"
    target = (path.parent / unquote(url.path)).resolve() if url.path else path
    if not target.is_relative_to(site):
        return "leads out of the site"
    if not target.exists():
        return "leads nowhere"
    if target in pages and unquote(url.fragment) not in pages[target].anchors:
        return "has no such anchor"
    return None


def faults(site: Path) -> list[str]:
    """Follow every link of a site; return what is wrong."""
    site = site.resolve()
    pages = read_pages(site)
    found = []
    for path, links in pages.items():
        for address in dict.fromkeys(links.addresses):
            if fault := fault_of(address, path, site, pages):
                found.append(f"{path.relative_to(site)}: {address} {fault}")
    return found


def copy(site: Path, target: str) -> None:
    """Copy the files to a folder, here or on another machine; what was removed is removed there."""
    host, colon, _ = target.partition(":")
    if colon and "/" not in host and len(host) > 1:  # C: is a drive
        subprocess.run(["rsync", "--recursive", "--delete", f"{site}/", f"{target}/"], check=True)
        return
    folder = Path(target).resolve()
    if site.resolve().is_relative_to(folder):
        raise SystemExit(f"{folder} holds what is to be copied; name another folder.")
    if folder.exists() and any(folder.iterdir()) and not (folder / "searchindex.js").exists():
        raise SystemExit(f"{folder} holds something else than this website; name another folder.")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(site, folder)


def main(arguments: list[str]) -> int:
    """Check the website, and copy it if a target is named."""
    if not (SITE / "searchindex.js").is_file():
        print("There is no website yet: run `make book` first.", file=sys.stderr)
        return 1
    if found := faults(SITE):
        print("\n".join(found), file=sys.stderr)
        return 1
    print("All links of all pages lead somewhere, below any address.")
    for target in arguments:
        copy(SITE, target)
        print(f"The course is in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
