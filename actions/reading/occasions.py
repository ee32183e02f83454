"""What a buyer has goods for, taken for goods: the party of "party ke liye 100 samosa"."""

from __future__ import annotations

from collections.abc import Sequence

from actions.entities import Entity
from actions.lexicon import only, words
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN


def may_name_occasion(_text: str, entities: Sequence[Entity]) -> bool:
    """Whether an occasion was marked as goods."""
    return any(_is_occasion(one) for one in entities)


def without_occasions(reader: Reader, _text: str, entities: list[Entity]) -> list[Entity]:
    """The entities without it, where the shop sells nothing that is called so."""
    return [one for one in entities if not (_is_occasion(one) and not _is_sold(reader, one.value))]


def _is_occasion(one: Entity) -> bool:
    named = one.name in ("product_name", "item", "customer_name")
    return named and only(words(one.value) or ("-",), "buyers.occasions")


def _is_sold(reader: Reader, said: str) -> bool:
    return any(one.score >= CERTAIN for one in catalogue.find_products(reader, said, limit=1))
