"""A message in parts: what it says of several things at once, and what of it nobody took.

One draft holds one payment, one change of stock, one rate. Whatever else a message says must be
told back, never dropped in silence and never mixed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.lexicon import every, only, says, words
from actions.reading.run_on import wishes_apart
from erp_core.kernel.clauses import Span, clauses
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit

_MINUS = re.compile(r"(?:^|[\s(,;])[-−](?:₹|rs\.?)?$", re.IGNORECASE)
_DIGIT = re.compile(r"\d")


def parts_with(turn: Turn, name: str) -> list[Span]:
    """The message cut so that each part has an entity of this name; what has none goes with the
    part before it, or with the first."""
    parts: list[Span] = []
    for start, end in clauses(turn.text):
        own = any(start <= one.start < end for one in turn.all(name))
        if parts and (not own or not _holds(turn, parts[-1], name)):
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return parts


def pieces(turn: Turn) -> list[Span]:
    """The message cut into clauses, and behind its verbs."""
    return wishes_apart(turn.text, [(one.start, one.end) for one in turn.entities if one.end])


def part_of(turn: Turn, span: Span) -> Turn:
    """The turn as if only one part of its message had been said; it answers in the same reply."""
    start, end = span
    kept = [
        replace(one, start=one.start - start, end=one.end - start)
        for one in turn.entities
        if start <= one.start < end
    ]
    return replace(turn, text=turn.text[start:end], entities=kept)


def split_by(turn: Turn, name: str, *beside: str) -> list[Turn]:
    """The turn in parts, each with one entity of a name and one of others beside it; the whole
    turn where it does not come apart so."""
    count = len(turn.all(name))
    spans = parts_with(turn, name)
    if len(spans) != count:
        spans = _in_turns(turn, {name, *beside}, count) or _from_each(turn, name)
    if count < 2 or len(spans) != count:
        return [turn]
    parts = [part_of(turn, span) for span in spans]
    whole = all(any(part.first(one) for one in beside) for part in parts)
    return parts if whole else [turn]


def _in_turns(turn: Turn, names: set[str], count: int) -> list[Span]:
    """ "500 petrol 200 chai": pairs that follow one another with nothing to set them apart."""
    said = [one for one in turn.entities if one.name in names]
    firsts, seconds = said[::2], said[1::2]
    in_turns = len({one.name for one in firsts}) == len({one.name for one in seconds}) == 1
    if len(said) != 2 * count or not in_turns or firsts[0].name == seconds[0].name:
        return []
    starts = [0, *(one.start for one in firsts[1:]), len(turn.text)]
    return list(pairwise(starts))


def _from_each(turn: Turn, name: str) -> list[Span]:
    """ "Table 8 2 dosa 1 chai table 9 3 idli": what follows each of a name, of a message that
    begins with one."""
    if not turn.entities or turn.entities[0].name != name:
        return []
    starts = [0, *(one.start for one in turn.all(name)[1:]), len(turn.text)]
    return list(pairwise(starts))


def without(turn: Turn, start: int, end: int) -> Turn:
    """The message with blanks in place of a part of it, and without what was seen there."""
    text = f"{turn.text[:start]}{' ' * (end - start)}{turn.text[end:]}"
    kept = [one for one in turn.entities if one.end <= start or one.start >= end]
    return replace(turn, text=text, entities=kept)


def said_in(turn: Turn, spans: Sequence[Span]) -> str:
    """The words of some parts."""
    return ", ".join(turn.text[start:end].strip(" ,;.") for start, end in spans)


def alike(turn: Turn, spans: Sequence[Span], kind: Callable[[Turn], str | None]) -> list[Span]:
    """The first parts that are of one kind; one that does not say its kind goes with those before
    it, or behind it."""
    kinds = [kind(part_of(turn, span)) for span in spans]
    known = [one for one in kinds if one is not None]
    if len(set(known)) < 2:
        return list(spans)
    until = next(at for at, one in enumerate(kinds) if one not in (None, known[0]))
    first = kinds.index(known[0])
    while kinds[until - 1] is None and until - 1 > first and _tells_last(turn, spans[first], kind):
        until -= 1
    return list(spans[:until])


def _tells_last(turn: Turn, span: Span, kind: Callable[[Turn], str | None]) -> bool:
    """Whether a part says its kind behind its goods, as "10 maggi aaya" does: one that says none
    goes with the part behind it then."""
    part = part_of(turn, span)
    behind = max((one.end for one in part.entities), default=0)
    return kind(part_of(part, (behind, len(part.text)))) is not None


def one_at_a_time(turn: Turn, said: Sequence[str]) -> None:
    """Say, once in a turn, that only one of several things can be written at a time."""
    told = (one.get("utter_action") for one in turn.dispatcher.messages)
    if "utter_one_at_a_time" not in told:
        turn.say("utter_one_at_a_time", said=", ".join(said))


def refuse_minus(turn: Turn) -> None:
    """Take numbers with a minus out of the message, and say so: "-5 kg" is not 5 kg."""
    signed = [one for one in turn.entities if one.name in NUMBERS and _has_minus(turn, one)]
    for one in signed:
        turn.entities.remove(one)
        start = max(turn.text.rfind("-", 0, one.start), turn.text.rfind("−", 0, one.start), 0)
        said = turn.text[start : one.end].strip()
        turn.text = f"{turn.text[:start]}{' ' * (one.end - start)}{turn.text[one.end :]}"
        turn.say("utter_no_minus", said=said)


def _has_minus(turn: Turn, entity: Entity) -> bool:
    return entity.value.startswith(("-", "−")) or (
        entity.end > 0 and _MINUS.search(turn.text[: entity.start]) is not None
    )


def left_over(turn: Turn) -> list[str]:
    """Parts beside goods that name a quantity of something which was not recognised."""
    if not turn.first("product_name"):
        return []
    spans = clauses(turn.text)
    unread = [one for one in spans if not _holds(turn, one, "product_name")]
    counted = [one for one in unread if _counts_something(turn, one)]
    return [_unmarked(turn, one, _beside(turn, one)).strip(" ,;.") for one in counted]


BESIDE_COUNTED = frozenset({"payment_method", "customer_name"})
"""What may stand in a part beside goods that were not recognised: "do thumsup meena ko"."""


def _beside(turn: Turn, span: Span) -> list[Entity]:
    marked = [one for one in turn.entities if span[0] <= one.start < span[1]]
    return [one for one in marked if one.name in BESIDE_COUNTED]


def _unmarked(turn: Turn, span: Span, entities: Sequence[Entity]) -> str:
    """A part without the words of some entities."""
    text = turn.text
    for one in entities:
        text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    return text[slice(*span)]


def _counts_something(turn: Turn, span: Span) -> bool:
    start, end = span
    inside = [one for one in turn.entities if start <= one.start < end]
    beside = _beside(turn, span)
    if any(one.name not in NUMBERS | BESIDE_COUNTED | {"unit"} for one in inside):
        return False
    if beside and any(one.name == "amount" for one in inside):
        return False
    said = _unmarked(turn, span, beside).split()
    unread = len(turn.all("quantity")) > len(turn.all("product_name"))
    if not unread and any(start <= one.start < end for one in turn.all("quantity")):
        return False
    priced = any(start <= one.start < end for one in turn.all("amount"))
    if priced and says(words(turn.text[start:end]), "sets_rate"):
        return False
    counted = [at for at, word in enumerate(said) if _is_number(word) or _counts_first(said, at)]
    if not counted or not (len(counted) < len(said)):
        return False
    if any(only(words(said[at + 1]), "counted_beside") for at in counted if at + 1 < len(said)):
        return False
    named = [
        word
        for word in said
        if not _is_number(word) and parse_unit(word) is None and not is_beside_goods(word)
    ]
    # "2 din me chahiye" counts days: a quantity stands with a unit, or with little else.
    measured = any(parse_unit(word) for word in said)
    return bool(named) and len(named) <= 2 and (measured or counted[0] == 0 or len(said) <= 3)


def is_beside_goods(word: str) -> bool:
    """Whether a word beside goods names none: "becha", "cash", "kal"."""
    beside = ("filler", "around_goods", "sold")
    return any(only(words(word), one) for one in beside) or bool(every(word, "methods"))


def _counts_first(said: Sequence[str], at: int) -> bool:
    """Whether a "do" that begins a part is two: "5 parle g aur do thumsup"."""
    return at == 0 and len(said) > 1 and parse_number(said[0]) is not None


def _is_number(word: str) -> bool:
    if only(words(word), "filler"):
        return False
    return _DIGIT.search(word) is not None or parse_number(word) is not None


def _holds(turn: Turn, span: Span, name: str) -> bool:
    return any(span[0] <= one.start < span[1] for one in turn.all(name))
