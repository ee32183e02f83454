"""An engine of words behind HTTP, in the form of Google's Cloud Vision `images:annotate`.

Off unless BAHI_VISION_URL and BAHI_VISION_KEY are set and BAHI_VISION_CONSENT is "yes": pictures of
bills then leave this machine.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import cv2
from numpy.typing import NDArray

from erp_core.adapters.tesseract import Tesseract
from erp_core.kernel.errors import Unavailable
from erp_core.receipts.ports import Engine, Word

SECONDS = 10.0
LARGEST_ANSWER = 8_000_000
HINTS = {"eng": "en", "hin": "hi"}
ALLOWED = ("http://", "https://")


class VisionApi:
    """Words from a service; one request a picture."""

    name = "vision_api"

    def __init__(self, url: str, key: str, *, seconds: float = SECONDS) -> None:
        if not url.startswith(ALLOWED):
            raise Unavailable("ocr_unavailable")
        self._url = f"{url.rstrip('/')}/v1/images:annotate"
        self._key = key
        self._seconds = seconds

    def words(self, image: NDArray[Any], languages: Sequence[str]) -> list[Word]:
        """The words as the service found them. Raises Unavailable("ocr_unavailable")."""
        body = json.dumps(_question(image, languages)).encode()
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self._url,
            data=body,
            headers={"Content-Type": "application/json", "X-Goog-Api-Key": self._key},
        )
        try:
            with urllib.request.urlopen(request, timeout=self._seconds) as answer:  # noqa: S310
                told = json.loads(answer.read(LARGEST_ANSWER))
            return list(_words(told["responses"][0]))
        except TimeoutError:
            raise Unavailable("ocr_too_slow") from None
        except (urllib.error.URLError, OSError, ValueError, LookupError, TypeError):
            raise Unavailable("ocr_unavailable") from None


def configured(environ: Mapping[str, str] = os.environ) -> VisionApi | None:
    """The service that is set up and consented to, or None."""
    url, key = environ.get("BAHI_VISION_URL"), environ.get("BAHI_VISION_KEY")
    if not (url and key and environ.get("BAHI_VISION_CONSENT") == "yes"):
        return None
    return VisionApi(url, key)


def chosen(environ: Mapping[str, str] = os.environ) -> Engine:
    """The engine to read bills with: the service where it is set up, else Tesseract."""
    return configured(environ) or Tesseract()


def _question(image: NDArray[Any], languages: Sequence[str]) -> dict[str, Any]:
    shown = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    _, packed = cv2.imencode(".png", shown)
    return {
        "requests": [
            {
                "image": {"content": b64encode(packed.tobytes()).decode()},
                "features": [{"type": "DOCUMENT_TEXT_DETECTION"}],
                "imageContext": {"languageHints": [HINTS.get(one, one) for one in languages]},
            }
        ]
    }


def _words(told: Mapping[str, Any]) -> Iterator[Word]:
    """Paragraphs of the service count as lines; rows are found from where the words stand."""
    line = 0
    for page in told.get("fullTextAnnotation", {}).get("pages", ()):
        for block_number, block in enumerate(page.get("blocks", ())):
            for paragraph in block.get("paragraphs", ()):
                for word in paragraph.get("words", ()):
                    line += 1
                    yield _word(word, line, block_number)


def _word(word: Mapping[str, Any], line: int, block: int) -> Word:
    """A line of its own for each: a paragraph of the service may be several rows."""
    corners = word["boundingBox"]["vertices"]
    xs = [int(corner.get("x", 0)) for corner in corners]
    ys = [int(corner.get("y", 0)) for corner in corners]
    return Word(
        text="".join(symbol["text"] for symbol in word["symbols"]),
        left=min(xs),
        top=min(ys),
        width=max(xs) - min(xs),
        height=max(ys) - min(ys),
        confidence=float(word.get("confidence", 0.9)),
        line=line,
        block=block,
    )
