"""Paper to write on: fonts, shaped text, lines and fills in millimetres, on top of fpdf2.

Devanagari must be shaped, or its conjuncts fall apart; what is only Latin is not, since shaping
costs time and its text could not be searched in the PDF.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import date, datetime, timezone
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import TextDirection
from fpdf.fonts import SubsetMap, TTFFont

from erp_core.invoicing.embedding import Producer

Style = Literal["", "B"]
Align = Literal["L", "R", "C"]
Colour = tuple[int, int, int]

FONTS = Path(__file__).parent / "fonts"
FAMILY = "BahiSans"
FILES = {"": FONTS / "BahiSans-Regular.ttf", "B": FONTS / "BahiSans-Bold.ttf"}

PAGE_WIDTH = 210.0
PAGE_HEIGHT = 297.0
MARGIN = 14.0
WIDTH = PAGE_WIDTH - 2 * MARGIN

INK: Colour = (33, 33, 33)
GREY: Colour = (110, 110, 110)
RULE: Colour = (214, 210, 206)
WASH: Colour = (249, 246, 243)
WHITE: Colour = (255, 255, 255)
ACCENT: Colour = (146, 28, 36)
"""The red of a bahi's cover."""

SMALLEST = 5.0
"""Points below which text is cut off rather than made smaller."""

_DEVANAGARI = re.compile("[\u0900-\u097f\ua8e0-\ua8ff\u1cd0-\u1cff]")
_INVISIBLE = re.compile("[\u0000-\u001f\u007f\ufe0f]")
_POINT = 25.4 / 72


class _Paper(FPDF):  # type: ignore[misc]
    """fpdf2 without its search for right-to-left text, which Hindi and English have none of: that
    took a fifth of the time of a bill."""

    def _preload_bidirectional_text(self, text: str, markdown: bool) -> Any:
        if self.text_shaping:
            self.text_shaping["paragraph_direction"] = TextDirection.LTR
            self.text_shaping["fragment_direction"] = TextDirection.LTR
        return self._preload_font_styles(text, markdown)


