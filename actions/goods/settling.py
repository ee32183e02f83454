"""What the names and numbers in a draft's lines mean, and what must be asked."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import is_loose_part
from actions.forms.choices import NEW, SKIP
from actions.forms.draft import Draft, ReadAgain
from actions.forms.names import ORDER_FORM
from actions.forms.product import set_product, settle_product
from actions.goods.telling import is_whole
from erp_core.catalogue import queries as catalogue
from erp_core.inventory.service import add_stocked_product
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Invalid
from erp_core.kernel.quantity import UNITS, convert, parse_unit, plain, positive

LOOSE_UNITS = frozenset({"piece", "packet", "bottle", "strip", "roll", "bucket", "canister"})
"""Units that people use for one another when they just mean "so many"; a box holds several."""

SINGLE_UNITS = frozenset({"piece", "pair", "set"})
"""Units in which one thing at a time is bought."""


def settle_goods(
    turn: Turn, reader: Reader, draft: Draft, *, may_add: bool, ask_stock: bool = True
) -> None:
    """Find the products, count in their units, and note what must be asked first."""
    for index, line in enumerate(draft["lines"] or []):
        first, before = draft.pending, dict(line)
        draft.pending = None
        if not line.get("id"):
            _settle_product(turn, reader, draft, line, index, may_add=may_add, ask_stock=ask_stock)
        if draft.pending is None and not line.get("counted"):
            _count(reader, draft, line, index)
        if first is not None:
            # One thing is asked at a time: what this line asks comes up when its turn has come.
            if draft.pending is not None:
                line.clear()
                line.update(before)
            draft.pending = first


def _settle_product(
    turn: Turn,
    reader: Reader,
    draft: Draft,
    line: dict[str, Any],
    index: int,
    *,
    may_add: bool,
    ask_stock: bool,
) -> None:
    if not line.get("new"):
        settle_product(turn, reader, draft, line, index, may_add=may_add)
    elif line.get("new_price") is None:
        draft.pending = {"kind": "new_price", "index": index, "said": line["said"]}
    elif ask_stock and line.get("new_stock") is None:
        draft.pending = {"kind": "new_stock", "index": index, "said": line["said"]}
    else:
        _add_product(turn, draft, line, index)
        raise ReadAgain


def _add_product(turn: Turn, draft: Draft, line: dict[str, Any], index: int) -> None:
    unit = parse_unit(line.get("said_unit") or "") or "piece"
    stock = Decimal(line["new_stock"]) if line.get("new_stock") else None
    added = turn.run(
        add_stocked_product,
        key=f"draft:{draft.id}:product:{index}:{line['new_price']}",
        name=line["said"],
        price_paise=line["new_price"],
        unit=unit,
        gst_rate=line.get("gst", "0"),
        stock=stock,
    )
    with turn.read() as reader:
        set_product(line, catalogue.product(reader, UUID(added["product_id"])))
    line.pop("new")
    turn.say("utter_product_added_short", name=line["name"])


def _count(reader: Reader, draft: Draft, line: dict[str, Any], index: int) -> None:
    """The quantity in the product's unit: two dozen eggs are 24 pieces, a carton what it holds."""
    boxed = line.get("boxed")
    if not line.get("quantity") and boxed and _pack_of(reader, line, boxed["unit"]):
        line.update(quantity=boxed["quantity"], said_unit=boxed["unit"])
    if not line.get("quantity") and catalogue.product(reader, UUID(line["id"])).is_service:
        line["quantity"] = "1"
    if not line.get("quantity") and not boxed and _is_one_beside_others(draft, line):
        line["quantity"] = "1"
    if not line.get("quantity"):
        draft.pending = {"kind": "quantity", "index": index}
        if boxed:
            draft.pending = {"kind": "unit", "index": index, "said": boxed["unit"]}
        return
    said, unit = _unit_said(line), line["unit"]
    quantity = convert(Decimal(line["quantity"]), said, unit)
    if quantity is None:
        quantity = _in_packs(line)
    if quantity is None and (holds := _pack_of(reader, line, said)):
        quantity = Decimal(line["quantity"]) * holds
    if quantity is None:
        quantity = _packs_in(line["name"], Decimal(line["quantity"]), said)
    if quantity is None and ({said, unit} <= LOOSE_UNITS or _is_called_by(line["name"], said)):
        quantity = Decimal(line["quantity"])
    if quantity is None:
        line["boxed"] = {"quantity": line["quantity"], "unit": said}
        line["quantity"] = None
        draft.pending = {"kind": "unit", "index": index, "said": said}
        return
    line.pop("boxed", None)
    if draft["change"] == "set" and quantity == 0:
        line["counted"] = "0"
        return
    try:
        line["counted"] = plain(positive(quantity, unit))
    except Invalid:
        line["quantity"] = None
        broken = quantity > 0 and quantity % 1 != 0 and is_whole(unit)
        draft.pending = {"kind": "bad_quantity", "index": index, "broken": broken}


