"""What a shop teaches in a sentence: what a name means, what a carton holds, what may be kept.

"Laal sabun matlab Lifebuoy", "when I say GD I mean Good Day", "Mohan ko Mota bhai kehte hain",
"laal sabun bhool jao", "maggi ki ek peti me 24", "review chalu karo", "maggi ka naam Maggi Masala
kar do", "kurkure ab nahi bechte". These are told by their wording alone, whatever else the language
components took them for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from actions.context import Turn
from actions.forms.names import TEACH_FORM
from actions.lexicon import only, says, where, words
from actions.match import Found, customer_named, product_named, recent
from actions.reading.listed import (
    LONGEST_NAME,
    folded,
    listed_again,
    name_in,
    no_longer_sold,
    renamed,
)
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import convert, parse_unit, plain
from erp_core.parties import queries as parties

LONGEST_LESSON = 16
"""So many words a lesson has at most; what is longer tells a story."""
OF_GOODS = frozenset({"pack", "rename", "retire", "relist"})
"""Lessons that nobody but goods can be meant by."""

CONTAINERS = frozenset({"box", "carton", "bag", "bottle", "strip", "set", "packet", "pair"})
"""Units that hold what the goods say."""


@dataclass(frozen=True)
class Lesson:
    """`kind` is alias, forget, pack, rename, retire, relist, or review. `said` is the name that is
    taught, forgotten or given, `means` what it stands for (for a pack the goods, None for those
    just spoken of)."""

    kind: str
    said: str = ""
    means: str | None = None
    unit: str = ""
    holds: str = ""
    on: bool = False


def heard(turn: Turn) -> Lesson | None:
    """The lesson in a message of somebody who runs the shop; None when there is none."""
    said = turn.text.replace("=", " yaani ").split()
    if not turn.is_user or not 1 < len(said) <= LONGEST_LESSON or "?" in turn.text:
        return None
    lesson = _review(turn) or _of_the_list(turn, said) or _forgetting(said)
    lesson = lesson or _pack(said) or _pack_of_so_many(said) or _meaning(said)
    return _as_known(turn, lesson) if lesson and lesson.kind == "alias" else lesson


def _as_known(turn: Turn, lesson: Lesson) -> Lesson:
    """ "Dolo matlab paracetamol" names first what is known to the shop."""
    turned = replace(lesson, said=str(lesson.means), means=lesson.said)
    with turn.read() as reader:
        if any(found.one or found.options for found in meant(reader, lesson)):
            return lesson
        return turned if any(found.one for found in meant(reader, turned)) else lesson


def is_lesson(turn: Turn) -> bool:
    """Whether a message teaches something that can be: what it speaks of is known to the shop."""
    lesson = heard(turn)
    if lesson is None or lesson.kind == "review":
        return lesson is not None
    with turn.read() as reader:
        if lesson.kind == "forget":
            return owner(reader, lesson.said) is not None
        if lesson.kind == "pack" and not lesson.means:
            return recent(turn, "product") is not None
        product, customer = meant(reader, lesson)
        return any(found.one or found.options for found in (product, customer))


def meant(reader: Reader, lesson: Lesson) -> tuple[Found, Found]:
    """The product and the customer that a name surely means; mere look-alikes are none."""
    name = lesson.means or ""
    if lesson.kind == "relist":
        return Found(name, options=tuple(catalogue.no_longer_sold(reader, name))), Found(name)
    product = product_named(reader, name)
    customer = Found(name) if lesson.kind in OF_GOODS else customer_named(reader, name)
    nothing = Found(name)
    return nothing if product.guesses else product, nothing if customer.guesses else customer


def is_instruction(turn: Turn) -> bool:
    """Whether a text tries to give Bahi itself orders; it is small talk, whatever else it holds."""
    return says(turn.words, "instructing")


def owner(reader: Reader, alias: str) -> dict[str, str] | None:
    """What a taught name means: {of, id, name, alias}."""
    product = catalogue.alias_owner(reader, alias)
    if product:
        name = catalogue.product(reader, product[0]).name
        return {"of": "product", "id": str(product[0]), "name": name, "alias": product[1]}
    customer = parties.nickname_owner(reader, alias)
    if customer:
        name = parties.customer(reader, customer[0]).name
        return {"of": "customer", "id": str(customer[0]), "name": name, "alias": customer[1]}
    return None


def _review(turn: Turn) -> Lesson | None:
    for on in (True, False):
        if len(turn.words) <= LONGEST_NAME and says(turn.words, f"teach.review_{_switch(on)}"):
            return Lesson("review", on=on)
    return None


def _of_the_list(turn: Turn, said: Sequence[str]) -> Lesson | None:
    """What is done to the list of goods; never in passing, while something else is written."""
    draft = turn.slots.get("draft")
    if draft and draft["form"] != TEACH_FORM:
        return None
    if named := renamed(said):
        return Lesson("rename", said=named[1], means=named[0])
    if name := no_longer_sold(said):
        return Lesson("retire", means=name)
    return Lesson("relist", means=name) if (name := listed_again(said)) else None


def _switch(on: bool) -> str:
    return "on" if on else "off"


def _forgetting(said: Sequence[str]) -> Lesson | None:
    """ "laal sabun bhool jao", "forget GD"."""
    place = where(folded(said), "teach.forget")
    if place is None:
        return None
    name = name_in([*said[: place[0]], *said[place[1] :]])
    return Lesson("forget", said=name) if name else None


def _meaning(said: Sequence[str]) -> Lesson | None:
    row = folded(said)
    if parts := _split(said, "teach.known_as"):
        return _alias(parts[1], parts[0])
    if place := where(row, "teach.is_called"):
        # "Mohan ko Mota bhai kehte hain": the name that is known comes first.
        behind = name_in(said[place[1] :])
        parts = _split(said[: place[0]], "teach.to")
        if parts and not behind:
            return _alias(parts[1], parts[0])
    place = where(row, "teach.means")
    if place is None or says(row, "negation") or says(row, "asking"):
        return None
    left = said[: place[0]]
    if (start := where(folded(left), "teach.when_i_say")) and start[0] == 0:
        left = left[start[1] :]
    return _alias(left, said[place[1] :])


def _split(said: Sequence[str], path: str) -> tuple[Sequence[str], Sequence[str]] | None:
    place = where(folded(said), path)
    return (said[: place[0]], said[place[1] :]) if place else None


def _alias(name: Sequence[str], means: Sequence[str]) -> Lesson | None:
    said, meant = name_in(name), name_in(means)
    if not said or not meant or words(said) == words(meant):
        return None
    if parse_number(said) is not None or parse_number(meant.split()[0]) is not None:
        return None
    return Lesson("alias", said=said, means=meant)


def _pack(said: Sequence[str]) -> Lesson | None:
    """ "maggi ki ek peti me 24 packet", "1 carton maggi = 48", "one box of Dove has 12"."""
    for at, word in enumerate(said[:-1]):
        unit = parse_unit(said[at + 1])
        if unit not in CONTAINERS or not says(folded([word]), "teach.one"):
            continue
        behind = said[at + 2 :]
        place = where(folded(behind), "teach.holds")
        if place is None or place[1] >= len(behind):
            continue
        holds, rest = _number_of(behind[place[1] :])
        goods = _goods([*said[:at], *behind[: place[0]], *rest])
        if holds is not None and goods is not None:
            return Lesson("pack", means=goods or None, unit=unit or "", holds=plain(holds))
    return None


def _pack_of_so_many(said: Sequence[str]) -> Lesson | None:
    """ "Switch ka dabba 20 piece ka hota hai"; a number with nothing behind it may be a price."""
    for at, word in enumerate(said[:-2]):
        unit, counted = parse_unit(word), parse_unit(said[at + 2])
        holds, rest = _number_of(said[at + 1 :])
        if (
            unit not in CONTAINERS
            or None in (holds, counted)
            or not says(folded(rest), "teach.comes_so")
        ):
            continue
        goods = _goods(said[:at])
        around = all(only(folded([one]), "teach.around") for one in rest)
        if goods and around and holds is not None:
            return Lesson("pack", means=goods, unit=unit or "", holds=plain(holds))
    return None


_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_])")


def pack_alone(text: str, unit: str, own: str) -> str | None:
    """What a pack of some goods holds, as a lesson, where it was asked and nothing more is said
    than that: "20 kilo ki peti", "ek peti 20 kilo", "20 kg wali"; `own` is the goods' own unit."""
    said = _GLUED.sub(" ", text).split()
    counts = [at for at in range(len(said)) if _is_number_of_pack(said, at, unit)]
    if len(counts) != 1:
        return None
    at = counts[0]
    number, measure = parse_number(said[at]), parse_unit(said[at + 1]) if said[at + 1 :] else None
    holds = convert(number, measure, own) if number and measure not in (None, unit) else number
    others = [word for word in (*said[:at], *said[at + 1 :]) if parse_unit(word) is None]
    if holds is None or not all(only(folded([one]), "teach.in_hand") for one in others):
        return None
    behind = said[at + 2 :] if measure else said[at + 1 :]
    of_one = says(folded(behind[:1]), "teach.of_one")
    each = any(says(folded([one]), "teach.one") for one in others)
    packed = any(parse_unit(word) == unit for word in said)
    return f"ek {unit} me {plain(holds)}" if of_one or (each and packed) else None


def _is_number_of_pack(said: Sequence[str], at: int, unit: str) -> bool:
    """Whether a word is a number, and not the one of "1 peti"."""
    one = says(folded(said[at : at + 1]), "teach.one")
    of_pack = parse_unit(said[at + 1]) == unit if said[at + 1 :] else False
    return parse_number(said[at]) is not None and not (one and (of_pack or at == 0))


def _number_of(said: Sequence[str]) -> tuple[Decimal | None, Sequence[str]]:
    """The number that begins some words, and what follows it and its unit."""
    number = parse_number(said[0])
    rest = said[1:]
    if rest and parse_unit(rest[0]) is not None:
        rest = rest[1:]
    return number, rest


def _goods(said: Sequence[str]) -> str | None:
    """The goods among the words beside a pack; "" for none, None when too much is said."""
    left = [word for word in said if not only(folded([word]), "teach.around")]
    doing = any(only(folded([word]), "teach.doing") for word in said)
    return None if doing or len(left) > LONGEST_NAME else " ".join(left).strip(" .,!।")
