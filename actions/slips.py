"""Slips and cards that were read from a picture: a count, an order, a list of rates, a person.

A count and an order fill the form that they would fill if they were typed. A list of rates and a
card stand by themselves, like the card of a bill: what their buttons write, the buttons carry. What
a picture does not say surely is left out, and said to be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
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
from actions.lexicon import only, says, words
from actions.match import Found, customer_named, payload_of, product_named, remember
from actions.photos import (
    PAGE_AS,
    PAGE_CUSTOMER,
    PAGE_DROP,
    PAGE_GSTIN,
    PAGE_NEW,
    PAGE_PRICES,
    PAGE_VENDOR,
)
from actions.phrasebook import Button
from actions.wording import phone_for
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue import service as prices
from erp_core.inventory.service import add_stocked_product
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.parties import queries as parties
from erp_core.parties import service as people
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

MOST_SHOWN = 15
FEW_SHOWN = 6
WORDS_OF_A_PAGE = 6
"""A page of so many words is worth asking about what it is."""


@dataclass(frozen=True)
class Row:
    """A line of a slip as it came; `clear`: whether the letters of its name were seen well."""

    text: str
    quantity: str | None
    unit: str | None
    paise: int | None
    sure: bool
    clear: bool = True

    @property
    def as_read(self) -> str:
        """What it says, with how many."""
        return f"{self.text} {plain(Decimal(self.quantity))}" if self.quantity else self.text


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
    kind, reading = _kind(turn), _reading(turn)
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
        _show_card(turn)
        return []
    if kind == PRICES:
        _show_prices(turn)
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
    reading = _reading(turn)
    unread = reading.get("kind") == "no_receipt" and not reading.get("trouble")
    if not unread or int(reading.get("words") or 0) < WORDS_OF_A_PAGE or not turn.is_user:
        return False
    turn.say("utter_page_what", choices=_kinds(turn, (BILL, COUNT, ORDER, CARD)))
    return True


def _kind(turn: Turn) -> str:
    """What the page is; goods are an order where the caption has named somebody, or a buyer sends
    them."""
    reading = _reading(turn)
    kind = str(reading.get("kind"))
    for_somebody = not turn.is_user or (reading.get("hint") or {}).get("customer")
    return ORDER if kind == GOODS and for_somebody else kind


def _reading(turn: Turn) -> dict[str, Any]:
    return turn.metadata.get("reading") or {}


def _rows(turn: Turn) -> list[Row]:
    return [Row(*line) for line in _reading(turn)["lines"]]


# Which of several kinds


def _ask_which(turn: Turn) -> None:
    """Ask what goods with numbers are, where any of them can be shown."""
    counted = [row for row in _rows(turn) if row.quantity is not None]
    read = [row for row in counted if row.clear]
    _say_illegible(turn, len(counted) - len(read))
    if not read:
        return
    shown = [f"• {row.text}: {plain(Decimal(row.quantity or 0))}" for row in read[:FEW_SHOWN]]
    rest = len(read) - len(shown)
    more = turn.line("line_slip_more", count=rest) if rest > 0 else ""
    turn.say("utter_page_which", rows="\n".join(shown) + more, choices=_kinds(turn, CHOICES))


def _kinds(turn: Turn, kinds: Iterable[str]) -> list[Button]:
    reading = _reading(turn)
    may = [one for one in kinds if one == BILL or turn.may(NEEDED[one])]
    buttons = [
        _button(
            turn,
            PAGE_AS,
            {"media": reading.get("media"), "wanted": one, "hint": reading.get("hint") or {}},
            turn.line(f"button_page_{TITLES.get(one, one)}"),
        )
        for one in may
    ]
    return [*buttons, _button(turn, PAGE_DROP, {}, turn.line("button_page_drop"))]


def _button(turn: Turn, act: str, choice: dict[str, Any], title: str) -> Button:  # noqa: ARG001
    payload = payload_of("affirm", act=act, choice=json.dumps(choice))
    return Button(title=title, payload=payload)


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
    for row in _rows(turn):
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
            turn.say(response, rows=_first(turn, rows))
    _say_illegible(turn, goods.illegible)


def _say_illegible(turn: Turn, count: int) -> None:
    if count:
        turn.say("utter_slip_illegible", count=count)


def _customer(turn: Turn, reader: Reader) -> Any:
    """Whom the caption has named, else a row above the goods that is a customer's name."""
    named = (_reading(turn).get("hint") or {}).get("customer")
    if named:
        return parties.customer(reader, UUID(named))
    for row in _reading(turn).get("head") or []:
        kept = [
            word
            for word in words(row)
            if not only([word], "filler") and not says([word], "pictures.order")
        ]
        found = customer_named(reader, " ".join(kept)).one if kept else None
        if found is not None and set(kept) <= set(words(found.name)):
            return found
    return None


