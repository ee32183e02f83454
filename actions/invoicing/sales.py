"""A bill for goods that are named in the same breath: "Ravi ka bill bana do 2 iPhone".

It is an order that is billed at once. When the customer has an open order of just these goods,
that order is billed instead of booking the goods twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.intents import UNSURE
from actions.forms.names import PAYMENT_FORM
from actions.goods.telling import charged_rate, whole_of
from actions.invoicing.discounts import discount_line, exact_worth
from actions.invoicing.paid_ways import Part, parts_line, settle_halves, ways_line
from actions.invoicing.taxes import LACKS, ask_rate, say_what_lacks
from actions.lexicon import beside, only, says, words
from actions.match import product_named, remember
from actions.orders.due import due_line, keep_due
from actions.orders.rounding import rounding_line
from actions.purchases.vendors import stands_before
from actions.reading.gone_back import gone_back
from actions.reading.wanted import of_draft
from actions.reading.when import says_today
from actions.reading.whole_sums import says_final_price, tax_on_top, words_of_tax
from actions.reports.portals import holds_back, tell_of_new_bill
from actions.wording import balance_words, day, order_lines, told_of_stock, totals
from erp_core.invoicing import queries as invoices
from erp_core.invoicing import service as invoicing
from erp_core.invoicing.lawful import as_billed_today
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Conflict
from erp_core.kernel.money import half_up, inr
from erp_core.orders import queries as orders
from erp_core.orders import service, states
from erp_core.orders.pricing import LineWanted
from erp_core.orders.queries import Order, Preview
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.payments import queries as payments
from erp_core.tax.rules import charges_tax


def bills_goods(turn: Turn) -> bool:
    """Whether a bill is asked for goods by name, and not for an order by its number."""
    named = turn.intent == "invoice_generate" and turn.first("product_name") is not None
    return named and turn.is_user and turn.first("order_id") is None


def _wants_bill(turn: Turn) -> bool:
    """ "Priya ko 3 charger, bill bhi bana do", "Priya ka bill 3 charger"."""
    goods = turn.is_user and turn.first("product_name") and turn.first("customer_name")
    made = says(turn.words, "bill_words") and says(turn.words, "makes_bill")
    made = made or only(turn.words[-1:] or ("",), "bill_words")
    return bool(goods and (made or says(turn.words, "their_bill")))


def sold_on_credit(turn: Turn) -> bool:
    """Whether goods were given on udhaar: a bill at once, so that the khata holds what is owed."""
    named = turn.first("product_name") and turn.first("customer_name")
    later = says(turn.words, "dues.their_money") and says(turn.words, "dues.he_will_pay")
    credit = says(turn.words, "on_khata") or only(turn.words[-1:] or [""], "credit") or later
    credit = credit or _is_written_down(turn)
    return bool(turn.is_user and named and credit) and not gone_back(turn.words)


def _is_written_down(turn: Turn) -> bool:
    """ "Meena ne 2 frooti li likh lo", "Priya ke naam 2 charger likh do", "1 chini de di Meena ko
    likh lena": what somebody took already is no order, but owed."""
    if not says(turn.words, "taken_down.writes") or says(turn.words, "buying.an_order"):
        return False
    open_still = ("asking", "negation", "wanting", "tense.future", "advance")
    rest = beside(turn.words, "taken_down.writes")
    if any(says(rest, one) for one in open_still) or turn.first("date"):
        return False
    named = turn.first("customer_name")
    behind = words(turn.text[named.end :]) if named else ()
    took = behind[:1] == ("ne",) and says(behind, "took")
    given = stands_before(turn, named, "ko") if named else False
    given = given and says(turn.words, "taken_down.given")
    return took or given or says(behind[:3], "taken_down.in_name")


def sold_from_advance(turn: Turn) -> bool:
    """ "Uske advance me se 1 atta de diya": goods on the khata, which holds what was paid."""
    if not turn.is_user or turn.is_not_words or turn.first("product_name") is None:
        return False
    asks = says(turn.words, "asking") or says(turn.words, "negation")
    return says(turn.words, "from_advance") and not asks and not gone_back(turn.words)


def begin_bill(turn: Turn, draft: Draft) -> None:
    """Note that the order which begins here is to be billed."""
    on_credit = sold_on_credit(turn) or sold_from_advance(turn)
    billed = bills_goods(turn) or on_credit or _wants_bill(turn)
    if billed and turn.may(Permission.CREATE_INVOICE):
        draft["bill"] = True
        note_sending(turn, draft)


