"""Numbers of goods that are no rate of theirs: what they cost the shop, and the level at which they
are to be ordered again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, Entity, number_of
from actions.forms.names import PRODUCT_FORM
from actions.lexicon import only, says, where, words
from actions.match import named_or_spoken_of, remember, unit_word
from erp_core.catalogue import service
from erp_core.kernel.quantity import parse_unit, plain
from erp_core.parties.permissions import Permission

_WORD = re.compile(r"[^\s,;]+")
COST, LEVEL, FALLS, FORMER = "cost_words", "reorder_level", "falls_to", "rate_was"
NEAR = 3
"""So many words before a number may say of what it is."""


def apart_from_rate(turn: Turn, cue: str) -> tuple[Turn, Entity | None]:
    """The turn without the number beside a word of cost or level, and that number; it spans the
    word, too: "kharid 84", "52 me aata hai"."""
    at = 0
    for one in sorted(turn.entities, key=lambda one: one.start):
        if one.name in NUMBERS and (span := _with_cue(turn.text, at, one, cue)):
            start, end = span
            text = f"{turn.text[:start]}{' ' * (end - start)}{turn.text[end:]}"
            kept = [each for each in turn.entities if each.end <= start or end <= each.start]
            return replace(turn, entities=kept, text=text), replace(one, start=start, end=end)
        at = max(at, one.end)
    return turn, None


def _with_cue(text: str, at: int, number: Entity, cue: str) -> tuple[int, int] | None:
    """From where to where a number stands with the cue before it, behind `at`, or the one that
    follows it; None without one."""
    before = _cue_before(text[at : number.start], cue)
    if before is not None:
        return at + before, number.end
    row = list(_WORD.finditer(text, number.end))[: NEAR + 1]
    beside = row and (parse_unit(row[0][0]) or only(words(row[0][0]), "rupees"))
    row = row[1:] if beside else row[:NEAR]
    behind = where([" ".join(words(one[0])) for one in row], f"{cue}_behind")
    return (number.start, row[behind[1] - 1].end()) if behind and behind[0] == 0 else None


def _cue_before(text: str, cue: str) -> int | None:
    """Where the cue begins among the last words of a text; None where none stands there."""
    for word in list(_WORD.finditer(text))[: -NEAR - 1 : -1]:
        if says(words(text[word.start() :]), cue):
            return word.start()
    return None


def without_level(turn: Turn) -> Turn:
    """The turn without the level at which goods are to be ordered again, which is told back."""
    bare, level = apart_from_rate(turn, LEVEL)
    if level is not None:
        turn.say("utter_not_in_it", said=turn.text[level.start : level.end])
    return bare


def without_cost(turn: Turn) -> Turn:
    """The turn without what goods cost the shop, where it stands beside their rate, which is told
    back: "17499 karo, khareed 16300"."""
    bare, costs = costs_apart(turn)
    if not any(one.name in NUMBERS for one in bare.entities):
        return turn
    for cost in costs:
        turn.say("utter_not_in_it", said=turn.text[cost.start : cost.end])
    return bare


def without_former(turn: Turn) -> Turn:
    """The turn without the rates that goods had, or have still: "15 kar do pehle 14 tha", "45 kar
    do, abhi 40 chal raha hai"."""
    if says(turn.words, "undoing.slip") or says(turn.words, "negation"):
        return turn
    bare, former = apart_from_rate(turn, FORMER)
    while former is not None and any(one.name in NUMBERS for one in bare.entities):
        turn = bare
        bare, former = apart_from_rate(turn, FORMER)
    return turn


def tells_costs_alone(turn: Turn) -> bool:
    """ "345 se 360 me aa raha ab", "pehle 20 me aati thi ab 22 me": what goods cost now and before,
    and no rate at which they are sold."""
    bare, costs = costs_apart(turn)
    left = [one for one in bare.entities if one.name in NUMBERS]
    return bool(costs) and all(_was_so(bare, one, costs) for one in left)


def costs_apart(turn: Turn) -> tuple[Turn, list[Entity]]:
    """The turn without what goods cost the shop, and those numbers."""
    costs: list[Entity] = []
    bare, cost = apart_from_rate(turn, COST)
    while cost is not None:
        costs.append(cost)
        bare, cost = apart_from_rate(bare, COST)
    return bare, costs


def _was_so(turn: Turn, number: Entity, costs: Sequence[Entity]) -> bool:
    """Whether a number is what goods cost before: "345 se" in front of what they cost now."""
    behind = words(turn.text[number.end :])
    return only(behind[:1], "periods.from") and any(
        not turn.text[number.end : one.start].split()[1:] for one in costs
    )


def set_level(turn: Turn) -> list[EventType] | None:
    """Write the level at which goods are to be ordered again: "sherwani ka reorder level 5 kar do",
    "chini 20 se kam ho to batana"; None where a message says none, or a rate besides."""
    if not turn.is_user or turn.is_not_words or turn.metadata.get("kind") == "button":
        return None
    told = says(turn.words, "falls_told")
    bare, said = apart_from_rate(turn, FALLS if told else LEVEL)
    level = number_of(said) if said is not None else None
    if level is None or level < 0 or says(turn.words, "newness"):
        return None
    if not told and says(turn.words, "asking"):
        return None
    if any(one.name in NUMBERS for one in bare.entities):
        return None
    unnamed = turn.first("product_name") is None
    if told and unnamed and says(turn.words, "falls_of_any"):
        return None
    found = None if turn.form == PRODUCT_FORM and unnamed else named_or_spoken_of(turn)
    if found is None:
        return None
    if not turn.may(Permission.CHANGE_PRICE):
        turn.say("error_not_allowed")
        return []
    turn.run(service.change_product, product_id=found.id, reorder_level=level)
    before = found.reorder_level
    turn.say(
        "utter_reorder_level_set",
        product=found.name,
        level=plain(level),
        before=plain(before or Decimal(0)),
        unit=unit_word(turn, found.unit, level),
    )
    return [remember(turn, product=found.id)]
