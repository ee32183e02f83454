"""The service behind HTTP: asked only with consent, and a stand-in answers as it would."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
import pytest

from erp_core.adapters.tesseract import Tesseract
from erp_core.adapters.vision_api import VisionApi, chosen, configured
from erp_core.kernel.errors import Unavailable
from erp_core.receipts.ports import Word

PAPER = np.full((40, 90), 255, np.uint8)


class Service(ThreadingHTTPServer):
    """Keeps what it was asked and answers with `answer`."""

    asked: list[dict[str, Any]]
    answer: bytes


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, "key": self.headers["X-Goog-Api-Key"], **body})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), Handler)
    server.asked, server.answer = [], b"{}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def environment(service: Service) -> dict[str, str]:
    url = f"http://127.0.0.1:{service.server_address[1]}"
    return {"BAHI_VISION_URL": url, "BAHI_VISION_KEY": "k", "BAHI_VISION_CONSENT": "yes"}


def test_words_and_where_they_stand(service: Service) -> None:
    corners = [{"x": 3, "y": 4}, {"x": 33, "y": 4}, {"x": 33, "y": 14}, {"x": 3, "y": 14}]
    word = {
        "boundingBox": {"vertices": corners},
        "symbols": [{"text": letter} for letter in "Total"],
        "confidence": 0.9,
    }
    page = {"blocks": [{"paragraphs": [{"words": [word]}]}]}
    service.answer = json.dumps({"responses": [{"fullTextAnnotation": {"pages": [page]}}]}).encode()
    engine = configured(environment(service))
    assert engine is not None
    assert engine.words(PAPER, ("eng", "hin")) == [Word("Total", 3, 4, 30, 10, 0.9, 1, 0)]
    (asked,) = service.asked
    (request,) = asked["requests"]
    assert (asked["path"], asked["key"]) == ("/v1/images:annotate", "k")
    assert request["imageContext"] == {"languageHints": ["en", "hi"]}
    packed = np.frombuffer(b64decode(request["image"]["content"]), np.uint8)
    assert cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).shape == PAPER.shape


def test_an_empty_page_has_no_words(service: Service) -> None:
    service.answer = b'{"responses": [{}]}'
    engine = VisionApi(environment(service)["BAHI_VISION_URL"], "k")
    assert engine.words(PAPER, ("eng",)) == []


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"responses": []}', b'{"error": {"code": 403}}'])
def test_an_answer_that_is_none(service: Service, answer: bytes) -> None:
    service.answer = answer
    with pytest.raises(Unavailable) as refused:
        VisionApi(environment(service)["BAHI_VISION_URL"], "k").words(PAPER, ("eng",))
    assert refused.value.code == "ocr_unavailable"


def test_nobody_there() -> None:
    with pytest.raises(Unavailable):
        VisionApi("http://127.0.0.1:9", "k").words(PAPER, ("eng",))


def test_a_file_is_no_service() -> None:
    with pytest.raises(Unavailable):
        VisionApi("file:///etc/passwd", "k")


@pytest.mark.parametrize("missing", ["BAHI_VISION_URL", "BAHI_VISION_KEY", "BAHI_VISION_CONSENT"])
def test_off_unless_set_up_and_consented(service: Service, missing: str) -> None:
    some = {key: value for key, value in environment(service).items() if key != missing}
    assert configured(some) is None
    assert isinstance(chosen(some), Tesseract)
    assert isinstance(chosen(environment(service)), VisionApi)
