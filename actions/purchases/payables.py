"""What the shop owes: to whom, for what, on loans; and the taps that set a payment right."""

from __future__ import annotations

from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.match import payload_of, remember
from actions.payments.owing import tell_who_owes
from actions.phrasebook import Button
from actions.purchases.vendors import owed_words, seller_named, vendor_in
from erp_core.kernel.money import inr
from erp_core.ledger.chart import LOANS
from erp_core.ledger.queries import balance_of
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Vendor
from erp_core.purchases import paying, queries, service

ROWS = 15


def loans_left(turn: Turn) -> list[EventType] | None:
    """ "Loan kitna baaki hai": what the shop owes to those who lent to it."""
    asked = says(turn.words, "tills.loan") and says(turn.words, "asking")
    if not asked or not says(turn.words, "tills.loan_left") or seller_named(turn):
        return None
    if not turn.may(Permission.WRITE_VOUCHERS):
        return None
    with turn.read() as reader:
        owed = -balance_of(reader, LOANS)
    turn.say("utter_loans_left", amount=inr(owed))
    return []


def payables(turn: Turn) -> list[EventType] | None:
    """ "Kisko kitna dena hai", "Metro ko kitna dena hai"."""
    if turn.metadata.get("command") in ("dena", "payables", "vendors"):
        _tell_all(turn)
        return []
    asks = says(turn.words, "asking") or says(turn.words, "buying.owe_whom")
    vendors_due = says(turn.words, "buying.suppliers") and says(turn.words, "buying.on_credit")
    owes = says(turn.words, "buying.owe") or vendors_due
    theirs, ours = says(turn.words, "buying.they_owe"), _asks_what_is_owed(turn)
    if not asks or not owes or _is_about_else(turn) or (theirs and not ours):
        return None
    with turn.read() as reader:
        seller = vendor_in(turn, reader)
    if seller is not None:
        tell_owed(turn, seller)
        return [remember(turn, vendor=seller.id)]
    if seller_named(turn) or not says(turn.words, "buying.owe_whom"):
        return None
    if theirs:
        with turn.read() as reader:
            tell_who_owes(turn, reader)
    _tell_all(turn)
    return []


def all_vendors(turn: Turn) -> list[EventType] | None:
    """ "Suppliers ki list dikhao", "maal kis kis se aata hai": of whom the shop buys, and what each
    is owed."""
    named = seller_named(turn) or turn.first("product_name") or turn.first("amount")
    if not turn.is_user or turn.is_not_words or named or not _asks_who_sells(turn):
        return None
    if not turn.may(Permission.VIEW_PURCHASES):
        turn.say("error_not_allowed")
        return []
    with turn.read() as reader:
        known = parties.all_vendors(reader)
        owed = {one.name: one.paise for one in queries.payables(reader)}
    if not known:
        turn.say("utter_no_vendors")
        return []
    rows = [
        turn.line("line_payable", name=one.name, amount=owed_words(turn, owed.get(one.name, 0)))
        for one in known[:ROWS]
    ]
    turn.say("utter_vendors", rows="\n".join(rows), count=len(known))
    return []


def _asks_who_sells(turn: Turn) -> bool:
    said = turn.words
    listed = says(said, "buying.suppliers") and says(said, "buying.which_ones")
    return (listed and not says(said, "buying.owe")) or says(said, "buying.who_sells")


def _asks_what_is_owed(turn: Turn) -> bool:
    """ "Kisne kitna dena hai aur hume kisko dena hai" asks for what is owed too, beside what others
    owe."""
    both = says(turn.words, "buying.lena") and says(turn.words, "buying.owe")
    return both or says(turn.words, "buying.we_owe") or says(turn.words, "buying.suppliers")


def _is_about_else(turn: Turn) -> bool:
    """Tax, goods and promises are given too, and friends share what a group has spent."""
    other = (
        "gst_words",
        "gstr3b",
        "gstr2b",
        "dues.no_money",
        "dues.he_will_pay",
        "dues.promises",
        "dues.remind",
    )
    named = turn.first("product_name") or turn.first("group")
    return named is not None or any(says(turn.words, one) for one in other)


def tell_owed(turn: Turn, seller: Vendor) -> None:
    """What a vendor is owed, with its last bills."""
    with turn.read() as reader:
        owed = queries.owed_to(reader, seller.id)
        bills = [one for one in queries.bills_of(reader, seller.id) if one.total][-3:]
    rows = [
        {
            "on": f"{one.on:%d-%m}",
            "kind": turn.line(f"entry_{'debit_note' if one.sign < 0 else 'purchase'}"),
            "number": one.number or "",
            "amount": inr(one.sign * one.total),
        }
        for one in bills
    ]
    turn.say(
        "utter_vendor_owed",
        name=seller.name,
        owed=owed_words(turn, owed),
        rows=turn.lines("line_vendor_bill", rows),
    )


def _tell_all(turn: Turn) -> None:
    with turn.read() as reader:
        found = queries.payables(reader)
        unbilled = queries.awaited(reader)
    owing = [one for one in found if one.paise > 0]
    rows = [turn.line("line_payable", name=one.name, amount=inr(one.paise)) for one in owing[:ROWS]]
    rows += [
        turn.line("line_payable_advance", name=one.name, amount=inr(-one.paise))
        for one in found
        if one.paise < 0
    ][:ROWS]
    if unbilled > 0:
        rows.append(turn.line("line_payable_unbilled", amount=inr(unbilled)))
    if not rows:
        turn.say("utter_no_payables")
        return
    total = sum(one.paise for one in owing)
    turn.say("utter_payables", rows="\n".join(rows), total=inr(total), count=len(owing))


def goods_are_theirs(turn: Turn) -> list[EventType]:
    """A tap: the goods that came without a bill were this vendor's."""
    vendor_id = UUID(turn.value("choice") or "")
    with turn.read() as reader:
        advance = -queries.owed_to(reader, vendor_id)
        amount = min(queries.awaited(reader), advance)
    done = turn.run(service.bill_awaited_goods, vendor_id=vendor_id, amount_paise=amount)
    turn.say(
        "utter_goods_are_theirs",
        name=done["vendor"],
        amount=inr(done["total"]),
        owed=owed_words(turn, done["owed"]),
    )
    return []


def undo_payment(turn: Turn) -> list[EventType]:
    """A tap: the payment just written was wrong."""
    done = turn.run(paying.undo_payment, payment_id=UUID(turn.value("choice") or ""))
    turn.say("utter_vendor_payment_undone", amount=inr(done["amount"]))
    return []


def undo_button(turn: Turn, payment_id: str) -> Button:
    """The tap that takes a payment back."""
    return Button(
        title=turn.line("button_undo"),
        payload=payload_of("khata_query", act="unpay", choice=payment_id),
    )


def offer_goods(turn: Turn, vendor_id: str, owed: int, unbilled: int) -> list[Button]:
    """The tap by which a payment in advance becomes one for goods that came without a bill."""
    if owed >= 0 or unbilled <= 0:
        return []
    title = turn.line("button_goods_are_theirs", amount=inr(min(unbilled, -owed)))
    return [Button(title=title, payload=payload_of("khata_query", act="theirs", choice=vendor_id))]
