"""By how much a rate goes up or down: "2 rupaye badha do", "10% kam karo", "badha do 2 rupaye"."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.goods.beside_the_rate import costs_apart
from actions.lexicon import beside, only, says, where, words
from actions.match import product_named
from actions.reading.said import pieces_between
from erp_core.inventory import queries as inventory
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.money import PAISE_PER_RUPEE

MOST_WORDS = 9
NEAR = 2
"""So many times what goods cost, or the part of it, is near it."""
FEWEST = 20
_NAMED = NUMBERS | {"product_name", "unit"}
_BESIDE = (
    "money_words", "price.up", "price.down", "filler", "same_thing", "rate_words", "percent",
    "of_all",
)  # fmt: skip


def steps_rate(turn: Turn) -> bool:
    """Whether somebody who runs the shop says by how much a rate goes, of goods that are named or
    were spoken of: whatever the language components took it for, it is a rate."""
    if not turn.is_user or turn.is_not_words or not 1 < len(turn.words) <= MOST_WORDS:
        return False
    named = {one.name for one in turn.entities}
    if turn.metadata.get("kind") == "button" or not named <= _NAMED:
        return False
    others = ("bill_words", "an_order", "undoing.stock_entry")
    if any(says(turn.words, one) for one in others) or _refuses(turn):
        return False
    if says(turn.words, "discount") and "product_name" not in named:
        return False  # of a bill sooner than of a rate
    said = with_amount(turn)
    numbers = [one for one in said.entities if one.name in NUMBERS]
    if len(numbers) != 1 or step_of(said) is None or not _is_money(turn.text, numbers[0]):
        return False
    beside = words(" | ".join(pieces_between(said)).replace("%", " "))
    return all(any(only([word], cue) for cue in _BESIDE) for word in beside)


def sets_selling_rate(turn: Turn) -> bool:
    """ "Chini 46 ka bechunga", "aloo 22 me pada, 25 me bechna hai": what goods shall be sold at,
    whatever they are bought for."""
    if not turn.is_user or turn.is_not_words or turn.first("unit"):
        return False
    if not says(turn.words, "price.selling") or says(turn.words, "asking"):
        return False
    goods, bare = turn.all("product_name"), costs_apart(turn)[0]
    numbers = [one for one in bare.entities if one.name in NUMBERS]
    if not len(goods) == len(numbers) == 1:
        return False
    counts = numbers[0].name == "quantity"
    return not counts or bool(goods[0].end and goods[0].end <= numbers[0].start)


def names_rate(turn: Turn) -> bool:
    """ "Power bank 1199 kar do": a number alone behind goods that is near what they cost, and more
    than there are, is their rate and no count."""
    counts, goods = turn.all("quantity"), turn.all("product_name")
    plain = turn.is_user and len(turn.entities) == 2 and len(counts) == len(goods) == 1
    beside = words(" | ".join(pieces_between(turn))) if plain else ()
    if not plain or any(not only([one], "do_it") and not only([one], "filler") for one in beside):
        return False
    number = parse_number(counts[0].value)
    with turn.read() as reader:
        product = product_named(reader, goods[0].value).one
        if product is None or number is None:
            return False
        there = inventory.stock(reader, product.id).available
    rupees = Decimal(product.price_paise) / PAISE_PER_RUPEE
    return rupees / NEAR <= number <= rupees * NEAR and number > max(there, FEWEST)


def refuses_step(turn: Turn) -> bool:
    """ "2 rupaye kam nahi karna" changes no rate; "nahi, 1 rupaya kam karo" does."""
    amounts = turn.all("amount") or turn.all("quantity")
    if step_of(turn) is None:
        return False
    return _refuses(replace(turn, text=turn.text[amounts[-1].end :]))


def _refuses(turn: Turn) -> bool:
    """ "2 rupaye kam mat karo"; "badha do na" refuses nothing."""
    return says([one for one in turn.words if not only([one], "tag")], "negation")


def with_amount(turn: Turn) -> Turn:
    """The turn with the amount of "10% badha do" marked, where no entity says so."""
    if any(one.name in NUMBERS for one in turn.entities):
        return turn
    at = 0
    for word in turn.text.split():
        start = turn.text.index(word, at)
        at = start + len(word)
        number = word.rstrip("%.,")
        found = Entity("amount", number, start=start, end=start + len(number))
        taken = any(one.start < found.end and start < one.end for one in turn.entities)
        if not taken and parse_number(number) is not None and _is_money(turn.text, found):
            marked = sorted([*turn.entities, found], key=lambda one: one.start)
            return replace(turn, entities=marked)
    return turn


def step_of(turn: Turn) -> str | None:
    """Which way a rate goes by the amount: up, down, or up_percent and down_percent; None where the
    amount is the rate itself, as in "badha ke 46"."""
    amounts = turn.all("amount") or turn.all("quantity")
    if not amounts or not amounts[-1].end:
        return None
    behind = turn.text[amounts[-1].end :]
    after = [word for word in words(behind) if not only([word], "money_words")][:1]
    way = next((one for one in ("up", "down") if says(after, f"price.{one}")), None)
    way = way or _way_before(turn, amounts[-1])
    return f"{way}_percent" if way and _is_part(turn.text, amounts[-1]) else way


def _is_part(text: str, amount: Entity) -> bool:
    behind = text[amount.end :]
    return "%" in behind[:3] or says(words(behind)[:2], "percent")


def _is_money(text: str, amount: Entity) -> bool:
    """Whether percent or a word of money stands behind a number, or ₹ before it."""
    if _is_part(text, amount) or text[: amount.start].rstrip().endswith("₹") or "₹" in amount.value:
        return True
    behind = words(text[amount.end :])[:1]
    return bool(behind) and only(behind, "rupees")


def _way_before(turn: Turn, amount: Entity) -> str | None:
    """Which way a rate shall go by the words in front of the amount; none that it merely goes."""
    text = turn.text[: amount.start]
    for one in turn.entities:
        text = f"{text[: one.start]}{'|' * (one.end - one.start)}{text[one.end :]}"
    said = beside(words(text[: amount.start]), "price.by_the_way")
    for way in ("up", "down"):
        if found := where(said, f"price.go_{way}"):
            return None if says(said[found[1] :], "price.becomes") else way
    return None