def tells_handed_over(turn: Turn) -> bool:
    """Whether goods that a message sells have left the shop: "2 maggi le gayi, paise kal degi",
    "Sunita ko 1 maggi udhaar di"."""
    if not turn.is_user:
        return False
    if says(turn.words, "took_along"):
        return True
    later = ("an_order", "to_be_given", "wanting", "tense.future")
    if any(says(turn.words, one) for one in later):
        return False
    gone = says(turn.words, "sold") or says(turn.words, "took")
    return gone or sold_on_credit(turn) or sold_from_advance(turn)


def note_sending(turn: Turn, draft: Draft) -> None:
    """ "Bill bana ke bhej do": note that the bill is to be sent when it is made."""
    if says(turn.words, "and_send") and turn.may(Permission.SHARE_INVOICE):
        draft["send"] = True


def note_day(turn: Turn, draft: Draft) -> None:
    """ "1 tarikh se bill", "kal ki tarikh ka bill", "parso bechi": note the day that a bill is
    wanted of."""
    for said in turn.all("date"):
        behind = only(words(turn.text[said.end :])[:1] or [""], "of_the_day")
        if behind or only(words(turn.text[: said.start])[-1:] or [""], "of_the_day"):
            draft["dated"] = None if says_today(turn) else said.value
        elif says(turn.words, "sold") and not says_today(turn):
            draft["dated"] = said.value


def tell_day(turn: Turn, draft: Draft) -> None:
    """That a bill is of the day on which it is made, where another was wanted."""
    if draft["dated"] and not draft["paper"]:
        turn.say("utter_bill_of_today", said=draft["dated"], today=day(turn.today))


def sending_line(turn: Turn, draft: Draft) -> str:
    """That the bill will also be sent, where that was asked for."""
    if not draft["send"] or draft["paper"]:
        return ""
    return "\n" + turn.line("line_will_send", name=draft["customer"]["name"])


def send_bill(turn: Turn, draft: Draft, invoice_id: str) -> None:
    """Send a bill just made to its customer, where that was asked for."""
    if not draft["send"]:
        return
    with turn.read() as reader:
        found = invoices.invoice(reader, UUID(invoice_id))
        if holds_back(turn, reader, found):
            return
        phone = parties.customer(reader, found.customer_id).phone
    facts: dict[str, Any] = {"name": found.customer_name, "number": found.number}
    facts["total"] = inr(found.total_paise)
    if not phone:
        turn.say("utter_customer_has_no_number", **facts)
        return
    turn.run(invoicing.share_invoice, key=f"draft:{draft.id}:send", invoice_id=found.id)
    turn.say("utter_invoice_sent", **facts)


def take_whole_price(turn: Turn, draft: Draft, money: Draft) -> bool:
    """Take a sum that was paid at once for what goods cost, tax in it; not one that is nearer to
    the rate of one, or less than half of what they are listed at, which is a part of it."""
    if not (turn.may(Permission.NAME_PRICE) and turn.may(Permission.RECORD_PAYMENT)):
        return False
    with turn.read() as reader:
        found = [product_named(reader, line["said"]).one for line in draft["lines"] or []]
    known, paise = [one for one in found if one], money["amount"]
    counts = [Decimal(line.get("quantity") or 1) for line in draft["lines"] or []]
    if not known or len(known) < len(found) or not money["method"] or not paise:
        return False
    listed = sum(one.price_paise * count for one, count in zip(known, counts, strict=True))
    of_one = known[0].price_paise if len(known) == 1 else 0
    nearer_to_one = of_one < listed and abs(paise - of_one) < abs(paise - listed)
    if paise * 2 < listed or nearer_to_one:
        return False
    draft["bill"], draft["paid"], draft["by_name"] = True, money["method"], True
    draft["ways"] = money.data if money["parts"] or money["halves"] else None
    set_said_total(draft, paise)
    return True


def set_said_total(draft: Draft, paise: int) -> None:
    """Keep a sum that was said for all goods together, of as many as there turn out to be."""
    draft["said_total"], draft["total_of"] = paise, None


def settle_bill(reader: Reader, draft: Draft) -> None:
    """Note in `booked` the open order that holds these goods already."""
    joins = draft["bill"] and not draft["paid"] and not draft["rounded"]
    booked = _open_order_of(reader, draft) if joins else None
    draft["booked"] = str(booked.id) if booked else None


