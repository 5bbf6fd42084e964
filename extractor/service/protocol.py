"""What is no HTTP gets a problem document too, though no route ever sees it."""

from __future__ import annotations

import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from extractor.service.pages import HEADERS
from extractor.service.problems import MEDIA_TYPE


class Strict(HttpToolsProtocol):
    """uvicorn's protocol, whose own answer to what it cannot read is a line of text."""

    def send_400_response(self, msg: str) -> None:
        """Answers, and closes the connection: where the next request begins is not known."""
        told = {
            "type": "urn:extractor:problem:http",
            "title": "Bad Request",
            "status": 400,
            "detail": "the request is not well-formed HTTP, or its head is too long",
        }
        body = json.dumps(told).encode()
        headers = {
            **HEADERS,
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{head}\r\n".encode() + body)
        self.transport.close()
