"""What a box or a bag of goods holds, and costs, where a message says so: "10 peti maggi 48 wali
540 peti", "2 bori chini 50 kilo ki", "2 box charger, box me 20 hai"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from decimal import Decimal

from actions.context import Turn
from actions.entities import CONTAINERS, NUMBERS, Entity, number_of, unit_in
from actions.lexicon import says, words
from actions.match import product_named
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import UNITS, parse_unit

Holds = tuple[Decimal, str | None]
"""How many, and of which unit, where one is said."""

_OF_IT = re.compile(r"\s*(?:k[aei]|wal[aei]|val[aei]|each|की|के|का|वाल[ाेी])(?!\w)", re.IGNORECASE)
_HELD = re.compile(r"\s+(\d+(?:\.\d+)?)\s*([^\W\d]+)$")
_PACKED = ("quantity", "product_name", "unit")
_WALA = re.compile(r"\s*(?:wal[aei]|val[aei]|वाल[ाेी])(?!\w)", re.IGNORECASE)
_IN_ONE = re.compile(r"(\S+)\s+(?:me|mein|main|में)\s*$", re.IGNORECASE)
_IN_EACH = re.compile(
    r"(?P<one>\S+)\s+(?P<unit>\S+)\s+(?:me|mein|main|में)\s+(?P<size>[^\s,.;]+)", re.IGNORECASE
)
_FOR_ONE = re.compile(r"\s*(?:(?:k[aei]|per|rs|rupaye|की|के|का|/)\s*)?([^\W\d]+)", re.IGNORECASE)


def with_packs(turn: Turn) -> tuple[Turn, Mapping[str, Holds]]:
    """The turn without what is said to be in a pack, and with what a pack costs as an amount; and
    what a pack of each of the goods holds, by their name."""
    turn, found = _measures_apart(turn)
    turn, packs = _contents_marked(turn)
    gone: set[Entity] = set()
    rates: set[Entity] = set()
    row = [one for one in turn.entities if one.end]
    for goods in [one for one in row if one.name == "product_name"]:
        pack = _pack_of(turn.text, goods, row, packs)
        if pack is None:
            continue
        numbers = _behind(turn.text, max(goods.end, pack.end), goods, row)
        for at, number in enumerate(numbers):
            unit = _unit_behind(number, row)
            if _names_one_pack(turn.text, number):
                gone.update([number, *([unit] if unit else [])])
            elif _costs_one(turn.text, number, pack):
                rates.add(number)
                gone.update([unit] if unit else [])
            elif _is_content(turn.text, number, unit, packs, last=at == len(numbers) - 1):
                size = number_of(number)
                if size and goods.value not in found:
                    found[goods.value] = (size, unit_in(unit) if unit else None)
                    gone.update([number, *([unit] if unit else [])])
    kept = [one for one in turn.entities if one not in gone]
    kept = [replace(one, name="amount") if one in rates else one for one in kept]
    return replace(turn, entities=kept, text=_blanked(turn.text, gone)), found


def _contents_marked(turn: Turn) -> tuple[Turn, frozenset[str]]:
    """The turn with the number of "ek packet me sau hote hai", which nobody marked; and the units
    that hold several, by that as well."""
    units, numbers = set(CONTAINERS), []
    for held in _IN_EACH.finditer(turn.text):
        start, end = held.span("size")
        if _tells_content(turn.text, held):
            units.add(str(parse_unit(held["unit"])))
            if not any(one.start < end and start < one.end for one in turn.entities):
                numbers.append(Entity("quantity", held["size"], start=start, end=end))
    marked = sorted([*turn.entities, *numbers], key=lambda one: one.start)
    return replace(turn, entities=marked), frozenset(units)


def _tells_content(text: str, held: re.Match[str]) -> bool:
    """Whether one of a whole unit is said to hold so many, and not to cost so much."""
    unit, size = parse_unit(held["unit"]), parse_number(held["size"])
    holds = unit is not None and UNITS[unit].whole and size is not None
    money = says(words(text[held.end() :])[:1], "rupees")
    return holds and parse_number(held["one"]) == 1 and not money


def _names_one_pack(text: str, number: Entity) -> bool:
    """Whether a number only names the pack that holds so many: the one of "ek peti me 24"."""
    held = _IN_EACH.match(text, number.start)
    return held is not None and _tells_content(text, held)


def _measures_apart(turn: Turn) -> tuple[Turn, dict[str, Holds]]:
    """ "3 kaju katli 500g ke dabbe": the goods without what each pack of them holds, which was
    taken for a part of their name, counted in packs; and what these hold."""
    row, found = [one for one in turn.entities if one.end], {}
    kept = list(turn.entities)
    for count, goods, unit in zip(row, row[1:], row[2:], strict=False):
        kinds = (count.name, goods.name, unit.name)
        named = turn.text[goods.start : goods.end]
        held = _HELD.search(named) if kinds == _PACKED else None
        between = turn.text[goods.end : unit.start]
        if held is None or unit_in(unit) not in CONTAINERS or _OF_IT.sub("", between, 1).strip():
            continue
        base, size, measure = named[: held.start()], parse_number(held[1]), held[2]
        if (
            size is None
            or parse_unit(measure) in {None, *CONTAINERS}
            or not _is_weighed(turn, base)
        ):
            continue
        end = goods.start + len(base)
        kept[kept.index(goods)] = replace(goods, value=base, normalized=None, end=end)
        kept[kept.index(unit)] = replace(unit, start=count.end, end=count.end)
        found[base] = (size, parse_unit(measure))
    return replace(turn, entities=sorted(kept, key=lambda one: one.start)), found


def _is_weighed(turn: Turn, name: str) -> bool:
    """Whether goods of this name are sold by what they weigh or measure, and not by the pack."""
    with turn.read() as reader:
        goods = product_named(reader, name).one
    return goods is not None and not UNITS[goods.unit].whole


def _blanked(text: str, gone: set[Entity]) -> str:
    """The text with blanks in place of what was taken out of it, so that nobody reads it again."""
    for one in gone:
        within = _IN_ONE.search(text[: one.start]) if one.name in NUMBERS else None
        start = within.start() if within and parse_unit(within[1]) in CONTAINERS else one.start
        behind = _OF_IT.match(text, one.end)
        end = behind.end() if behind and one.name in NUMBERS else one.end
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _pack_of(text: str, goods: Entity, row: Sequence[Entity], packs: Set[str]) -> Entity | None:
    """The box or bag that goods are counted in, before their name or behind it."""
    for unit in row:
        beside = text[unit.end : goods.start] if unit.end <= goods.start else None
        if unit.start >= goods.end:
            between = [one for one in row if goods.end <= one.start < unit.start]
            alone = len(between) == 1 and between[0].name in NUMBERS
            beside = text[goods.end : between[0].start] if alone else None
            beside = beside and _OF_IT.sub("", beside)
        if unit.name != "unit" or unit_in(unit) not in packs or beside is None:
            continue
        if not beside.strip():
            return unit
    return None


def _behind(text: str, start: int, goods: Entity, row: Sequence[Entity]) -> list[Entity]:
    """The numbers behind goods, up to the count of the next; one that is said anew, "nahi 5 bori",
    is a count."""
    others = [one for one in row if one.name == "product_name" and one.start > goods.start]
    end = min((_begins(text, one, row) for one in others), default=len(text))
    numbers = [one for one in row if one.name in NUMBERS and start <= one.start < end]
    return [one for one in numbers if not says(words(text[: one.start])[-1:], "negation")]


def _begins(text: str, goods: Entity, row: Sequence[Entity]) -> int:
    """Where the count before goods begins, or the goods themselves."""
    start = goods.start
    for one in sorted(row, key=lambda one: -one.end):
        joins = one.end <= start and not text[one.end : start].strip()
        if joins and one.name in ("unit", "quantity"):
            start = one.start
            if one.name == "quantity":
                break
    return start


def _unit_behind(number: Entity, row: Sequence[Entity]) -> Entity | None:
    return next((e for e in row if e.name == "unit" and 0 <= e.start - number.end <= 4), None)


def _costs_one(text: str, number: Entity, pack: Entity) -> bool:
    """Whether the pack itself stands behind a number: "540 peti", "2000 ki bori"."""
    behind = _FOR_ONE.match(text, number.end)
    return behind is not None and parse_unit(behind[1]) == unit_in(pack)


def _is_content(
    text: str, number: Entity, unit: Entity | None, packs: Set[str], *, last: bool
) -> bool:
    within = _IN_ONE.search(text[: number.start])
    if within and parse_unit(within[1]) in packs:
        return True
    if unit is not None and unit.start - number.end <= 1:
        return unit_in(unit) not in {None, *CONTAINERS} and bool(_OF_IT.match(text, unit.end))
    return not last and bool(_WALA.match(text, number.end))