def _open_order_of(reader: Reader, draft: Draft) -> Order | None:
    """The customer's open order without a bill that holds just the draft's goods."""
    goods = {(line["id"], Decimal(line["counted"])) for line in draft["lines"]}
    for one in orders.open_orders(reader, UUID(draft["customer"]["id"]), limit=20):
        held = {(str(line.product_id), line.quantity) for line in one.lines}
        if held == goods and one.invoice_id is None and one.status in states.BILLABLE:
            return one
    return None


def confirm_bill(turn: Turn, reader: Reader, draft: Draft, lines: Sequence[LineWanted]) -> None:
    """Show the bill with its total and what the customer will owe; or ask for the rate of goods
    whose tax nobody knows, since what is shown is what will be written."""
    customer_id = UUID(draft["customer"]["id"])
    exact = exact_total(turn, draft)
    booked = None
    if draft["booked"]:
        try:
            booked = as_billed_today(reader, orders.order(reader, UUID(draft["booked"])))
        except Conflict as conflict:
            say_what_lacks(turn, conflict)
            return
    shown = booked or orders.preview(reader, customer_id=customer_id, lines=lines, said_total=exact)
    if product := rate_lacks(shown):
        ask_rate(turn, product)
        return
    if draft["paid"]:
        tell_day(turn, draft)
        turn.say(
            "utter_confirm_paid_sale" if draft["by_name"] else "utter_confirm_counter_sale",
            name=draft["customer"]["name"],
            rows=order_lines(turn, shown) + discount_line(turn, draft),
            totals=totals(turn, shown)
            + rounding_line(turn, draft)
            + _said_otherwise(turn, reader, draft, shown.total_paise, lines),
            method=_ways_paid(turn, draft, shown.total_paise),
            total=inr(shown.total_paise),
            draft_id=draft.stamp,
        )
        return
    before = payments.balance(reader, customer_id)
    tell_day(turn, draft)
    turn.say(
        "utter_confirm_invoice" if booked else "utter_confirm_sale",
        name=draft["customer"]["name"],
        number=booked.number if booked else "",
        rows=order_lines(turn, shown) + discount_line(turn, draft),
        totals=totals(turn, shown)
        + rounding_line(turn, draft)
        + due_line(turn, draft)
        + sending_line(turn, draft),
        before=balance_words(turn, before),
        after=balance_words(turn, before + shown.total_paise),
        draft_id=draft.stamp,
    )


def rate_lacks(shown: Order | Preview) -> UUID | None:
    """The first goods of a sale whose rate of tax nobody knows."""
    return next((one.product_id for one in shown.lines if not one.rate_known), None)


def lacks_rate(turn: Turn, draft: Draft, lines: Sequence[LineWanted]) -> bool:
    """Whether a bill in hand waits for the rate of tax of its goods."""
    whose = UUID(draft["customer"]["id"])
    with turn.read() as reader:
        return rate_lacks(orders.preview(reader, customer_id=whose, lines=lines)) is not None


def book_without_bill(
    turn: Turn, reader: Reader, draft: Draft, lines: Sequence[LineWanted]
) -> None:
    """Whoever may not say what tax goods bear has them booked; the bill is for others to make."""
    if not draft["bill"] or draft["booked"] or turn.may(Permission.CHANGE_PRICE):
        return
    shown = orders.preview(reader, customer_id=UUID(draft["customer"]["id"]), lines=lines)
    if product := rate_lacks(shown):
        draft["bill"] = draft["paid"] = None
        name = next(one.product for one in shown.lines if one.product_id == product)
        turn.say("error_rate_unknown", product=name)


