"""Goods of the shop's own, to make examples of: "jaise: 2 kurti chahiye"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader

if TYPE_CHECKING:
    from actions.context import Turn

WORDS = ("word_example_one", "word_example_other")
"""What is named where a shop has nothing yet."""
FACTS = ("any_goods", "other_goods")
"""What a response puts in where it shows how something is written."""


def example_goods(turn: Turn, reader: Reader) -> tuple[str, str]:
    """Two of the shop's goods."""
    goods = [one.name for one in catalogue.all_products(reader, limit=2)]
    one, other = [*goods, *(turn.line(word) for word in WORDS)][:2]
    return one, other


def with_examples(turn: Turn, response: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a response, with goods of the shop where it makes an example of any."""
    if not any(set(FACTS) & held for held in turn.phrasebook.placeholders(response).values()):
        return dict(facts)
    with turn.read() as reader:
        return {**dict(zip(FACTS, example_goods(turn, reader), strict=True)), **facts}
