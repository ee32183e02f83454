"""A house that tells one customer from another: "Sharma ji C-12", "B/204 wale Verma ji"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.entities import Entity
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.parties import queries as parties

_HOUSE = re.compile(r"(?<![\w/-])[a-z]{1,2}[-/]?\d{1,4}[a-z]?(?![\w/-])", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:(?:wal[aei]|val[aei]|वाल[ाेी])\s*)?", re.IGNORECASE)


def may_hold_house(text: str, entities: Sequence[Entity]) -> bool:
    """Whether a house may stand beside a customer."""
    named = any(one.name == "customer_name" and one.end for one in entities)
    return named and _HOUSE.search(text) is not None


def with_house(reader: Reader, text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with a house beside a customer as a part of the name, where one is called so;
    nothing of it is a number or goods."""
    for customer in [one for one in entities if one.name == "customer_name" and one.end]:
        for house in _HOUSE.finditer(text):
            start, end = min(customer.start, house.start()), max(customer.end, house.end())
            first = min(customer.end, house.end())
            if not _BETWEEN.fullmatch(text, first, max(customer.start, house.start())):
                continue
            name = f"{customer.value} {house[0]}"
            found = parties.find_customers(reader, name, limit=1)
            if not found or found[0].score < CERTAIN:
                continue
            whole = replace(customer, value=name, normalized=None, start=start, end=end)
            return [
                whole if one is customer else one
                for one in entities
                if one is customer or one.end <= start or end <= one.start
            ]
    return list(entities)
