"""Slips and cards that were read from a picture: a count, an order, a list of rates, a person.

A count and an order fill the form that they would fill if they were typed. A list of rates and a
card stand by themselves, like the card of a bill: what their buttons write, the buttons carry. What
a picture does not say surely is left out, and said to be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType, FollowupAction

from actions.context import Turn
from actions.forms.customer import set_customer
from actions.forms.draft import Draft, leave
from actions.forms.names import ORDER_FORM, STOCK_FORM
from actions.forms.product import set_product
from actions.goods.price_lists import show_prices, write_new, write_prices
from actions.lexicon import only, says, words
from actions.match import Found, customer_named, product_named
from actions.phrasebook import Button
from actions.pictures.pages import (
    Row,
    drop_button,
    first_of,
    page_button,
    reading_of,
    rows_of,
    say_illegible,
)
from actions.pictures.photos import (
    PAGE_AS,
    PAGE_CUSTOMER,
    PAGE_DROP,
    PAGE_GSTIN,
    PAGE_NEW,
    PAGE_PRICES,
    PAGE_VENDOR,
)
from actions.pictures.visiting_cards import show_card, write_customer, write_gstin, write_vendor
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission

COUNT, ORDER, PRICES, CARD, GOODS, NONE = "count", "order", "prices", "card", "goods", "no_slip"
KINDS = frozenset({COUNT, ORDER, PRICES, CARD, GOODS, NONE})
BILL = "bill"
CHOICES = (COUNT, ORDER, PRICES, BILL)
"""What goods with numbers may be."""

TITLES = {PRICES: "rates"}

FORM_OF = {COUNT: STOCK_FORM, ORDER: ORDER_FORM}
NEEDED = {
    COUNT: Permission.ADJUST_STOCK,
    ORDER: Permission.CREATE_ORDER,
    PRICES: Permission.CHANGE_PRICE,
    CARD: Permission.ADD_CUSTOMER,
}
MOST_ASKED = 3
"""So many names of a slip are asked about one by one; more are left out, and said to be."""

FEW_SHOWN = 6
WORDS_OF_A_PAGE = 6
"""A page of so many words is worth asking about what it is."""


@dataclass
class Goods:
    """The lines of a slip: those for a draft, and those that are left out, by why."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    illegible: int = 0


def is_slip(turn: Turn, *kinds: str) -> bool:
    """Whether this is what a slip or card said; of these kinds, where any are given."""
    if turn.metadata.get("kind") != "reading":
        return False
    kind = _kind(turn)
    return kind in (kinds or KINDS)


def tell(turn: Turn) -> list[EventType]:
    """Tell what a slip or card said, or begin the form that it fills."""
    kind, reading = _kind(turn), reading_of(turn)
    if kind == NONE:
        wanted = (reading.get("hint") or {}).get("wanted")
        turn.say(f"utter_photo_no_{wanted if wanted in NEEDED else COUNT}")
        return []
    if kind == GOODS:
        _ask_which(turn)
        return []
    if not turn.may(NEEDED[kind]):
        turn.say("error_not_allowed")
        return []
    if kind == CARD:
        show_card(turn)
        return []
    if kind == PRICES:
        show_prices(turn)
        return []
    with turn.read() as reader:
        goods = _goods(turn, reader, ask_unknown=kind == ORDER)
    if not goods.lines:
        _say_left_out(turn, goods)
        turn.say(f"utter_slip_nothing_{kind}")
        return []
    return [FollowupAction(FORM_OF[kind])]


def tell_customer(turn: Turn) -> list[EventType] | None:
    """What a picture of a customer said: an order; None where it said nothing of the kind."""
    with turn.read() as reader:
        if _kind(turn) not in (ORDER, GOODS, COUNT):
            return None
        goods = _goods(turn, reader, ask_unknown=True)
    return [FollowupAction(ORDER_FORM)] if goods.lines else None


def ask_what_it_is(turn: Turn) -> bool:
    """Ask what a page with words is that is no bill; whether there is anything to ask."""
    reading = reading_of(turn)
    unread = reading.get("kind") == "no_receipt" and not reading.get("trouble")
    if not unread or int(reading.get("words") or 0) < WORDS_OF_A_PAGE or not turn.is_user:
        return False
    turn.say("utter_page_what", choices=_kinds(turn, (BILL, COUNT, ORDER, CARD)))
    return True


def _kind(turn: Turn) -> str:
    """What the page is; goods are an order where the caption has named somebody, or a buyer sends
    them."""
    reading = reading_of(turn)
    kind = str(reading.get("kind"))
    for_somebody = not turn.is_user or (reading.get("hint") or {}).get("customer")
    return ORDER if kind == GOODS and for_somebody else kind


# Which of several kinds


def _ask_which(turn: Turn) -> None:
    """Ask what goods with numbers are, where any of them can be shown."""
    counted = [row for row in rows_of(turn) if row.quantity is not None]
    read = [row for row in counted if row.clear]
    say_illegible(turn, len(counted) - len(read))
    if not read:
        return
    shown = [f"• {row.text}: {plain(Decimal(row.quantity or 0))}" for row in read[:FEW_SHOWN]]
    rest = len(read) - len(shown)
    more = turn.line("line_slip_more", count=rest) if rest > 0 else ""
    turn.say("utter_page_which", rows="\n".join(shown) + more, choices=_kinds(turn, CHOICES))