class Sheet:
    """A document in the making, A4 unless another size is given.

    Positions are millimetres from the top left.
    """

    def __init__(
        self,
        *,
        title: str,
        on: date,
        language: str,
        size: tuple[float, float] = (PAGE_WIDTH, PAGE_HEIGHT),
    ) -> None:
        self.pdf = _Paper(unit="mm", format=size)
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(0)
        self.pdf.c_margin = 0
        self.pdf.set_title(title)
        self.pdf.set_creator("Bahi")
        self.pdf.set_producer("Bahi")
        self.pdf.set_lang("hi" if language == "hindi" else "en")
        self.pdf.set_creation_date(datetime(on.year, on.month, on.day, tzinfo=timezone.utc))
        self.pdf.fonts.update({key: _fresh(font) for key, font in _fonts().items()})

    @property
    def pages(self) -> int:
        return int(self.pdf.page)

    def new_page(self) -> None:
        self.pdf.add_page()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        style: Style = "",
        colour: Colour = INK,
        width: float | None = None,
        align: Align = "L",
    ) -> None:
        """Write one line, its top at y; made smaller, if need be, to stay within the width."""
        text = printable(text)
        room = PAGE_WIDTH - x if width is None else width
        with self._font(text, size, style):
            while size > SMALLEST and self.pdf.get_string_width(text) > room:
                size -= 0.5
                self.pdf.set_font_size(size)
            self.pdf.set_text_color(*colour)
            self.pdf.set_xy(x, y)
            self.pdf.cell(room, line_height(size), text, align=align)

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        size: float = 9,
        style: Style = "",
        colour: Colour = INK,
    ) -> float:
        """Write text over as many lines as it needs; where it ends."""
        for line in self.wrap(text, width=width, size=size, style=style):
            self.text(x, y, line, size=size, style=style, colour=colour, width=width)
            y += line_height(size)
        return y

    def wrap(self, text: str, *, width: float, size: float = 9, style: Style = "") -> list[str]:
        """The lines over which a text must run to fit a width."""
        text = printable(text)
        if not text:
            return []
        with self._font(text, size, style):
            if self.pdf.get_string_width(text) <= width:
                return [text]
            return self._broken(text.split(" "), width)

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""
        self.pdf.set_fill_color(*colour)
        self.pdf.rect(x, y, width, height, style="F")

    def rule(
        self, y: float, *, x: float = MARGIN, width: float = WIDTH, bold: bool = False
    ) -> None:
        """A horizontal line."""
        self.pdf.set_draw_color(*(INK if bold else RULE))
        self.pdf.set_line_width(0.35 if bold else 0.2)
        self.pdf.line(x, y, x + width, y)

    def picture(self, x: float, y: float, png: bytes, *, height: float, most_width: float) -> float:
        """A picture as high as given, or as wide as it may be; how high it came out."""
        wide, high = struct.unpack(">II", png[16:24])
        height = min(height, most_width * high / wide)
        self.pdf.image(BytesIO(png), x=x, y=y, h=height)
        return height

    def modules(self, x: float, y: float, size: float, matrix: Sequence[Sequence[int]]) -> None:
        """A QR code as vectors: it stays sharp at any zoom and in print."""
        step = size / len(matrix) * self.pdf.k
        left, top = x * self.pdf.k, (self.pdf.h - y) * self.pdf.k
        self.pdf.set_fill_color(*INK)
        # A hair higher than a row, or some viewers show white lines between rows.
        path = [
            f"{start} {row} {length} 1.04 re"
            for row, cells in enumerate(matrix)
            for start, length in _runs(cells)
        ]
        # One path for all, by modules: a call of fpdf2 for each run took a third of a bill's time.
        grid = f"q {step:.4f} 0 0 {-step:.4f} {left:.2f} {top:.2f} cm"
        colour = str(self.pdf.fill_color.serialize())
        self.pdf._out("\n".join([grid, colour, *path, "f Q"]))

    def stamp(self, text: str, *, colour: Colour) -> None:
        """Large faint letters across the page, under what is written next."""
        with self.pdf.local_context(fill_opacity=0.12), self.pdf.rotation(35, 105, 150):
            self.text(15, 135, text, size=80, style="B", colour=colour, width=180, align="C")

    def on_each_page(self) -> Iterator[int]:
        """Go through the pages again, to write what needs to know how many there are."""
        for number in range(1, self.pages + 1):
            self.pdf.page = number
            self.pdf.current_font_is_set_on_page = False
            yield number

    def output(self) -> bytes:
        return bytes(self.pdf.output(output_producer_class=Producer))

    def _broken(self, words: Sequence[str], width: float) -> list[str]:
        lines = [""]
        for word in words:
            longer = f"{lines[-1]} {word}".strip()
            if self.pdf.get_string_width(longer) <= width:
                lines[-1] = longer
            else:
                *full, rest = self._chopped(word, width)
                lines = [*lines, *full, rest] if lines[-1] else [*full, rest]
        return lines

    def _chopped(self, word: str, width: float) -> list[str]:
        pieces = [""]
        for letter in word:
            if pieces[-1] and self.pdf.get_string_width(pieces[-1] + letter) > width:
                pieces.append("")
            pieces[-1] += letter
        return pieces

    @contextmanager
    def _font(self, text: str, size: float, style: Style) -> Iterator[None]:
        self.pdf.set_font(FAMILY, style, size)
        if not _DEVANAGARI.search(text):
            yield
            return
        self.pdf.set_text_shaping(True, script="deva", language="hin")
        yield
        self.pdf.set_text_shaping(False)


def line_height(size: float) -> float:
    """The height of a line of text of a size in points, in millimetres."""
    return size * _POINT * 1.36


def printable(text: str) -> str:
    """The text with what our font cannot write replaced; fpdf2 would log it letter by letter."""
    known = _letters()
    visible = _INVISIBLE.sub(" ", text)
    return "".join(letter if ord(letter) in known else "?" for letter in visible)


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    with TTFont(FILES[""], lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=1)
def _fonts() -> dict[str, TTFFont]:
    """Our fonts, read once: to read them for each bill took a fifth of its time."""
    pdf = FPDF()
    for style, file in FILES.items():
        pdf.add_font(FAMILY, style, file)
    fonts = {key: font for key, font in pdf.fonts.items() if isinstance(font, TTFFont)}
    for font in fonts.values():
        # What shaping asks of a font is read now, since documents of several threads share it.
        font.ttfont.getGlyphName(0), font.ttfont["hmtx"].metrics
    return fonts


def _fresh(font: TTFFont) -> TTFFont:
    """A font for one document: what a document changes of it is its own."""
    fresh = copy(font)
    fresh.desc = copy(font.desc)
    fresh.missing_glyphs = []
    fresh._hbfont = None
    fresh.subset = SubsetMap(fresh)
    return fresh


def _runs(cells: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules stand side by side: (first, how many)."""
    start = None
    for index, dark in enumerate([*cells, 0]):
        if dark and start is None:
            start = index
        elif not dark and start is not None:
            yield start, index - start
            start = None
