"""Questions in the words of a region or in haste, read as if they had been asked in plain Hinglish:
"innaiku evlo viyabaram", "dabbu evaru ivvali", "kl ki sl btao"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from rasa_sdk.events import EventType

from actions.context import SURE, Turn
from actions.entities import NUMBERS, Entity
from actions.lexicon import names, plain_words, says, words
from actions.match import goods_in_text
from actions.purchases.bought import tell_bought
from actions.reading.when import day_in
from actions.reports.books import book_asked
from actions.talk.questions import ANSWERED_BY, topic_of
from erp_core.kernel.matching import leaves_vowels_out
from erp_core.kernel.spelling import fold

OWN_BOOKS = frozenset({"cash_book", "day_book"})
UNSURE = frozenset({"out_of_scope", "nlu_fallback"})
LONGEST = 12
"""A message of more words tells a story."""
_IN_HASTE = re.compile(r"\b[^\W\d_]{2,}\b")
_OF_GOODS = frozenset({"price", "stock", "sales"})
"""The topics that goods can be named for."""


def serve(turn: Turn) -> list[EventType] | None:
    """The answer to such a question; None where a message is none."""
    from actions.base import REPLIES

    plainly = _plainly(turn) if _may_be_one(turn) else None
    topic = _topic(turn, plainly) if plainly else None
    if plainly is None:
        return None
    if topic is None:
        return tell_bought(replace(turn, text=plainly))
    intent, action = ANSWERED_BY[topic]
    asked = replace(turn, text=plainly, intent=intent, confidence=1.0, entities=[])
    asked.entities = _entities(turn, asked, topic)
    return REPLIES[action]().for_user(asked) or []


def _topic(turn: Turn, plainly: str) -> str | None:
    """What is asked about; of a day with nothing but "how much", what was sold."""
    if topic := topic_of(plainly):
        return topic
    said = words(plainly)
    of_day = day_in(turn, plainly) and says(said, "asking")
    return "sales" if of_day or _of_business(turn) else None


def _of_business(turn: Turn) -> bool:
    """ "Kaunsa sabse zyada chalta hai", "aavak jaavak": plain words that are no intent's own."""
    return says(turn.words, "questions.sells_most") or book_asked(turn) in OWN_BOOKS


def _may_be_one(turn: Turn) -> bool:
    if not turn.is_user or turn.is_not_words or not turn.text or turn.metadata.get("command"):
        return False
    counts = [one for one in turn.entities if one.name in NUMBERS and not _is_word(one)]
    return len(turn.words) <= LONGEST and not counts


def _is_word(number: Entity) -> bool:
    """Whether what was taken for a number is a word of a region: "che", "ninne"."""
    said = number.value.lower()
    return said in plain_words("regional.of_or_is") or _regional().fullmatch(said) is not None


def _plainly(turn: Turn) -> str | None:
    """The message in plain words; None where it is plain already, or surely understood."""
    said = _regional().sub(lambda found: _meanings()[found[0].lower()], turn.text)
    if said != turn.text:
        asks = turn.intent in UNSURE or says(words(said), "asking") or "?" in said
        only_asking = _asking().sub("", turn.text) == _regional().sub("", turn.text)
        return said if asks and not (only_asking and turn.confidence >= SURE) else None
    if turn.intent in UNSURE and _of_business(turn):
        return turn.text
    if turn.intent not in UNSURE and topic_of(turn.text):
        return None
    said = _IN_HASTE.sub(lambda found: _in_full(found[0]), turn.text)
    return said if said != turn.text else None


@cache
def _meanings() -> dict[str, str]:
    """What each word of a region stands for."""
    return {
        word: meaning
        for meaning in names("regional.plainly")
        for word in plain_words(f"regional.plainly.{meaning}")
    }


@cache
def _regional() -> re.Pattern[str]:
    return _any_of(_meanings())


@cache
def _asking() -> re.Pattern[str]:
    cues = [plain_words(f"regional.plainly.{one}") for one in ("kitna", "kya")]
    return _any_of(frozenset().union(*cues))


def _any_of(cues: Iterable[str]) -> re.Pattern[str]:
    longest_first = "|".join(re.escape(one) for one in sorted(cues, key=len, reverse=True))
    return re.compile(rf"(?<![^\s,.!?])(?:{longest_first})(?![^\s,.!?])", re.IGNORECASE)


@cache
def _in_full(word: str) -> str:
    """A word with the vowels that were left out in haste: "kl" is kal and "mnfa" munafa."""
    said = fold(word)
    known = [fold(one) for one in sorted(plain_words("haste"))]
    return next((one for one in known if leaves_vowels_out(said, one)), word)


def _entities(turn: Turn, asked: Turn, topic: str) -> list[Entity]:
    """What was named and still stands in the plain words, and the days and goods there."""
    kept = [one for one in turn.entities if one.name != "date" and one.value in asked.text]
    if topic not in _OF_GOODS:
        kept = [one for one in kept if one.name != "product_name"]
    placed = [_placed(one, asked.text) for one in kept]
    day = day_in(turn, asked.text)
    goods = None
    if topic in _OF_GOODS and not any(one.name == "product_name" for one in placed):
        with turn.read() as reader:
            goods = goods_in_text(asked, reader)
    return [
        *placed,
        *([Entity("date", day, start=0, end=0)] if day else []),
        *([Entity("product_name", goods)] if goods else []),
    ]


def _placed(one: Entity, text: str) -> Entity:
    start = text.index(one.value)
    return replace(one, start=start, end=start + len(one.value))
