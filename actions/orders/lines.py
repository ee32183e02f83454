"""The goods and rates of an order, as commands take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.context import Turn
from actions.forms.draft import Draft
from actions.goods.telling import rate_of
from erp_core.catalogue.repricing import is_far_off
from erp_core.orders.pricing import LineWanted
from erp_core.orders.queries import OrderLine
from erp_core.parties.permissions import Permission


def wanted(turn: Turn, draft: Draft) -> list[LineWanted]:
    """A draft's lines as commands take them. Only the shop names a rate of its own."""
    lines = []
    for line in draft["lines"]:
        one: LineWanted = {"product_id": line["id"], "quantity": line["counted"]}
        if turn.is_user and line.get("amount"):
            one["unit_price_paise"] = rate_of(line)
        lines.append(one)
    return lines


def _rate_differs(line: Mapping[str, Any]) -> bool:
    """Whether an amount names another rate than the list's, for one or for all."""
    return rate_of(line) != line["price"]


def tell_far_off(turn: Turn, draft: Draft) -> None:
    """Say that a rate which was said is far from the list's: it may be a number of the name."""
    lines = draft["lines"] if turn.is_user else []
    rated = [one for one in lines if one.get("amount") and one.get("price")]
    if any(is_far_off(one["price"], rate_of(one)) for one in rated):
        turn.say("utter_rate_far_off")


def leave_own_rates(turn: Turn, draft: Draft) -> None:
    """Who may not name a rate sells at the catalogue's, and is told so."""
    if not turn.is_user or turn.may(Permission.NAME_PRICE):
        return
    named = [line for line in draft["lines"] if line.get("amount") and _rate_differs(line)]
    for line in draft["lines"]:
        line.pop("amount", None)
    if named:
        turn.say("utter_rate_stays", rows=", ".join(line["name"] for line in named))


def as_booked(line: OrderLine) -> LineWanted:
    """A line of an order as it stands."""
    return {
        "product_id": line.product_id,
        "quantity": line.quantity,
        "unit_price_paise": line.unit_price_paise,
    }
