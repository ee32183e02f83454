"""A table of a restaurant as it is written: "table 6", "2 no. table", "T4". It orders and pays,
and nobody else is named then."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from actions.entities import Entity
from actions.lexicon import any_of, says, words
from erp_core.catalogue.queries import food_served
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number

_CALLED = any_of("written.table")
_NO = any_of("written.number") + r"\.?"
_TABLE = re.compile(
    rf"(?<!\w){_CALLED}\s*(?:{_NO})?[\s-]*(\d{{1,3}})(?!\w)"
    rf"|(?<![\w.])(\d{{1,3}})\s*(?:{_NO})\s*(?:wali\s+|wale\s+)?{_CALLED}(?!\w)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"(?<![\w-])t[\s-]?(\d{1,2})(?![\w-])", re.IGNORECASE)
_TOGETHER = re.compile(
    rf"(?<!\w){_CALLED}\s*(?:{_NO})?\s*(\d{{1,3}})\s*(?:aur|or|and|&|\+|,|और)"
    rf"\s*(?:{_CALLED})?\s*(?:{_NO})?\s*(\d{{1,3}})(?!\w)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    rf"(?<!\w){_CALLED}\s+(?:{_NO}\s+)?([^\s\d,;.!?]+)(?![^\s,;.!?])", re.IGNORECASE
)
_WORD = re.compile(_CALLED, re.IGNORECASE)
_COUNTS = re.compile(r"\d\s*$")
"""In front of tables that are goods: "20 table 2 din"."""
_NAME = re.compile(r"Table \d+")
_NAMES = frozenset({"customer_name", "vendor_name", "person"})


def with_table(text: str, entities: list[Entity], reader: Callable[[], Reader]) -> list[Entity]:
    """Tables as those for whom goods are; a shop that sells tables has them among its goods, and
    only where nothing but food is served "T4" is one."""
    tables = list(_TABLE.finditer(text))
    counted = [one for one in tables if _COUNTS.search(text[: one.start()])]
    if counted and not food_served(reader()):
        tables = [one for one in tables if one not in counted]
    if not tables and (spoken := _spoken(text)) and food_served(reader()):
        tables = spoken
    if not tables and (lettered := list(_LETTER.finditer(text))) and food_served(reader()):
        tables = lettered
        entities = [one for one in entities if not (one.name != "quantity" and _any(lettered, one))]
    if not tables or any(one.name in _NAMES and not _is_all(tables, one) for one in entities):
        return entities
    meant = tables if _each_orders(tables, entities) else tables[:1]
    if len(tables) == 2 and same_as(text):
        meant = tables[1:]
    if any(_any(meant, one) and not _may_be_of_table(one) for one in entities):
        return entities
    kept = [one for one in entities if not _any(meant, one)]
    return sorted([*kept, *(_table(one) for one in meant)], key=lambda one: one.start)


def _spoken(text: str) -> list[re.Match[str]]:
    """ "टेबल चार", "table number five"."""
    found = _SPOKEN.finditer(text)
    return [one for one in found if (number := parse_number(one[1])) and number % 1 == 0]


def tables_together(text: str) -> tuple[str, ...]:
    """The two tables that are named together: "table 2 aur 6", "table 2 and table 6"."""
    found = _TOGETHER.search(text)
    return tuple(f"Table {int(one)}" for one in found.groups()) if found else ()


def same_as(text: str) -> str | None:
    """The table of which another gets the same: "jo table 2 ne liya wahi table 5"."""
    tables = list(_TABLE.finditer(text))
    if len(tables) != 2 or not says(words(text[tables[0].end() : tables[1].start()]), "same_too"):
        return None
    return _table(tables[0]).value


def is_table(name: str) -> bool:
    """Whether a name is that of a table."""
    return _NAME.fullmatch(name) is not None


def _table(found: re.Match[str]) -> Entity:
    number = parse_number(next(filter(None, found.groups()))) or 0
    return Entity("customer_name", f"Table {int(number)}", start=found.start(), end=found.end())


def _any(tables: Sequence[re.Match[str]], one: Entity) -> bool:
    """Whether an entity stands within one of the tables."""
    return any(one.start < table.end() and table.start() < one.end for table in tables)


def _may_be_of_table(one: Entity) -> bool:
    """Whether an entity within a table is no more than a part of it: its name, its number, or its
    word, which was taken for goods."""
    return one.name in _NAMES | {"quantity"} or _WORD.fullmatch(one.value) is not None


def _is_all(tables: Sequence[re.Match[str]], one: Entity) -> bool:
    """Whether an entity is a table, and no more: "Table 5 Andar" is a name of its own."""
    return any(table.start() <= one.start and one.end <= table.end() for table in tables)


def _each_orders(tables: Sequence[re.Match[str]], entities: list[Entity]) -> bool:
    """ "Table 2: 1 dosa, table 5: 2 coffee", "1 dosa table 2, 2 coffee table 5": tables that each
    have goods of their own."""
    goods = [one.start for one in entities if one.name == "product_name" and one.end]
    starts = [one.start() for one in tables]
    behind = [sum(start <= one for one in goods) for start in starts]
    served_behind = all(more > fewer for more, fewer in pairwise([*behind, 0]))
    served_before = all(more > fewer for more, fewer in pairwise([len(goods), *behind]))
    return served_behind or served_before
