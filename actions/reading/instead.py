"""What a message says in the place of what is written: "petrol nahi diesel", "vendor galat, Agarwal
tha", "it was diesel, not petrol"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from actions.context import Turn
from actions.entities import refuses_next
from actions.lexicon import every, only, phrases, says, words
from actions.match import Found, customer_named, product_named
from actions.reading.table_names import is_table
from erp_core.kernel.hindi_numbers import parse_amount

LONGEST = 12
"""A message of more words tells something of its own."""
_AROUND = (
    "instead.around", "negation", "undoing.sorry", "postpositions", "had_been", "stock.lost",
    "stock.damage",
)  # fmt: skip
_REFUSING = ("negation", "in_place_of", "dues.wrong", "undoing.not_this")
_CALLED = ("vendor", "item", "method", "customer")
_WORD = re.compile(r"[^\s,;.!?।]+")
_PAUSE = re.compile(r"[,;.!?।]")

Known = Mapping[str, frozenset[str]]
"""The words of what is written, by what it is."""


class Instead(NamedTuple):
    """What of the written is wrong, and the words that take its place."""

    field: str
    right: str


def is_plain(turn: Turn) -> bool:
    """Whether a message is short enough to put something right, and asks nothing."""
    typed = turn.text and not turn.is_not_words
    short = 1 < len(turn.words) <= LONGEST and "?" not in turn.text
    told = [one for one in turn.words if not only([one], "asks_price")]
    if says(turn.words, "tense.future") or says(told, "asking"):
        return False
    return bool(typed and short and turn.metadata.get("kind") != "button")


def may_refuse(turn: Turn) -> bool:
    """Whether a plain message holds a word that may refuse what is written: most need not be
    compared with it."""
    return is_plain(turn) and any(says(turn.words, one) for one in _REFUSING)


def said_instead(turn: Turn, known: Known) -> Instead | None:
    """What takes the place of what is known, where that is refused."""
    if not may_refuse(turn):
        return None
    names = _names(turn.text)
    if len(names) > 2:  # "Komal nahi Jignesh ne diye the, gpay"
        names = [one for one in names if way_named(turn.text[slice(*one)]) is None]
    if len(names) > 2:  # "naam galat hai, Raju nahi Sunil"
        names = [one for one in names if not _only_calls(turn.text[slice(*one)])]
    if len(names) != 2 or any(parse_amount(turn.text[slice(*one)]) for one in names):
        return None
    for at, (start, end) in enumerate(names):
        wrong, right = set(words(turn.text[start:end])), turn.text[slice(*names[1 - at])]
        field = next((one for one, name in known.items() if wrong <= name), None)
        until = names[at + 1][0] if at + 1 < len(names) else len(turn.text)
        behind = turn.text[end:until]
        if field and _is_refused(turn.text[:start], behind) and not {*words(right)} <= known[field]:
            return Instead(field, right)
    return None


def whose_instead(turn: Turn, name: str) -> str | None:
    """Who takes the place of a customer that is refused, where somebody who buys here is meant."""
    found = said_instead(turn, {"customer": called(name, "customer")})
    if found is None:
        return None
    if is_table(found.right.title()):
        return found.right.title()
    with turn.read() as reader:
        return found.right if _is_sure(customer_named(reader, found.right)) else None


def goods_instead(turn: Turn, names: Sequence[str]) -> tuple[int, str] | None:
    """Which of some goods are refused, and what goods of the shop take their place."""
    found = said_instead(turn, {f"{at}": frozenset(words(one)) for at, one in enumerate(names)})
    if found is None:
        return None
    with turn.read() as reader:
        known = _is_sure(product_named(reader, found.right))
    return (int(found.field), found.right) if known else None


def _is_sure(found: Found) -> bool:
    return found.one is not None or bool(found.options and not found.guesses)


def called(name: str, *kinds: str) -> frozenset[str]:
    """The words of a name, and those by which what it is is called."""
    return frozenset(words(name)).union(*(_words_of(f"instead.called.{one}") for one in kinds))


def _only_calls(said: str) -> bool:
    """Whether words say only what it is that a name is of: "naam", "vendor"."""
    return set(words(said)) <= frozenset().union(
        *(_words_of(f"instead.called.{one}") for one in _CALLED)
    )


def way_alone(turn: Turn, *, told: bool = True) -> str | None:
    """ "UPI se diya tha": the way to pay, where a message says nothing else of what was written.
    told: only where it says that it was so, unlike "gpay se"."""
    others = [one for one in turn.entities if one.name != "payment_method"]
    if not is_plain(turn) or others or (told and not says(turn.words, "had_been")):
        return None
    names = [turn.text[slice(*one)] for one in _names(turn.text)]
    return way_named(names[0]) if len(names) == 1 else None


def way_words(method: str) -> frozenset[str]:
    """The words of a way to pay, or of a debt that is left."""
    return _words_of("buying.on_credit" if method == "credit" else f"methods.{method}")


def way_named(said: str) -> str | None:
    """The way to pay that words name; "credit" for a debt."""
    ways = every(said, "methods")
    if len(ways) == 1:
        return ways[0]
    return "credit" if not ways and says(words(said), "buying.on_credit") else None


def _words_of(path: str) -> frozenset[str]:
    return frozenset(word for phrase in phrases(path) for word in phrase)


def _names(text: str) -> list[tuple[int, int]]:
    """Where something is named: runs of words that are none of those around names."""
    found: list[tuple[int, int]] = []
    apart = True
    for one in _WORD.finditer(text):
        said = words(one[0])
        if not said or all(_is_around(word) for word in said):
            apart = True
        elif apart or _PAUSE.search(text[found[-1][1] : one.start()]):
            found.append(one.span())
            apart = False
        else:
            found[-1] = (found[-1][0], one.end())
    return found


def _is_around(word: str) -> bool:
    return any(only([word], one) for one in _AROUND)


def _is_refused(before: str, behind: str) -> bool:
    said = words(behind)
    denied = says(said, "negation") or says(said, "in_place_of") or says(said, "dues.wrong")
    named_wrong = says(words(before)[-1:], "dues.wrong")
    return denied or named_wrong or refuses_next(words(before))
