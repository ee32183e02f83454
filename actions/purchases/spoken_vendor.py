"""A vendor who was spoken of last, by "unko" and its like: "unko 5000 bhej diye".

Customers are found by such words where the actions look for one. What money and goods mean for a
vendor is told by the words around its name, so the name stands in the place of the word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from actions.entities import Entity
from actions.forms.names import PURCHASE_FORM, VENDOR_PAYMENT_FORM
from actions.lexicon import names, plain_words, says, words

_SOMEBODY = frozenset({"customer_name", "vendor_name", "person", "customer_phone"})
_THEY = re.compile(
    "|".join(
        rf"(?P<{behind}>(?<!\w)(?:{'|'.join(sorted(plain_words(f'spoken_of.{behind}')))})(?!\w))"
        for behind in names("spoken_of")
    ),
    re.IGNORECASE,
)
_MADE_USE = re.compile(rf"use\s+(?:{'|'.join(sorted(plain_words('made_use')))})", re.IGNORECASE)
_BUYING = frozenset({PURCHASE_FORM, VENDOR_PAYMENT_FORM})


def with_vendor_spoken_of(
    text: str,
    entities: list[Entity],
    slots: Mapping[str, Any],
    name_of: Callable[[str], str],
) -> tuple[str, list[Entity]]:
    """The message with the name of the vendor who was spoken of last in the place of the first word
    that means one; `name_of` gives a vendor's name by its id."""
    found = next(
        (one for one in _THEY.finditer(text) if not _MADE_USE.match(text, one.start())), None
    )
    if found is None or any(one.name in _SOMEBODY for one in entities):
        return text, entities
    if any(one.start < found.end() and found.start() < one.end for one in entities):
        return text, entities
    if _means_goods(text, found.end()):
        return text, entities
    name = _name_spoken_of(slots, name_of)
    if name is None:
        return text, entities
    said = f"{name} {found.lastgroup}"
    longer = len(said) - len(found[0])
    moved = [
        replace(one, start=one.start + longer, end=one.end + longer)
        if one.start >= found.end()
        else one
        for one in entities
    ]
    start = found.start()
    vendor = Entity("vendor_name", name, start=start, end=start + len(name))
    text = f"{text[:start]}{said}{text[found.end() :]}"
    return text, sorted([*moved, vendor], key=lambda one: one.start)


def _means_goods(text: str, behind: int) -> bool:
    """ "Iska rate 20 kar do", "isko 2 rupaye badha do" are about what was bought."""
    said = words(text[behind:])
    ways = ("price.go_up", "price.go_down")
    return says(said[:1], "of_goods") or any(says(said, one) for one in ways)


def _name_spoken_of(slots: Mapping[str, Any], name_of: Callable[[str], str]) -> str | None:
    draft, recent = slots.get("draft") or {}, slots.get("recent") or {}
    if draft.get("form"):
        data = draft.get("data") or {}
        vendor, since = data.get("vendor") or {}, recent.get("customer") or ""
        if draft["form"] not in _BUYING or since != data.get("noted", since):
            return None  # a customer was asked after since
        return str(vendor["name"]) if vendor.get("name") else None
    spoken_of = recent.get("vendor")
    return name_of(spoken_of) if spoken_of else None
