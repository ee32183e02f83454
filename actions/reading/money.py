"""An amount of money in a draft."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker

from actions.context import Turn
from actions.entities import Entity, bare_quantity, number_of, paise_of
from actions.forms.draft import Draft
from actions.invoicing.put_right import figures_of
from actions.lexicon import only, says, where, words
from actions.match import payload_of
from actions.phrasebook import Button
from actions.reading.parts import one_at_a_time
from actions.reading.said import denied_entities
from erp_core.kernel.errors import Invalid
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import from_decimal, inr, rupees
from erp_core.kernel.quantity import parse_unit


def take_amount(turn: Turn, draft: Draft) -> bool:
    """Take the amount that a message names into the draft's `amount`.

    "500 nahi 600" is 600, and so is "change from 500 to 600". Several amounts beside one another
    are asked for one by one, since any of them alone would be wrong. A bare number counts as
    rupees, also when the language components took it for a quantity.
    """
    amounts = amounts_said(turn)
    if _is_said_again(turn, amounts):
        amounts = amounts[:1]
    elif len(amounts) == 2 and (figures := figures_of(turn)):
        amounts = [from_decimal(figures[1])]
    if len(amounts) > 1:
        one_at_a_time(turn, [inr(one) for one in amounts])
        draft["amount"] = None
    elif amounts:
        draft["amount"] = amounts[0]
    return bool(amounts)


def _is_said_again(turn: Turn, amounts: Sequence[int]) -> bool:
    """ "500 diye haan 500 diye hain": one sum that is said twice, and no second one behind "aur" or
    in another way."""
    sums = [one for one in turn.all("amount") if one.end]
    if len(set(amounts)) != 1 or len(sums) != len(amounts) or len(turn.all("payment_method")) > 1:
        return False
    between = words(turn.text[sums[0].end : sums[-1].start])
    return not says(between, "more") and not says(between, "joining")


def in_paise(said: Decimal) -> int | None:
    """Rupees that somebody wrote, in paise; None for more of them than there can be."""
    try:
        return from_decimal(said)
    except Invalid:
        return None


def amounts_said(turn: Turn) -> list[int]:
    """The amounts of a message in paise, without what it refuses; one said in pieces is one."""
    kept = denied_entities(without_owed_before(turn))
    kept = [one for one in kept if not _is_replaced(turn, one)]
    counts = [one for one in kept if one.name == "amount" and _counts_things(turn, one)]
    if len(counts) < len([one for one in kept if one.name == "amount"]):
        kept = [one for one in kept if one not in counts]
    entities = [one for one in kept if one.name == "amount" and paise_of(one)]
    if entities:
        return _joined(turn, entities)
    if turn.first("customer_phone") or turn.first("product_name"):
        return []
    counted = bare_quantity(turn.text)
    if turn.first("unit") or (counted is not None and counted.unit):
        return []
    numbers = [number_of(one) for one in kept if one.name == "quantity"]
    rupees = numbers[-1] if numbers else parse_amount(turn.text.strip())
    try:
        return [from_decimal(rupees)] if rupees is not None and rupees > 0 else []
    except Invalid:
        return []


def without_owed_before(turn: Turn) -> Turn:
    """ "350 baaki tha usme se 200 diye": what was owed before is no sum that was paid, where the
    other was."""
    sums = [one for one in turn.entities if one.name in ("amount", "quantity") and one.end]
    owed = [one for one in sums if _is_owed_before(turn, one)]
    moved = says(turn.words, "buying.gave") or says(turn.words, "stock.arrived")
    if len(owed) != 1 or len(sums) != len(owed) + 1 or not moved:
        return turn
    return replace(turn, entities=[one for one in turn.entities if one is not owed[0]])


def _is_owed_before(turn: Turn, entity: Entity) -> bool:
    behind = words(turn.text[entity.end :])
    behind = behind[1:] if only(behind[:1], "rupees") else behind
    found = where(behind, "owed_before")
    return found is not None and found[0] == 0


def _is_replaced(turn: Turn, entity: Entity) -> bool:
    """Whether another amount came in the place of this one: "1100 ki jagah 1000"."""
    return bool(entity.end) and says(words(turn.text[entity.end :])[:3], "in_place_of")


def _counts_things(turn: Turn, entity: Entity) -> bool:
    """Whether a number is so many of something, and no sum: "120 page ka hua, 240 likho"."""
    behind = words(turn.text[entity.end :])[:1] if entity.end else ()
    if not behind or only(behind, "money_words"):
        return False
    return parse_unit(behind[0]) is not None or only(behind, "counted_beside")


def _joined(turn: Turn, entities: list[Entity]) -> list[int]:
    amounts, at = [], 0
    while at < len(entities):
        last = at
        while last + 1 < len(entities) and _reads_on(turn, entities[at], entities[last + 1]):
            last += 1
        whole = turn.text[entities[at].start : entities[last].end]
        rupees = parse_amount(whole) if last > at else None
        paise = from_decimal(rupees) if rupees else paise_of(entities[at])
        amounts.append(paise or 0)
        at = last + 1
    return amounts


def _reads_on(turn: Turn, first: Entity, other: Entity) -> bool:
    """Whether two amounts are one number: "do hazaar" "paanch sau"."""
    whole = turn.text[first.start : other.end]
    return bool(whole.strip()) and parse_amount(whole) is not None


WRITES = frozenset(
    {
        "action_khata_credit", "action_payment_record", "action_expense_log",
        "action_inventory_update", "action_voucher", "action_price_update",
        "action_purchase_write", "action_vendor_payment",
    }
)  # fmt: skip
"""Actions whose writing a "no" right behind them takes back."""


def written(
    intent: str,
    paise: int,
    *,
    entry_id: str | None = None,
    together: Sequence[str] = (),
    cards: Sequence[Mapping[str, Any]] = (),
    **said: str,
) -> str:
    """What `recent` notes of what was just written: which it is, with what else of one message, how
    to write more of it, and the cards by which it was, which are opened again to put it right."""
    beside: dict[str, Any] = {"together": list(together)} if len(together) > 1 else {}
    if cards:
        beside["cards"] = list(cards)
    return json.dumps({"intent": intent, "paise": paise, "id": entry_id, "said": said, **beside})


def just_wrote(tracker: Tracker) -> bool:
    """Whether the answer before this message told of something written to the books."""
    users = 0
    for event in reversed(tracker.events):
        users += event.get("event") == "user"
        if users == 2:
            return False
        if event.get("event") == "action" and event.get("name") in WRITES:
            return bool((tracker.slots.get("recent") or {}).get("written"))
    return False


def tell_it_stands(turn: Turn) -> None:
    """Say that the amount stands in the books; when it was too little, offer to write the rest."""
    last = json.loads(turn.slots["recent"]["written"])
    said = amounts_said(turn)
    missing = said[-1] - last["paise"] if said else 0
    choices = []
    if missing > 0:
        amount = rupees(missing).removesuffix(".00")
        payload = payload_of(last["intent"], amount=amount, **last["said"])
        title = turn.line("utter_button_write_rest", amount=inr(missing))
        choices = [Button(title=title, payload=payload)]
    turn.say("utter_it_stands", amount=inr(last["paise"]), choices=choices)
