"""What a buyer writes beside the goods of an order: "at school gate", "name likhna Aarav", "bell
mat bajana". Nobody here can do it but the shop, which is told in the buyer's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from actions.context import Turn
from actions.entities import Entity
from actions.forms.draft import Draft
from actions.goods.said import words_of_goods
from actions.lexicon import only, says, which, words
from actions.parties.customer_requests import is_kind
from actions.reading.goods_notes import is_note
from erp_core.kernel.clauses import Span, sentences
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import parse_unit

_WORD = re.compile(r"[^\s,;.!?।]+")
_BETWEEN = "; "
SHORTEST = 3
"""Letters of a word that may say something of its own."""
SAYS_NOTHING = (
    "filler", "wanting", "around_goods", "do_it", "greetings", "good_wishes", "joining", "more",
    "tense.future", "postpositions", "pronouns", "buyers.sends", "buyers.around_order",
    "goods_in_general", "hurried_days", "regional.behind_goods", "regional.address",
    "buyers.of_each",
)  # fmt: skip
"""Words that stand around goods in any order."""
OF_ELSE = (
    "asking", "bargains", "discount", "buyers.bargain", "bill_words", "dues.how_to_pay",
    "buyers.spoilt", "buyers.asks_credit", "buyers.on_credit", "buyers.same_again", "due.money",
    "buyers.delivery", "daily.every_day", "left_out.but", "buyers.own_rate", "buyers.had_asked",
)  # fmt: skip
"""What is answered, or is no order."""


def keep_note(draft: Draft, *notes: str) -> bool:
    """Take notes into the draft of an order; whether one is new."""
    kept = (draft["note"] or "").split(_BETWEEN) if draft["note"] else []
    new = [one for one in dict.fromkeys(notes) if one and one not in kept]
    draft["note"] = _BETWEEN.join([*kept, *new]) or None
    return bool(new)


def beside_goods(turn: Turn, draft: Draft) -> Iterator[str]:
    """The words of an order that are neither goods nor what is said around them in any order."""
    if turn.is_not_words or not turn.text:
        return
    written = {word for line in draft["lines"] or [] for word in words_of_goods(line)}
    for start, end in sentences(turn.text):
        asks = turn.text[end : end + 1] == "?"
        if not asks and (note := _in_clause(turn, (start, end), written)):
            yield note


def adds_note(turn: Turn, draft: Draft) -> bool:
    """ "Mirch kam", "blue wala", "bell mat bajana", said of the order that a buyer is writing."""
    of_it = draft["lines"] and not draft.pending and turn.intent != "affirm"
    silent = turn.is_not_words or turn.value("draft") or "?" in turn.text
    if turn.is_user or not of_it or silent:
        return False
    if is_note(turn) or is_kind(turn):
        return keep_note(draft, turn.note or turn.text.strip(" .,!?"))
    asked = says(turn.words, "buyers.asked_to_do") and not says(turn.words, "cancel")
    if not asked or any(turn.first(one) for one in _OF_THE_ORDER):
        return False
    return keep_note(draft, *beside_goods(turn, draft))


_OF_THE_ORDER = ("product_name", "quantity", "amount", "order_id", "date")


def _in_clause(turn: Turn, span: Span, written: set[str]) -> str:
    """A clause without goods that says something of its own; beside goods, what does from there
    on, with those that stand right before it."""
    text = turn.text[slice(*span)]
    if any(says(words(text), one) for one in OF_ELSE):
        return ""
    row = [(one.start() + span[0], one.end() + span[0]) for one in _WORD.finditer(text)]
    own = [one for one in row if _is_of_its_own(turn, one)]
    own = [one for one in own if written.isdisjoint(words(turn.text[slice(*one)]))]
    if not own:
        return ""
    goods = [one for one in turn.all("product_name") if one.end and span[0] <= one.start < span[1]]
    start = own[0][0] if goods else row[0][0]
    before = next((one.start for one in goods if one.end + 1 == start), start)
    return turn.text[before : span[1]].strip(" -")


def _is_of_its_own(turn: Turn, span: Span) -> bool:
    """Whether a word is more than what stands around goods. Whom a customer names is not itself."""
    text = turn.text[slice(*span)]
    said = words(text)
    spelt = len(text) >= SHORTEST and any(one.isalpha() for one in text)
    if not spelt or parse_number(text) is not None or parse_unit(text):
        return False
    if any(one.start < span[1] and span[0] < one.end for one in _understood(turn)):
        return False
    around = any(only(said, one) for one in SAYS_NOTHING)
    return not around and which(text, "parts_of_day") is None


def _understood(turn: Turn) -> list[Entity]:
    unheard = ("customer_name", "person", "item") if turn.actor.kind == "customer" else ()
    return [one for one in turn.entities if one.end and one.name not in unheard]
