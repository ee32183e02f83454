"""A number that no entity marks, said anew of what is shown: "sorry 45", "ek hi thi", "550 i
mean", "maggi chhe hai"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from actions.context import Turn
from actions.entities import Entity
from actions.forms.draft import Draft
from actions.goods.said import words_of_goods
from actions.lexicon import only, says, where, words
from actions.payments.paid_with_bill import counts_goods_paid_for
from erp_core.kernel.hindi_numbers import parse_number

if TYPE_CHECKING:
    from actions.forms.topic import Topic

_PIECE = re.compile(r"[^\s,;.!?()]+")


def with_number_anew(turn: Turn, draft: Draft, form: Topic) -> Turn:
    """The turn with the number that it says: how much money, or how many of the goods."""
    if not turn.is_user or turn.is_not_words or "?" in turn.text:
        return turn
    if counts_goods_paid_for(turn, draft):
        return turn
    said, named = turn, {one.name for one in turn.entities}
    if says(turn.words, "undoing.said_anew") and named <= {"item", "amount", "product_name"}:
        meant = [one for one in turn.all("product_name") if not _is_cue(one)]
        turn = replace(turn, entities=meant)
    if {one.name for one in turn.entities} - {"product_name"}:
        return said
    found = _number(turn)
    if found is None or not _says_nothing_else(turn, draft, found):
        return said
    kind = "quantity" if form.about_goods and not _is_of_rates(draft) else "amount"
    number = Entity(kind, found[0], None, found.start(), found.end())
    text = turn.text if turn.entities else " " * found.start() + found[0]
    kept = sorted([*turn.entities, number], key=lambda one: one.start)
    return replace(turn, text=text, intent=min(form.intents), entities=kept)


def _is_cue(said: Entity) -> bool:
    return only(words(said.value), "undoing.said_anew")


def _is_of_rates(draft: Draft) -> bool:
    return bool(draft["lines"]) and all("quantity" not in one for one in draft["lines"])


def _number(turn: Turn) -> re.Match[str] | None:
    """The only number among the words that name no goods."""
    named = [(one.start, one.end) for one in turn.entities]
    found = [
        one
        for one in _PIECE.finditer(turn.text)
        if parse_number(one[0]) is not None
        and not only(words(one[0]), "filler")
        and not any(start <= one.start() < end for start, end in named)
    ]
    return found[0] if len(found) == 1 else None


def _says_nothing_else(turn: Turn, draft: Draft, found: re.Match[str]) -> bool:
    row = words(f"{turn.text[: found.start()]} | {turn.text[found.end() :]}")
    if not turn.entities:
        anew = next(filter(None, (where(row, one) for one in _ANEW)), None)
        if anew is None or says(row, "total_alone"):
            return False
        beside = (*row[: anew[0]], *row[anew[1] :])
        return all(any(only([one], cue) for cue in _BESIDE) for one in beside if one != "|")
    held = {word for line in draft["lines"] or [] for word in words_of_goods(line)}
    goods = {word for one in turn.entities for word in words(one.value)}
    behind = words(turn.text[found.end() :])
    copula = only(behind, "is_there") or only(behind, "had_been")
    return bool(behind) and copula and bool(goods & held) and not says(row, "asking")


_ANEW = ("undoing.said_anew", "sorry", "undoing.instead", "had_been", "undoing.just")
_BESIDE = ("filler", "undoing.said_anew", "had_been", "no_item", "negation")
