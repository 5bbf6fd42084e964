"""What a request brings along."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from fastapi import Request
from starlette.exceptions import HTTPException


def media_type(request: Request) -> str:
    """What the body is said to be, without parameters; JSON when nothing is said."""
    return request.headers.get("content-type", "application/json").split(";")[0].strip().lower()


async def read_body(
    request: Request, *, kinds: Collection[str], most: int, seconds: float
) -> bytes:
    """The body of a request, of one of these media types, at most `most` bytes, within `seconds`.

    What comes after the last byte that may come is not read. Raises `HTTPException` (408, 413,
    415).
    """
    kind = media_type(request)
    if kind not in kinds:
        raise HTTPException(415, f"the body is {kind}; expected {' or '.join(kinds)}")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise HTTPException(413, f"the body is larger than {most} bytes")
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise HTTPException(413, f"the body is larger than {most} bytes")
    except TimeoutError:
        raise HTTPException(408, f"the body did not arrive within {seconds:g} s") from None
    return bytes(body)
