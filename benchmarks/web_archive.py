"""Web pages around our own articles, and WARC files of them, written by hand.

    python -m benchmarks.web_archive articles.warc.gz

`make warc-demo` has the embedded model read such a file.
"""

from __future__ import annotations

import argparse
import gzip
import html
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from extractor.articles import read_articles
from extractor.records import Article

CASES = Path(__file__).resolve().parent.parent / "evals" / "articles"


def our_articles() -> list[Article]:
    """The articles that our gold records are about."""
    found = list(read_articles(sorted(CASES.glob("*.json"))))
    return [article for article in found if isinstance(article, Article)]


def web_page(article: Article) -> str:
    """The page that a newspaper might make of an article, with navigation around it."""
    title = html.escape(article.title or "", quote=True)
    paragraphs = "\n".join(f"<p>{html.escape(p)}</p>" for p in article.text.split("\n\n"))
    return f"""<!DOCTYPE html>
<html lang="{article.language or "en"}-XX"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:title" content="{title}">
<meta property="og:site_name" content="The Gazette">
<meta property="article:published_time" content="{article.published}T08:00:00Z">
<script>var tracker = "Subscribe to our newsletter";</script></head>
<body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li>
<li><a href="/subscribe">Subscribe to our newsletter</a></li></ul></nav></header>
<main><article><h1>{title}</h1>
{paragraphs}
</article></main>
<aside><h2>Most read</h2><ul><li><a href="/1">Another story of the day</a></li></ul></aside>
<footer><p>Copyright. All rights reserved. <a href="/cookies">Cookie settings</a></p></footer>
</body></html>
"""


@dataclass(frozen=True)
class Answer:
    """What a server said of a URL, and what the crawler says of that."""

    url: str
    body: bytes
    status: str = "200 OK"
    kind: str = "text/html; charset=utf-8"
    headers: tuple[str, ...] = ()
    warc_headers: tuple[str, ...] = ()
    record: str = "response"
    block_kind: str = "application/http; msgtype=response"

    def to_bytes(self) -> bytes:
        """The record in a WARC file."""
        lines = (f"HTTP/1.1 {self.status}", f"Content-Type: {self.kind}", *self.headers)
        block = "\r\n".join((*lines, "", "")).encode() + self.body
        head = (
            "WARC/1.0",
            f"WARC-Type: {self.record}",
            f"WARC-Target-URI: {self.url}",
            "WARC-Date: 2026-11-01T10:00:00Z",
            "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>",
            f"Content-Type: {self.block_kind}",
            *self.warc_headers,
            f"Content-Length: {len(block)}",
        )
        return "\r\n".join((*head, "", "")).encode() + block + b"\r\n\r\n"


def page_of(article: Article) -> Answer:
    return Answer(f"https://gazette.example/{article.id}", web_page(article).encode())


def warc(answers: Iterable[Answer]) -> bytes:
    return b"".join(answer.to_bytes() for answer in answers)


def warc_gz(answers: Iterable[Answer]) -> bytes:
    """Each record packed by itself, as crawlers do."""
    return b"".join(gzip.compress(answer.to_bytes(), mtime=0) for answer in answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    path: Path = parser.parse_args().path
    articles = our_articles()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(warc_gz(page_of(article) for article in articles))
    print(f"{path}: {len(articles)} pages")


if __name__ == "__main__":
    main()
