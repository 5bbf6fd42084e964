"""Articles from web archives (WARC): the pages that were answered, one record after the other."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from extractor.errors import EmptyInput, InputError
from extractor.records import Article
from extractor.sources.dropped import Dropped
from extractor.sources.webpages import LAST_DAY, MAX_PAGE, TOO_LARGE, Page, read_page

if TYPE_CHECKING:
    from fastwarc import WarcRecord

REVISIT = "the same as at an earlier visit"
NOT_HTTP = "not an HTTP response"
NOT_200 = "HTTP status other than 200"
NOT_HTML = "not HTML"
CUT_BY_CRAWLER = "cut short by the crawler"
NOT_UNPACKED = "a content encoding that cannot be undone"

_HTML = ("text/html", "application/xhtml+xml")
_END = b"\r\n\r\n"
_AGAIN = "the records before it were read; fetch the file again"


def read_warc(stream: BinaryIO, where: str) -> Iterator[Article | InputError | Dropped]:
    """The pages of an unpacked WARC file; `where` names it in errors and places.

    Of a page that is no article it is said why. Requests, metadata and the like are no
    pages, and not mentioned. Raises `InputError` where the file is broken or cut off.
    """
    from fastwarc import ArchiveIterator, WarcRecordType

    pages = WarcRecordType.response | WarcRecordType.revisit | WarcRecordType.resource
    watched = _Watched(stream)
    empty = True
    # It would unpack by itself what looks packed, without a limit.
    records = iter(ArchiveIterator(watched, record_types=pages, stream_detect=False))
    while True:
        try:
            record = next(records, None)
        except OSError as error:
            raise InputError(
                f"{where}: broken about byte {watched.tell()}: {error}", hint=_AGAIN
            ) from error
        if record is None:
            break
        empty = False
        yield _page(record, where)
    if watched.tail and watched.tail != _END:
        raise InputError(f"{where}: cut off at byte {watched.tell()}", hint=_AGAIN)
    if empty:
        raise EmptyInput(f"{where}: no page in this archive", hint="is it a WARC file of pages?")


def _page(record: WarcRecord, where: str) -> Article | InputError | Dropped:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    place = f"{where}, byte {record.stream_pos} ({url})"
    if reason := _unwanted(record):
        return Dropped(place, reason)
    data = _read(record.reader, record.content_length)
    if len(data) < record.content_length:
        raise InputError(f"{place}: cut off within the page", hint=_AGAIN)
    plain = _without_codings(data, record.http_headers)
    if plain is None:
        return Dropped(place, NOT_UNPACKED)
    return read_page(
        Page(
            where=place,
            id=url or (record.record_id or ""),
            data=plain,
            url=url or None,
            charset=record.http_charset,
            fetched=_fetched(record),
        )
    )


def _unwanted(record: WarcRecord) -> str | None:
    """Why a record is dropped before its page is read, if it is."""
    from fastwarc import WarcRecordType

    if record.record_type == WarcRecordType.revisit:
        return REVISIT
    if not record.is_http_parsed or record.http_headers.status_code is None:
        return NOT_HTTP
    if record.http_headers.status_code != 200:
        return NOT_200
    if (record.http_content_type or "").lower() not in _HTML:
        return NOT_HTML
    if record.headers.get("WARC-Truncated"):
        return CUT_BY_CRAWLER
    return TOO_LARGE if record.content_length > MAX_PAGE else None


def _fetched(record: WarcRecord) -> str:
    try:
        # One day more, for it may be tomorrow already where the page was written.
        return (record.record_date + timedelta(days=1)).date().isoformat()
    except (OverflowError, TypeError, ValueError):
        return LAST_DAY


def _read(reader: Any, length: int) -> bytes:
    """Up to `length` bytes; a single `read` may give less."""
    parts: list[bytes] = []
    while length > 0 and (part := reader.read(length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _without_codings(data: bytes, headers: Any) -> bytes | None:
    """The page as it was before it was packed for the way; None where that fails.

    Of a page that swells it is the first `MAX_PAGE` bytes and one more.
    """
    content = (headers.get("Content-Encoding") or "").lower().split(",")
    transfer = (headers.get("Transfer-Encoding") or "").lower().split(",")
    for coding in reversed([*content, *transfer]):
        name = coding.strip()
        # Many archives keep the header of a page that they have unpacked.
        if name in ("", "identity") or data.lstrip().startswith(b"<"):
            continue
        try:
            data = _decoded(data, name)
        except (OSError, ValueError, zlib.error):
            return None
    return data


def _decoded(data: bytes, coding: str) -> bytes:
    """Raises `OSError`, `ValueError` or `zlib.error`."""
    from fastwarc.stream_io import BrotliReader, ChunkedReader, ZstdReader

    if coding in ("gzip", "x-gzip", "deflate"):
        packed = zlib.decompressobj(zlib.MAX_WBITS | 32)
        page = packed.decompress(data, MAX_PAGE + 1)
        if not packed.eof and len(page) <= MAX_PAGE:
            raise ValueError("cut off")
        return page
    readers: dict[str, Any] = {"br": BrotliReader, "zstd": ZstdReader, "chunked": ChunkedReader}
    if coding not in readers:
        raise ValueError(coding)
    return _read(readers[coding](io.BytesIO(data)), MAX_PAGE + 1)


class _Watched:
    """A stream of which the last bytes are known: every record of a WARC file ends alike, and
    the library takes the end of a file that was cut off for the end of its record."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        # Of a packed file one step at a time: an error further on would take it all away.
        data: bytes = getattr(self._stream, "read1", self._stream.read)(size)
        self.tail = (self.tail + data[-4:])[-4:]
        return data

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def close(self) -> None:
        """Whoever opened the stream closes it."""
