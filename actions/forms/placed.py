"""The goods of a card that a message means, by where they stand on it, "pehla wala hata do",
"dusra 3", "last one nahi chahiye"; and two of them that were counted the wrong way round."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from actions.context import Turn
from actions.entities import NUMBERS, Entity
from actions.forms.draft import Draft
from actions.forms.intents import UNSURE, asks
from actions.goods.other_size import other_size
from actions.goods.said import words_of_goods
from actions.invoicing.discounts import takes_so_much_less
from actions.invoicing.put_right import figures_of
from actions.lexicon import beside, only, says, words
from actions.reading.instead import goods_instead
from actions.reading.said import pieces_between
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import plain

if TYPE_CHECKING:
    from actions.forms.topic import Topic

CHANGE = "order_modify"
LONGEST = 12
"""A message of more words tells something of its own."""
_PIECE = re.compile(r"[^\s,;.!?।]+")
_PLACES = ("first", "second", "third", "last")
_OF_ELSE = ("bill_words", "an_order", "what_else")

Lines = Sequence[Mapping[str, Any]]


def with_lines_meant(turn: Turn, draft: Draft, form: Topic) -> Turn:
    """The turn with the goods that it means by their place, as if they were named."""
    lines = draft["lines"] or []
    typed = turn.text and not turn.is_not_words and len(turn.words) <= LONGEST
    if not form.about_goods or not lines or draft.pending or not typed or "?" in turn.text:
        return turn
    if other := _with_the_other(turn, lines, form) or _of_another_size(turn, lines, form):
        return other
    if other := _of_the_total(turn, form) or _so_many_less(turn, lines, form):
        return other
    if numbered := _of_one_number(turn, lines, form):
        return numbered
    if len(lines) < 2 or figures_of(turn):
        return _of_their_numbers(turn, lines, form)
    if _are_crossed(turn, lines):
        return _counted_crosswise(turn, lines, form)
    asked = asks(turn.intent) and turn.intent not in UNSURE
    others = asked or any(says(turn.words, one) for one in _OF_ELSE)
    placed = [] if others else _placed(turn, lines)
    if not placed:
        return turn
    kept = [
        one
        for one in turn.entities
        if not any(one.start < each.end and each.start < one.end for each in placed)
    ]
    named = sorted([*kept, *placed], key=lambda one: one.start)
    return replace(turn, intent=_own_intent(turn, form), entities=named)


def _own_intent(turn: Turn, form: Topic) -> str:
    """An intent of a change, as a message that means a line by its place is one."""
    if turn.intent in form.intents | form.near | {"deny"}:
        return turn.intent if turn.intent != "deny" or says(turn.words, "negation") else CHANGE
    return CHANGE if CHANGE in form.near else min(form.intents)


def _of_their_numbers(turn: Turn, lines: Lines, form: Topic) -> Turn:
    """ "Tala 540 nahi 500", taken for an expense, is about the lock that is on the card."""
    if turn.intent == _own_intent(turn, form) or figures_of(turn) is None:
        return turn
    others = {one.name for one in turn.entities} - {"item", "product_name", *NUMBERS}
    held = [line for line in lines if words_of_goods(line) & {*turn.words}]
    if others or len(held) != 1:
        return turn
    named = [
        replace(one, name="product_name") if one.name == "item" else one for one in turn.entities
    ]
    return replace(turn, intent=min(form.intents), entities=named)


def _with_the_other(turn: Turn, lines: Lines, form: Topic) -> Turn | None:
    """ "Payal nahi tikka", where the model saw one of the two at most, or took it for a name."""
    numbered = any(turn.first(one) for one in NUMBERS)
    if not turn.is_user or numbered or len(turn.all("product_name")) > 1:
        return None
    found = goods_instead(turn, [f"{_name_of(one)} {one['said']}" for one in lines])
    if found is None:
        return None
    at, right = found
    refused = [one.span() for one in _PIECE.finditer(turn.text) if _says_goods(one[0], lines[at])]
    start = turn.text.find(right)
    if not refused or start < 0:
        return None
    spans = [(refused[0][0], refused[-1][1]), (start, start + len(right))]
    named = [Entity("product_name", turn.text[a:b], None, a, b) for a, b in sorted(spans)]
    kept = [
        one
        for one in turn.entities
        if not any(one.start < each.end and each.start < one.end for each in named)
    ]
    both = sorted([*kept, *named], key=lambda one: one.start)
    return replace(turn, intent=_own_intent(turn, form), entities=both)


def _of_another_size(turn: Turn, lines: Lines, form: Topic) -> Turn | None:
    """The turn as if one size had been named in the place of the other."""
    found = other_size(turn, [_name_of(one) for one in lines]) if turn.is_user else None
    if found is None:
        return None
    former, right = _name_of(lines[found.at]), found.product.name
    text = f"{former} nahi {right}"
    at = len(text) - len(right)
    named = [
        Entity("product_name", former, None, 0, len(former)),
        Entity("product_name", right, None, at, len(text)),
    ]
    return replace(turn, text=text, intent=_own_intent(turn, form), entities=named)


def _of_the_total(turn: Turn, form: Topic) -> Turn | None:
    """ "Total 350 lunga", taken for an expense: nothing was spent on a total."""
    sums = [one for one in turn.entities if one.name == "amount"]
    verbs = [one for one in turn.all("item") if only(words(one.value), "tense.future")]
    named = [*sums, *verbs]
    spent = turn.intent == "expense_log" and form.takes_rates and turn.is_user
    if not spent or len(sums) != 1 or len(named) != len(turn.entities):
        return None
    rest = words(turn.text[: sums[0].start])
    if not says(rest, "total_alone") or not only(beside(rest, "total_alone"), "filler"):
        return None
    return replace(turn, intent=min(form.intents), entities=sums)


def _so_many_less(turn: Turn, lines: Lines, form: Topic) -> Turn | None:
    """ "Ek kam karo", of the only goods of a card, or of those that are named, "ek bag kam kar do",
    of which there are more."""
    said = [(one, parse_number(one)) for one in turn.text.split()]
    numbers = [number for one, number in said if number and not only(words(one), "filler")]
    marked = [one for one in turn.entities if one.name not in ("quantity", "product_name")]
    money = says(turn.words, "rupees")
    if marked or money or len(numbers) != 1 or not takes_so_much_less(turn):
        return None
    rest = words(" ".join(one for one, number in said if number != numbers[0]))
    line = _lessened(beside(rest, "discount"), lines)
    counted = line.get("counted") if line else None
    left = Decimal(counted) - numbers[0] if counted else 0
    if line is None or left <= 0:
        return None
    count, name = plain(left), _name_of(line)
    named = [
        Entity("quantity", count, None, 0, len(count)),
        Entity("product_name", name, None, len(count) + 1, len(count) + 1 + len(name)),
    ]
    text = f"{count} {name}"
    return replace(turn, text=text, intent=_own_intent(turn, form), entities=named)


def _lessened(rest: Sequence[str], lines: Lines) -> Mapping[str, Any] | None:
    """The line whose goods alone stand beside what is taken off; a sum is taken off "on" them."""
    said = {one for one in rest if not only([one], "filler")}
    if not said:
        return lines[0] if len(lines) == 1 else None
    held = [one for one in lines if said <= {*words(f"{_name_of(one)} {one['said']}")}]
    return held[0] if len(held) == 1 and not says(rest, "discount_on") else None


def _says_goods(word: str, line: Mapping[str, Any]) -> bool:
    return bool(words_of_goods(line) & {*words(word)})


def _of_one_number(turn: Turn, lines: Lines, form: Topic) -> Turn | None:
    """ "7000 laga do sherwani ka", "tie 45", are about goods that are on the card, also where they
    were taken for an expense."""
    taken = turn.intent in ("expense_log", "price_update")
    if not taken or not (turn.is_user and form.takes_rates):
        return None
    named = [one for one in turn.entities if one.name in ("item", "product_name")]
    sums = [one for one in turn.entities if one.name in NUMBERS]
    if len(named) != 1 or len(sums) != 1 or len(turn.entities) != len(named) + len(sums):
        return None
    said = {*words(named[0].value)}
    held = [one for one in lines if said and said <= {*words(f"{one.get('name')} {one['said']}")}]
    rest = words(" ".join(pieces_between(turn)))
    rated = says(rest, "sets_rate") or says(rest, "asks_price")
    if len(held) != 1 or not only(beside(beside(rest, "sets_rate"), "asks_price"), "filler"):
        return None
    kind = "amount" if rated else "quantity"
    goods = replace(named[0], name="product_name")
    return replace(turn, intent="price_update", entities=[goods, replace(sums[0], name=kind)])


def _placed(turn: Turn, lines: Lines) -> list[Entity]:
    """The goods at each place that is named with a word for one of them, or a number, behind it."""
    row = [one.span() for one in _PIECE.finditer(turn.text)]
    found = []
    for at, span in enumerate(row):
        line = _line_at(words(turn.text[slice(*span)]), lines)
        behind = row[at + 1] if at + 1 < len(row) else None
        if line is None or behind is None:
            continue
        said = turn.text[slice(*behind)]
        if only(words(said), "changes.of_a_place"):
            span = (span[0], behind[1])
        elif parse_number(said) is None or only(words(turn.text[slice(*span)]), "last"):
            continue
        elif not says(turn.words, "asks_price"):
            found.append(Entity("quantity", said, None, *behind))
        found.append(Entity("product_name", _name_of(line), None, *span))
    return found


def _line_at(said: Sequence[str], lines: Lines) -> Mapping[str, Any] | None:
    if len(said) != 1 or said[0].isdigit():
        return None
    place = next((one for one in _PLACES if only(said, one)), None)
    if place == "last":
        return lines[-1]
    at = _PLACES.index(place) if place else len(lines)
    return lines[at] if at < len(lines) else None


def _name_of(line: Mapping[str, Any]) -> str:
    return str(line.get("name") or line["said"])


def _are_crossed(turn: Turn, lines: Lines) -> bool:
    """ "Ulta kar diya", "swap them", of two that are counted."""
    counted = [line for line in lines if line.get("counted")]
    if len(counted) != len(lines) or len(lines) != 2 or turn.entities:
        return False
    beside = ("changes.crossed", "filler", "tense.past", "made_use", "negation", "pronouns")
    rest = [one for one in turn.words if not any(only([one], cue) for cue in beside)]
    return says(turn.words, "changes.crossed") and not rest


def _counted_crosswise(turn: Turn, lines: Lines, form: Topic) -> Turn:
    """The turn as if each of two had been named with the count of the other."""
    text, entities = "", []
    for line, other in zip(lines, reversed(lines), strict=True):
        for name, said in (("quantity", other["counted"]), ("product_name", _name_of(line))):
            entities.append(Entity(name, said, None, len(text), len(text) + len(said)))
            text += f"{said} "
        text += ", "
    return replace(turn, text=text, intent=min(form.intents), entities=entities)
