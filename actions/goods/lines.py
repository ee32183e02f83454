"""The lines of a draft: what a message adds to them and changes in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import (
    Line,
    paise_of,
)
from actions.forms.draft import Draft
from actions.forms.product import set_product
from actions.goods.counts_in_a_row import counts_in_a_row
from actions.goods.said import LISTS, hear_goods, said_barely, words_of_goods
from actions.goods.taken_off import (
    line_named,
    line_taken_out,
    says_take_out,
    set_quantity,
    take_replacement,
    takes_some_off,
)
from actions.lexicon import only, says, where, words
from actions.match import product_named, recent
from actions.reading.said import pieces_between
from erp_core.catalogue import queries as catalogue
from erp_core.kernel.errors import Invalid
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from erp_core.kernel.money import from_decimal
from erp_core.kernel.quantity import convert

GOODS = frozenset({"product_name", "quantity", "unit"})


MOST_LINES = 30
"""So many goods one message may name; a longer list is sent in parts."""


def take_goods(turn: Turn, draft: Draft) -> bool:
    """Take goods, quantities and rates from a message; whether it said anything about them."""
    lines: list[dict[str, Any]] = draft["lines"] or []
    draft["lines"] = lines
    asked = draft["asked"] or {}
    if _take_new_product(turn, lines, asked):
        return True
    if len(turn.all("product_name")) > MOST_LINES or len(turn.entities) > 5 * MOST_LINES:
        raise Invalid("too_many_lines")
    if row := counts_in_a_row(turn, lines, asked):
        for line, count in row:
            line["quantity"] = str(count)
        return True
    turn, said, entities, denied = hear_goods(turn, draft)
    if not said and (gone := line_taken_out(turn, lines)):
        lines.remove(gone)
        return True
    if not said:
        said = said_barely(turn, lines, asked, replying=draft.replying)
    if not said:
        return False
    listed = bool(draft.replying and lines and draft.form in LISTS)
    if listed and takes_some_off(turn, lines, said):
        return True
    if take_replacement(turn, lines, entities, said, listed=listed):
        return True
    if listed and says_take_out(turn, said):
        turn.say("utter_not_on_the_list", said=", ".join(str(one.product) for one in said))
        return True
    former = list(lines)
    for line in said:
        own = [one for one in lines if one in former or not _is_other(one, line)]
        _take_line(turn, lines, line, asked, denied, among=own)
    return True


def _is_other(taken: Mapping[str, Any], line: Line) -> bool:
    """Whether goods that one message names and counts twice are two: "2 non veg aur 3 veg"."""
    counted = taken.get("quantity") is not None and line.quantity is not None
    return counted and set(words(line.product or "")) != set(words(taken["said"]))


def _take_line(
    turn: Turn,
    lines: list[dict[str, Any]],
    line: Line,
    asked: dict[str, Any],
    refused: Sequence[Decimal | None],
    *,
    among: Sequence[dict[str, Any]],
) -> None:
    if line.product is None:
        spoken_of = recent(turn, "product")
        if not lines and spoken_of and line.quantity is not None:
            lines.append(line_of(turn, spoken_of))
        target = _line_without_name(turn, lines, line, asked, refused)
        if target is not None:
            _change(target, line, more=_says_more_behind_count(turn))
        return
    known = line_meant(turn, among, line.product)
    replaces = asked.get("field") == "product" and not asked.get("taken")
    if replaces and known is None and not asks_for_more(turn):
        asked["taken"] = True
        target = lines[asked["index"]]
        kept = {"quantity": target.get("quantity"), "said_unit": target.get("said_unit")}
        target.clear()
        target.update(said=line.product, **kept)
        _change(target, line, more=False)
        return
    if known is not None:
        _change(known, line, more=asks_for_more(turn))
        return
    lines.append({"said": line.product})
    _change(lines[-1], line, more=False)


def _says_more_behind_count(turn: Turn) -> bool:
    """ "Ek aur tha": so many on top of what is written."""
    counts = [one for one in turn.all("quantity") if one.end]
    return any(words(turn.text[one.end :])[:1] in (("aur",), ("more",)) for one in counts)


def line_meant(turn: Turn, lines: Sequence[dict[str, Any]], said: str) -> dict[str, Any] | None:
    """The line of the goods that a name means, also another: "doodh" of a line of Fresh milk."""
    if (known := line_named(lines, said)) is not None:
        return known
    if not any(line.get("id") for line in lines):
        return None
    with turn.read() as reader:
        found = product_named(reader, said).one
    return next((line for line in lines if found and line.get("id") == str(found.id)), None)


def line_of(turn: Turn, product_id: UUID) -> dict[str, Any]:
    """A line of a draft about a product."""
    with turn.read() as reader:
        product = catalogue.product(reader, product_id)
    line: dict[str, Any] = {"said": product.name}
    set_product(line, product)
    return line


def asks_for_more(turn: Turn) -> bool:
    """Whether goods come on top of what there is. "Aur" between two goods only joins them."""
    if _puts_on_top(turn.words):
        return not _up_to(turn)
    if says(turn.words, "sets_so_many"):
        return False
    goods = [one for one in turn.entities if one.name in GOODS]
    if len(turn.all("product_name")) < 2:
        return says(words(" | ".join(pieces_between(turn))), "more")
    first, last = min(one.start for one in goods), max(one.end for one in goods)
    return says(words(f"{turn.text[:first]} | {turn.text[last:]}"), "more")


def _puts_on_top(said: Sequence[str]) -> bool:
    """ "Zyada kar do", but not "zyada nahi chahiye"."""
    found = where(said, "puts_on_top")
    behind = said[found[1] :][:1] if found else ()
    return found is not None and (only(behind, "tag") or not only(behind, "negation"))


def _up_to(turn: Turn) -> bool:
    """ "Increase maggi to 80" says how many there shall be."""
    counts = [one for one in turn.all("quantity") if one.end]
    return any(only(words(turn.text[: one.start])[-1:] or ("-",), "up_to") for one in counts)


def _change(target: dict[str, Any], line: Line, *, more: bool) -> None:
    if line.quantity is not None:
        before = Decimal(target["quantity"]) if more and target.get("quantity") else Decimal(0)
        set_quantity(target, line)
        target["quantity"] = str(Decimal(target["quantity"]) + before)
    if line.amount is not None:
        target["amount"], target["each"] = line.amount, line.each
    if line.holds is not None:
        size, unit = line.holds
        target["holds"] = {"quantity": str(size), "unit": unit}


def _line_without_name(
    turn: Turn,
    lines: list[dict[str, Any]],
    said: Line,
    asked: dict[str, Any],
    refused: Sequence[Decimal | None],
) -> dict[str, Any] | None:
    """The line that a quantity alone is about: the one asked for; one whose goods the message
    names though no entity says so; the one that held the number which is refused, or is counted in
    the unit that is said; the one without a quantity; the last."""
    if not lines:
        return None
    fitting = (
        lines[asked["index"] : asked["index"] + 1] if "index" in asked else [],
        [line for line in lines if words_of_goods(line) & {*turn.words}],
        [line for line in lines if line.get("quantity") and Decimal(line["quantity"]) in refused],
        [line for line in lines if said.unit and _is_counted_in(line, said.unit)],
        [line for line in lines if not line.get("quantity")],
    )
    for found in fitting[:1] + tuple(one for one in fitting[1:4] if len(one) == 1) + fitting[4:]:
        if found:
            return found[0]
    return lines[-1]


def _is_counted_in(line: Mapping[str, Any], unit: str) -> bool:
    own = line.get("unit") or line.get("said_unit")
    return own is not None and convert(Decimal(1), unit, own) is not None


def _take_new_product(turn: Turn, lines: list[dict[str, Any]], asked: dict[str, Any]) -> bool:
    """The price or stock of a product that is being added on the way."""
    if asked.get("kind") not in ("new_price", "new_stock"):
        return False
    line = lines[asked["index"]]
    other = turn.first("product_name")
    if other is not None and line_named([line], other.value) is None:
        return False
    if asked["kind"] == "new_price" and _counts_what_came(turn):
        return False
    entity = turn.first("amount") or turn.first("quantity")
    if asked["kind"] == "new_price":
        line["new_price"] = paise_of(entity) if entity else _paise(turn.text)
        return line["new_price"] is not None
    number = parse_number(entity.value if entity else turn.text.strip())
    line["new_stock"] = str(number) if number is not None else None
    return number is not None


def _counts_what_came(turn: Turn) -> bool:
    """ "50 strips aaye" is no price of what is new: a number with its unit, or of what came."""
    counted = turn.first("quantity") is not None and turn.first("amount") is None
    return counted and (turn.first("unit") is not None or says(turn.words, "stock.arrived"))


def _paise(text: str) -> int | None:
    rupees = parse_amount(text.strip())
    try:
        return from_decimal(rupees) if rupees is not None and rupees > 0 else None
    except Invalid:
        return None
