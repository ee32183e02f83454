"""Draw made-up Indian bills with their labels into a folder: for measuring, tests and training.

    python scripts/make_bills.py FOLDER [--each 2] [--seed 1] [--kinds petrol] [--damages none]

Of every kind and every damage so many; the same seed draws the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    from bench._bills import KINDS
    from bench._damage import DAMAGES

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--damages", default=",".join(DAMAGES))
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 20))
    options = parser.parse_args()
    made = make(
        options.folder,
        each=options.each,
        seed=options.seed,
        kinds=options.kinds.split(","),
        damages=options.damages.split(","),
        today=options.today,
    )
    print(f"{made} bills in {options.folder}.")


def make(
    folder: Path,
    *,
    each: int,
    seed: int,
    kinds: Sequence[str],
    damages: Sequence[str],
    today: date,
) -> int:
    """Write NAME.jpg and NAME.json for each; how many were made."""
    import numpy as np
    from PIL import Image

    from bench._bills import as_jpeg, bill, can_shape_hindi, draw
    from bench._damage import damaged

    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for kind in kinds:
        if kind == "hindi" and not can_shape_hindi():
            print("Pillow cannot set Devanagari here, so there are no Hindi bills.")
            continue
        for damage in damages:
            for number in range(each):
                at = seed * 1000 + number
                one = bill(at, kind=kind, today=today)
                picture = damaged(np.array(draw(one, at)), damage, at)
                stem = folder / f"{kind}-{damage}-{number:03d}"
                stem.with_suffix(".jpg").write_bytes(as_jpeg(Image.fromarray(picture)))
                label = json.dumps(one.label(damage), ensure_ascii=False, indent=1)
                stem.with_suffix(".json").write_text(label, encoding="utf-8")
                made += 1
    return made


if __name__ == "__main__":
    main()
