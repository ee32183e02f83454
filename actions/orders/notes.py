"""What a buyer writes beside the goods of an order: "at school gate", "name likhna Aarav", "bell
mat bajana". Nobody here can do it but the shop, which is told in the buyer's own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.forms.draft import Draft
from actions.forms.names import ORDER_FORM
from actions.goods.availability import names_goods
from actions.goods.said import words_of_goods
from actions.lexicon import beside, only, says, where, which, words
from actions.match import product_named
from actions.parties.customer_requests import is_kind
from actions.reading.clock import hours_in
from actions.reading.goods_notes import is_note
from actions.reading.parts import part_of
from actions.reading.promised_days import names_a_day
from actions.reading.wanted import note_wanted
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
    "buyers.of_each", "buyers.comes_oneself", "buyers.if", "buyers.addresses",
    "buyers.occasions",
)  # fmt: skip
"""Words that stand around goods in any order."""
OF_NO_ORDER = (
    "asking", "bargains", "discount", "buyers.bargain", "bill_words", "dues.how_to_pay",
    "buyers.spoilt", "buyers.asks_credit", "buyers.on_credit", "buyers.same_again", "due.money",
    "same_again", "daily.every_day", "left_out.but", "buyers.own_rate", "buyers.had_asked",
    "why",
)  # fmt: skip
"""What is answered, or is no order."""
OF_ELSE = (*OF_NO_ORDER, "buyers.delivery")
"""The same, and what is told of delivery beside goods."""
_TELLS_PLACE = ("places.kinds", "places.before", "places.behind", "buyers.address_words")
_TELLS_HOW = ("buyers.asked_to_do", *_TELLS_PLACE)


def joined(kept: str | None, notes: Iterable[str]) -> str | None:
    """A note with others behind it, each once; another address takes the place of the first."""
    row = kept.split(_BETWEEN) if kept else []
    for note in notes:
        if note and not any(note.lower() in one.lower() for one in row):
            row = [one for one in row if not (_is_address(note) and _is_address(one))]
            row = [one for one in row if one.lower() not in note.lower()]
            row.append(note)
    return _BETWEEN.join(row) or None


def _is_address(note: str) -> bool:
    return says(words(note), "buyers.address_words") and any(one.isdigit() for one in note)


def keep_note(draft: Draft, *notes: str) -> bool:
    """Take notes into the draft of an order; whether one is new."""
    before, draft["note"] = draft["note"], joined(draft["note"], notes)
    return bool(draft["note"] != before)


def forget_goods(draft: Draft) -> None:
    """Leave out of the note what was found to be nothing but goods of the order."""
    held = {word for line in draft["lines"] or [] for word in words_of_goods(line)}
    row = (draft["note"] or "").split(_BETWEEN)
    kept = [one for one in row if not _says_goods_only(one, held)]
    draft["note"] = _BETWEEN.join(kept) or None


def _says_goods_only(note: str, held: set[str]) -> bool:
    said = words(note)
    rest = [one for one in said if one not in held and not one.isdigit()]
    around = all(any(only([one], cue) for cue in SAYS_NOTHING) for one in rest)
    return len(rest) < len(said) and around


def forget_place(draft: Draft, place: str) -> None:
    """Leave out of the note who or where somebody is, once that is kept of the customer."""
    held = set(words(place))
    row = (draft["note"] or "").split(_BETWEEN)
    kept = [one for one in row if not _names_only(one, held)]
    draft["note"] = _BETWEEN.join(kept) or None


def _names_only(note: str, held: set[str]) -> bool:
    return all(one in held or only([one], "buyers.address_words") for one in words(note))


def says_how(part: Turn) -> bool:
    """Whether a clause says how or where goods shall come, and counts none: "3rd floor pe dena"."""
    if _is_of(part.text, OF_NO_ORDER) or _counts_goods(part):
        return False
    if is_note(part) or is_kind(part):
        return True
    bare = replace(part, entities=part.all("date"))
    timed = note_wanted(part, Draft("", ORDER_FORM, {}))
    cues = _TELLS_HOW if timed else (*_TELLS_HOW, "buyers.delivery")
    asked = any(says(part.words, one) for one in cues)
    return asked and any(_is_of_its_own(bare, one.span()) for one in _WORD.finditer(part.text))


def _counts_goods(part: Turn) -> bool:
    """ "2 sofa dena" counts something, "3rd floor" and "12 Tilak Nagar" do not."""
    if any(says(part.words, one) for one in _TELLS_PLACE):
        return False
    ends = {one.end + 1 for one in part.all("quantity") if one.end}
    return any(one.start in ends for one in part.all("product_name"))


def beside_goods(turn: Turn, draft: Draft) -> Iterator[str]:
    """The words of an order that are neither goods nor what is said around them in any order."""
    if turn.is_not_words or not turn.text:
        return
    written = {word for line in draft["lines"] or [] for word in words_of_goods(line)}
    for start, end in sentences(turn.text):
        asks = turn.text[end : end + 1] == "?"
        if not asks and (note := _in_clause(turn, (start, end), written)):
            yield note


def apart_from_work(turn: Turn) -> tuple[Turn, list[str]]:
    """The order without what is told of how work shall be done, "2 blouse silwane hai, deep neck,
    piche dori", and that; nothing of the kind where goods of the shelf are ordered."""
    goods = [one for one in turn.all("product_name") if one.end]
    if turn.is_user or len(goods) < 2:
        return turn, []
    with turn.read() as reader:
        found = [product_named(reader, one.value) for one in goods]
    known = [one.one or (None if one.guesses else next(iter(one.options), None)) for one in found]
    strange = [one for one, meant in zip(goods, known, strict=True) if meant is None]
    if known[0] is None or not strange or not all(one.is_service for one in known if one):
        return turn, []
    counts = {one.end + 1 for one in turn.all("quantity") if one.end}
    aside = [one for one in strange if one.start not in counts]
    kept = [one for one in turn.entities if one not in aside]
    clauses_of = [
        turn.text[start:end].strip()
        for start, end in sentences(turn.text)
        if any(start <= one.start < end for one in aside)
        and not any(start <= one.start < end for one in kept)
    ]
    return replace(turn, entities=kept), clauses_of or [one.value for one in aside]


