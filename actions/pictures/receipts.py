"""A bill that was read from a picture: shown once, asked where unsure, written when confirmed.

Its card's buttons carry all that it says, so that each of several cards can be tapped in any order,
whatever else is going on. The latest card is open in the expense form besides, so that it can be
changed by writing: "total 4130 hai", "category petrol", "kal ka hai", "GST nahi hai".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType, FollowupAction

from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.names import EXPENSE_FORM, PURCHASE_FORM
from actions.invoicing import reverse_charge
from actions.match import payload_of, product_named, remember, unit_word
from actions.phrasebook import Button
from actions.pictures.photos import AGAIN, EDIT, GOODS, NO, SET, YES, is_card
from actions.purchases import bill_goods
from actions.purchases.bill_words import HEADS, bill_again, follow_vendor, without_tax
from actions.reading.money import written
from actions.wording import day
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.inventory.queries import stock as stock_of
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Conflict
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business
from erp_core.receipts import memory, queries, service
from erp_core.receipts.bill import Mark
from erp_core.receipts.credit import BillTax, input_credit
from erp_core.receipts.marks import labels_of, recalled
from erp_core.receipts.totals import heads_clash
from erp_core.tax import gstin as gstins

RECEIPT = "receipt"
FIELDS = ("amount", "on", "vendor", "gst")
"""What is asked where it is unsure, in this order."""

NONE = "none"
MOST_BUTTONS = 3
TROUBLES = frozenset(
    {"wrong_type", "too_large", "damaged", "animated", "locked", "too_slow", "no_engine", "gone"}
)
_OF_A_CARD = (
    "receipt", "amount", "vendor", "on", "category", "method", "item", "ask", "guess", "goods",
    "corrects", "reverse",
)  # fmt: skip


# What a picture said


def tell(turn: Turn) -> list[EventType]:
    """Tell what a picture said, outside the expense form: a bill opens it if nothing else is."""
    reading = turn.metadata.get("reading") or {}
    if reading.get("kind") != RECEIPT:
        say_what_it_is(turn, reading)
        return []
    if turn.form is None:
        return [FollowupAction(EXPENSE_FORM)]
    with turn.read() as reader:
        draft = Draft("", EXPENSE_FORM, card_of(turn, reader, reading))
        say_card(turn, reader, draft)
    return [remember(turn, bill=json.dumps({name: draft[name] for name in _OF_A_CARD}))]


def say_what_it_is(turn: Turn, reading: dict[str, Any]) -> None:
    """Say kindly that a picture is no bill, or why it could not be read."""
    kind, trouble = str(reading.get("kind")), str(reading.get("trouble") or "")
    if kind == "upi_qr":
        turn.say("utter_photo_upi_qr", payee=reading.get("payee") or "-", vpa=reading.get("vpa"))
    elif kind == "barcode":
        _say_barcode(turn, str(reading.get("code")))
    elif kind == "unreadable":
        turn.say(f"utter_photo_{trouble if trouble in TROUBLES else kind}")
    else:
        turn.say(f"utter_photo_{kind}")
    _say_skipped(turn, reading)


def _say_barcode(turn: Turn, code: str) -> None:
    """The product whose SKU or other name is the code on the pack."""
    with turn.read() as reader:
        product = product_named(reader, code).one
        if product is None:
            turn.say("utter_photo_barcode_unknown", code=code)
            return
        stock = stock_of(reader, product.id)
    turn.say(
        "utter_photo_barcode",
        product=product.name,
        price=inr(product.price_paise),
        stock=plain(stock.available),
        unit=unit_word(turn, product.unit, stock.available),
    )


def _say_skipped(turn: Turn, reading: dict[str, Any]) -> None:
    if reading.get("skipped"):
        turn.say("utter_photo_skipped", count=int(reading["skipped"]))


def card_of(turn: Turn, reader: Reader, reading: dict[str, Any]) -> dict[str, Any]:
    """What a draft holds of a bill. What is unsure is a guess, to be asked."""
    found = {name: reading.get(name) or [None, False] for name in _FIELDS_READ}
    habit = _habit(reader, found)
    found.update(_as_before(turn, reader, habit, found, reading))
    guess = _guesses(turn, found)
    ask = list(guess)
    reverse = bool(reading.get("reverse_charge"))
    heads = {head: 0 if reverse else int(found[f"{head}_paise"][0] or 0) for head in HEADS}
    unsure = any(found[f"{head}_paise"][1] for head in HEADS)
    if not reverse and (unsure or _states_forbid(reader, found, heads)):
        ask.append("gst")
    vendor = None if "vendor" in ask else found["vendor"][0]
    if habit is not None and ("vendor" in ask or habit.known_by == "spelling"):
        vendor = habit.vendor
        ask = [one for one in ask if one != "vendor"]
    if "vendor" in ask and found["vendor"][0]:
        guess["vendor"] = memory.guess(reader, found["vendor"][0]) or guess["vendor"]
    hint = reading.get("hint") or {}
    category = hint.get("category") or (habit.category if habit else reading.get("category"))
    category = category or guess_category(vendor)
    return {
        "receipt": {**_paper(found, reading), **heads},
        "amount": None if "amount" in ask else int(found["total_paise"][0]),
        "on": None if "on" in ask else found["on"][0],
        "vendor": vendor,
        "category": category,
        "method": hint.get("method"),
        "reverse": reverse,
        "ask": ask,
        "guess": guess,
        "goods": bill_goods.lines_read(turn, reader, vendor, category, reading.get("lines") or []),
    }


def _habit(reader: Reader, found: dict[str, Any]) -> queries.Habit | None:
    """What the bills of this vendor have been."""
    spelling, unsure = found["vendor"]
    return queries.habit(
        reader, vendor=None if unsure else spelling, gstin=_sure(found, "vendor_gstin"),
        spelling=spelling,
    )  # fmt: skip


def _guesses(turn: Turn, found: dict[str, Any]) -> dict[str, Any]:
    """What is unsure of total, day and vendor, with what it may be."""
    guess = {}
    for field, name in (("amount", "total_paise"), ("on", "on"), ("vendor", "vendor")):
        value, unsure = found[name]
        if unsure or value is None or not _makes_sense(turn, field, value):
            guess[field] = value if value and _makes_sense(turn, field, value) else None
    return guess


def _paper(found: dict[str, Any], reading: dict[str, Any]) -> dict[str, Any]:
    """Which paper it is, and what it is known by again."""
    return {
        "source": reading.get("source"),
        "file": reading.get("file"),
        "page": int(reading.get("page") or 0),
        "look": reading.get("look"),
        "vendor_gstin": _sure(found, "vendor_gstin"),
        "buyer_gstin": _sure(found, "buyer_gstin"),
        "number": _sure(found, "number"),
        "spelling": found["vendor"][0],
        "marks": reading.get("marks") or [],
    }


def _sure(found: dict[str, Any], name: str) -> Any:
    """A field that was surely read."""
    value, unsure = found[name]
    return None if unsure else value


def _as_before(
    turn: Turn,
    reader: Reader,
    habit: queries.Habit | None,
    found: dict[str, Any],
    reading: dict[str, Any],
) -> dict[str, Any]:
    """What a known vendor's bill says where its earlier ones had their total, day and number."""
    if habit is None:
        return {}
    stood = memory.remembered(reader, habit.vendor_id)
    seen = [Mark(*one) for one in reading.get("marks") or []]
    return {
        name: list(recalled(field, found[name], seen, stood, today=turn.today))
        for field, name in (("total", "total_paise"), ("on", "on"), ("number", "number"))
    }