def write_bill(turn: Turn, draft: Draft, lines: Sequence[LineWanted]) -> list[EventType]:
    """Book and bill the goods, or bill the order that holds them already.

    Goods whose rate nobody knows are booked, and the rate is asked before the bill.
    """
    customer_id, order_id = UUID(draft["customer"]["id"]), draft["booked"]
    try:
        done = _bill(turn, draft, lines)
    except Conflict as conflict:
        if conflict.code not in LACKS:
            raise
        if order_id is None:
            order = turn.run(
                service.create_order,
                key=f"draft:{draft.id}:order",
                customer_id=customer_id,
                lines=list(lines),
                said_total=exact_total(turn, draft),
            )
            order_id = order["order_id"]
        say_what_lacks(turn, conflict)
        keep_due(turn, draft, customer_id)
        return [remember(turn, customer=customer_id, order=order_id)]
    if draft["paid"]:
        turn.say(
            "utter_counter_sold",
            number=done["number"],
            total=inr(done["total"]),
            method=_ways_paid(turn, draft, done["total"]),
            stock=told_of_stock(turn, draft["lines"], "line_stock_reduced"),
        )
        last, order = draft["lines"][-1]["id"], done.get("order_id")
        theirs = {"customer": customer_id} if draft["by_name"] else {}
        return [remember(turn, invoice=done["invoice_id"], order=order, product=last, **theirs)]
    keep_due(turn, draft, customer_id)
    say_bill_made(turn, draft, done)
    with turn.read() as reader:
        tell_of_new_bill(turn, reader, UUID(done["invoice_id"]))
    send_bill(turn, draft, done["invoice_id"])
    about: dict[str, Any] = {"invoice": done["invoice_id"], "customer": customer_id}
    return [remember(turn, **about, order=done.get("order_id"), product=draft["lines"][-1]["id"])]


def _bill(turn: Turn, draft: Draft, lines: Sequence[LineWanted]) -> Mapping[str, Any]:
    key = f"draft:{draft.id}"
    if draft["booked"]:
        return turn.run(invoicing.invoice_order, key=key, order_id=UUID(draft["booked"]))
    goods = {
        "customer_id": UUID(draft["customer"]["id"]),
        "lines": list(lines),
        "said_total": exact_total(turn, draft),
    }
    if draft["paid"]:
        paid = {"method": draft["paid"], "parts": _parts_paid(draft, draft["shown"])}
        return turn.run(invoicing.sell_at_counter, key=key, **paid, **goods)
    return turn.run(invoicing.bill_goods, key=key, handed_over=_is_handed_over(draft), **goods)


def _is_handed_over(draft: Draft) -> bool:
    return bool(draft["handed_over"] and not draft["booked"] and of_draft(draft) == (None, None))


def settle_ways(turn: Turn, draft: Draft, total: int) -> None:
    """Where what came in several ways is not the total any more, it is told back and forgotten."""
    parts = _parts_paid(draft, total)
    if parts and (sum(paise for paise, _ in parts) != total or min(parts)[0] <= 0):
        turn.say("utter_not_in_it", said=parts_line(turn, parts))
        draft["ways"] = None


def _parts_paid(draft: Draft, total: int) -> list[Part]:
    """In which parts a sale was paid, where its money came in several ways."""
    if not draft["ways"]:
        return []
    money = Draft("", PAYMENT_FORM, {**draft["ways"], "amount": total})
    settle_halves(money)
    parts = money["parts"] or []
    rest = total - sum(paise or 0 for paise, _ in parts)
    return [(paise or rest, way) for paise, way in parts]


def _ways_paid(turn: Turn, draft: Draft, total: int) -> str:
    parts = _parts_paid(draft, total)
    return ways_line(turn, Draft("", PAYMENT_FORM, {"parts": parts, "method": draft["paid"]}))


def say_bill_made(turn: Turn, draft: Draft, done: Mapping[str, Any]) -> None:
    """Show a bill just made."""
    turn.say(
        "utter_invoice_made",
        attachment={"kind": "invoice", "id": done["invoice_id"]},
        number=done["number"],
        name=draft["customer"]["name"],
        total=inr(done["total"]),
        invoice_id=done["invoice_id"],
        customer_id=done["customer_id"],
    )


def take_tax_inside(turn: Turn, draft: Draft) -> bool:
    """Note that what goods are said to cost has its tax in it, or that the tax comes on top;
    whether the message says either."""
    if not turn.is_user:
        return False
    if says(turn.words, "tax_inside") or says_final_price(turn):
        draft["inside"] = True
        return True
    if not tax_on_top(turn):
        return False
    was_inside, draft["inside"] = draft["inside"], None
    if not was_inside:
        with turn.read() as reader:
            included = parties.business(reader).prices_include_tax
        if included:
            turn.say("utter_not_in_it", said=words_of_tax(turn))
    return True


OF_TAX = UNSURE | {"gst_export", "report_request"}
"""Intents that how goods are taxed is taken for."""


