"""Every link of the built site, followed: to a file that is there and a place that is in it, and to nobody else."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
ELSEWHERE = {"canonical", "next", "prev"}


class Page(HTMLParser):
    """The links of a page, what it fetches by itself, and the places that one can link to."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names."""
        named = {key: value or "" for key, value in attrs}
        self.places |= {named[key] for key in ("id", "name") if key in named}
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        if tag in FETCHED and FETCHED[tag] in named and named.get("rel") not in ELSEWHERE:
            self.fetched.append(named[FETCHED[tag]])


def broken(site: Path) -> list[str]:
    """Return every link that leads nowhere, and everything that a page would fetch from elsewhere."""
    pages = {file: Page(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    found = []
    for file, page in pages.items():
        name = file.relative_to(site)
        found += [f"{name} fetches {url}" for url in page.fetched if _foreign(url)]
        local = [url for url in (*page.links, *page.fetched) if not _foreign(url)]
        found += [
            f"{name} links to {url}"
            for url in dict.fromkeys(local)
            if not _leads(url, file, pages, site)
        ]
    return found


def _foreign(url: str) -> bool:
    return bool(urlsplit(url).netloc) or urlsplit(url).scheme in {"http", "https", "mailto"}


def _leads(url: str, file: Path, pages: dict[Path, Page], site: Path) -> bool:
    parts = urlsplit(url)
    if parts.scheme in {"data", "javascript"}:
        return True
    start = site if parts.path.startswith("/") else file.parent
    target = (start / unquote(parts.path).lstrip("/")).resolve() if parts.path else file
    if target.is_dir():
        target /= "index.html"
    place = unquote(parts.fragment)
    if not place or place == "__top" or target not in pages:
        return target.is_file()
    return place in pages[target].places or "=" in place