def _is_one_beside_others(draft: Draft, line: dict[str, Any]) -> bool:
    """ "Titan frame 1 aur blue cut lens Fatima ko": of what is sold by the piece one is meant,
    where other goods of the same sale are counted."""
    counted = any(one.get("quantity") for one in draft["lines"] if one is not line)
    return draft.form == ORDER_FORM and counted and line["unit"] in SINGLE_UNITS


def _is_called_by(name: str, said: str) -> bool:
    """Whether goods bear what they are counted in: two gaddi of "Dhaniya gaddi" are two."""
    unit = parse_unit(said)
    counts = unit is not None and UNITS[unit].whole
    return counts and any(parse_unit(word) == unit for word in name.split())


def _unit_said(line: dict[str, Any]) -> str:
    """The unit that was said, or the product's own. What a thing comes in may have any name ("3
    dabbi"), as long as it is counted; so much of another measure is not so many of its own."""
    said = str(line.get("said_unit") or line["unit"])
    if _is_in_name(line, said):
        return str(line["unit"])
    strange = parse_unit(said) is None and not is_loose_part(said)
    return line["unit"] if strange and is_whole(line["unit"]) else said


def _is_in_name(line: dict[str, Any], said: str) -> bool:
    """ "20 gaddi" of "Dhaniya patta gaddi", counted by the piece, are 20 of it."""
    unit = parse_unit(said)
    if unit is None or not (is_whole(unit) and is_whole(line["unit"])):
        return False
    return any(parse_unit(word) == unit for word in line["name"].split())


def _in_packs(line: dict[str, Any]) -> Decimal | None:
    """How much so many packs are, where it was said what one holds."""
    holds = line.get("holds")
    if not holds:
        return None
    size = convert(Decimal(holds["quantity"]), holds["unit"] or line["unit"], line["unit"])
    if size is None and holds["unit"] in LOOSE_UNITS:
        size = Decimal(holds["quantity"])
    return Decimal(line["quantity"]) * size if size is not None else None


def _pack_of(reader: Reader, line: dict[str, Any], unit: str) -> Decimal | None:
    """How many of a product's own units one of another unit holds."""
    holds = catalogue.product(reader, UUID(line["id"])).packs.get(unit)
    return Decimal(holds) if holds else None


_CONTENT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*([a-z]+)\b", re.IGNORECASE)
"""What one of a product holds, as its name says: "Fortune mustard oil 1L"."""


def _packs_in(name: str, quantity: Decimal, unit: str) -> Decimal | None:
    """How many packs so much is, where a pack's name says what it holds: 2 litre are two of "oil
    1L"; None where it does not come out whole."""
    for number, said in _CONTENT.findall(name):
        content = convert(Decimal(number), parsed, unit) if (parsed := parse_unit(said)) else None
        if content and quantity > 0 and quantity % content == 0:
            return quantity / content
    return None


def choose_product(turn: Turn, draft: Draft, value: str) -> None:
    """Take the chosen product for the line that asked, or begin to add a new one."""
    pending = draft["answering"]
    if value == SKIP:
        draft["lines"].pop(pending["index"])
        return
    line = draft["lines"][pending["index"]]
    if value == NEW:
        line["new"] = True
        return
    with turn.read() as reader:
        set_product(line, catalogue.product(reader, UUID(value)))
