"""Pieces of a message, and whether the shop calls something or somebody so."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.entities import Entity
from actions.lexicon import only, plain_words, words
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.parties import queries as parties

WHO = frozenset({"customer_name", "vendor_name", "person", "customer_phone"})
EACH_WORD = re.compile(r"[^\s,;.!?]+")
MOST_BETWEEN = 3
"""Words between goods and their size: "kurti red me L"."""
HOLDS_WHOM = plain_words("written.postposition")
LONGEST_NAME = 3
SHORTEST = 3


def overlaps(one: Entity, span: tuple[int, int]) -> bool:
    return bool(one.end) and one.start < span[1] and span[0] < one.end


def piece(whole: Entity, start: int, end: int, name: str) -> Entity:
    at = whole.start
    return replace(
        whole,
        name=name,
        value=whole.value[start:end],
        normalized=None,
        start=at + start,
        end=at + end,
    )


def is_goods(reader: Reader, said: str) -> bool:
    """Whether a text is surely goods of the shop, and not so many of them."""
    if parse_number(said.split()[0]) is not None:
        return False
    return is_called(reader, said)


def is_called(reader: Reader, said: str) -> bool:
    """Whether goods of the shop are surely called so."""
    return any(one.score >= CERTAIN for one in catalogue.find_products(reader, said, limit=1))


def is_customer(reader: Reader, said: str) -> bool:
    """Whether a text is surely a customer's name, in all its words, and no goods of the shop."""
    if len(said.replace(" ", "")) < SHORTEST or only(words(said), "filler"):
        return False
    if only(words(said), "colours"):
        return False
    named = [
        one.item for one in parties.find_customers(reader, said, limit=2) if one.score >= CERTAIN
    ]
    if not named or not all(set(words(said)) <= set(words(one.name)) for one in named):
        return False
    return not any(one.score >= CERTAIN for one in catalogue.find_products(reader, said, limit=1))
