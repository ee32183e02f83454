"""An order of what was spoken of or ordered before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import unit_in
from actions.forms.draft import Draft
from actions.goods.availability import FAMILY, OFFERED, takes_all_told
from actions.goods.lines import line_of
from actions.goods.said import words_of_goods
from actions.lexicon import beside, only, says, words
from actions.match import customer_named, just_spoken_of, recent
from actions.orders.more import count_alone, takes_spoken_of, wants_same
from actions.reading.parts import part_of
from actions.reading.table_names import same_as
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import clauses, sentences
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders.queries import Order

_TWICE = re.compile(r"\b(\w+)[\s-]+\1\b")
"""One to each: "1-1", "ek ek"."""


def takes_same(turn: Turn, draft: Draft) -> bool:
    """ "Wahi wala 3 likh do": the product just spoken of; "haan do" leaves open how many."""
    product = recent(turn, "product")
    quantity = wants_same(turn) or takes_spoken_of(turn)
    agreed = turn.intent == "affirm" or _takes_it(turn)
    agreed = agreed and not turn.entities and not draft.replying
    if draft["lines"] or product is None or (quantity is None and (turn.is_user or not agreed)):
        return False
    counted = {"quantity": str(quantity)} if quantity is not None else {}
    unit = turn.first("unit")
    if counted and unit and (measured := unit_in(unit)):
        counted["said_unit"] = measured
    draft["lines"] = [{**line_of(turn, product), **counted}]
    return True


def _takes_it(turn: Turn) -> bool:
    """ "I'll take it", "le lunga", right after goods were told of."""
    if turn.intent != "order_create" or not just_spoken_of(turn, "product"):
        return False
    return all(only([one], "taking") or only([one], "pronouns") for one in turn.words)


def takes_offered(turn: Turn, draft: Draft) -> bool:
    """ "1-1 dono" of several that were just told of; "40" leaves open of which."""
    told = turn.slots.get("recent") or {}
    if turn.is_user or draft["lines"] or not just_spoken_of(turn, OFFERED):
        return False
    parts = [part_of(turn, span) for span in clauses(turn.text)]
    told_of = next((one for one in parts if says(one.words, "buyers.of_each")), turn)
    said = " ".join(beside(beside(told_of.words, "buyers.at_list"), "buyers.of_each"))
    count = count_alone(replace(told_of, text=_TWICE.sub(r"\1", said)))
    if count is None and takes_all_told(turn) and not told_of.first("quantity"):
        count = Decimal(1)
    if count is None:
        return False
    if says(turn.words, "buyers.of_each"):
        draft["lines"] = [
            {**line_of(turn, UUID(one)), "quantity": str(count)} for one in told[OFFERED].split()
        ]
    elif told.get(FAMILY):
        draft["lines"] = [{"said": told[FAMILY], "quantity": str(count)}]
    return bool(draft["lines"])


def asks_again(turn: Turn, draft: Draft) -> bool:
    """ "Ravi ko wahi order phir se": what was ordered last; "table 6 same", "Mohan ko bhi wahi":
    what was just ordered for somebody else."""
    others = turn.first("product_name") and (turn.is_user or not _is_changed(turn))
    if draft["lines"] or others:
        return False
    again = says(turn.words, "same_again")
    wished = beside(turn.words, "buyers.at_list")  # "at the usual price" orders nothing again
    again = again or (not turn.is_user and says(wished, "buyers.same_again"))
    if turn.is_user and turn.first("customer_name") and not again:
        again = says(turn.words, "same_too") and recent(turn, "order") is not None
        draft["of_others"] = again
    if again:
        draft["again"], draft["same_as"] = True, same_as(turn.text)
        draft["without"] = _without(turn) or None
    return again


def beyond_the_same(turn: Turn, draft: Draft) -> Turn | None:
    """The message as far as it counts goods on top of the same again; None where it counts none."""
    left = set(draft["without"] or ())
    kept = [
        one
        for one in turn.entities
        if one.name != "product_name" or not left.issuperset(words(one.value))
    ]
    more = replace(turn, entities=kept)
    return more if more.first("product_name") and more.first("quantity") else None


def _is_changed(turn: Turn) -> bool:
    """ "Pichhli baar wala bina atta ke", "same again plus 2 maggi"."""
    return bool(_without(turn)) or turn.first("quantity") is not None


def _without(turn: Turn) -> list[str]:
    """The words that name what shall be left out of the same again."""
    parts = [part_of(turn, span) for span in sentences(turn.text)]
    named = [one for one in parts if any(says(one.words, cue) for cue in _LEFT_OUT)]
    several = [one for one in named if one.first("quantity") and one.all("product_name")[1:]]
    counted = {word for one in several for word in words(_goods(one))}
    return [word for one in named for word in one.words if word not in counted]


def _goods(part: Turn) -> str:
    return " ".join(one.value for one in part.all("product_name"))


_LEFT_OUT = ("left_out.but", "negation", "remove")


def _ordered_by(reader: Reader, name: str | None) -> Order | None:
    """The last order of whoever is named for what was ordered."""
    other = customer_named(reader, name).one if name else None
    return orders.latest_order(reader, other.id, open_only=False) if other else None


def repeat_last(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Fill the draft with the goods of the customer's last order, or of the one spoken of."""
    draft["again"] = None
    spoken_of = recent(turn, "order") if turn.is_user else None
    before = _ordered_by(reader, draft["same_as"])
    if before is None and not draft["of_others"]:
        before = orders.latest_order(reader, UUID(draft["customer"]["id"]), open_only=False)
    if before is None and spoken_of is not None:
        before = orders.order(reader, spoken_of)
    if before is None:
        turn.say("utter_nothing_to_repeat", name=draft["customer"]["name"])
        return
    lines = [
        {"said": one.product, "quantity": plain(one.quantity), "said_unit": one.unit}
        for one in before.lines
    ]
    left = set(draft["without"] or ())
    kept = [one for one in lines if left.isdisjoint(words_of_goods(one))]
    more = {one["said"] for one in draft["lines"] or []}
    kept = [one for one in kept if not any(_is_of(one, said) for said in more)]
    draft["lines"] = [*(kept or lines), *(draft["lines"] or [])]


def _is_of(line: Mapping[str, Any], said: str) -> bool:
    return bool(words_of_goods(line) & set(words(said)))
