"""How many of something at what rate, with a cross between them: "office chair 3 x 4000"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import Entity
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.quantity import parse_unit

_CROSSED = re.compile(
    r"(?<![\w.])(?P<quantity>\d+(?:\.\d+)?)\s*(?P<unit>[^\W\d]{2,}\s*)?(?:\s[x×]\s|[*])\s*"
    r"(?:rs\.?\s*|₹\s*)?(?P<amount>\d+(?:\.\d+)?)(?:\s*=\s*(?:rs\.?\s*|₹\s*)?[\d,]+)?(?![\w.])",
    re.IGNORECASE,
)
_CROSS = re.compile(r"\s*[x×*]\s*(?:rs\.?\s*|₹\s*)?", re.IGNORECASE)
_FIGURES = re.compile(r"\d+")
_KINDS = ("quantity", "unit", "amount")


def may_cross(text: str) -> bool:
    """Whether two numbers of a message may be multiplied."""
    return _found(text) is not None


def with_crossed(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with such numbers marked as a count and its rate, unless goods of the shop are
    called so: "foam mattress 72 x 60"."""
    found = _found(text)
    if found is None:
        return entities
    kept = [rest for one in entities if (rest := _beside(text, one, found)) is not None]
    goods = [one for one in kept if one.name == "product_name"]
    if not goods or any(_is_called_so(reader, text, one, found) for one in goods):
        return entities
    counted = any((one.name, one.value) == ("quantity", found["quantity"]) for one in kept)
    marked = [
        Entity(kind, found[kind].strip(), start=found.start(kind), end=found.end(kind))
        for kind in _KINDS
        if found[kind] and not (counted and kind == "quantity")
    ]
    return sorted([*kept, *marked], key=lambda one: one.start)


def _found(text: str) -> re.Match[str] | None:
    all_found = list(_CROSSED.finditer(text))
    if len(all_found) != 1:
        return None
    unit = (all_found[0]["unit"] or "").strip()
    return all_found[0] if not unit or parse_unit(unit) else None


def _beside(text: str, one: Entity, found: re.Match[str]) -> Entity | None:
    """What is left of what was found where the numbers stand."""
    if one.end <= found.start() or found.end() <= one.start:
        return one
    if one.name != "product_name":
        return None
    spans: Sequence[tuple[int, int]] = ((one.start, found.start()), (found.end(), one.end))
    for start, end in spans:
        said = text[start:end] if start < end else ""
        if said.strip():
            start += len(said) - len(said.lstrip())
            name = said.strip()
            return replace(one, value=name, start=start, end=start + len(name), normalized=None)
    return None


def _is_called_so(reader: Reader, text: str, one: Entity, found: re.Match[str]) -> bool:
    if not one.end or one.start > found.start():
        return False
    said = text[one.start : found.end("amount")]
    named = [each.item for each in catalogue.find_products(reader, said) if each.score >= CERTAIN]
    return any(
        {found["quantity"], found["amount"]} <= {*_FIGURES.findall(each.name)} for each in named
    )


def rates_crossed(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "5 leather ball x 340": behind goods that are counted, and a cross, is their rate."""
    rates = set()
    for count, goods, rate in zip(entities, entities[1:], entities[2:], strict=False):
        kinds = (count.name, goods.name, rate.name)
        beside = text[count.end : goods.start].strip(" ")
        crossed = _CROSS.fullmatch(text, goods.end, rate.start)
        if kinds == ("quantity", "product_name", "quantity") and crossed and not beside:
            rates.add(rate)
    return [replace(one, name="amount") if one in rates else one for one in entities]