def _kinds(turn: Turn, kinds: Iterable[str]) -> list[Button]:
    reading = reading_of(turn)
    may = [one for one in kinds if one == BILL or turn.may(NEEDED[one])]
    buttons = [
        page_button(
            PAGE_AS,
            {"media": reading.get("media"), "wanted": one, "hint": reading.get("hint") or {}},
            turn.line(f"button_page_{TITLES.get(one, one)}"),
        )
        for one in may
    ]
    return [*buttons, drop_button(turn)]


# Goods: counts and orders


def begin(turn: Turn, draft: Draft, kind: str) -> bool:
    """Fill a new draft from a slip of this kind; whether there was one."""
    if not is_slip(turn, kind):
        return False
    with turn.read() as reader:
        goods = _goods(turn, reader, ask_unknown=kind == ORDER)
        customer = _customer(turn, reader) if kind == ORDER and turn.is_user else None
    draft["lines"] = goods.lines
    if kind == COUNT:
        draft["change"] = "set"
    if customer is not None:
        set_customer(draft, customer.id, customer.name)
    _say_left_out(turn, goods)
    return True


def take_over(turn: Turn, draft: Draft, kind: str) -> bool:
    """A slip that comes while the same form is open: another page of the same count goes on with
    it, anything else begins anew. Whether there was one."""
    if not is_slip(turn, kind):
        return False
    before = draft["lines"] or []
    goes_on = kind == COUNT and draft["change"] == "set" and before
    if goes_on:
        known = {line.get("id") for line in before}
        begin(turn, draft, kind)
        new = [line for line in draft["lines"] if not line.get("id") or line["id"] not in known]
        draft["lines"] = [*before, *new]
    else:
        former = draft.set_apart()
        draft.id, draft.data = turn.new_id(), {}
        leave(turn, former, draft)
        begin(turn, draft, kind)
    draft["confirmed"], draft.pending = None, None
    return True


def _goods(turn: Turn, reader: Reader, *, ask_unknown: bool) -> Goods:
    """The lines of a slip as a draft holds them. Of one product that stands twice, the second is
    left out: nobody can tell whether it is meant beside the first or in its place."""
    goods, asked, seen = Goods(), 0, set()
    for row in rows_of(turn):
        found = product_named(reader, row.text)
        if not (row.clear or found.one):
            goods.illegible += 1
        elif not row.sure or row.quantity is None or (found.one and found.one.id in seen):
            goods.unsure.append(row.as_read)
        elif found.one:
            seen.add(found.one.id)
            goods.lines.append(_line(row))
            set_product(goods.lines[-1], found.one)
        elif asked < MOST_ASKED and _worth_asking(found, ask_unknown=ask_unknown):
            asked += 1
            goods.lines.append(_line(row))
        else:
            goods.unknown.append(row.as_read)
    return goods


def _line(row: Row) -> dict[str, Any]:
    return {"said": row.text, "quantity": row.quantity, "said_unit": row.unit}


def _worth_asking(found: Found, *, ask_unknown: bool) -> bool:
    return ask_unknown or bool(found.options and not found.guesses)


def _say_left_out(turn: Turn, goods: Goods) -> None:
    for response, rows in (
        ("utter_slip_unsure", goods.unsure),
        ("utter_slip_unknown", goods.unknown),
    ):
        if rows:
            turn.say(response, rows=first_of(turn, rows))
    say_illegible(turn, goods.illegible)


def _customer(turn: Turn, reader: Reader) -> Any:
    """Whom the caption has named, else a row above the goods that is a customer's name."""
    named = (reading_of(turn).get("hint") or {}).get("customer")
    if named:
        return parties.customer(reader, UUID(named))
    for row in reading_of(turn).get("head") or []:
        kept = [
            word
            for word in words(row)
            if not only([word], "filler") and not says([word], "pictures.order")
        ]
        found = customer_named(reader, " ".join(kept)).one if kept else None
        if found is not None and set(kept) <= set(words(found.name)):
            return found
    return None


# Taps


def serve_tap(turn: Turn) -> list[EventType]:
    """Do what a button under a slip or card says."""
    told: dict[str, Any] = json.loads(turn.value("choice") or "{}")
    return _TAPS[str(turn.value("act"))](turn, told)


def _read_as(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    """Read the picture once more, as what it is said to be."""
    if not told.get("media"):
        turn.say("utter_old_button")
        return []
    hint = {**told["hint"], "wanted": told["wanted"]}
    turn.say("utter_reading")
    turn.dispatcher.utter_message(json_message={"read": {"media": told["media"], "hint": hint}})
    return []


def _drop(turn: Turn, told: dict[str, Any]) -> list[EventType]:  # noqa: ARG001
    turn.say("utter_page_left")
    return []


_TAPS: dict[str, Callable[[Turn, dict[str, Any]], list[EventType]]] = {
    PAGE_AS: _read_as,
    PAGE_PRICES: write_prices,
    PAGE_NEW: write_new,
    PAGE_CUSTOMER: write_customer,
    PAGE_VENDOR: write_vendor,
    PAGE_GSTIN: write_gstin,
    PAGE_DROP: _drop,
}
