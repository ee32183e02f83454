"""Finding the HSN code of goods by what people call them: "sabun", "साबुन", "Dove soap 75g"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz, process

from erp_core.catalogue.queries import Product
from erp_core.kernel.spelling import fold
from erp_core.tax.rates import Asked, Goods, Ruling, all_goods, choices, goods_under, rule

LIKENESS = 88
"""From here on two spellings are taken for one word."""
SHORTEST_ALIKE = 5
"""Shorter words must be spelt as in the table: "dal" is not "dari"."""
LONGEST_PHRASE = 3


@dataclass(frozen=True)
class Suggestion:
    """Goods that a name may mean. `score` counts the words of the name that say so."""

    goods: Goods
    score: float


def suggest(name: str, limit: int = 5) -> list[Suggestion]:
    """The goods that a product's name or a word may mean, the likeliest first.

    The longest phrase of the name that the table knows counts; a later word counts more than an
    earlier one, since "Dove shampoo" is a shampoo.
    """
    words = fold(name).split()
    scores: dict[int, float] = defaultdict(float)
    for place, phrase, count in _phrases(words):
        for at, likeness in _known(phrase):
            scores[at] = max(scores[at], likeness * (count * 10 + place))
    ranked = sorted(scores, key=lambda at: (-scores[at], at))
    return [Suggestion(all_goods()[at], scores[at]) for at in ranked[:limit]]


def sure(name: str) -> Goods | None:
    """The goods that a name means without a rival."""
    found = suggest(name, limit=2)
    if not found or (len(found) > 1 and found[1].score == found[0].score):
        return None
    return found[0].goods


def is_exempt(product: Product, on: date) -> bool:
    """Whether goods are sold without tax."""
    asked = Asked(on, product.hsn, stated=product.gst_rate, packing=product.packing)
    return rule_named(asked, product.name).rate == 0


def rule_named(asked: Asked, name: str) -> Ruling:
    """The lawful rate of goods with a name (`rates.rule`).

    Where goods of their code still bear what the shop says, it may be what these bore before a
    change: if the name tells which of the code's goods they are, that is followed to the rate after
    it. A soap of 18 % bears 5 % since September 2025; a hand wash under its code still bears 18 %.
    """
    found = rule(asked)
    if asked.hsn is None or asked.stated is None or found.rate != asked.stated:
        return found
    stale = [one for one in goods_under(asked.hsn) if _bore(one, asked)]
    goods = _named(asked.hsn, name) if stale else None
    if goods not in stale:
        return found
    now = [one for one in choices(asked.hsn, asked.on) if one.goods == goods]
    return now[0] if len(now) == 1 else found


def _bore(goods: Goods, asked: Asked) -> bool:
    """Whether goods once had the rate that is said of them, and have it no longer."""
    terms = goods.terms_on(asked.on)
    now = {term.rate for term in terms[1]} if terms else set()
    return asked.stated is not None and goods.ever(asked.stated) and asked.stated not in now


@lru_cache(maxsize=4096)
def _named(hsn: str, name: str) -> Goods | None:
    """Which of the goods under a code a name means, without a rival."""
    under = goods_under(hsn)
    found = [one for one in suggest(name, limit=len(all_goods())) if one.goods in under]
    rivals = [one for one in found if one.score == found[0].score]
    return rivals[0].goods if len(rivals) == 1 else None


def by_code(hsn: str) -> list[Goods]:
    """The goods under a code as it is written."""
    return [one for one in all_goods() if one.hsn == hsn]


def _phrases(words: list[str]) -> Iterator[tuple[int, str, int]]:
    """(where it ends, the phrase, how many words) of every run of words."""
    for count in range(min(LONGEST_PHRASE, len(words)), 0, -1):
        for start in range(len(words) - count + 1):
            yield start + count, " ".join(words[start : start + count]), count


def _known(phrase: str) -> Iterator[tuple[int, float]]:
    index = _index()
    if phrase in index:
        for at in index[phrase]:
            yield at, 1.0
        return
    if len(phrase) < SHORTEST_ALIKE:
        return
    alike = process.extractOne(phrase, _long_words(), scorer=fuzz.ratio, score_cutoff=LIKENESS)
    if alike:
        for at in index[alike[0]]:
            yield at, alike[1] / 100 * 0.9


@lru_cache(maxsize=1)
def _index() -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(all_goods()):
        hindi = [part.strip() for part in one.hindi.replace("(", ",").replace(")", "").split(",")]
        for said in {fold(word) for word in (*one.words, *hindi)}:
            if said:
                found[said].append(at)
    return {said: tuple(at) for said, at in found.items()}


@lru_cache(maxsize=1)
def _long_words() -> tuple[str, ...]:
    return tuple(word for word in _index() if len(word) >= SHORTEST_ALIKE)
