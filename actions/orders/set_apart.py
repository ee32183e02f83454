"""What a buyer says beside goods that is neither goods nor the day on which they are wanted: where
they shall go, a GSTIN for the bill, and by when they are paid for: a note for the shop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from actions.context import Turn
from actions.lexicon import any_of, only, says, where, words
from actions.match import product_named
from actions.orders.due import due_said
from actions.orders.oneself import own_named, place_behind_name
from actions.parties.customer_requests import refer_credit
from actions.reading.clock import hour_said
from actions.reading.parts import part_of, without
from erp_core.kernel.clauses import Span, sentences
from erp_core.kernel.quantity import parse_unit

_NUMBERED = re.compile(r"\b\d+[\w/-]*\s+([^\W\d].*)")
"""A number, and a name behind it."""
_PAPER = re.compile(
    rf"(?<!\w){any_of('buyers.papers')}[\s.:#-]*(?=[\w/-]*\d)[\w/-]+", re.IGNORECASE
)
_PIECE = re.compile(r"[^\s,;.!?।]+")
MOST_OF_MONEY = 6
"""Words from the money to the verb that says that it will be given."""
_BESIDE = ("wanting", "places.around", "do_it", "tense.future")
_GSTIN = re.compile(r"(?<![0-9A-Z])\d{2}[0-9A-Z]{13}(?![0-9A-Z])", re.IGNORECASE)


def set_apart(turn: Turn) -> Turn:
    """The message without it, and with it as its note; the message itself where it says none."""
    if turn.is_user or turn.is_not_words or not turn.text:
        return turn
    kept, noted = turn, []
    due, later = due_said(kept), next(_paid_later(turn), None)
    later = later or (due.span if due else None)
    if later is not None:
        noted.append(kept.text[slice(*later)].strip(" ,;.-"))
        kept = without(kept, *later)
        if turn.slots.get("draft") or not says(turn.words, "buyers.on_credit"):
            refer_credit(turn)  # else it was told beside the goods
    becomes_known = turn.actor.kind == "guest" and place_behind_name(turn)
    for find in (_papers, _gstins) if becomes_known else (_papers, _gstins, _places):
        for start, end in find(kept):
            end = _before_name(turn, start, end)
            noted.append(kept.text[start:end].strip(" ,;.-"))
            kept = without(kept, start, end)
    return replace(kept, note=", ".join(filter(None, (kept.note, *noted)))) if noted else kept


def _before_name(turn: Turn, start: int, end: int) -> int:
    """Where a place ends in front of the name of the guest who says it."""
    named = own_named(turn) if turn.actor.kind == "guest" else None
    return named.start if named and start < named.start < end else end


def is_all_apart(turn: Turn, kept: Turn) -> bool:
    """Whether a message says nothing but what was set apart from it."""
    rest = [one for one in kept.words if not only([one], "filler")]
    refused = kept.intent == "deny" and not says(kept.words, "cancel")
    beside = (*_BESIDE, "negation") if refused else _BESIDE
    aside = all(any(only([one], cue) for cue in beside) for one in rest)
    return kept is not turn and aside and (refused or kept.intent not in ("affirm", "deny"))


def _paid_later(turn: Turn) -> Iterator[Span]:
    """ "Paise shaam ko dungi": when money comes, and not the goods."""
    for start, end in sentences(turn.text):
        row = [one.span() for one in _PIECE.finditer(turn.text, start, end)]
        said = [" ".join(words(turn.text[slice(*one)])) for one in row]
        money = next((at for at, one in enumerate(said) if only([one], "due.money")), len(said))
        given = where(said[money:], "dues.will_pay")
        if given is not None and given[1] <= MOST_OF_MONEY:
            yield row[money][0], row[money + given[1] - 1][1]


def _papers(turn: Turn) -> Iterator[Span]:
    """The number of the buyer's own paper: "PO no. 4471"."""
    yield from (one.span() for one in _PAPER.finditer(turn.text))


def _gstins(turn: Turn) -> Iterator[Span]:
    """Each GSTIN with the words in front of it that say what it is."""
    for found in _GSTIN.finditer(turn.text):
        if any(letter.isalpha() for letter in found[0]):
            start = found.start()
            before = list(re.finditer(r"\S+", turn.text[:start]))
            while before and only(words(before[-1][0]) or ["-"], "places.gst"):
                start = before.pop().start()
            yield start, found.end()


def _places(turn: Turn) -> Iterator[Span]:
    """Where goods shall go: behind "address" or "deliver at", or a number and a name in front of
    "pe bhej do"."""
    found = re.search(rf"\b{any_of('places.before')}\b", turn.text, re.IGNORECASE)
    if found:
        span = found.start(), _end_of_place(turn, found.end())
        said = turn.text[found.end() : span[1]]
        if _is_place(said) and not says(words(said), "asking") and not _goods(turn, span):
            yield span
        return
    behind = rf"\s(?:{any_of('places.behind')}|{any_of('places.at')}(?=\s*(?:[.,!?]|$)))(?!\w)"
    found = re.search(behind, turn.text, re.IGNORECASE)
    if found:
        before = part_of(turn, (0, found.start()))
        start = max((end for _, end in _goods(before, (0, found.start()))), default=0)
        start = max([start, *(one for one, _ in sentences(before.text))])
        number = _NUMBERED.search(turn.text, start, found.start())
        said = words(number[1]) if number else ()
        timed = number and hour_said(turn.text[start : number.end()])
        other = timed or says(said[:1], "wanting") or only(said or ("-",), "buyers.home")
        if number and not other and not all(parse_unit(one) for one in number[1].split()):
            yield number.start(), found.start()


def _is_place(said: str) -> bool:
    """Whether a number and a name stand in it."""
    return any(one.isdigit() for one in said) and any(one.isalpha() for one in said)


def _end_of_place(turn: Turn, start: int) -> int:
    """Up to the clause in which goods of the shop are named."""
    for begin, end in sentences(turn.text):
        if begin > start and _goods(turn, (begin, end)):
            return begin
    return len(turn.text)


def _goods(turn: Turn, span: Span) -> list[Span]:
    """Where goods of the shop are named in a part of a message."""
    named = [one for one in turn.all("product_name") if span[0] <= one.start < span[1]]
    with turn.read() as reader:
        found = [(one, product_named(reader, one.value)) for one in named]
    return [
        (one.start, one.end)
        for one, known in found
        if known.one or (known.options and not known.guesses)
    ]
