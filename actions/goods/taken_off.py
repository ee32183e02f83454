"""Goods that are taken off a draft's lines again, all of them or some, or replaced by others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from actions.context import Turn
from actions.entities import Entity, Line, is_none
from actions.lexicon import only, says, where, words

_REFUSING = ("negation", "cancel", "left_out.but")
LONGEST_NAME = 3
"""So many words before "ki jagah" may name what is replaced."""


def take_replacement(
    turn: Turn, lines: list[dict[str, Any]], kept: list[Entity], said: list[Line], *, listed: bool
) -> bool:
    """ "iPhone nahi, Samsung": the line of what is refused becomes what is wanted. "iPhone hata do"
    takes a line out."""
    denied = [one for one in turn.all("product_name") if one not in kept]
    wanted = [one for one in said if one.product and line_named(lines, one.product) is None]
    left = [line_named(lines, one.value) for one in denied]
    none = says(turn.words, "left_out.but") or any(is_none(turn.text, one) for one in denied)
    if listed and none and any(left):
        lines[:] = [line for line in lines if line not in left]
        return False
    for line in left or [line_replaced(turn, lines)]:
        if line is not None and len(wanted) == 1:
            quantity, unit = line.get("quantity"), line.get("said_unit")
            line.clear()
            line.update(said=wanted[0].product, quantity=quantity, said_unit=unit)
            if wanted[0].quantity is not None:
                set_quantity(line, wanted[0])
            return True
    refused = listed and _refuses(turn, lines, said)
    if says_take_out(turn, said) or refused:
        gone = [line for one in said if (line := line_named(lines, one.product or "")) is not None]
        for line in gone:
            lines.remove(line)
        unknown = [line["said"] for line in gone if refused and not line.get("id")]
        if unknown:  # what was asked about only was on no list that is shown again
            turn.say("utter_left_out", said=", ".join(unknown))
        return bool(gone)
    return False


def line_replaced(turn: Turn, lines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The line in whose place something is wanted, where two goods are swapped or no entity names
    it: "replace jeans with kurti", "linen ki jagah kurti"."""
    if says(turn.words, "swaps"):
        held = [line_named(lines, one.value) for one in turn.all("product_name")]
        return held[0] if len(held) == 2 and held[1] is None else None
    found = where(turn.words, "replaced")
    before = {*turn.words[max(0, found[0] - LONGEST_NAME) : found[0]]} if found else set()
    meant = [line for line in lines if before & {*words(f"{line.get('name')} {line['said']}")}]
    return meant[0] if len(meant) == 1 else None


def _refuses(turn: Turn, lines: Sequence[dict[str, Any]], said: Sequence[Line]) -> bool:
    """ "Butter nahi chahiye": what is on the list, with no number, is not wanted after all."""
    if not any(says(turn.words, one) for one in _REFUSING):
        return False
    named = [one.product for one in said if one.quantity is None and one.amount is None]
    return len(named) == len(said) and all(one and line_named(lines, one) for one in named)


def says_take_out(turn: Turn, said: Sequence[Line]) -> bool:
    """Whether goods are named, with no number, and shall go: "butter hata do", "saree mat bhejna".
    "Nahi, jeans chahiye" wants them, and "jeans 900 nahi 850" tells their rate."""
    rated = any(one.amount is not None for one in said)
    refused = any(says(turn.words[1:], one) for one in _REFUSING) and not rated
    gone = refused or says(turn.words, "remove")
    return gone and all(one.product and one.quantity is None for one in said)


def takes_some_off(turn: Turn, lines: list[dict[str, Any]], said: Sequence[Line]) -> bool:
    """ "Meals cancel one" leaves two of three; "1 packet ghata do" speaks of the only goods."""
    if not says(turn.words, "remove") or says(turn.words, "leaves"):
        return False
    named = [(line, one) for one in said if (line := _line_meant(lines, one))]
    if len(named) != len(said) or not all(_counts_alike(line, one) for line, one in named):
        return False
    if gets_ready(turn) and any(not _has_so_many(line, one) for line, one in named):
        return False
    for line, one in named:
        left = Decimal(line["quantity"]) - (one.quantity or 0)
        if left > 0:
            line.update(quantity=str(left), counted=None)
        else:
            lines.remove(line)
    return True


def _line_meant(lines: list[dict[str, Any]], said: Line) -> dict[str, Any] | None:
    if said.product:
        return line_named(lines, said.product)
    return lines[0] if len(lines) == 1 and said.quantity is not None else None


def gets_ready(turn: Turn) -> bool:
    """ "2 maggi nikal do" gets two ready, unless there are two to take off."""
    others = [one for one in turn.words if not only([one], "take_out")]
    return len(others) < len(turn.words) and not says(others, "remove")


def _has_so_many(line: Mapping[str, Any], said: Line) -> bool:
    return Decimal(line["quantity"]) >= (said.quantity or 0)


def _counts_alike(line: Mapping[str, Any], said: Line) -> bool:
    """Whether a quantity is counted as that of a line is."""
    units = (line.get("said_unit") or line.get("unit"), said.unit or line.get("said_unit"))
    alike = None in units or units[0] == units[1]
    return bool(alike and said.quantity and line.get("quantity"))


def line_taken_out(turn: Turn, lines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The one line whose goods stand beside "hata do", or alone beside a no, though no entity says
    so."""
    if not says(turn.words, "remove") and not _refuses_one(turn, lines):
        return None
    named = {one for one in turn.words if not only([one], "remove") and not only([one], "filler")}
    gone = [
        line for line in lines if named & set(words(f"{line.get('name') or ''} {line['said']}"))
    ]
    return gone[0] if len(gone) == 1 else None


def _refuses_one(turn: Turn, lines: Sequence[dict[str, Any]]) -> bool:
    """ "No butter please", "unhone butter nahi liya": a no, goods of the list, and nothing else."""
    goods = {one for line in lines for one in words(f"{line.get('name') or ''} {line['said']}")}
    rest = [one for one in turn.words if one not in goods]
    cues = (*_REFUSING, "filler", "wanting", "more", "all_of_it", "took", "same_person")
    beside = all(any(only([one], cue) for cue in cues) for one in rest)
    refused = any(says(turn.words, one) for one in _REFUSING)
    return refused and beside and len(rest) < len(turn.words)


def set_quantity(target: dict[str, Any], line: Line) -> None:
    """A line holds the quantity that is said; it is counted anew."""
    target["quantity"] = str(line.quantity)
    target["said_unit"] = line.unit
    target["counted"] = None


def line_named(lines: Sequence[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The line whose goods a name means by all its words."""
    wanted = set(words(name))
    called = [{*words(line.get("name") or ""), *words(line["said"])} for line in lines]
    fitting = [at for at, one in enumerate(called) if wanted and wanted <= one]
    # "Veg" is rather a veg tiffin than a non veg one.
    return lines[min(fitting, key=lambda at: len(called[at]))] if fitting else None
