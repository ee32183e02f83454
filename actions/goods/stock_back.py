"""A change of stock that is taken back by chat: which one is meant, what will be, the writing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import say_error
from actions.context import Turn
from actions.entities import number_of, unit_in
from actions.forms.draft import Draft
from actions.match import product_named, remember, unit_word
from actions.payments.taking_back import tells_right
from actions.reading.money import written
from actions.reading.said import denied_entities
from actions.wording import day
from erp_core.catalogue import queries as catalogue
from erp_core.inventory import correcting
from erp_core.inventory import queries as inventory
from erp_core.inventory.correcting import Change
from erp_core.journal.context import Reader
from erp_core.kernel.clock import local_date
from erp_core.kernel.errors import Conflict
from erp_core.kernel.quantity import parse_unit, plain
from erp_core.parties import queries as parties

LOOKED_BACK = timedelta(days=30)
MOST_ROWS = 8


def take(turn: Turn, draft: Draft) -> bool:
    """The goods, and how many were written wrongly or are right."""
    said = turn.value("product_name")
    draft["product_said"] = said or draft["product_said"]
    numbers = [
        (number, one)
        for one in denied_entities(turn)
        if one.name in ("quantity", "amount") and (number := number_of(one)) is not None
    ]
    if not numbers:
        return bool(said)
    right = tells_right(turn, draft["target"]) or len(numbers) > 1
    number, entity = numbers[-1]
    draft["right" if right else "quantity"] = str(number)
    if right:
        unit = turn.first("unit")
        draft["right_unit"] = (unit and parse_unit(unit.value)) or unit_in(entity)
    if len(numbers) > 1:
        draft["quantity"] = str(numbers[0][0])
    return True


def settle(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Find the change that is meant, and see whether its goods are still there."""
    if not (draft["target"] or {}).get("changes"):
        _find(turn, reader, draft)
    if draft.pending is None and draft["target"]:
        _settle_right(turn, reader, draft)
    if draft.pending is None and draft["target"]:
        _refuse_gone(turn, reader, draft)


def confirmation(turn: Turn, reader: Reader, draft: Draft) -> tuple[str, dict[str, Any]]:
    """What will be: each of the goods with its stock before and after."""
    target, right = draft["target"], draft["right"]
    rows = []
    for one in target["changes"]:
        now = inventory.stock(reader, UUID(one["product_id"])).on_hand
        after = now - Decimal(one["delta"])
        if right:
            was = Decimal(one["said"])
            after += Decimal(right) * (-1 if one["goes"] else 1)
            after -= was - Decimal(one["delta"]) if one["reason"] == "counted" else 0
        rows.append(
            {
                **one,
                "what": turn.line(f"word_change_{one['reason']}"),
                "right": right or "",
                "unit": unit_word(turn, one["unit"], one["said"]),
                "before": plain(now),
                "after": plain(after),
            }
        )
    kind = "right" if right else "back"
    shown = turn.lines(f"line_stock_{kind}", rows)
    return f"utter_confirm_stock_{kind}", {"rows": shown, "on": target["on"]}


def write(turn: Turn, draft: Draft) -> list[EventType]:
    """Take it back, tell what is there now."""
    changes, right = draft["target"]["changes"], draft["right"]
    done = turn.run(
        correcting.take_back_changes,
        key=f"draft:{draft.id}",
        movement_ids=[UUID(one["id"]) for one in changes],
        right=Decimal(right) if right else None,
    )
    rows = [
        {
            "product": one["product"],
            "before": plain(Decimal(changed["before"])),
            "after": plain(Decimal(changed["after"])),
            "unit": unit_word(turn, one["unit"], changed["after"]),
        }
        for one, changed in zip(changes, done["changes"], strict=True)
    ]
    turn.say(
        "utter_stock_right" if right else "utter_stock_back",
        rows=turn.lines("line_stock_changed", rows),
    )
    moved = " ".join(one["movement_id"] for one in done["changes"] if right and one["movement_id"])
    products = " ".join(one["product"] for one in changes)
    noted = written("inventory_update", 0, entry_id=moved, products=products) if moved else None
    return [remember(turn, product=changes[-1]["product_id"], written=noted)]


