"""New rates of several goods in a bare list: "jeans 1699, kurti 749", with no word of a sale."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.forms.intents import UNSURE
from actions.goods.rate_steps import NEAR
from actions.lexicon import only, words
from actions.match import product_named
from actions.reading.said import pieces_between
from erp_core.catalogue.queries import Product
from erp_core.inventory import queries as inventory
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.money import PAISE_PER_RUPEE

TAKEN_FOR = UNSURE | {"order_create", "inventory_update", "expense_log"}
"""What such a list is taken for."""
FEWEST = 2
_BESIDE = ("filler", "do_it", "rate_words", "joining")


def lists_rates(turn: Turn) -> bool:
    """Whether each of several goods has a number behind it that is near what it costs, and more
    than there are of it: nobody is named, nothing counted, and some rate is new."""
    plain = turn.is_user and not turn.is_not_words and turn.metadata.get("kind") != "button"
    if not plain or turn.intent not in TAKEN_FOR:
        return False
    rated = list(_rated(turn))
    if len(rated) < FEWEST or len(turn.entities) != 2 * len(rated):
        return False
    said = [word for piece in pieces_between(turn) for word in words(piece)]
    if not all(any(only([word], cue) for cue in _BESIDE) for word in said):
        return False
    with turn.read() as reader:
        rates = [(product_named(reader, goods.value).one, rate) for goods, rate in rated]
        if not all(_is_rate(reader, product, rate) for product, rate in rates):
            return False
    return any(product.price_paise != rate * PAISE_PER_RUPEE for product, rate in rates)


def _rated(turn: Turn) -> Iterator[tuple[Entity, Decimal]]:
    """Goods with the number behind each."""
    row = sorted(turn.entities, key=lambda one: one.start)
    for goods, number in zip(row[::2], row[1::2], strict=False):
        value = parse_number(number.value)
        if goods.name == "product_name" and number.name in NUMBERS and value:
            yield goods, value


def _is_rate(reader: Reader, product: Product | None, rate: Decimal) -> bool:
    if product is None or product.price_paise <= 0:
        return False
    listed = Decimal(product.price_paise) / PAISE_PER_RUPEE
    near = listed / NEAR <= rate <= listed * NEAR
    return near and rate > inventory.stock(reader, product.id).available
