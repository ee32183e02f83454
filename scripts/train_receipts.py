"""Teach the small model of what the rows of a bill are for (erp_core/receipts/roles.py).

    python scripts/train_receipts.py [--bills 2500] [--labelled FOLDER] [--passes 5] [--seed 1]
    python scripts/train_receipts.py --judge

It learns from bills made up as words (bench/_typed_bills.py), and from whatever pictures an
operator has labelled: FOLDER holds NAME.jpg with NAME.json as docs/receipts.md says. Other made-up
bills, which it did not learn from, say how well it does. The same seed gives the same model.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_THREAD_LIMIT", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench._receipt_labels import Label, label_from  # noqa: E402
from bench._receipt_rows import roles_by_label  # noqa: E402
from bench._typed_bills import typed_bill  # noqa: E402
from bench.receipts import name_alike  # noqa: E402
from erp_core.receipts import layout, reading, roles  # noqa: E402

TODAY = date(2026, 11, 20)
APART = 1_000_000
"""Bills to learn from are made from seeds from here on, times --seed."""

JUDGED = range(500_000, 500_300)
TIMES = 3
"""A row of a real picture counts as much as so many made up."""

Told = list[tuple[list[str], str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bills", type=int, default=2500)
    parser.add_argument("--labelled", type=Path, help="a folder of pictures with labels")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--judge", action="store_true", help="do not learn, only measure")
    options = parser.parse_args()
    if options.judge:
        tell()
        return 0
    began = time.perf_counter()
    told = made_up(range(options.seed * APART, options.seed * APART + options.bills))
    print(f"{options.bills} bills made up as words, {len(told)} rows.")
    if options.labelled:
        from_folder = labelled(options.labelled)
        print(f"{len(from_folder)} rows of labelled pictures.")
        told += from_folder * TIMES
    nlp = taught(told, passes=options.passes, seed=options.seed)
    packed = gzip.compress(nlp.to_bytes(exclude=["tokenizer"]), mtime=0)
    roles.MODEL.write_bytes(packed)
    roles.model.cache_clear()
    print(json.dumps({"rows_right": judge(nlp, made_up(JUDGED))}))
    tell()
    print(f"{roles.MODEL.name}: {len(packed) / 1e6:.2f} MB, {time.perf_counter() - began:.0f} s.")
    return 0


def tell() -> None:
    """Of bills that it did not learn from: what is read by rules alone, and with the model."""
    for name, learnt in (("rules", ()), ("model", reading.LEARNT)):
        print(json.dumps({name: fields(learnt)}))


def fields(learnt: Sequence[str]) -> dict[str, float]:
    """Shares of JUDGED, each read twice, with the field right; and of totals wrong unasked."""
    count: Counter[str] = Counter()
    for seed in JUDGED:
        bills = [typed_bill(seed, today=TODAY, reading=at) for at in (0, 1)]
        pages = [reading.with_roles(layout.page_of(bill.words), learnt) for bill in bills]
        found, truth = reading.read_pages(pages, today=TODAY), bills[0]
        count["vendor"] += name_alike(truth.vendor, found.vendor.value or "")
        count["date"] += found.on.value == truth.on
        count["total"] += found.total_paise.value == truth.total
        count["total_not_asked"] += not found.total_paise.ask
        count["total_wrong_not_asked"] += (
            not found.total_paise.ask and found.total_paise.value != truth.total
        )
    return {name: round(times / len(JUDGED), 4) for name, times in count.items()}


def made_up(seeds: Iterable[int]) -> Told:
    """Rows of bills of these seeds, each with its role."""
    told: Told = []
    for seed in seeds:
        bill = typed_bill(seed, today=TODAY)
        page = layout.page_of(bill.words)
        told += zip(roles.words_of(page), roles.truth_of(page, dict(bill.roles)), strict=True)
    return told


def labelled(folder: Path) -> Told:
    """Rows of an operator's own pictures, read by the engine that is set up."""
    from erp_core.adapters.vision_api import chosen
    from erp_core.receipts import picture

    engine = chosen()
    told: Told = []
    for path in sorted(folder.glob("*.json")):
        label: Label = label_from(json.loads(path.read_text(encoding="utf-8")))
        for ending in (".jpg", ".jpeg", ".png", ".webp"):
            image = (
                picture.decode(path.with_suffix(ending).read_bytes())
                if path.with_suffix(ending).exists()
                else None
            )
            if image is not None:
                page = layout.page_of(engine.words(picture.prepare(image), ("eng",)))
                told += roles_by_label(page, label)
    return told


def taught(told: Told, *, passes: int, seed: int) -> Any:
    """The model after so many passes over the rows."""
    import spacy
    from spacy.tokens import Doc
    from spacy.training import Example
    from spacy.util import compounding, minibatch

    spacy.util.fix_random_seed(seed)
    chance = random.Random(seed)
    nlp = roles.blank()
    examples = [
        Example(Doc(nlp.vocab, words=words), _truth(nlp, words, role)) for words, role in told
    ]
    optimizer = nlp.initialize(lambda: examples[:2000])
    for turn in range(1, passes + 1):
        chance.shuffle(examples)
        losses: dict[str, float] = {}
        for batch in minibatch(examples, size=compounding(64.0, 256.0, 1.01)):
            nlp.update(batch, sgd=optimizer, losses=losses, drop=0.2)
        print(f"pass {turn} of {passes}: loss {losses['textcat']:.2f}", flush=True)
    return nlp


def _truth(nlp: Any, words: Sequence[str], role: str) -> Any:
    from spacy.tokens import Doc

    doc = Doc(nlp.vocab, words=list(words))
    doc.cats = {one: float(one == role) for one in roles.ROLES}
    return doc


def judge(nlp: Any, told: Told) -> dict[str, float]:
    """The share of rows of each role that it finds."""
    from spacy.tokens import Doc

    docs = [Doc(nlp.vocab, words=words) for words, _ in told]
    right: Counter[str] = Counter()
    all_: Counter[str] = Counter()
    textcat = nlp.get_pipe("textcat")
    for (_, role), doc in zip(told, textcat.pipe(docs), strict=True):
        all_[role] += 1
        right[role] += max(doc.cats, key=doc.cats.get) == role
    return {role: round(right[role] / all_[role], 3) for role in roles.ROLES if all_[role]}


if __name__ == "__main__":
    sys.exit(main())
