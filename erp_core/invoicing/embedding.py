"""Putting our fonts into a PDF: only the letters that it uses, taken out of the font by hand.

fpdf2 has fontTools take them out, which reads and writes the whole font again for each document and
took a third of the time of a bill. Our fonts are plain TrueType without hints: a letter's outline
is a run of bytes in `glyf`, and a font of fewer letters is those runs under new numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf.fonts import TTFFont
from fpdf.output import (
    CIDSystemInfo,
    OutputProducer,
    PDFContentStream,
    PDFFont,
    PDFFontStream,
)
from fpdf.syntax import Name, PDFArray

COPIED = ("head", "hhea", "maxp")
NAME = "MPDFAA+"

_WORDS, _SCALE, _TWO_SCALES, _MATRIX, _MORE = 0x0001, 0x0008, 0x0040, 0x0080, 0x0020
"""Flags of a part of a letter that is put together of others."""

CMAP = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}endcmap
CMapName currentdict /CMap defineresource pop
end
end"""
LARGEST_BLOCK = 100


@dataclass(frozen=True)
class Outlines:
    """A font's tables as they stand in its file, and where each outline begins."""

    copied: Mapping[str, bytes]
    outlines: bytes
    places: Sequence[int]
    metrics: Sequence[tuple[int, int]]

    def outline(self, letter: int) -> bytes:
        """The bytes of a letter's outline; none for a space."""
        return self.outlines[self.places[letter] : self.places[letter + 1]]

    def subset(self, letters: Iterable[int]) -> tuple[bytes, dict[int, int]]:
        """A font of these letters and of what they are put together of, and their new numbers."""
        kept = [0]
        seen = {0}
        waiting = sorted(set(letters))
        while waiting:
            letter = waiting.pop(0)
            if letter not in seen:
                seen.add(letter)
                kept.append(letter)
                waiting += [part for _, part in _parts(self.outline(letter))]
        numbers = {letter: number for number, letter in enumerate(kept)}
        places, body = [0], bytearray()
        for letter in kept:
            body += _renumbered(self.outline(letter), numbers)
            body += b"\0" * (-len(body) % 4)
            places.append(len(body))
        metrics = b"".join(struct.pack(">Hh", *self.metrics[letter]) for letter in kept)
        tables = {
            "glyf": bytes(body),
            "head": self.copied["head"][:50] + struct.pack(">hh", 1, 0),
            "hhea": self.copied["hhea"][:34] + struct.pack(">H", len(kept)),
            "hmtx": metrics,
            "loca": struct.pack(f">{len(places)}L", *places),
            "maxp": self.copied["maxp"][:4]
            + struct.pack(">H", len(kept))
            + self.copied["maxp"][6:],
        }
        return _file(tables), numbers


@lru_cache(maxsize=4)
def outlines_of(file: str | Path) -> Outlines:
    """The outlines of a font file, read once."""
    with TTFont(file, lazy=True) as font:
        reader, metrics = font.reader, font["hmtx"].metrics
        order = font.getGlyphOrder()
        return Outlines(
            copied={tag: reader[tag] for tag in COPIED},
            outlines=reader["glyf"],
            places=list(font["loca"]),
            metrics=[metrics[name] for name in order],
        )


