"""Tesseract on this machine, one thread a picture: many pictures are read beside one another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pytesseract
from numpy.typing import NDArray

from erp_core.kernel.errors import Unavailable
from erp_core.receipts.ports import Word

SECONDS = 12.0
PAGE = 6
"""Page segmentation: one block of text, so that rows stay whole across empty columns."""

# More threads make one picture hardly faster and all others slower.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")


class Tesseract:
    """The engine that needs nothing but Debian's tesseract-ocr and tesseract-ocr-hin."""

    name = "tesseract"

    def __init__(self, *, page: int = PAGE, seconds: float = SECONDS) -> None:
        self._page = page
        self._seconds = seconds

    def words(
        self, image: NDArray[Any], languages: Sequence[str], *, page: int | None = None
    ) -> list[Word]:
        """The words of a picture; a language that is not installed is left out."""
        known = installed_languages()
        wanted = [language for language in languages if language in known]
        if not wanted:
            raise Unavailable("ocr_unavailable")
        try:
            found = pytesseract.image_to_data(
                image,
                lang="+".join(wanted),
                config=f"--psm {page or self._page} -c tessedit_do_invert=0",
                output_type=pytesseract.Output.DICT,
                timeout=self._seconds,
            )
        except pytesseract.TesseractError:
            raise Unavailable("ocr_failed") from None
        except RuntimeError:
            raise Unavailable("ocr_too_slow") from None
        return _words(found)


def is_installed() -> bool:
    """Whether Tesseract can be run here."""
    return shutil.which("tesseract") is not None


def installed_languages() -> frozenset[str]:
    """The languages that Tesseract can read here; empty where there is none yet."""
    return _languages() if is_installed() else frozenset()


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    return frozenset(pytesseract.get_languages())


def _words(found: dict[str, list[Any]]) -> list[Word]:
    words = []
    for at, text in enumerate(found["text"]):
        if not text.strip():
            continue
        words.append(
            Word(
                text=text.strip(),
                left=int(found["left"][at]),
                top=int(found["top"][at]),
                width=int(found["width"][at]),
                height=int(found["height"][at]),
                confidence=max(0.0, float(found["conf"][at]) / 100),
                line=int(found["par_num"][at]) * 1000 + int(found["line_num"][at]),
                block=int(found["block_num"][at]),
            )
        )
    return words