def _find(turn: Turn, reader: Reader, draft: Draft) -> None:
    ids = (draft["target"] or {}).get("ids")
    draft["target"] = None
    found = correcting.standing_changes(reader, ids=[UUID(one) for one in ids] if ids else None)
    if draft["product_said"]:
        meant = product_named(reader, draft["product_said"])
        known = {one.id for one in (meant.one, *meant.options) if one} if not meant.guesses else ()
        found = [one for one in found if one.product_id in known]
        if ids and not found:
            found = [
                change
                for product_id in known
                for change in correcting.standing_changes(reader, product_id=product_id)
            ]
            ids = None
    if draft["quantity"]:
        wanted = Decimal(draft["quantity"])
        found = [one for one in found if wanted in (abs(one.delta), one.total)]
    zone = parties.business(reader).zone
    since = turn.today - LOOKED_BACK
    found = [one for one in found if ids or local_date(one.moved_at, zone) >= since][:MOST_ROWS]
    if not found:
        turn.say("utter_no_stock_to_undo")
        draft.pending = {"kind": "closed"}
    elif ids:
        draft["target"] = _target(turn, found, zone)
    else:
        entries = {str(one.id): _target(turn, [one], zone) for one in found}
        if len(entries) == 1:
            draft["target"] = next(iter(entries.values()))
        else:
            draft.pending = {
                "kind": "choose", "field": "entry", "token": "entry", "entries": entries,
            }  # fmt: skip


def _target(turn: Turn, changes: Sequence[Change], zone: str) -> dict[str, Any]:
    rows = [
        {
            "id": str(one.id),
            "product_id": str(one.product_id),
            "product": one.product,
            "unit": one.unit,
            "reason": one.reason,
            "delta": str(one.delta),
            "said": plain(one.total if one.reason == "counted" else abs(one.delta)),
            "goes": one.delta < 0 and one.reason != "counted",
        }
        for one in changes
    ]
    first, on = rows[0], day(local_date(changes[0].moved_at, zone))
    what = turn.line(f"word_change_{first['reason']}")
    unit = unit_word(turn, first["unit"], first["said"])
    return {
        "changes": rows,
        "amount": first["said"] if len(rows) == 1 else None,
        "on": on,
        "title": first["product"][:24],
        "description": f"{first['said']} {unit} {what}, {on}",
    }


def _settle_right(turn: Turn, reader: Reader, draft: Draft) -> None:
    """The right quantity in the unit of the goods; of several goods none is named right."""
    if draft["right"] is None:
        return
    changes = draft["target"]["changes"]
    if len(changes) > 1:
        draft["right"] = None
        turn.say("utter_stock_right_one_by_one")
        return
    (one,), said = changes, draft["right_unit"]
    quantity = Decimal(draft["right"])
    if said and said != one["unit"]:
        product = catalogue.product(reader, UUID(one["product_id"]))
        converted = product.in_own_unit(quantity, said)
        if converted is None:
            draft["right"] = draft["right_unit"] = None
            turn.say(
                "utter_ask_in_unit",
                product=one["product"],
                unit=unit_word(turn, one["unit"], 2),
                said=unit_word(turn, said),
            )
            return
        quantity = converted
    draft["right"], draft["right_unit"] = plain(quantity), one["unit"]
    if draft["right"] == one["said"]:
        turn.say("utter_stock_same")
        draft.pending = {"kind": "closed"}


def _refuse_gone(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Goods that came by mistake and are sold since cannot be taken back: told before any yes."""
    for one in draft["target"]["changes"]:
        delta = Decimal(one["delta"])
        available = inventory.stock(reader, UUID(one["product_id"])).available
        if delta > available:
            facts = {"product_id": one["product_id"], "available": plain(available)}
            say_error(turn, Conflict("goods_gone", wanted=plain(delta), **facts))
            draft.pending = {"kind": "closed"}
            return