def adds_note(turn: Turn, draft: Draft) -> bool:
    """ "Mirch kam", "blue wala", "bell mat bajana", said of the order that a buyer is writing."""
    of_it = draft["lines"] and not draft.pending and turn.intent != "affirm"
    silent = turn.is_not_words or turn.value("draft") or "?" in turn.text
    if turn.is_user or not of_it or silent or _wants_none(turn):
        return False
    if is_note(turn) or is_kind(turn):
        return keep_note(draft, turn.note or turn.text.strip(" .,!?"))
    if says(turn.words, "cancel") or any(turn.first(one) for one in _OF_THE_ORDER):
        return False
    asked = says(turn.words, "buyers.asked_to_do")
    placed = says(turn.words[:2], "places.before")
    if draft["customer"] is None and not (asked or placed):
        return False  # "Suresh, 12 MG Road" says who it is.
    if turn.first("product_name") or not asked:
        return not names_goods(turn) and keep_note(draft, *how_said(turn))
    return keep_note(draft, *beside_goods(turn, draft))


def _wants_none(turn: Turn) -> bool:
    """ "No i dont want it" refuses the goods, and says nothing of how they shall be."""
    if turn.intent != "deny" or not says(turn.words, "daily.stops"):
        return False
    rest = beside(turn.words, "daily.stops")
    cues = ("negation", *SAYS_NOTHING)
    return all(any(only([one], cue) for cue in cues) for one in rest)


def how_said(turn: Turn) -> Iterator[str]:
    """The clauses that say how or where goods shall come."""
    for span in sentences(turn.text):
        part = part_of(turn, span)
        if says_how(part):
            yield part.text.strip(" -.,!")


_OF_THE_ORDER = ("amount", "order_id")


