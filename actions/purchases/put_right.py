"""What was bought and just written is put right on its card: "20 nahi 30 the", "12 ka rate tha",
"vendor galat, Agarwal tha", "maggi nahi parle", "cash nahi udhaar"."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from actions.context import Turn
from actions.entities import number_of, paise_of
from actions.forms.draft import Draft
from actions.goods.lines import line_named
from actions.goods.said import words_of_goods
from actions.goods.telling import rate_of, whole_of
from actions.invoicing.put_right import figures_of
from actions.lexicon import says
from actions.reading.instead import (
    Instead,
    Known,
    called,
    goods_instead,
    is_plain,
    said_instead,
    way_alone,
    way_named,
    way_words,
)
from erp_core.kernel.money import PAISE_PER_RUPEE, from_decimal
from erp_core.kernel.quantity import plain

CREDIT = "credit"
Line = dict[str, Any]


def price_of(line: Line) -> int:
    """What one of a line has cost: as was said, else as it did last time."""
    return rate_of(line) if line.get("amount") else int(line["usual"])


def put_right(turn: Turn, draft: Draft) -> bool:
    """Change the card of goods that came by what a message says in its place."""
    if draft["mode"] != "came" or not is_plain(turn):
        return False
    return _figures(turn, draft) or _other_name(turn, draft) or _said_again(turn, draft)


def put_payment_right(turn: Turn, draft: Draft) -> bool:
    """The same for money that a vendor got: "5000 nahi 500", "Gupta nahi Agarwal ko"."""
    if not is_plain(turn):
        return False
    figures = figures_of(turn)
    if figures and figures[0] * PAISE_PER_RUPEE == draft["amount"]:
        draft["amount"] = from_decimal(figures[1])
        return True
    known = {"method": way_words(draft["method"] or "cash"), **_vendors_name(draft)}
    found = said_instead(turn, known)
    way = way_named(found.right) if found and found.field == "method" else None
    if way and way != CREDIT:
        draft["method"] = way
        return True
    return _take_vendor(draft, found)


def _figures(turn: Turn, draft: Draft) -> bool:
    figures = figures_of(turn)
    if figures is None:
        return False
    wrong, right = figures
    held = [one for one in draft["lines"] if words_of_goods(one) & {*turn.words}] or draft["lines"]
    counted = [one for one in held if wrong in (Decimal(one["counted"]), _said_count(one))]
    rated = [one for one in held if price_of(one) == wrong * PAISE_PER_RUPEE]
    if len(counted) == 1 and not (rated and says(turn.words, "asks_price")):
        _count(counted[0], right, in_own_unit=_said_count(counted[0]) != wrong)
    elif len(rated) == 1:
        rated[0].update(amount=from_decimal(right), each=True)
    elif len(held) == 1 and whole_sum(held[0]) == wrong * PAISE_PER_RUPEE:
        held[0].update(amount=from_decimal(right), each=False)
    else:
        return False
    return True


def whole_sum(line: Line) -> Decimal:
    """What all of a line came to."""
    return whole_of(line) if line.get("amount") else Decimal(line["counted"]) * int(line["usual"])


def _said_count(line: Line) -> Decimal:
    return Decimal(line.get("quantity") or line["counted"])


def _count(line: Line, right: Decimal, *, in_own_unit: bool) -> None:
    """So many came, each at the rate that was written."""
    if line.get("amount"):
        line.update(amount=price_of(line), each=True)
    if in_own_unit:
        line["said_unit"] = line["unit"]
    line.update(quantity=plain(right), counted=None)


def _other_name(turn: Turn, draft: Draft) -> bool:
    known: Known = {
        "paid": way_words(draft["paid"] or "cash"),
        **_vendors_name(draft),
    }
    if (way := way_alone(turn)) and way != draft["paid"]:
        draft["paid"] = way
        return True
    found = said_instead(turn, known)
    if found and found.field == "paid":
        draft["paid"] = way_named(found.right) or draft["paid"]
        return way_named(found.right) is not None
    return _take_vendor(draft, found) or _other_goods(turn, draft)


def _other_goods(turn: Turn, draft: Draft) -> bool:
    found = goods_instead(turn, [f"{one['said']} {one['name']}" for one in draft["lines"]])
    if found is None:
        return False
    line = draft["lines"][found[0]]
    rated = {"amount": price_of(line), "each": True} if line.get("amount") else {}
    kept = {"quantity": line.get("quantity"), "said_unit": line.get("said_unit"), **rated}
    line.clear()
    line.update(said=found[1], **kept)
    return True


def _vendors_name(draft: Draft) -> dict[str, frozenset[str]]:
    return {"vendor": called(draft["vendor"]["name"], "vendor")} if draft["vendor"] else {}


def _take_vendor(draft: Draft, found: Instead | None) -> bool:
    if found is None or found.field != "vendor":
        return False
    draft["vendor_said"], draft["vendor"] = found.right, None
    return True


def _said_again(turn: Turn, draft: Draft) -> bool:
    """ "Nahi maggi 30 thi", "sorry 12 ka rate tha": one number, of the goods that are named or of
    all that there are."""
    sorry = any(says(turn.words, one) for one in ("negation", "undoing.sorry", "undoing.just"))
    short = _says_too_few(turn)
    was = says(turn.words, "had_been") and not says(turn.words, "stock.arrived")
    numbers = [*turn.all("quantity"), *turn.all("amount")]
    goods = turn.all("product_name")
    others = any(one.name in ("customer_name", "vendor_name", "person") for one in turn.entities)
    if not (sorry or short or was) or others or len(numbers) != 1 or len(goods) > 1:
        return False
    lines = draft["lines"]
    line = line_named(lines, goods[0].value) if goods else lines[0] if len(lines) == 1 else None
    if line is None or not (short or says(turn.words, "undoing.was")):
        return False
    rate, count = paise_of(numbers[0]), number_of(numbers[0])
    if says(turn.words, "asks_price") or numbers[0].name == "amount":
        line.update(amount=rate, each=True)
        return rate is not None
    if count is not None and short:
        count = Decimal(line["counted"]) - count
    if count is None or count <= 0:
        return False
    _count(line, count, in_own_unit=short)
    return True


def _says_too_few(turn: Turn) -> bool:
    """ "2 kurti kam aayi": so many fewer than were written."""
    return says(turn.words, "less_behind") and says(turn.words, "stock.arrived")
