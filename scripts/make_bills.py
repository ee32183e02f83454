"""Draw made-up Indian bills with their labels into a folder: for measuring, tests and training.

    python scripts/make_bills.py FOLDER [--each 2] [--seed 1] [--kinds petrol] [--damages none]
    python scripts/make_bills.py FOLDER --scans 60 [--seed 1]

Of every kind and every damage so many, or so many scans of worn rolls in layouts of their own; the
same seed draws the same.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    from bench._bills import KINDS, make
    from bench._damage import DAMAGES
    from bench._scans import make_scans

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--damages", default=",".join(DAMAGES))
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 20))
    parser.add_argument("--scans", type=int, help="scans of worn rolls instead")
    options = parser.parse_args()
    if options.scans:
        make_scans(options.folder, count=options.scans, seed=options.seed, today=options.today)
        print(f"{options.scans} scans in {options.folder}.")
        return
    made = make(
        options.folder,
        each=options.each,
        seed=options.seed,
        kinds=options.kinds.split(","),
        damages=options.damages.split(","),
        today=options.today,
    )
    print(f"{made} bills in {options.folder}.")


if __name__ == "__main__":
    main()
