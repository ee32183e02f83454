"""Whose name it is: a buyer's taken for a part of the goods', one of several, a greeting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from actions.entities import NAMES, NUMBERS, Entity
from actions.lexicon import only, where, words
from actions.reading.pieces import (
    EACH_WORD,
    HOLDS_WHOM,
    LONGEST_NAME,
    SHORTEST,
    WHO,
    is_customer,
    is_goods,
    overlaps,
    piece,
)
from actions.reading.sizes import LETTERS
from erp_core.journal.context import Reader

_SIZED_NAME = re.compile(rf"({LETTERS})\s+(?=\S)")
_GOODS_BEHIND = re.compile(r"\s+([^\W\d_]{3,})(?!\w)(?!\s+(?:ka|ki|ke|का|की|के)(?!\w))")
_DOTS = re.compile(r"\s*(?:\.{2,}|…)\s*")


def names_unjoined(entities: Sequence[Entity]) -> list[Entity]:
    """ "30 kurti and 10 saree", "sorry, kurti was 10": the word that joins goods to what follows is
    no part of their name."""
    found = []
    for one in entities:
        name, _, last = one.value.rpartition(" ")
        joins = one.name in ("product_name", "item") and name and _joins(last)
        found.append(piece(one, 0, len(name), one.name) if joins and one.end else one)
    return found


def _joins(last: str) -> bool:
    return any(only(words(last) or ("-",), one) for one in ("joining", "had_been"))


def names_paused(entities: Sequence[Entity]) -> list[Entity]:
    """ "Ek lota.. lota rehne do": goods before dots and behind them are two."""
    found = []
    for one in entities:
        paused = one.name == "product_name" and one.end and _DOTS.search(one.value)
        if paused and paused.start() and one.value[paused.end() :].strip():
            found.append(piece(one, 0, paused.start(), one.name))
            found.append(piece(one, paused.end(), len(one.value), one.name))
        else:
            found.append(one)
    return found


def with_named_instead(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Meena ne nahi Pushpa ne": the entities, and whoever is named instead where none is."""
    pieces = list(EACH_WORD.finditer(text))
    said = [" ".join(words(one[0])) for one in pieces]
    cue = where(said, "undoing.not_theirs")
    if cue is None:
        return list(entities)
    refused = [one for one in entities if one.name in WHO and one.end == pieces[cue[0]].start() - 1]
    behind = said[cue[1] : cue[1] + LONGEST_NAME + 1]
    length = behind.index(said[cue[0]]) if said[cue[0]] in behind else 0
    if not refused or not length:
        return list(entities)
    start, end = pieces[cue[1]].start(), pieces[cue[1] + length - 1].end()
    if any(overlaps(one, (start, end)) for one in entities):
        return list(entities)
    instead = replace(refused[0], value=text[start:end], normalized=None, start=start, end=end)
    return sorted([*entities, instead], key=lambda one: one.start)


