"""Another size of goods that are written already, "34 wali karo", "size galat, 32 hi thi", where
the shop keeps each size for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from actions.context import Turn
from actions.entities import NUMBERS
from actions.lexicon import says, words
from actions.match import product_named
from erp_core.catalogue.queries import Product


class OtherSize(NamedTuple):
    """Which of the goods, and the size that takes its place."""

    at: int
    product: Product


def other_size(turn: Turn, names: Sequence[str]) -> OtherSize | None:
    """The size that a lone number means, of the only goods that are kept in it too."""
    numbers = [one for one in turn.entities if one.name in NUMBERS and one.end]
    if len(numbers) != 1 or len(turn.entities) != 1 or not numbers[0].value.isdigit():
        return None
    behind = words(turn.text[numbers[0].end :])[:1]
    meant = says(behind, "undoing.which_one") or says(turn.words, "goods_size")
    sized = [at for at, one in enumerate(names) if one.split()[-1:] and one.split()[-1].isdigit()]
    if not meant or not sized:
        return None
    found = []
    with turn.read() as reader:
        for at in sized:
            said = " ".join((*names[at].split()[:-1], numbers[0].value))
            product = product_named(reader, said).one
            if product and product.name != names[at] and numbers[0].value in product.name.split():
                found.append(OtherSize(at, product))
    return found[0] if len(found) == 1 else None
