"""What is written in the place of an entry that is taken back: of another day, paid in another way,
somebody else's, or goods that were bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.context import Turn
from actions.entities import Entity
from actions.forms.draft import Draft
from actions.forms.form import FORMS
from actions.forms.names import CREDIT_FORM, PAYMENT_FORM, PRICE_FORM, PURCHASE_FORM
from actions.match import recent
from actions.payments.taking_back import (
    CREDIT,
    PAYMENT,
    PRICE,
    STOCK,
    came_otherwise,
    last_written,
    price_was_of_others,
    stock_was_bought,
    stock_was_of_others,
    was_another,
    was_on_another_day,
)
from actions.reading.instead import whose_instead
from actions.reading.said import denied_entities
from erp_core.kernel.money import rupees
from erp_core.payments import correcting
from erp_core.payments import queries as payments

LOOKED_THROUGH = 8
"""So many of the latest entries of a customer are looked through."""


def is_of_what_was_written(turn: Turn, last: Mapping[str, Any]) -> bool:
    """Whether what is named stands in the place of something that was just written, or beside
    it."""
    ways = (was_another, was_on_another_day, stock_was_bought)
    return any(one(turn, last) for one in ways)


def written_otherwise(turn: Turn, draft: Draft) -> Draft | None:
    """What is written in the place of what is taken back, where other goods, another way or
    somebody else is told of: "cash nahi UPI", "Priya nahi Murugan ne diye"."""
    last = last_written(turn)
    if last and draft["kind"] == STOCK and (bought := stock_was_bought(turn, last)):
        return _started(bought, PURCHASE_FORM)
    if last is None or turn.first("amount"):
        return None
    if draft["kind"] == STOCK and (card := stock_was_of_others(turn, last)):
        return Draft(f"{turn.new_id()}-right", card["form"], card["data"])
    if draft["kind"] == PRICE and (goods := price_was_of_others(turn, last)):
        facts = {"product_name": goods, "amount": rupees(last["paise"])}
        text = f"{goods} ka rate {facts['amount']} karo"
        return _as_said(turn, PRICE_FORM, "price_update", text, facts)
    if draft["kind"] == PAYMENT:
        return _paid_otherwise(turn, last)
    return _owed_otherwise(turn, last) if draft["kind"] == CREDIT else None


def _paid_otherwise(turn: Turn, last: Mapping[str, Any]) -> Draft | None:
    before, right = recent(turn, "customer"), _told_instead(turn, last)
    if before is None or right is None:
        return None
    with turn.read() as reader:
        paid = payments.standing_payments(reader, before, limit=LOOKED_THROUGH)
    written = next((one for one in paid if str(one.id) == last["id"]), None)
    if written is None:
        return None
    facts = {"payment_method": written.method, "amount": rupees(written.amount)}
    facts |= {"customer_name": last["said"]["customer_name"], right.name: right.value}
    on = facts.pop("date", written.on.isoformat())
    text = f"{facts['customer_name']} ne {facts['amount']} {facts['payment_method']} diye"
    payment = _as_said(turn, PAYMENT_FORM, "payment_record", text, facts)
    payment["on"] = on if on < turn.today.isoformat() else None
    return payment


def _owed_otherwise(turn: Turn, last: Mapping[str, Any]) -> Draft | None:
    right = _told_instead(turn, last)
    if right is None or right.name == "payment_method":
        return None
    facts = {"customer_name": last["said"]["customer_name"], "amount": rupees(last["paise"])}
    facts[right.name] = right.value
    on = facts.pop("date", _day_written(turn, last))
    text = f"{facts['customer_name']} ka {facts['amount']} udhaar"
    owed = _as_said(turn, CREDIT_FORM, "khata_credit", text, facts)
    owed["on"] = on if on and on < turn.today.isoformat() else None
    return owed


def _day_written(turn: Turn, last: Mapping[str, Any]) -> str | None:
    """The day of the credit that was just written; None of today's."""
    customer_id = recent(turn, "customer")
    if customer_id is None:
        return None
    with turn.read() as reader:
        given = correcting.standing_credits(reader, customer_id, limit=LOOKED_THROUGH)
    on = next((one.on for one in given if str(one.id) == last["id"]), turn.today)
    return on.isoformat() if on < turn.today else None


def _told_instead(turn: Turn, last: Mapping[str, Any]) -> Entity | None:
    """Who it was, how it was paid or on which day, in the place of what was written."""
    if on := was_on_another_day(turn, last):
        return Entity("date", on.isoformat())
    kept = [one for one in denied_entities(turn) if one.name in ("customer_name", "payment_method")]
    if way := came_otherwise(turn, last):
        return Entity("payment_method", way)
    if other := whose_instead(turn, last["said"]["customer_name"]):
        return Entity("customer_name", other)
    return kept[0] if len(kept) == 1 else None


def _as_said(turn: Turn, form: str, intent: str, text: str, facts: Mapping[str, str]) -> Draft:
    entities = [Entity(name, value) for name, value in facts.items()]
    return _started(replace(turn, text=text, entities=entities, intent=intent, clauses=()), form)


def _started(turn: Turn, form: str) -> Draft:
    right = Draft(f"{turn.new_id()}-right", form)
    FORMS[form]().start(turn, right)
    return right
