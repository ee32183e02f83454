"""Make Bahi Sans, the family that bills and charts are set in, from four Noto fonts.

    python scripts/make_fonts.py FOLDER_WITH_NOTO_FONTS

Devanagari and Latin in one file mean that a PDF embeds two fonts and not four, and that a line may
mix the scripts freely. Hinting is left out: nothing that reads a PDF today needs it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter, load_font, parse_unicodes, save_font
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parents[1] / "erp_core" / "invoicing" / "fonts"
STYLES = ("Regular", "Bold")

LATIN = parse_unicodes("20-7E,A0-17F,2010-2015,2018-201E,2020-2022,2026,20B9,2116,2122")
DEVANAGARI = parse_unicodes("900-97F,200C,200D,25CC")

ASCENT, DESCENT = 1069, -293
"""Those of Noto Sans, so that a line is as high with Devanagari in it as without."""

NAMES_TO_REPLACE = (1, 3, 4, 6, 16, 17, 21, 22)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("noto", type=Path, help="folder that holds NotoSans-Regular.ttf and others")
    noto = parser.parse_args().noto
    for style in STYLES:
        parts = [
            cut(noto / f"NotoSans-{style}.ttf", LATIN, layout=False),
            cut(noto / f"NotoSansDevanagari-{style}.ttf", DEVANAGARI, layout=True),
        ]
        font = Merger().merge([str(part) for part in parts])
        rename(font, style)
        font["hhea"].ascent = font["OS/2"].sTypoAscender = font["OS/2"].usWinAscent = ASCENT
        font["hhea"].descent = DESCENT
        font.save(TARGET / f"BahiSans-{style}.ttf")
        for part in parts:
            part.unlink()


def cut(source: Path, unicodes: list[int], *, layout: bool) -> Path:
    """A font with these letters only; without layout its letters are not shaped or kerned."""
    options = Options()
    options.hinting = False
    options.name_IDs = ["*"]
    options.layout_features = ["*"] if layout else []
    if not layout:
        options.drop_tables += ["GDEF", "GPOS", "GSUB"]
    font = load_font(str(source), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)
    part = TARGET / f".{source.name}"
    save_font(font, str(part), options)
    return part


def rename(font: TTFont, style: str) -> None:
    names = font["name"]
    for name_id in NAMES_TO_REPLACE:
        names.removeNames(nameID=name_id)
    for name_id, text in (
        (1, "Bahi Sans"),
        (2, style),
        (3, f"1.0;BahiSans-{style}"),
        (4, f"Bahi Sans {style}"),
        (6, f"BahiSans-{style}"),
    ):
        names.setName(text, name_id, 3, 1, 0x409)


if __name__ == "__main__":
    main()
