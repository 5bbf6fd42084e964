"""The article of a web page: main text, title, date and language, without the furniture."""

from __future__ import annotations

import codecs
import logging
import re
from dataclasses import dataclass
from typing import Any

from extractor.articles import parse_article
from extractor.errors import InputError
from extractor.records import Article
from extractor.sources.dropped import Dropped

MAX_PAGE = 8 * 1024 * 1024
"""A page of more bytes is dropped; its tree would take a hundred times as much memory."""
NO_TEXT = "no text found"
TOO_LARGE = f"larger than {MAX_PAGE} bytes"
LAST_DAY = "9999-12-31"

# What they warn of (a page that is no article) is told by what comes out; they would write it
# to standard error, across the progress.
for _name in ("trafilatura", "htmldate", "courlan", "charset_normalizer"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was found. `charset` is what the server said; `fetched` (YYYY-MM-DD) is a
    day behind which it cannot have been published."""

    where: str
    id: str
    data: bytes
    url: str | None = None
    charset: str | None = None
    fetched: str = LAST_DAY


def read_page(page: Page) -> Article | InputError | Dropped:
    """The article of a page. Its text is what trafilatura takes for the main text, without
    comments. The language is the one that the page states; the date is one that it marks as
    its own or writes as YYYY-MM-DD, never one of the prose."""
    if len(page.data) > MAX_PAGE:
        return Dropped(page.where, TOO_LARGE)
    try:
        found = _extracted(page)
    except Exception as error:  # a page can break its reader in any way, and must break no more
        name = type(error).__name__
        return InputError(f"{page.where}: the page cannot be read: {name}: {error}", hint=_REPORT)
    if found is None:
        return Dropped(page.where, NO_TEXT)
    try:
        return parse_article(found, where=page.where)
    except InputError as error:
        return error


_REPORT = "does a browser show it?"


def _extracted(page: Page) -> dict[str, Any] | None:
    """The fields of the article; None where there is no text."""
    from trafilatura import bare_extraction, load_html

    tree = load_html(_decoded(page.data, page.charset))
    if tree is None:
        return None
    # `extensive_search` takes the date of any event in the prose, which would move every
    # "on Tuesday"; without a date these stay unresolved, and the record says so.
    dates = {"original_date": True, "extensive_search": False, "max_date": page.fetched}
    document: Any = bare_extraction(
        tree,
        url=page.url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params=dates,
    )
    if document is None or not (document.text or "").strip():
        return None
    outlet = tree.xpath("string(//meta[@property='og:site_name']/@content)").strip()
    return {
        "id": page.id,
        "text": document.text,
        "title": document.title,
        "published": document.date,
        "outlet": outlet or None,
        "language": _language(tree.xpath("string((/html/@lang | /html/@xml:lang)[1])")),
        "url": page.url or document.url,
    }


def _language(stated: str) -> str | None:
    """`en` of `en-GB`."""
    found = re.match(r"\s*([A-Za-z]{2,3})(?![A-Za-z])", stated)
    return found[1].lower() if found else None


def _decoded(data: bytes, charset: str | None) -> str | bytes:
    """The text of a page by what is said of its characters, as browsers do: a mark at the
    beginning, the server, the page. Where that is not so, or nothing is said and it is no
    UTF-8, the bytes, for trafilatura to guess."""
    declared = _META.search(data[:2048])
    labels = [charset, declared[1].decode("ascii") if declared else None, "utf-8"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        labels.insert(0, "utf-16")
    for label in labels:
        try:
            if label:
                return data.decode(_WEB_NAMES.get(label.lower(), label))
        except (UnicodeDecodeError, LookupError):
            continue
    return data


_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.I)
_WEB_NAMES = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    # On the web these mean the superset of Windows, whose quotation marks pages use.
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "gb2312": "gb18030",
}
