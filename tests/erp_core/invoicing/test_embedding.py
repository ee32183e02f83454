"""A font of few letters, as fontTools and FreeType read it: the same outlines and widths."""

from __future__ import annotations

from io import BytesIO

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from erp_core.invoicing.embedding import _parts, outlines_of
from erp_core.invoicing.sheet import FILES


def drawing(font, name):
    pen = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(pen)
    return pen.value


@pytest.mark.parametrize("style", FILES)
def test_every_letter_keeps_its_outline_and_width(style):
    whole = TTFont(FILES[style])
    every = range(whole["maxp"].numGlyphs)
    for first in range(0, len(every), 97):
        letters = list(every[first : first + 97])
        data, numbers = outlines_of(FILES[style]).subset(letters)
        part = TTFont(BytesIO(data))
        names = part.getGlyphOrder()
        for letter in letters:
            before, after = whole.getGlyphName(letter), names[numbers[letter]]
            assert drawing(part, after) == drawing(whole, before)
            assert part["hmtx"][after] == whole["hmtx"][before]


def test_a_letter_brings_what_it_is_put_together_of():
    outlines = outlines_of(FILES[""])
    composed = next(
        letter for letter in range(len(outlines.metrics)) if _parts(outlines.outline(letter))
    )
    _, numbers = outlines.subset([composed])
    parts = {part for _, part in _parts(outlines.outline(composed))}
    assert {0, composed, *parts} <= set(numbers)


def test_freetype_opens_it():
    data, _ = outlines_of(FILES[""]).subset(range(20, 60))
    font = ImageFont.truetype(BytesIO(data), 20, layout_engine=ImageFont.Layout.BASIC)
    ImageDraw.Draw(Image.new("L", (50, 30))).text((2, 2), "A", font=font, fill=255)


def test_nothing_used_is_still_a_font():
    data, numbers = outlines_of(FILES[""]).subset([])
    assert numbers == {0: 0}
    assert TTFont(BytesIO(data))["maxp"].numGlyphs == 1