def says_how_taxed(turn: Turn) -> bool:
    """ "GST alag se", "5% gst alag", "rate me gst shamil hai": of the goods in hand, and no wish
    for a return, though it is taken for one."""
    others = ("date", "customer_name", "invoice_number", "product_name")
    if not turn.is_user or turn.intent not in OF_TAX or any(turn.first(one) for one in others):
        return False
    told = says(turn.words, "tax_inside") or tax_on_top(turn)
    return told and not says(turn.words, "asking") and "?" not in turn.text


def note_said_total(reader: Reader, draft: Draft) -> None:
    """Keep what the sums that were said for the goods come to, where they are what is paid, tax in
    it: at once, as in "10 maggi bech diya 140", or "including GST". Goods that are added later or
    taken off were not in what was said."""
    draft["sums_said"] = None
    if draft["total_of"] not in (None, len(draft["lines"])):
        draft["said_total"] = None
    draft["total_of"] = len(draft["lines"])
    paid = draft["paid"] and not draft["on_top"]
    if _holds_tax(reader) and (draft["discount"] or not (paid or draft["inside"])):
        draft["sums_said"] = uneven_total(reader, draft)
        return
    if not (paid or draft["inside"]):
        return
    said = [one for one in draft["lines"] if _is_said(one)]
    others = [one for one in draft["lines"] if one not in said]
    if not said or (others and not draft["inside"]):
        return
    total = sum((whole_of(one) for one in said), Decimal(0))
    draft["sums_said"] = half_up(total) + (_listed(reader, draft, others) if others else 0)


def uneven_total(reader: Reader, draft: Draft, *, beside: int = 0) -> int | None:
    """What the goods come to, with so many paise for others, where no rates of whole paise make
    just that: 3 kg for ₹100. None where tax comes on top of what this shop says goods cost."""
    if not _holds_tax(reader):
        return None
    rated = sum(half_up(Decimal(one["counted"]) * charged_rate(one)) for one in draft["lines"])
    whole = half_up(sum((exact_worth(one) for one in draft["lines"]), Decimal(0)))
    return whole + beside if whole != rated else None


def _holds_tax(reader: Reader) -> bool:
    shop = parties.business(reader)
    return shop.prices_include_tax or not charges_tax(shop)


def _is_said(line: Mapping[str, Any]) -> bool:
    """Whether the rate of a line was said, as against worked out from the list's."""
    return bool(line.get("amount")) and (
        line.get("lowered") != line["amount"] or line["base"] != line["price"]
    )


def _listed(reader: Reader, draft: Draft, lines: Sequence[Mapping[str, Any]]) -> int:
    """What goods come to at the list's rates, with their tax."""
    customer = draft["customer"]
    return orders.preview(
        reader,
        customer_id=UUID(customer["id"]) if customer else None,
        lines=[{"product_id": one["id"], "quantity": one["counted"]} for one in lines],
    ).total_paise


def exact_total(turn: Turn, draft: Draft) -> int | None:
    """What goods were said to cost, tax in it: the bill is of just that, from whoever may name a
    price."""
    if draft["round_total"]:
        return int(draft["round_total"])
    if not turn.may(Permission.NAME_PRICE):
        return None
    sums: int | None = draft["sums_said"]
    return _said(draft) if draft["paid"] or draft["inside"] else sums


def _said(draft: Draft) -> int | None:
    said: int | None = draft["said_total"] or draft["sums_said"]
    return said


def _said_otherwise(
    turn: Turn, reader: Reader, draft: Draft, total: int, lines: Sequence[LineWanted]
) -> str:
    """That another sum was said than the list comes to, where the tax comes on top of its rates."""
    said = _said(draft)
    if not said:
        return ""
    if said != total:
        response = "line_said_less" if said < total else "line_said_more"
        if not turn.may(Permission.NAME_PRICE):
            response = "line_said_not_allowed"
        return "\n" + turn.line(
            response, said=inr(said), total=inr(total), by=inr(abs(total - said))
        )
    listed = orders.preview(
        reader,
        customer_id=UUID(draft["customer"]["id"]),
        lines=[{**line, "unit_price_paise": None} for line in lines],
    ).total_paise
    if listed == total:
        return ""
    response = "line_billed_less" if total < listed else "line_billed_more"
    return "\n" + turn.line(response, listed=inr(listed), by=inr(abs(total - listed)))