def _states_forbid(reader: Reader, found: dict[str, Any], heads: dict[str, int]) -> bool:
    """Whether tax of these heads cannot be between the vendor's state and ours."""
    seller, buyer = (_state_of(found[name]) for name in ("vendor_gstin", "buyer_gstin"))
    return heads_clash(
        cgst=heads["cgst"],
        sgst=heads["sgst"],
        igst=heads["igst"],
        seller=seller,
        place=buyer or business(reader).state,
    )


def _state_of(read: Any) -> str | None:
    """The state of a GSTIN that was surely read."""
    number, unsure = read
    return gstins.state_of(number) if number and not unsure and gstins.is_valid(number) else None


_FIELDS_READ = (
    "vendor", "vendor_gstin", "buyer_gstin", "number", "on", "total_paise", "cgst_paise",
    "sgst_paise", "igst_paise", "cess_paise",
)  # fmt: skip


def _makes_sense(turn: Turn, field: str, value: Any) -> bool:
    if field == "amount":
        return isinstance(value, int) and value > 0
    if field == "on":
        return date.fromisoformat(str(value)) <= turn.today
    return bool(str(value).strip())


# In the form


def begin(turn: Turn, draft: Draft) -> None:
    """Fill a new draft of the expense form from a picture, or from a card that shall be changed:
    one that was written is corrected."""
    if is_card(turn):
        _fill(draft, tapped_card(turn))
        if turn.value("act") == SET:
            answer(turn, draft)
            return
        with turn.read() as reader:
            written_as = queries.written_as(reader, draft["receipt"]["source"])
        draft["corrects"] = str(written_as) if written_as else None
        draft.pending = {"kind": "edit"}
        return
    if (again := bill_again(turn)) is not None:
        _fill(draft, again)
        return
    reading = turn.metadata.get("reading") or {}
    if turn.metadata.get("kind") == "reading" and reading.get("kind") == RECEIPT:
        with turn.read() as reader:
            _fill(draft, card_of(turn, reader, reading))
        _say_skipped(turn, reading)


