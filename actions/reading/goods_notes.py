"""What is asked of how goods are made, "onion mat dalna", "kam teekha", and the size of goods that
are kept in none: Bahi keeps no such note. It is told, and is never goods nor their number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from actions.entities import NUMBERS, Entity
from actions.lexicon import only, says, where, words
from actions.reading.in_case import in_case
from actions.reading.made_for import made_for
from erp_core.catalogue.queries import Product, find_products, food_served
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import sentences
from erp_core.kernel.matching import CERTAIN

if TYPE_CHECKING:
    from rasa_sdk.events import EventType

    from actions.context import Turn

SOLD = frozenset({"order_create", "order_modify", "invoice_generate"})
"""Intents in which goods are sold: a size that comes in is one to be kept."""

MOST = 4
"""So many words tell at most into what something is put: "masala dosa me"."""

_WORD = re.compile(r"[^\s,;.!?।]+")
_SIZE = re.compile(r"(?:X{0,3}[SL]|M|[2-5]XL)", re.IGNORECASE)


def apart_from_notes(
    text: str, intent: str, entities: list[Entity], reader: Callable[[], Reader], *, buys: bool
) -> tuple[str, list[Entity], str]:
    """The text and its entities without what is a note to goods, and the note; those who buy may
    give one where no food is served, too."""
    told = in_case(text, entities) if buys else None
    if told is not None:
        text, entities = _without_span(text, entities, (told.start, told.end))
    written = _written_on_goods(text, entities)
    made = (
        (start, end)
        for start, end in _of_kitchens(text)
        if _may_be_made(reader, text[start:end], buys=buys)
        and not _is_goods(reader(), text, start, end, entities)
    )
    if written:
        spans = [written]
    else:
        entities, spans = _with_their_goods(text, entities, list(made))
    notes = [text[start:end] for start, end in spans] + ([told.note] if told else [])
    kept = entities
    for span in spans:
        text, kept = _without_span(text, kept, span)
    if _may_be_of_others(text, kept):
        kept, others = made_for(text, kept, partial(_known, reader()))
        notes += [one.note for one in others]
        for one in others if buys else ():
            text, kept = _without_span(text, kept, (one.start, one.end))
    if intent in SOLD:
        kept, sizes = _without_sizes(reader, kept)
        notes += sizes
    if buys and (intent in SOLD or any(one.name == "quantity" for one in kept)):
        kept, looks = _without_looks(reader, kept)
        notes += looks
    return text, kept, ", ".join(notes)


def _may_be_of_others(text: str, entities: Sequence[Entity]) -> bool:
    counted = any(one.name == "quantity" for one in entities)
    said = words(text)
    cues = ("buyers.of_what", "buyers.for_what")
    return counted and any(says(said, one) for one in cues) and not says(said, "asks_price")


def _without_span(
    text: str, entities: list[Entity], span: tuple[int, int]
) -> tuple[str, list[Entity]]:
    start, end = span
    text = text[:start] + " " * (end - start) + text[end:]
    return text, [left for one in entities if (left := _outside(text, one, [span]))]


def _with_their_goods(
    text: str, entities: list[Entity], spans: Sequence[tuple[int, int]]
) -> tuple[list[Entity], list[tuple[int, int]]]:
    """Some of the goods that were counted before are no more of them: "2 meals, one meals jain",
    "2 meals 1 jain"."""
    wider = []
    for start, end in spans:
        goods = [one for one in entities if one.name == "product_name" and one.end]
        theirs = next((one for one in goods if one.start <= end + 1 and one.end >= start - 1), None)
        first = min(theirs.start, start) if theirs else start
        counts = [one for one in entities if one.name == "quantity" and one.end]
        count = next((one for one in counts if one.end == first - 1), None)
        name = words(text[first:start])
        before = [one for one in goods if count and one.end <= count.start]
        again = any(words(one.value) == name for one in before)
        alone = bool(before) and not name and (theirs is None or theirs.end <= end)
        if count and (again or alone):
            entities = [one for one in entities if one not in (count, theirs)]
            start = count.start
        wider.append((start, end))
    return entities, wider


def tell_note(turn: Turn) -> None:
    """That a note is not kept, where there was one."""
    if turn.note:
        turn.say("utter_note_not_kept" if turn.is_user else "utter_note_to_shop", note=turn.note)


def note_alone(turn: Turn) -> list[EventType] | None:
    """A message that is nothing but a note: "dosa me onion mat dalna", "extra chutney bhi"."""
    if not is_note(turn):
        return None
    tell_note(turn)
    return []


def is_note(turn: Turn) -> bool:
    """Whether a message is nothing but a note."""
    if not turn.note or turn.first("quantity") or turn.first("amount"):
        return False
    goods = turn.first("product_name")
    inside = goods is not None and only(words(turn.text[goods.end :])[:1] or ["-"], "notes.inside")
    if (goods is not None and not inside) or says(turn.words, "negation"):
        return False
    named = [one for entity in turn.entities for one in words(entity.value)]
    whole = turn.words
    into = next((at for at, one in enumerate(whole[:MOST]) if only([one], "notes.inside")), 0)
    rest = [one for one in whole[into:] if one not in named and not one.isdigit()]
    return all(only([one], "filler") or only([one], "notes.beside") for one in rest)


def _of_kitchens(text: str) -> Iterator[tuple[int, int]]:
    """Where words stand together that name what is put into food and how much of it; what is asked
    for its price is none of it."""
    said = words(text)
    noted = says(said, "notes.made_of") or says(said, "notes.alone")
    if not noted or says(said, "asks_price"):
        return
    run: list[re.Match[str]] = []
    for one in [*_WORD.finditer(text), None]:
        if one is not None and any(only(words(one[0]), f"notes.{part}") for part in _PARTS):
            run.append(one)
            continue
        while run and only(words(run[0][0]), "notes.joining"):
            run.pop(0)
        while run and only(words(run[-1][0]), "joining"):
            run.pop()
        named = [word for each in run for word in words(each[0])]
        told = says(named, "notes.alone") and not says(words(text), "is_there")
        if told or (
            any(only([word], "notes.made_of") for word in named) and says(named, "notes.how")
        ):
            yield run[0].start(), run[-1].end()
        run = []


def _written_on_goods(text: str, entities: Sequence[Entity]) -> tuple[int, int] | None:
    """What shall be written on a cake: "us par happy birthday rohan likhna hai"."""
    for start, end in sentences(text):
        row = [one.span() for one in _WORD.finditer(text, start, end)]
        said = [" ".join(words(text[slice(*one)])) for one in row]
        on_it, written = where(said, "notes.on_it"), where(said, "notes.written")
        if on_it is None or written is None:
            continue
        begins = row[min(on_it[0], written[0])][0]
        if not any(one.name in NUMBERS and begins <= one.start < end for one in entities):
            return begins, end
    return None


_PARTS = ("made_of", "how", "alone", "joining")


def _is_goods(reader: Reader, text: str, start: int, end: int, entities: Sequence[Entity]) -> bool:
    """Whether the words are, or hold, goods of the shop: "extra masala dosa", "butter chahiye"."""
    held = [one for one in entities if one.name == "product_name" and start < one.end]
    held = [one for one in held if one.start < end]
    return any(_known(reader, said) for said in (text[start:end], *(one.value for one in held)))


def _may_be_made(reader: Callable[[], Reader], said: str, *, buys: bool) -> bool:
    """Whether words can be a note here: where food is served, and of what is put into it, where
    somebody buys and none of them is goods."""
    if food_served(reader()):
        return True
    named = (find_products(reader(), one, limit=1) for one in words(said))
    return buys and not any(found and found[0].score >= CERTAIN for found in named)


def _known(reader: Reader, said: str) -> Product | None:
    """The goods of a name, where only one is surely called so."""
    found = [one.item for one in find_products(reader, said, limit=2) if one.score >= CERTAIN]
    return found[0] if len(found) == 1 else None


def _outside(text: str, one: Entity, spans: Sequence[tuple[int, int]]) -> Entity | None:
    """An entity without what of it is a note."""
    touched = [span for span in spans if one.end and one.start < span[1] and span[0] < one.end]
    if not touched:
        return one
    left = text[one.start : one.end]
    said = " ".join(word for word in left.split() if not only(words(word), "postpositions"))
    if not said:
        return None
    start = one.start + len(left) - len(left.lstrip())
    return replace(one, value=said, normalized=None, start=start, end=start + len(left.strip()))


def _without_sizes(
    reader: Callable[[], Reader], entities: list[Entity]
) -> tuple[list[Entity], list[str]]:
    """The goods without a size by which the shop tells none of them apart, and those sizes."""
    kept: list[Entity] = []
    sizes = []
    for one in entities:
        base, _, size = one.value.rpartition(" ")
        if one.name != "product_name" or not _SIZE.fullmatch(size):
            kept.append(one)
            continue
        if not base and _is_counted(one, kept):
            kept.append(one)
            continue
        goods = [other for other in kept if other.name == "product_name"]
        known = _known(reader(), base or (goods[-1].value if goods else size))
        whole = _known(reader(), one.value)
        if known is None or size.lower() in words((whole or known).name):
            kept.append(one)
            continue
        sizes.append(f"size {size}")
        if base:
            kept.append(replace(one, value=base, normalized=None))
        else:
            kept = [o for o in kept if o.name != "quantity" or o.start < goods[-1].end]
    return kept, sizes


def _without_looks(
    reader: Callable[[], Reader], entities: list[Entity]
) -> tuple[list[Entity], list[str]]:
    """The goods without a colour or a quality of which the shop keeps none: "plastic chair laal",
    "bhindi taazi"; a quality alone is the name of nothing, unless it is counted."""
    kept, notes = [], []
    counts = [one for one in entities if one.name == "quantity" and one.end]
    each = len(counts) >= sum(one.name == "product_name" for one in entities)
    counted = {one.end + 1 for one in counts} if each else set()
    for one in entities:
        if one.start not in counted and _is_mere_quality(reader, one):
            continue
        looks = [word for word in one.value.split() if _is_look(word)]
        base = " ".join(word for word in one.value.split() if word not in looks)
        plain = one.name != "product_name" or not base or not looks
        if plain or _known(reader(), base) is None or _is_kept_so(reader(), one.value, looks):
            kept.append(one)
            continue
        kept.append(replace(one, value=base, normalized=None))
        notes.append(one.value)
    return kept, notes


def _is_mere_quality(reader: Callable[[], Reader], one: Entity) -> bool:
    if one.name not in ("product_name", "unit") or not one.end:
        return False
    quality = only(words(one.value) or ("-",), "buyers.qualities_wished")
    return quality and not (one.name == "product_name" and _known(reader(), one.value))


def _is_kept_so(reader: Reader, said: str, looks: Sequence[str]) -> bool:
    """Whether the shop keeps goods of that colour or quality by their name."""
    known = _known(reader, said)
    return known is not None and set(words(" ".join(looks))) <= set(words(known.name))


def _is_look(word: str) -> bool:
    return any(only(words(word) or ("-",), one) for one in ("colours", "buyers.qualities_wished"))


def _is_counted(one: Entity, before: Sequence[Entity]) -> bool:
    """Whether a letter has a number of its own: it is goods, whatever they are."""
    return any(other.name == "quantity" and one.start - other.end <= 1 for other in before)
