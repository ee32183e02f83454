"""Equipment of the shop's own that is sold: "purana fridge 5000 me becha", by its wording alone."""

from __future__ import annotations

import re
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import last_amount, method_of
from actions.lexicon import says
from actions.match import customer_named, payload_of, product_named, remember
from actions.phrasebook import Button
from actions.talk.not_kept import names_goods
from actions.wording import day
from erp_core.expenses.categories import EQUIPMENT, guess_category
from erp_core.invoicing import equipment
from erp_core.invoicing.equipment import Equipment, EquipmentSold, sell_equipment
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Invalid
from erp_core.kernel.money import inr, parse_rupees
from erp_core.parties import service as parties_service
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import Customer
from erp_core.tax.gst import parse_rate

ACT = "equipment_sold"
METHODS = ("cash", "upi")
OWED = "owed"
SALES = frozenset({"order_create", "order_modify", "invoice_generate", "nlu_fallback"})
"""What the sale of an old thing is taken for that has no word of equipment."""
BOUGHT = frozenset(
    {"customer_query", "payment_record", "out_of_scope", "nlu_fallback", "order_create"}
)
"""What an old thing that came is taken for."""
_HSN = re.compile(r"\bhsn\s*:?\s*(\d{4,8})\b", re.IGNORECASE)
_RATE = re.compile(r"\bgst\s*:?\s*(\d{1,2}(?:\.\d+)?)\s*%?(?!\d)", re.IGNORECASE)
_FIGURES = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])")


def sell(turn: Turn) -> list[EventType] | None:
    """Ask how used equipment that was sold is paid; None where nothing of the kind is said."""
    if not says(turn.words, "sold") or says(turn.words, "asking") or says(turn.words, "negation"):
        return None
    amount = _amount(turn)
    scrap = says(turn.words, "scrap") and not names_goods(turn, "scrap")
    if amount is not None and turn.is_user and scrap:
        turn.say("utter_scrap_sold", amount=inr(amount))
        return []
    if amount is None or not turn.may(Permission.WRITE_VOUCHERS):
        return None
    with turn.read() as reader:
        if _is_of_the_trade(turn, reader):
            return None
        found = equipment.named(reader, turn.text)
        buyer = _buyer(turn, reader)
    if not found:
        return _tell_unknown(turn)
    if len(found) > 1:
        turn.say("utter_which_equipment", rows="\n".join(f"• {_row(one)}" for one in found))
        return []
    _ask(turn, found[0], amount, buyer)
    return [remember(turn, customer=buyer.id if buyer else None)]


def tell_bought(turn: Turn) -> list[EventType] | None:
    """ "Rohan se purana phone 4000 me liya": an old thing that came is no money that came, and
    nobody's details; how it is written is told."""
    bought = says(turn.words, "took") or says(turn.words, "buying.purchased")
    taken = turn.intent in BOUGHT and not (turn.first("item") or turn.first("vendor_name"))
    if not taken or not bought or not says(turn.words, "used_goods") or _amount(turn) is None:
        return None
    if any(says(turn.words, one) for one in ("asking", "negation", "owing")):
        return None
    turn.say("utter_used_goods_bought")
    return []


def sold_by_tap(turn: Turn) -> list[EventType]:
    """A tap that says how it is paid: billed, and out of the books."""
    expense_id, paise, buyer, method, hsn, rate = (turn.value("choice") or "").split("|")
    if not buyer:
        buyer = turn.run(parties_service.walk_in, key="equipment:walk_in")["customer_id"]
    done = turn.run(
        sell_equipment,
        expense_id=UUID(expense_id),
        customer_id=UUID(buyer),
        amount_paise=int(paise),
        method=None if method == OWED else method,
        hsn=hsn or None,
        rate=int(rate) if rate else None,
    )
    _tell(turn, done)
    return [remember(turn, invoice=done["invoice_id"], customer=buyer)]


def _amount(turn: Turn) -> int | None:
    """The one price that is said."""
    bare = _RATE.sub(" ", _HSN.sub(" ", turn.text))
    figures = [one for one in _FIGURES.findall(bare) if one != "1"]
    if len(figures) > 1:
        return None
    if not figures:
        return last_amount(turn.all("amount"))
    try:
        return parse_rupees(figures[0]) or None
    except Invalid:
        return None


def _is_of_the_trade(turn: Turn, reader: Reader) -> bool:
    """Whether goods of the shop are sold, or something over its counter; what is called old is
    neither."""
    named = turn.first("product_name")
    if says(turn.words, "used_goods"):
        return False
    if named is None:
        return says(turn.words, "walk_in")
    return product_named(reader, named.value).one is not None


def _buyer(turn: Turn, reader: Reader) -> Customer | None:
    named = turn.first("customer_name")
    return customer_named(reader, named.value).one if named else None


def _tell_unknown(turn: Turn) -> list[EventType] | None:
    """Of old things that are no goods and were never written: how to have them known. What is
    sold is no expense, whatever it is."""
    if not says(turn.words, "used_goods"):
        return None
    of_the_shop = turn.intent == "expense_log" or guess_category(turn.text) == EQUIPMENT
    if not of_the_shop and (turn.intent not in SALES or names_goods(turn, "used_goods")):
        return None
    turn.say("utter_equipment_unknown")
    if not of_the_shop:
        turn.say("utter_used_goods_unknown")
    return []


def _ask(turn: Turn, one: Equipment, amount: int, buyer: Customer | None) -> None:
    hsn, rate = _HSN.search(turn.text), _RATE.search(turn.text)
    said, to = method_of(turn.text), str(buyer.id) if buyer else ""
    ways = [said] if said else [*METHODS, *([OWED] if buyer else [])]
    rest = [hsn.group(1) if hsn else "", str(parse_rate(rate.group(1))) if rate else ""]
    turn.say(
        "utter_ask_equipment_paid",
        item=one.item,
        bought_on=day(one.bought_on),
        book_value=inr(one.book_value),
        amount=inr(amount),
        buyer=turn.line("line_equipment_buyer", name=buyer.name) if buyer else "",
        choices=[
            Button(
                title=turn.line("button_equipment_owed" if way == OWED else f"method_{way}"),
                payload=payload_of(
                    "invoice_generate",
                    act=ACT,
                    choice="|".join([str(one.expense_id), str(amount), to, way, *rest]),
                ),
            )
            for way in ways
        ],
    )


def _tell(turn: Turn, done: EquipmentSold) -> None:
    gained = "line_equipment_loss" if done["profit"] < 0 else "line_equipment_profit"
    back = turn.line("line_equipment_credit_back", amount=inr(done["credit_back"]))
    turn.say(
        "utter_equipment_sold",
        number=done["number"],
        item=done["item"],
        total=inr(done["total"]),
        tax=turn.line("line_equipment_tax", amount=inr(done["tax"])) if done["tax"] else "",
        book_value=inr(done["book_value"]),
        gained=turn.line(gained, amount=inr(abs(done["profit"]))),
        back=back if done["credit_back"] else "",
        due=turn.line("line_equipment_due", amount=inr(done["due"])) if done["due"] else "",
    )


def _row(one: Equipment) -> str:
    return f"{one.item} ({day(one.bought_on)}, {inr(one.book_value)})"
