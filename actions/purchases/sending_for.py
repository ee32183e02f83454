"""What is to be ordered from vendors, and what was ordered and has not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.match import MOST_CHOICES, payload_of, unit_word
from actions.phrasebook import Button
from actions.purchases.buying_words import RECEIVE
from erp_core.catalogue.queries import Quantified
from erp_core.kernel.quantity import plain
from erp_core.parties.permissions import Permission
from erp_core.purchases import ordering
from erp_core.purchases.reordering import Suggestion, suggestions

ROWS = 15


def reorder(turn: Turn) -> list[EventType] | None:
    """ "Kya mangwana hai": what is due to be ordered, why, and a tap that orders it."""
    asked = turn.metadata.get("command") in ("mangwao", "reorder")
    if not asked and not (
        says(turn.words, "buying.reorder")
        and turn.intent in ("low_stock_query", "inventory_query", "order_create", "nlu_fallback")
    ):
        return None
    if turn.first("product_name") or not turn.may(Permission.RECORD_PURCHASE):
        return None
    with turn.read() as reader:
        found = suggestions(reader)
        expected = ordering.open_orders(reader)
    if not found:
        on_its_way = turn.line("line_orders_open", count=len(expected)) if expected else ""
        turn.say("utter_nothing_to_order", more=on_its_way)
        return []
    rows = [_suggested(turn, one) for one in found[:ROWS]]
    usual = {one.usual.vendor_id: one.usual.vendor for one in found if one.usual}
    choices = []
    if usual:
        title = turn.line("button_order_all")
        choices.append(Button(title=title, payload=payload_of("low_stock_query", act="mangwao")))
    without = sum(one.usual is None for one in found)
    turn.say(
        "utter_to_order",
        count=len(found),
        rows="\n".join(rows),
        more=turn.line("line_no_usual_vendor", count=without) if without else "",
        choices=choices,
    )
    return []


def _suggested(turn: Turn, one: Suggestion) -> str:
    facts = {
        "product": one.name,
        "quantity": plain(one.quantity),
        "unit": unit_word(turn, one.unit, one.quantity),
        "available": plain(one.available),
        "per_day": plain(one.per_day.quantize(Decimal("0.1"))),
        "days": one.days or 0,
    }
    vendor = turn.line("line_from_vendor", vendor=one.usual.vendor) if one.usual else ""
    return turn.line(f"line_order_{one.why}", **facts) + vendor


def order_all(turn: Turn) -> list[EventType]:
    """The tap: an order to each usual vendor, at what is due now."""
    with turn.read() as reader:
        found = [one for one in suggestions(reader) if one.usual]
    wanted: dict[UUID, list[Quantified]] = {}
    for one in found:
        if one.usual:
            line = Quantified(product_id=str(one.product_id), quantity=plain(one.quantity))
            wanted.setdefault(one.usual.vendor_id, []).append(line)
    if not wanted:
        turn.say("utter_nothing_to_order", more="")
        return []
    placed = [
        turn.run(ordering.place_order, vendor_id=vendor_id, lines=lines)
        for vendor_id, lines in wanted.items()
    ]
    tell_placed(turn, placed)
    return []


def tell_placed(turn: Turn, placed: Sequence[Mapping[str, Any]]) -> None:
    """Which orders went to whom; a single one's PDF goes along, to be forwarded."""
    rows = [
        turn.line(
            "line_order_told" if one["told"] else "line_order_untold",
            number=one["number"],
            vendor=one["vendor"],
            count=one["lines"],
        )
        for one in placed
    ]
    attachment = {"kind": "purchase_order", "id": placed[0]["order_id"]}
    turn.say(
        "utter_orders_placed",
        rows="\n".join(rows),
        attachment=attachment if len(placed) == 1 else None,
        choices=[] if len(placed) == 1 else _papers(placed),
    )


def _papers(placed: Sequence[Mapping[str, Any]]) -> list[Button]:
    return [
        Button(
            title=f"📄 {one['number']}",
            payload=payload_of("low_stock_query", act="po_paper", choice=one["order_id"]),
        )
        for one in placed[:MOST_CHOICES]
    ]


def order_paper(turn: Turn) -> list[EventType]:
    """A tap: the PDF of an order."""
    with turn.read() as reader:
        found = ordering.order(reader, UUID(turn.value("choice") or ""))
    turn.say(
        "utter_order_paper",
        number=found.number,
        vendor=found.vendor,
        attachment={"kind": "purchase_order", "id": str(found.id)},
    )
    return []


def on_its_way(turn: Turn) -> list[EventType] | None:
    """ "Kya kya mangwaya hai": the open orders, each with a tap for when it has come."""
    asked = turn.metadata.get("command") in ("po", "orders_out")
    of_money = says(turn.words, "money_back.money")
    if not asked and (of_money or not says(turn.words, "buying.on_its_way")):
        return None
    if turn.first("product_name") or not turn.may(Permission.VIEW_PURCHASES):
        return None
    with turn.read() as reader:
        found = ordering.open_orders(reader)
    if not found:
        turn.say("utter_no_orders_out")
        return []
    rows = [
        turn.line(
            "line_order_awaited",
            number=one.number,
            vendor=one.vendor,
            on=f"{one.on:%d-%m}",
            goods=", ".join(
                f"{line.product} {plain(line.open)}" for line in one.lines if line.open
            ),
        )
        for one in found[:ROWS]
    ]
    taps = [
        Button(
            title=turn.line("button_order_came", number=one.number),
            payload=payload_of("inventory_update", act=RECEIVE, choice=str(one.id)),
        )
        for one in found[:MOST_CHOICES]
    ]
    turn.say("utter_orders_out", rows="\n".join(rows), choices=taps)
    return []
