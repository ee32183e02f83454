"""How well counts, orders and rates are read from pictures: `python -m bench.slips --each 2`.

Draws slips of goods with counts in four faces, straight or as if by hand (each letter a little out
of its place, the sheet askew), damages them as bench._damage does, and reads them as the reader
does. Nothing here was written by a hand: real handwriting is read worse than these.

The last line is one JSON object: by face and by damage the share of lines that are right, that are
left out to be asked, and that are wrong without being asked, which is the worst outcome.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench._damage import DAMAGES, damaged
from erp_core.adapters.tesseract import Tesseract, is_installed
from erp_core.kernel.matching import NameIndex, search_key
from erp_core.slips.page import Line
from erp_core.slips.reading import read_slip

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FACES = {
    "print": ("DejaVuSans.ttf", False),
    "slanted": ("DejaVuSerif-Italic.ttf", False),
    "hand": ("DejaVuSans-Oblique.ttf", True),
    "typewriter by hand": ("DejaVuSansMono.ttf", True),
}
GOODS = (
    "Maggi", "Parle G", "Tata Salt", "Toor Dal", "Chini", "Surf Excel 1kg", "Amul Butter 100g",
    "Lux", "Colgate 200g", "Britannia Bread", "Aashirvaad Atta 5kg", "Red Label Chai", "Besan",
    "Fortune Oil 1L", "Good Day", "Kissan Jam", "Haldi", "Dettol", "Vim Bar", "Clinic Plus",
)  # fmt: skip
UNITS = ("", "", "", " pkt", " kg", " pcs")
LINES = 10
CERTAIN = 85.0


@dataclass(frozen=True)
class Written:
    """One line as it stands on the slip."""

    name: str
    quantity: int
    unit: str

    @property
    def row(self) -> str:
        """As somebody writes it."""
        return f"{self.name}  {self.quantity}{self.unit}"


def main() -> None:
    """Draw, damage, read, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=1, help="slips of each face and damage")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--damages", nargs="*", default=list(DAMAGES), choices=list(DAMAGES))
    parser.add_argument("--quick", action="store_true", help="one slip of each face, undamaged")
    asked = parser.parse_args()
    if asked.quick:
        asked.each, asked.damages = 1, ["none"]
    if not is_installed():
        print(json.dumps({"bench": "slips", "skipped": "there is no Tesseract"}))
        return
    by_face: dict[str, Counter[str]] = {face: Counter() for face in FACES}
    by_damage: dict[str, Counter[str]] = {damage: Counter() for damage in asked.damages}
    seconds: list[float] = []
    for face, damage, written, data in slips(asked.each, asked.seed, asked.damages):
        began = time.perf_counter()
        read = read_slip(data, engine=Tesseract(), wanted="count").lines
        seconds.append(time.perf_counter() - began)
        counts = judged(written, read)
        by_face[face] += counts
        by_damage[damage] += counts
    total: Counter[str] = sum(by_face.values(), Counter())
    told = {
        "bench": "slips",
        "slips": len(seconds),
        "lines": shares(total),
        "faces": {face: shares(counts) for face, counts in by_face.items()},
        "damages": {damage: shares(counts) for damage, counts in by_damage.items()},
        "seconds_median": round(median(seconds), 2),
    }
    print(json.dumps(told))


def slips(
    each: int, seed: int, damages: Sequence[str]
) -> Iterator[tuple[str, str, list[Written], bytes]]:
    """(face, damage, what is written, the picture)."""
    for face in FACES:
        for damage in damages:
            for number in range(each):
                chance = random.Random(f"{seed} {face} {damage} {number}")
                written = [
                    Written(name, chance.choice((chance.randint(1, 30), chance.randint(31, 250))),
                            chance.choice(UNITS))
                    for name in chance.sample(GOODS, LINES)
                ]  # fmt: skip
                drawn = draw([one.row for one in written], face, chance)
                picture = damaged(drawn, damage, chance.randrange(1 << 30))
                _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
                yield face, damage, written, packed.tobytes()


def draw(rows: Sequence[str], face: str, chance: random.Random) -> Any:
    """The rows on paper, grey."""
    file, by_hand = FACES[face]
    font = ImageFont.truetype(str(FONTS / file), 44)
    sheet = Image.new("L", (1000, 120 + 78 * len(rows)), 246)
    pen = ImageDraw.Draw(sheet)
    for at, row in enumerate(["Stock ginti", *rows]):
        left = 60.0
        for letter in row:
            up, along = (chance.randint(-3, 3), chance.randint(-1, 2)) if by_hand else (0, 0)
            pen.text((left + along, 30 + 76 * at + up), letter, fill=40, font=font)
            left += font.getlength(letter) + along
    return np.asarray(sheet)


def judged(written: Sequence[Written], read: Sequence[Line]) -> Counter[str]:
    """How many lines are right, wrong and not asked, left out, or not seen at all."""
    index = NameIndex((search_key(name), name) for name in GOODS)
    left = {one.name: one for one in written}
    counts: Counter[str] = Counter(lines=len(written))
    for line in read:
        found = [one for one in index.rank(search_key(line.text), limit=3) if one.score >= CERTAIN]
        if not line.sure or len(found) != 1:
            continue
        meant = left.pop(found[0].item, None)
        counts["right" if meant is not None and _same(meant, line) else "wrong"] += 1
    counts["left_out"] = len(written) - counts["right"] - counts["wrong"]
    return counts


def _same(written: Written, line: Line) -> bool:
    units = {"": None, " pkt": "packet", " kg": "kg", " pcs": "piece"}
    return line.quantity == written.quantity and line.unit == units[written.unit]


def shares(counts: Counter[str]) -> dict[str, float]:
    """Of all lines, rounded to a thousandth."""
    lines = max(1, counts["lines"])
    return {one: round(counts[one] / lines, 3) for one in ("right", "left_out", "wrong")}


if __name__ == "__main__":
    main()
