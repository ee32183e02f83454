"""Letters as outlines: matplotlib does not shape text, and Devanagari unshaped is unreadable.

HarfBuzz shapes each run of one script by itself; what comes out is a path, which also keeps
the picture free of whatever fonts a machine happens to have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path as FilePath

import uharfbuzz as hb
from matplotlib.path import Path

import erp_core.invoicing

_FONTS = FilePath(erp_core.invoicing.__file__).parent / "fonts"
_DEVANAGARI = range(0x0900, 0x0980)


@dataclass(frozen=True)
class Lettering:
    """A line of text as an outline that starts at (0, 0), `width` wide at a size of 1."""

    path: Path
    width: float


@lru_cache(maxsize=512)
def lettering(text: str, *, bold: bool = False) -> Lettering:
    """The outline of a line of Latin and Devanagari text, scaled to a size of 1."""
    vertices: list[tuple[float, float]] = []
    codes: list[int] = []
    x = 0.0
    font, scale = _font(bold)
    for run in _runs(text):
        buffer = hb.Buffer()
        buffer.add_str(run)
        buffer.guess_segment_properties()
        hb.shape(font, buffer)
        for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            pen = _Pen(x + place.x_offset * scale, place.y_offset * scale, scale)
            font.draw_glyph_with_pen(glyph.codepoint, pen)
            vertices += pen.vertices
            codes += pen.codes
            x += place.x_advance * scale
    if not vertices:
        return Lettering(Path([(0.0, 0.0)], [Path.MOVETO]), x)
    return Lettering(Path(vertices, codes), x)


def fit(text: str, *, most: float, size: float, bold: bool = False) -> str:
    """The text, or as much of it as a width holds with dots after it."""
    if lettering(text, bold=bold).width * size <= most:
        return text
    kept = text
    while kept and lettering(f"{kept}…", bold=bold).width * size > most:
        kept = kept[:-1].rstrip()
    return f"{kept}…"


class _Pen:
    """Collects an outline as a chart's path, moved and scaled."""

    def __init__(self, x: float, y: float, scale: float) -> None:
        self.vertices: list[tuple[float, float]] = []
        self.codes: list[int] = []
        self._x, self._y, self._scale = x, y, scale

    def moveTo(self, to: tuple[float, float]) -> None:  # noqa: N802
        self._add(Path.MOVETO, to)

    def lineTo(self, to: tuple[float, float]) -> None:  # noqa: N802
        self._add(Path.LINETO, to)

    def qCurveTo(self, control: tuple[float, float], to: tuple[float, float]) -> None:  # noqa: N802
        self._add(Path.CURVE3, control, to)

    def curveTo(  # noqa: N802
        self,
        first: tuple[float, float],
        second: tuple[float, float],
        to: tuple[float, float],
    ) -> None:
        self._add(Path.CURVE4, first, second, to)

    def closePath(self) -> None:  # noqa: N802
        self.vertices.append((0.0, 0.0))
        self.codes.append(Path.CLOSEPOLY)

    def _add(self, code: int, *points: tuple[float, float]) -> None:
        for x, y in points:
            self.vertices.append((self._x + x * self._scale, self._y + y * self._scale))
            self.codes.append(code)


def _runs(text: str) -> Iterator[str]:
    for _, letters in groupby(text, key=lambda letter: ord(letter) in _DEVANAGARI):
        yield "".join(letters)


@lru_cache(maxsize=2)
def _font(bold: bool) -> tuple[hb.Font, float]:
    name = f"BahiSans-{'Bold' if bold else 'Regular'}.ttf"
    face = hb.Face(hb.Blob.from_file_path(str(_FONTS / name)))
    return hb.Font(face), 1 / face.upem