def _fill(draft: Draft, card: dict[str, Any]) -> None:
    """The draft is this bill; what waits behind it stays."""
    behind = {name: draft[name] for name in ("aside", "others") if draft[name]}
    draft.data, draft.pending = {**behind, **card}, None


def settle(turn: Turn, reader: Reader, draft: Draft) -> None:
    """See what is to be asked next, and whether the bill is on the books already."""
    _mend_tax(turn, draft)
    draft["known"] = _known(reader, draft)
    field = next((one for one in FIELDS if one in draft["ask"]), None)
    if field is not None:
        guess = draft["guess"].get(field) if field != "gst" else "yes"
        draft.pending = {"kind": RECEIPT, "field": field, "token": field}
        if guess is not None:
            draft.pending["yes"] = str(guess)


def ask(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Ask what is unsure, beside what is sure."""
    field = (draft.pending or {})["field"]
    guess = draft["guess"].get(field)
    rows = []
    if field == "gst":
        rows = [_choice(draft, turn.line("button_receipt_right"), "yes")]
        rows.append(_choice(draft, turn.line("button_receipt_no_gst"), NONE))
    elif guess is not None:
        rows = [_choice(draft, f"✅ {_shown(field, guess)}", str(guess))]
    if field == "vendor":
        rows.append(_choice(draft, turn.line("button_receipt_no_vendor"), NONE))
    if field == "on" and guess != turn.today.isoformat():
        rows.append(_choice(draft, turn.line("button_receipt_today"), turn.today.isoformat()))
    if len(rows) < MOST_BUTTONS - 1:
        rows.append(_button(turn, draft, EDIT))
    rows.append(_button(turn, draft, NO))
    facts = _facts(turn, reader, draft)
    known = draft["known"]
    response = f"utter_ask_receipt_{field}" + ("" if guess or field == "gst" else "_plain")
    turn.say(
        response,
        choices=rows,
        summary=(turn.line("line_receipt_known", **_known_facts(known)) if known else "")
        + turn.line("line_receipt", **facts),
        guess=_shown(field, guess) if guess else "",
    )


def choose(turn: Turn, draft: Draft, value: str) -> None:
    """Take the answer to what was unsure."""
    _choose(turn, draft, draft["answering"]["field"], value)


def answer(turn: Turn, draft: Draft) -> None:
    """Take the answer that was tapped under a card."""
    tapped = _tapped(turn)
    _choose(turn, draft, str(tapped["field"]), str(tapped["value"]))


def _choose(turn: Turn, draft: Draft, field: str, value: str) -> None:
    if field == "amount":
        draft["amount"] = int(value)
    elif field == "on":
        draft["on"] = date.fromisoformat(value).isoformat()
    elif field == "vendor":
        draft["vendor"] = None if value == NONE else value
        follow_vendor(turn, draft)
    elif value == NONE:
        without_tax(draft)
    _settled(draft, field)


def say_card(turn: Turn, reader: Reader, draft: Draft) -> None:
    """The whole bill, to be confirmed."""
    facts = _facts(turn, reader, draft)
    known = draft["known"] if "known" in draft.data else _known(reader, draft)
    acts: tuple[str, ...] = (AGAIN, EDIT, NO) if known else (YES, EDIT, NO)
    unsure = [turn.line(f"word_receipt_{one}") for one in draft["ask"]]
    if unsure:
        acts = (EDIT, NO)
    elif bill_goods.are_offered(draft):
        acts = (acts[0], GOODS, EDIT, NO)
    turn.say(
        "utter_receipt_card",
        choices=[_button(turn, draft, act) for act in acts],
        warning=turn.line("line_receipt_known", **_known_facts(known)) if known else "",
        summary=turn.line("line_receipt", **facts),
        unsure=turn.line("line_receipt_unsure", fields=", ".join(unsure)) if unsure else "",
    )


_AS_READ = ("source", "vendor_gstin", "buyer_gstin", "number", "file", "page", "look")
"""What a bill is written with just as it was read."""


def write(turn: Turn, data: dict[str, Any], key: str, *, again: bool = False) -> list[EventType]:
    """Write a confirmed bill and say so; ask when the same bill turns out to be on the books."""
    try:
        done = turn.run(service.log_receipt, key=key, known_wanted=again, **_as_logged(data))
    except Conflict as error:
        if error.code != "receipt_known":
            raise
        draft = Draft("", EXPENSE_FORM, data)
        turn.say(
            "utter_receipt_known",
            choices=[_button(turn, draft, AGAIN), _button(turn, draft, NO)],
            on=day(date.fromisoformat(str(error.facts["on"]))),
            amount=inr(int(error.facts["amount"])),
        )
        return []
    return _tell_logged(turn, data, done)


def _as_logged(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was confirmed, as the command takes it."""
    bill = data["receipt"]
    marks = [Mark(*one) for one in bill.get("marks") or []]
    shown = {"total": data["amount"], "on": data["on"], "number": bill["number"]}
    return {
        **{name: bill[name] for name in _AS_READ},
        **{f"{head}_paise": bill[head] for head in HEADS},
        "amount_paise": data["amount"],
        "on": date.fromisoformat(data["on"]),
        "category": data["category"],
        "vendor": data["vendor"],
        "method": data["method"] or "cash",
        "item": data.get("item"),
        "corrects": UUID(data["corrects"]) if data.get("corrects") else None,
        "spelling": bill.get("spelling"),
        "labels": labels_of(marks, shown),
    }


def _tell_logged(turn: Turn, data: dict[str, Any], done: service.ReceiptLogged) -> list[EventType]:
    item = data["vendor"] or turn.line(f"category_{done['category']}")
    hint, offered = _of_reverse_charge(turn, data, done)
    kept = Draft("", EXPENSE_FORM, _kept(data, done["expense_id"]))
    edits = [_button(turn, kept, EDIT)] if turn.may(Permission.WRITE_VOUCHERS) else []
    set_off = turn.line("line_receipt_set_off", credit=inr(done["credit"]))
    turn.say(
        "utter_receipt_corrected" if data.get("corrects") else "utter_receipt_logged",
        amount=inr(done["amount"]),
        item=item,
        category=turn.line(f"category_{done['category']}"),
        credit=set_off if done["credit"] else hint,
        choices=[*offered, *edits],
    )
    if data.get("reverse"):
        reverse_charge.wanted(turn, done, _named(data))
    noted = written("expense_log", done["amount"], entry_id=done["expense_id"], item=item)
    return [remember(turn, written=noted, bill=json.dumps(kept.data))]


def _of_reverse_charge(
    turn: Turn, data: dict[str, Any], done: service.ReceiptLogged
) -> tuple[str, list[Button]]:
    """What is offered where the shop may owe the tax of what the bill is for."""
    return ("", []) if data.get("reverse") else reverse_charge.offer(turn, done, _named(data))


def _named(data: dict[str, Any]) -> str:
    """What is known of what a bill is for."""
    return " ".join(one for one in (data.get("item"), data["vendor"]) if one)


def _kept(data: dict[str, Any], expense_id: str) -> dict[str, Any]:
    """A card that was confirmed, without whatever else was read, to be corrected by."""
    card = {name: data.get(name) for name in _OF_A_CARD}
    bill = {**card["receipt"], "spelling": None, "marks": []}
    return {**card, "receipt": bill, "goods": [], "corrects": expense_id}


# Taps on a card


def is_of(turn: Turn, draft: Draft) -> bool:
    """Whether the tapped card is the one that the draft holds."""
    return bool(tapped_card(turn)["receipt"]["source"] == draft["receipt"]["source"])


def is_old(turn: Turn, draft: Draft) -> bool:
    """Whether the draft has changed since the tapped card was shown."""
    return _tapped(turn).get("stamp") != _stamp(draft)


def serve_tap(turn: Turn) -> list[EventType]:
    """Do what a tap on a card says, where the card is not the open one."""
    act, data = str(turn.value("act")), tapped_card(turn)
    if not turn.may(Permission.LOG_EXPENSE):
        turn.say("error_not_allowed")
        return []
    if act == NO:
        turn.say("utter_receipt_left")
        return [remember(turn)]
    of_open = (SET,) if turn.may(Permission.WRITE_VOUCHERS) else (SET, EDIT)
    with turn.read() as reader:
        if act in of_open and queries.is_written(reader, data["receipt"]["source"]):
            raise Conflict("receipt_written")
    if act in (EDIT, SET, GOODS):
        return [FollowupAction(PURCHASE_FORM if act == GOODS else EXPENSE_FORM)]
    # The same tap is the same command when the turn runs again, and another one is refused.
    return write(turn, data, f"{turn.reference}:receipt", again=act == AGAIN)


def _tapped(turn: Turn) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(turn.value("choice") or "{}")
    return found


def tapped_card(turn: Turn) -> dict[str, Any]:
    """The bill whose card was tapped, as the card showed it."""
    return {name: value for name, value in _tapped(turn).items() if name in _OF_A_CARD}


def _button(turn: Turn, draft: Draft, act: str) -> Button:
    choice = json.dumps(_card(draft))
    intent = "affirm" if act in (YES, AGAIN, GOODS) else "deny"
    return Button(
        title=turn.line(f"button_{act}"), payload=payload_of(intent, act=act, choice=choice)
    )


def _choice(draft: Draft, title: str, value: str) -> Button:
    """An answer to what is asked."""
    field = (draft.pending or {})["field"]
    choice = json.dumps({**_card(draft), "field": field, "value": value})
    return Button(title=title, payload=payload_of("affirm", act=SET, choice=choice))


def _card(draft: Draft) -> dict[str, Any]:
    return {**{name: draft[name] for name in _OF_A_CARD}, "stamp": _stamp(draft)}


def _stamp(draft: Draft) -> str:
    """A digest of all that a card shows."""
    shown = json.dumps([draft[name] for name in _OF_A_CARD], sort_keys=True).encode()
    return blake2b(shown, digest_size=6).hexdigest()


# What is to be mended


def _settled(draft: Draft, field: str) -> None:
    draft["ask"] = [one for one in draft["ask"] if one != field]


def _mend_tax(turn: Turn, draft: Draft) -> None:
    """Tax that is more than the whole bill was not read well."""
    tax = sum(draft["receipt"][head] for head in HEADS)
    if draft["amount"] is not None and tax >= draft["amount"]:
        without_tax(draft)
        _settled(draft, "gst")
        turn.say("utter_receipt_tax_dropped")


# What a card shows


def _known(reader: Reader, draft: Draft) -> dict[str, Any] | None:
    bill = draft["receipt"]
    known = queries.same_bill(
        reader,
        file=bill["file"],
        page=bill["page"],
        look=bill["look"],
        vendor=draft["vendor"],
        number=bill["number"],
        on=date.fromisoformat(draft["on"]) if draft["on"] else None,
        amount_paise=draft["amount"],
    )
    if known is None:
        return bill_goods.bought_before(reader, draft)
    if str(known.expense_id) == draft["corrects"]:
        return None
    return {"on": known.on.isoformat(), "amount": known.amount}


def _known_facts(known: dict[str, Any]) -> dict[str, str]:
    return {"on": day(date.fromisoformat(known["on"])), "amount": inr(known["amount"])}


def _facts(turn: Turn, reader: Reader, draft: Draft) -> dict[str, Any]:
    unknown, guess = turn.line("word_receipt_unknown"), draft["guess"] or {}
    unsure = {one: f"{_shown(one, guess[one])}?" for one in draft["ask"] if guess.get(one)}
    number = draft["receipt"]["number"]
    return {
        "vendor": draft["vendor"] or unsure.get("vendor", unknown),
        "number": turn.line("line_receipt_number", number=number) if number else "",
        "on": _shown("on", draft["on"]) if draft["on"] else unsure.get("on", unknown),
        "amount": inr(draft["amount"]) if draft["amount"] else unsure.get("amount", unknown),
        "method": turn.line(f"method_{draft['method'] or 'cash'}"),
        "category": turn.line(f"category_{draft['category'] or OTHER}")
        + (f" · {draft['item']}" if draft["item"] else ""),
        "tax": _tax_lines(turn, reader, draft),
    }


def _tax_lines(turn: Turn, reader: Reader, draft: Draft) -> str:
    """The tax by head, and what of it can be set off or why nothing."""
    bill = draft["receipt"]
    named = [f"{head.upper()} {inr(bill[head])}" for head in HEADS if bill[head]]
    if draft["reverse"]:
        return f"{turn.line('button_reverse_charge')}\n"
    if not named:
        return ""
    credit = input_credit(
        business(reader),
        BillTax(
            **{head: bill[head] for head in HEADS},
            vendor_gstin=bill["vendor_gstin"],
            buyer_gstin=bill["buyer_gstin"],
            number=bill["number"],
        ),
        category=draft["category"] or OTHER,
        on=date.fromisoformat(draft["on"]) if draft["on"] else turn.today,
        today=turn.today,
    )
    set_off = (
        turn.line("line_receipt_credit", credit=inr(credit.paise))
        if credit.paise
        else turn.line("line_receipt_no_credit", why=turn.line(f"no_credit_{credit.reason}"))
    )
    return f"{turn.line('line_receipt_tax', heads=', '.join(named))}\n{set_off}\n"


def _shown(field: str, guess: Any) -> str:
    if field == "amount":
        return inr(int(guess))
    return day(date.fromisoformat(guess)) if field == "on" else str(guess)
