"""What reads words from a picture: Tesseract by itself, a service only where one is set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray


@dataclass(frozen=True)
class Word:
    """A word and where it stands, in pixels of the picture given. `confidence` is 0..1.

    `line` and `block` number the engine's own lines and blocks; a word of another line has another
    (block, line).
    """

    text: str
    left: int
    top: int
    width: int
    height: int
    confidence: float
    line: int
    block: int


class Engine(Protocol):
    """Reads words from a picture."""

    @property
    def name(self) -> str:
        """Short, for reports: "tesseract"."""

    def words(self, image: NDArray[Any], languages: Sequence[str]) -> list[Word]:
        """The words of a picture of 8-bit grey (h, w) or RGB (h, w, 3), in reading order.

        `languages` are ISO 639-2: "eng", "hin". Raises Unavailable("ocr_unavailable") when the
        engine is not there, and Unavailable("ocr_too_slow") past its deadline.
        """