def buyers_apart(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with a customer of the shop named as one, where the name was taken for a part of
    the goods', or not seen at all: "10 goli azithral Murugan ko", "Infotech ne 3000 diye"."""
    if any(one.name in WHO for one in entities):
        found = _sizes_before_names(reader, text, entities)
        other = _before_of(reader, text, found) if _may_be_for_several(text, found) else None
        return sorted([*found, other], key=lambda one: one.start) if other else found
    found = []
    for one in entities:
        apart = _buyer_in(reader, one) if one.name == "product_name" and one.end else None
        found += apart or [one]
    if any(one.name in WHO for one in found):
        return found
    named = _before_of(reader, text, entities) or _beside_goods(reader, text, entities)
    return sorted([*entities, named], key=lambda one: one.start) if named else list(entities)


def goods_on_credit(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Infotech 20 meals likho udhaar": the number before goods that were not seen counts them,
    and is no money; but "500 maggi ke" is."""
    (amount,) = (one for one in entities if one.name == "amount")
    behind = _GOODS_BEHIND.match(text, amount.end)
    if behind is None or not is_goods(reader, behind[1]) or is_customer(reader, behind[1]):
        return list(entities)
    start, end = behind.span(1)
    found = [replace(amount, name="quantity"), Entity("product_name", behind[1], None, start, end)]
    for one in entities:
        if one.end > end > one.start:
            at = len(text[end : one.end]) - len(text[end : one.end].lstrip())
            found.append(piece(one, end - one.start + at, len(one.value), one.name))
        elif one is not amount and not overlaps(one, (start, end)):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def may_be_goods_on_credit(intent: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for goods behind what was taken for money."""
    kinds = [one.name for one in entities if one.name in {*NUMBERS, "product_name"}]
    return intent == "khata_credit" and kinds == ["amount"]


def may_hold_buyers(text: str, entities: Sequence[Entity]) -> bool:
    """Whether it is worth looking for customers' names among what was said."""
    if any(one.name in WHO for one in entities):
        sized = any(_SIZED_NAME.match(one.value) for one in entities if one.name in WHO)
        return sized or _may_be_for_several(text, entities)
    goods = [one for one in entities if one.name == "product_name" and one.end]
    several = len(goods) > 1 or any(" " in one.value for one in goods)
    named = any(one in HOLDS_WHOM for one in words(text))
    return named or several or bool(_unmarked_beside(text, entities))


def _may_be_for_several(text: str, entities: Sequence[Entity]) -> bool:
    """ "Shwetha ko 1 biryani n infotech ko 2 coffee", "3 maggi, 1 Shwetha ko 2 Infotech ko":
    whether "ko" stands once for each of several goods, or of their counts, and fewer names are
    marked."""
    named = [one for one in entities if one.name in WHO]
    goods = [one for one in entities if one.name == "product_name" and one.end]
    given, figures = words(text).count("ko"), sum(one.isdecimal() for one in text.split())
    return given > len(named) and (len(goods) >= given or (bool(goods) and figures > given))


def _sizes_before_names(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "1 red kurti M Komal": a letter between goods and a customer is a size."""
    found = list(entities)
    for at, (goods, whom) in enumerate(pairwise(entities)):
        sized = _SIZED_NAME.match(whom.value) if whom.name in WHO and whom.end else None
        if sized is None or goods.name != "product_name" or text[goods.end : whom.start].strip():
            continue
        rest = piece(whom, sized.end(), len(whom.value), whom.name)
        if is_customer(reader, rest.value) and not is_customer(reader, whom.value):
            value = f"{goods.value} {sized[1]}"
            found[at] = replace(goods, value=value, normalized=None, end=whom.start + len(sized[1]))
            found[at + 1] = rest
    return found


def _buyer_in(reader: Reader, goods: Entity) -> list[Entity] | None:
    """A name at the beginning or the end of what was taken for goods, and the goods without it."""
    parts = list(re.finditer(r"\S+", goods.value))
    if is_customer(reader, goods.value):
        return [replace(goods, name="customer_name", normalized=None)]
    for length in range(min(LONGEST_NAME, len(parts) - 1), 0, -1):
        rest = parts[length:]
        while len(rest) > 1 and rest[0][0].lower() in HOLDS_WHOM:
            rest = rest[1:]
        joined = len(rest) < len(parts) - length
        of_goods = joined or is_goods(reader, goods.value[rest[0].start() :])
        if of_goods and is_customer(reader, goods.value[: parts[length - 1].end()]):
            first = piece(goods, 0, parts[length - 1].end(), "customer_name")
            return [first, piece(goods, rest[0].start(), len(goods.value), "product_name")]
        before = goods.value[: parts[-length - 1].end()]
        if is_customer(reader, goods.value[parts[-length].start() :]) and is_goods(reader, before):
            last = piece(goods, parts[-length].start(), len(goods.value), "customer_name")
            return [piece(goods, 0, parts[-length - 1].end(), "product_name"), last]
    return None


def _before_of(reader: Reader, text: str, entities: Sequence[Entity]) -> Entity | None:
    """A customer right before a "ne", "ko" or "ka" whom no entity marks."""
    row = list(re.finditer(r"[^\s,;]+", text))
    for at, word in enumerate(row):
        if not {*words(word[0])} & HOLDS_WHOM:
            continue
        for first in range(max(0, at - LONGEST_NAME), at):
            span = (row[first].start(), row[at - 1].end())
            if any(overlaps(one, span) for one in entities):
                continue
            said = text[span[0] : span[1]]
            if not only(words(said), "same_person") and is_customer(reader, said):
                return Entity("customer_name", said, start=span[0], end=span[1])
    return None


def _beside_goods(reader: Reader, text: str, entities: Sequence[Entity]) -> Entity | None:
    """ "Infotech 20 meals, udhaar": a customer beside counted goods whom no entity marks."""
    row = _unmarked_beside(text, entities)
    for at, first in enumerate(row):
        for last in reversed(row[at : at + LONGEST_NAME]):
            said = text[first.start() : last.end()]
            if any(overlaps(one, (first.start(), last.end())) for one in entities):
                continue
            if is_customer(reader, said):
                return Entity("customer_name", said, start=first.start(), end=last.end())
    return None


def _unmarked_beside(text: str, entities: Sequence[Entity]) -> list[re.Match[str]]:
    """The words beside counted goods that no entity marks and that may be of a name."""
    if not {"product_name", "quantity"} <= {one.name for one in entities}:
        return []
    return [
        word
        for word in EACH_WORD.finditer(text)
        if len(word[0]) > SHORTEST
        and not any(overlaps(one, word.span()) for one in entities)
        and not only(words(word[0]), "filler")
        and not only(words(word[0]), "same_person")
    ]


def without_greetings(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with the goods of "namaste atta hai kya" as atta alone, and those of "ek grahak
    cover le gaya" as a cover; nothing is called "arey" or "sorry"."""
    apart = []
    for one in entities:
        if one.name in NAMES and only(words(one.value), "undoing.sorry"):
            continue
        greeted = one.name == "product_name" and _begins(text, one)
        named = _behind(_behind(one, "greetings"), "undoing.sorry") if greeted else one
        apart.append(_behind_shopper(named) if one.name == "product_name" else named)
    return apart


def _begins(text: str, one: Entity) -> bool:
    return bool(one.end) and only(words(text[: one.start]), "greetings")


def _behind_shopper(goods: Entity) -> Entity:
    """ "Grahak cover" is a cover; "ladki ki kurti" stays as it is."""
    name = _behind(goods, "shoppers")
    return goods if name.end and only(words(name.value)[:1], "behind_a_name") else name


def _behind(goods: Entity, cues: str) -> Entity:
    """The goods behind such words; as they are, where they are nothing else."""
    greeted = 0
    for word in EACH_WORD.finditer(goods.value):
        if not only(words(word[0]), cues):
            break
        greeted = word.end()
    name = goods.value[greeted:].lstrip(" ,;.!?")
    return (
        piece(goods, len(goods.value) - len(name), len(goods.value), goods.name) if name else goods
    )