# Rates


def _show_prices(turn: Turn) -> None:
    """Every rate that would change, from what to what; what is new; what cannot be read."""
    changed, same, new, unsure, illegible = [], 0, [], [], 0
    seen = set()
    with turn.read() as reader:
        for row in _rows(turn):
            found = product_named(reader, row.text)
            if not (row.clear or found.one):
                illegible += 1
            elif not row.sure or row.paise is None:
                unsure.append(row.text)
            elif found.one is None and not found.options:
                new.append([row.text, row.paise, row.unit])
            elif found.one is None or found.one.id in seen:
                # What looks like a name of the shop's may be that name misread: no new goods.
                unsure.append(f"{row.text} {inr(row.paise)}")
            else:
                seen.add(found.one.id)
                changed += [(found.one, row.paise)] if found.one.price_paise != row.paise else []
                same += found.one.price_paise == row.paise
    _say_illegible(turn, illegible)
    rows = [
        turn.line(
            "line_price_step", product=one.name, before=inr(one.price_paise), after=inr(paise)
        )
        for one, paise in changed
    ]
    turn.say(
        "utter_prices_read" if rows else "utter_prices_nothing_changes",
        rows="\n".join(rows),
        same=turn.line("line_prices_same", count=same) if same else "",
        new=turn.line("line_prices_new", rows=_new_rows(new)) if new else "",
        unsure=turn.line("line_prices_unsure", rows=_first(turn, unsure)) if unsure else "",
        choices=_price_buttons(turn, [[str(one.id), paise] for one, paise in changed], new),
    )


def _first(turn: Turn, rows: Sequence[str]) -> str:
    """The first of many, and how many more there are."""
    more = len(rows) - MOST_SHOWN
    rest = turn.line("line_slip_more", count=more) if more > 0 else ""
    return ", ".join(rows[:MOST_SHOWN]) + rest


def _new_rows(new: Sequence[Sequence[Any]]) -> str:
    """All of them: they are added with one tap."""
    return ", ".join(f"{text} {inr(paise)}" for text, paise, _ in new)


def _price_buttons(turn: Turn, changed: list[list[Any]], new: list[list[Any]]) -> list[Button]:
    source, buttons = _reading(turn).get("source"), []
    if changed:
        title = turn.line("button_page_prices", count=len(changed))
        buttons.append(
            _button(turn, PAGE_PRICES, {"source": source, "prices": changed, "new": new}, title)
        )
    if new and turn.may(Permission.ADD_PRODUCT):
        title = turn.line("button_page_new", count=len(new))
        choice = {"source": source, "new": new}
        buttons.append(_button(turn, PAGE_NEW, choice, title))
    if buttons:
        buttons.append(_button(turn, PAGE_DROP, {}, turn.line("button_page_drop")))
    return buttons


