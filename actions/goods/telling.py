"""Asking for what a draft's lines lack, and telling what is noted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from actions.context import Turn
from actions.forms.choices import drop_button
from actions.forms.draft import Draft
from actions.match import unit_word
from actions.wording import are_services
from erp_core.kernel.money import half_up
from erp_core.kernel.quantity import UNITS


def ask_goods(turn: Turn, draft: Draft) -> bool:
    """Ask what is pending about goods; False when it is about something else."""
    pending = draft.pending or {}
    kind = pending.get("kind")
    if kind in ("new_price", "new_stock"):
        say_noted(turn, draft)
        turn.say(f"utter_ask_{kind}", said=pending["said"])
        return True
    if kind not in ("quantity", "unit", "bad_quantity"):
        return False
    line = draft["lines"][pending["index"]]
    unit = unit_word(turn, line["unit"], 2)
    if kind != "bad_quantity":
        say_noted(turn, draft)
    if kind == "unit":
        known = pending["said"] in UNITS
        turn.say(
            "utter_ask_in_unit" if known else "utter_ask_not_loose",
            product=line["name"],
            unit=unit,
            said=unit_word(turn, pending["said"]) if known else pending["said"],
        )
    elif kind == "bad_quantity":
        response = (
            "utter_ask_whole_quantity" if pending.get("broken") else "utter_ask_good_quantity"
        )
        turn.say(response, product=line["name"], unit=unit)
        if pending.get("broken") and are_services(turn, [line]):
            turn.say("utter_half_is_a_dish", product=line["name"])
    else:
        drop = [drop_button(turn, draft)]
        turn.say("utter_ask_quantity", product=line["name"], unit=unit, choices=drop)
    return True


def say_noted(turn: Turn, draft: Draft) -> None:
    """Show the goods that are clear already, so that what was said meanwhile is seen to be kept."""
    if rows := noted_rows(turn, draft):
        turn.say("utter_noted_goods", rows=rows)


def noted_rows(turn: Turn, draft: Draft) -> str:
    """The goods that are clear already, one below the other."""
    return "\n".join(
        turn.line(
            "line_goods",
            product=line["name"],
            quantity=line["counted"],
            unit=unit_word(turn, line["unit"], line["counted"]),
        )
        for line in draft["lines"] or []
        if line.get("counted")
    )


def complete(draft: Draft) -> list[dict[str, Any]] | None:
    """The lines, when there are some and each is counted."""
    lines = draft["lines"]
    return lines if lines and all(line.get("counted") for line in lines) else None


def rate_of(line: Mapping[str, Any]) -> int:
    """The rate for one that an amount beside goods means."""
    return half_up(whole_of(line) / Decimal(line["counted"]))


def charged_rate(line: Mapping[str, Any]) -> int:
    """The rate of a line: the one that was said, else the list's."""
    return rate_of(line) if line.get("amount") else int(line["price"])


def whole_of(line: Mapping[str, Any]) -> Decimal:
    """What an amount beside goods comes to for all of them: what was said to be for one is, else
    whichever of "each", "each pack" and "for all" is nearest to the catalogue's price."""
    amount, price, quantity = line["amount"], line["price"], Decimal(line["counted"])
    packs = Decimal(line.get("quantity") or quantity)
    wholes = [amount * quantity, amount * packs, *([] if line.get("each") else [Decimal(amount)])]
    return min(wholes, key=lambda whole: abs(whole / quantity - price))


def is_whole(unit: str) -> bool:
    """Whether a unit is counted in whole numbers."""
    return UNITS[unit].whole