class Producer(OutputProducer):  # type: ignore[misc]
    """fpdf2's writer of PDFs, with our own way to put fonts in."""

    def _add_fonts(self, *_: Any) -> dict[int, PDFFont]:
        fonts = sorted(self.fpdf.fonts.values(), key=lambda font: int(font.i))
        return {font.i: self._embedded(font) for font in fonts}

    def _embedded(self, font: TTFFont) -> PDFFont:
        used = [(glyph, code) for glyph, code in font.subset.items() if glyph is not None]
        letters = {
            code: 0 if glyph.glyph_name == ".notdef" else glyph.glyph_id for glyph, code in used
        }
        data, numbers = outlines_of(font.ttffile).subset(letters.values())
        name = f"{NAME}{font.name}"
        whole = PDFFont(subtype="Type0", base_font=name, encoding="Identity-H")
        self._add_pdf_obj(whole, "fonts")
        widths = {code: glyph.glyph_width for glyph, code in used}
        part = PDFFont(
            subtype="CIDFontType2",
            base_font=name,
            d_w=font.desc.missing_width,
            w=_widths(widths),
        )
        self._add_pdf_obj(part, "fonts")
        whole.descendant_fonts = PDFArray([part])
        whole.to_unicode = self._stream(_to_unicode(used))
        part.c_i_d_system_info = CIDSystemInfo()
        self._add_pdf_obj(part.c_i_d_system_info, "fonts")
        part.font_descriptor = font.desc
        font.desc.font_name = Name(name)
        self._add_pdf_obj(font.desc, "fonts")
        part.c_i_d_to_g_i_d_map = self._stream(
            _map({code: numbers[letter] for code, letter in letters.items()})
        )
        file = PDFFontStream(contents=data)
        self._add_pdf_obj(file, "fonts")
        font.desc.font_file2 = file
        return whole

    def _stream(self, content: bytes) -> PDFContentStream:
        stream = PDFContentStream(contents=content, compress=True)
        self._add_pdf_obj(stream, "fonts")
        return stream


def _widths(widths: Mapping[int, int]) -> str:
    """Widths by code, a list for each run of codes."""
    runs: list[tuple[int, list[int]]] = []
    for code, width in sorted(widths.items()):
        if runs and runs[-1][0] + len(runs[-1][1]) == code:
            runs[-1][1].append(width)
        else:
            runs.append((code, [width]))
    inside = " ".join(f"{first} [{' '.join(map(str, run))}]" for first, run in runs)
    return f"[{inside}]"


def _to_unicode(used: Iterable[tuple[Any, int]]) -> bytes:
    """What each code stands for, so that the text can be searched and copied."""
    rows = [
        f"<{code:04X}> <{''.join(map(chr, glyph.unicode)).encode('utf-16-be').hex().upper()}>\n"
        for glyph, code in used
        if isinstance(glyph.unicode, tuple) and glyph.unicode
    ]
    blocks = [
        f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n"
        for block in (
            rows[start : start + LARGEST_BLOCK] for start in range(0, len(rows), LARGEST_BLOCK)
        )
    ]
    return CMAP.format(blocks="".join(blocks)).encode("latin-1")


def _map(numbers: Mapping[int, int]) -> bytes:
    """Each code's letter, two bytes for a code, as far as there are codes."""
    row = [0] * (max(numbers) + 1)
    for code, number in numbers.items():
        row[code] = number
    return struct.pack(f">{len(row)}H", *row)


def _parts(outline: bytes) -> list[tuple[int, int]]:
    """Where in an outline the numbers of other letters stand, and which."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    found, at = [], 10
    while True:
        flags, letter = struct.unpack_from(">HH", outline, at)
        found.append((at + 2, letter))
        at += 8 if flags & _WORDS else 6
        if flags & _SCALE:
            at += 2
        elif flags & _TWO_SCALES:
            at += 4
        elif flags & _MATRIX:
            at += 8
        if not flags & _MORE:
            return found


def _renumbered(outline: bytes, numbers: Mapping[int, int]) -> bytes:
    parts = _parts(outline)
    if not parts:
        return outline
    changed = bytearray(outline)
    for at, letter in parts:
        struct.pack_into(">H", changed, at, numbers[letter])
    return bytes(changed)


def _file(tables: Mapping[str, bytes]) -> bytes:
    """A font file of these tables."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    head = struct.pack(
        ">LHHHH", 0x00010000, count, power * 16, power.bit_length() - 1, (count - power) * 16
    )
    rows, body, at = [], [], 12 + 16 * count
    for tag, data in sorted(tables.items()):
        padded = data + b"\0" * (-len(data) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        rows.append(struct.pack(">4sLLL", tag.encode(), total, at, len(data)))
        body.append(padded)
        at += len(padded)
    return head + b"".join(rows) + b"".join(body)
