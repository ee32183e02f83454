"""Too little stock for an order: what is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.forms.draft import Draft
from actions.match import unit_word
from erp_core.inventory import queries as inventory
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain


def settle_stock(reader: Reader, draft: Draft) -> None:
    """Note the first line of which there is too little."""
    for index, line in enumerate(draft["lines"]):
        stock = inventory.stock(reader, UUID(line["id"]))
        if not stock.has(Decimal(line["counted"])):
            draft.pending = {
                "kind": "short",
                "field": "short",
                "index": index,
                "available": plain(stock.available),
                "token": f"short{index}",
            }
            return


def ask_short(turn: Turn, draft: Draft, pending: Mapping[str, Any]) -> None:
    """Ask whether less will do, or the goods are left out."""
    line = draft["lines"][pending["index"]]
    facts: dict[str, Any] = {
        "product": line["name"],
        "wanted": line["counted"],
        "unit": unit_word(turn, line["unit"], line["counted"]),
        "draft_id": draft.stamp,
        "token": pending["token"],
    }
    if not turn.is_user:
        turn.say("utter_short_for_you", **facts)
    elif pending["available"] == "0":
        turn.say("utter_sold_out", **facts)
    else:
        turn.say("utter_short", available=pending["available"], **facts)


def choose_less(draft: Draft, pending: Mapping[str, Any], value: str) -> None:
    """Take as much as there is, or leave the goods out."""
    line = draft["lines"][pending["index"]]
    if value == "less":
        line["quantity"] = line["counted"] = pending["available"]
        line["said_unit"] = line["unit"]
    else:
        draft["lines"].remove(line)