def credit_said(turn: Turn) -> Iterator[str]:
    """ "Khate me likh lena" beside goods: the shop decides it, in the buyer's own words."""
    for start, end in sentences(turn.text):
        row = [one.span() for one in _WORD.finditer(turn.text, start, end)]
        said = [" ".join(words(turn.text[slice(*one)])) for one in row]
        found = next(filter(None, (where(said, one) for one in _OF_CREDIT)), None)
        if found and turn.text[end : end + 1] != "?" and not says(said, "asking"):
            goods = [one.end for one in _counted(turn) if start <= one.start < end]
            first = row[found[0]][0] if goods else start
            last = row[found[1] - 1][1] if max(goods, default=0) > first else end
            yield turn.text[first:last].strip(" -")


_OF_CREDIT = ("buyers.asks_credit", "buyers.on_credit")


def _in_clause(turn: Turn, span: Span, written: set[str]) -> str:
    """A clause without goods that says something of its own; beside goods, what does from there
    on, with those that stand right before it."""
    text = turn.text[slice(*span)]
    goods = [one for one in turn.all("product_name") if one.end and span[0] <= one.start < span[1]]
    if _is_of(text, OF_ELSE) or _lets_be(text, goods):
        return ""
    row = [(one.start() + span[0], one.end() + span[0]) for one in _WORD.finditer(text)]
    bare = not any(one.end and span[0] <= one.start < span[1] for one in _counted(turn))
    own = [one for one in row if _is_of_its_own(turn, one, packed=bare)]
    own = [one for one in own if written.isdisjoint(words(turn.text[slice(*one)]))]
    if not own:
        return ""
    start = own[0][0] if goods else row[0][0]
    start = _with_its_number(turn, row, start)
    before = next((one.start for one in goods if one.end + 1 == start), start)
    return turn.text[before : span[1]].strip(" -")


def _lets_be(text: str, goods: Sequence[Entity]) -> bool:
    """ "Rehne do ek kilo hi" says how much it shall be instead, "namak rehne do" what shall not
    come."""
    counts = any(parse_number(one) is not None for one in text.split() if not _is_verb(one))
    return bool(counts or goods) and says(words(text), "undoing.lets_be")


def _is_verb(word: str) -> bool:
    return only(words(word) or ("-",), "filler")


def _with_its_number(turn: Turn, row: Sequence[Span], start: int) -> int:
    """Where a number begins that stands right before a word of its own, and counts no goods:
    "34 size"."""
    before = next((one for one in reversed(row) if one[1] <= start), None)
    said = turn.text[slice(*before)] if before else ""
    if before is None or _is_verb(said) or parse_number(said) is None:
        return start
    counts = any(one.start < before[1] and before[0] < one.end for one in turn.entities)
    return start if counts else before[0]


def _is_of(text: str, cues: Iterable[str]) -> bool:
    """Whether a clause is of something else; "kaali thaili me dena" offers no price."""
    numbered = any(one.isdigit() for one in text)
    return any(says(words(text), one) for one in cues if numbered or one != "bargains")


def _counted(turn: Turn) -> list[Entity]:
    return [*turn.all("product_name"), *turn.all("quantity")]


def _is_of_its_own(turn: Turn, span: Span, *, packed: bool = False) -> bool:
    """Whether a word is more than what stands around goods; a unit is where it counts none, as the
    bag in which they are `packed`. Whom a customer names is not itself."""
    text = turn.text[slice(*span)]
    said = words(text)
    spelt = len(text) >= SHORTEST and any(one.isalpha() for one in text)
    spelt = spelt and not names_a_day(text.lower())
    if not spelt or parse_number(text) is not None or (parse_unit(text) and not packed):
        return False
    understood = [one for one in _understood(turn) if not (packed and one.name == "unit")]
    if any(one.start < span[1] and span[0] < one.end for one in understood):
        return False
    if any(start < span[1] and span[0] < end for start, end in hours_in(turn.text)):
        return False
    around = any(only(said, one) for one in SAYS_NOTHING)
    return not around and which(text, "parts_of_day") is None


def _understood(turn: Turn) -> list[Entity]:
    unheard = ("customer_name", "person", "item") if turn.actor.kind == "customer" else ()
    return [one for one in turn.entities if one.end and one.name not in unheard]