def _write_prices(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    done = turn.run(
        prices.change_prices,
        key=f"slip:{told['source']}:prices",
        prices=[{"product_id": product, "price_paise": paise} for product, paise in told["prices"]],
    )
    with turn.read() as reader:
        ids = [UUID(one["product_id"]) for one in done["changes"]]
        named = catalogue.products_by_id(reader, ids)
    rows = [
        turn.line(
            "line_price_step",
            product=named[UUID(one["product_id"])].name,
            before=inr(one["before"]),
            after=inr(one["after"]),
        )
        for one in done["changes"]
    ]
    new = told.get("new") or []
    choices = []
    if new and turn.may(Permission.ADD_PRODUCT):
        title = turn.line("button_page_new", count=len(new))
        choice = {"source": told["source"], "new": new}
        choices = [_button(turn, PAGE_NEW, choice, title)]
    turn.say("utter_prices_changed", rows="\n".join(rows), choices=choices)
    return []


def _write_new(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    """Add the goods of a list that the shop has not had; what it has by now is left as it is."""
    added, left = [], []
    for at, (name, paise, unit) in enumerate(told["new"]):
        try:
            turn.run(
                add_stocked_product,
                key=f"slip:{told['source']}:new:{at}",
                name=name,
                price_paise=paise,
                unit=unit or "piece",
                gst_rate=None,
            )
            added.append(f"{name} {inr(paise)}")
        except BahiError as error:
            if error.code not in ("product_exists", "bad_name", "sku_taken"):
                raise
            left.append(name)
    if added:
        turn.say("utter_products_added", rows=", ".join(added), count=len(added))
    if left:
        turn.say("utter_products_not_added", rows=", ".join(left))
    return []


# A card


def _show_card(turn: Turn) -> None:
    """Who is on the card, to be added; whoever has this number already is told."""
    card, source = _reading(turn)["card"], _reading(turn).get("source")
    phone = card["phones"][0]
    names = [one for one in (card["person"], card["company"]) if one]
    if card["gstin"] and card["company"]:
        names.reverse()  # a bill with a GSTIN is made out to the business
    with turn.read() as reader:
        known = parties.party_of(reader, "phone", phone)
        if known is not None:
            _say_known(turn, reader, known, card)
            return
    buttons = [
        _button(turn, PAGE_CUSTOMER, _entry(source, name, phone, card), f"✅ {name}")
        for name in names
    ]
    if turn.may(Permission.ADD_VENDOR):
        choice = _entry(
            source, names[-1] if card["company"] is None else card["company"], phone, card
        )
        buttons.append(_button(turn, PAGE_VENDOR, choice, turn.line("button_page_vendor")))
    buttons.append(_button(turn, PAGE_DROP, {}, turn.line("button_page_drop")))
    turn.say(
        "utter_card_read",
        names="\n".join(f"👤 *{name}*" for name in names),
        phone=phone_for(turn, phone),
        gstin=turn.line("line_card_gstin", gstin=card["gstin"]) if card["gstin"] else "",
        address=turn.line("line_card_address", address=card["address"]) if card["address"] else "",
        choices=buttons,
    )


def _entry(source: Any, name: str, phone: str, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": source,
        "name": name,
        "phone": phone,
        "gstin": card["gstin"],
        "address": card["address"],
    }


def _say_known(turn: Turn, reader: Reader, known: tuple[str, UUID], card: dict[str, Any]) -> None:
    """The number belongs to somebody; a GSTIN that the shop has not had can be noted."""
    kind, party_id = known
    if kind != "customer":
        turn.say(f"utter_card_known_{kind}", phone=phone_for(turn, card["phones"][0]))
        return
    customer = parties.customer(reader, party_id)
    choices = []
    if card["gstin"] and not customer.gstin and turn.may(Permission.CHANGE_CUSTOMER):
        choice = {
            "source": _reading(turn).get("source"),
            "customer": str(party_id),
            "gstin": card["gstin"],
        }
        choices.append(_button(turn, PAGE_GSTIN, choice, turn.line("button_page_gstin")))
        choices.append(_button(turn, PAGE_DROP, {}, turn.line("button_page_drop")))
    turn.say(
        "utter_card_known_customer",
        name=customer.name,
        phone=phone_for(turn, customer.phone),
        gstin=turn.line("line_card_gstin", gstin=card["gstin"]) if choices else "",
        choices=choices,
    )


def _write_customer(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    added = turn.run(
        people.add_customer,
        key=f"{turn.reference}:card",
        name=told["name"],
        phone=told["phone"],
        gstin=told["gstin"],
        address=told["address"],
    )
    turn.say("utter_customer_added", name=added["name"], phone=phone_for(turn, told["phone"]))
    return [remember(turn, customer=added["customer_id"])]


def _write_vendor(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    turn.run(
        people.add_vendor,
        key=f"{turn.reference}:card",
        name=told["name"],
        phone=told["phone"],
        gstin=told["gstin"],
    )
    turn.say("utter_card_vendor_added", name=told["name"], phone=phone_for(turn, told["phone"]))
    return []


def _write_gstin(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    customer_id = UUID(told["customer"])
    turn.run(
        people.change_customer,
        key=f"{turn.reference}:gstin",
        customer_id=customer_id,
        gstin=told["gstin"],
        state=told["gstin"][:2],
    )
    with turn.read() as reader:
        name = parties.customer(reader, customer_id).name
    turn.say("utter_card_gstin_noted", name=name, gstin=told["gstin"])
    return [remember(turn, customer=customer_id)]


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
    PAGE_PRICES: _write_prices,
    PAGE_NEW: _write_new,
    PAGE_CUSTOMER: _write_customer,
    PAGE_VENDOR: _write_vendor,
    PAGE_GSTIN: _write_gstin,
    PAGE_DROP: _drop,
}
