"""Where one wish ends and another begins that no comma and no "aur" sets apart, as in what was
spoken: "meena ko 2 maggi de diye petrol 200 ka dala"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from actions.lexicon import says, where, words
from erp_core.kernel.clauses import Span, sentences

_WORD = re.compile(r"\S+")
LONGEST_VERB = 3


def wishes_apart(text: str, marked: Sequence[Span]) -> list[Span]:
    """The clauses of a text, each with its verb, and cut behind a verb too where something is named
    before it and behind it, or the money is; `marked` is where entities stand. Whether each is a
    wish is for its reader to say."""
    spans: list[Span] = []
    for start, end in sentences(text):
        row = [words(one[0]) for one in _WORD.finditer(text, start, end)]
        if spans and _starts_in(marked, *spans[-1]) and _is_verb_alone(row):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [one for span in spans for one in _cut(text, span, marked)]


def _is_verb_alone(said: Sequence[Sequence[str]]) -> bool:
    """Whether nothing but a verb stands behind an "aur", as in "10 jeans aur aaye hain": it is of
    what stands before."""
    verb = _verb(said, 0) if said else 0
    return bool(verb) and all(says(one, "ends_a_wish.beside") for one in said[verb:])


def _cut(text: str, span: Span, marked: Sequence[Span]) -> Iterator[Span]:
    row = [one.span() for one in _WORD.finditer(text, *span)]
    said = [words(text[slice(*one)]) for one in row]
    begun, at, ended, acted = span[0], 0, False, False
    last = max((at for at in range(len(row)) if _ends_one(said, at)), default=-1)
    while at < len(row):
        start = row[at][0]
        verb = 0 if _starts_in(marked, start, row[at][1]) else _verb(said, at)
        if verb:
            at, ended, acted = at + verb, True, True
            at += _rate_behind(text, row, said, at)
            continue
        if acted and _goes_to_the_next(said[at:]):
            yield begun, start
            begun, ended, acted = start, False, False
        if ended and not says(said[at], "ends_a_wish.beside"):
            behind = _starts_in(marked, start, span[1]) or says(said[at], "money_back.money")
            if (
                _starts_in(marked, begun, start)
                and behind
                and at <= last
                and not says(said[at], "ends_a_wish.goes_on")
            ):
                yield begun, start
                begun = start
            ended = False
        at += 1
    yield begun, span[1]


def _rate_behind(text: str, row: Sequence[Span], said: Sequence[Sequence[str]], at: int) -> int:
    """How many words behind goods that came are what they came at, with no goods of their own:
    "10 lock aaye 400 ke, 2 toote nikle"."""
    came = says(said[at - 1], "stock.arrived")
    if not came or len(row) < at + 2 or not text[slice(*row[at])].isdecimal():
        return 0
    if says(said[at + 1], "waiting.pointing"):
        return 2
    behind = text[slice(*row[at + 2])] if len(row) > at + 2 else ""
    goes_on = not behind or behind.isdecimal() or says(said[at + 2], "inside_it")
    return 2 if goes_on and says(said[at + 1], "rate_words") else 0


def _goes_to_the_next(said: Sequence[Sequence[str]]) -> bool:
    """Whether words say that something else comes behind: "… phir imran ka bill banao"."""
    near = [one[0] if one else "" for one in said[:LONGEST_VERB]]
    found = where(near, "ends_a_wish.then")
    again = said[1:2] and says(said[1], "ends_a_wish.of_again")
    return found is not None and not found[0] and len(said) > found[1] and not again


def _ends_one(said: Sequence[Sequence[str]], at: int) -> bool:
    return bool(_verb(said, at)) or says(said[at], "ends_a_wish.asks")


def _verb(said: Sequence[Sequence[str]], at: int) -> int:
    """How many words from one on are a verb that a wish may end with."""
    if at and says(said[at - 1], "ends_a_wish.of_no_verb"):
        return 0
    near = [one[0] if one else "" for one in said[at : at + LONGEST_VERB]]
    found = where(near, "ends_a_wish.verbs")
    return found[1] if found and not found[0] else 0


def _starts_in(marked: Sequence[Span], start: int, end: int) -> bool:
    return any(start <= one[0] < end for one in marked)
