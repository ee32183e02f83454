"""The day of what is written down: "kal" may be yesterday or tomorrow, and then it matters."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from actions.context import Turn
from actions.entities import NUMBERS, Entity, method_of, period_of, without_denied
from actions.forms.draft import Draft
from actions.lexicon import any_of, only, plain_words, says, words
from actions.wording import day
from erp_core.kernel.hindi_dates import FIXED_DAYS, NEAR_DAYS, Period, parse_period
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.spelling import fold, roman
from erp_core.payments.methods import CHEQUE_LASTS

DAY = "day"
"""What is pending when the day is unclear."""

_NOT_THEN = re.compile(r"\bse\s+(?:nahi|nhi|nahin|mat)\b.*\b(?:aaj|abhi)\b")
_NOW = re.compile(rf"\b{any_of('written.today')}\b")
_LONGEST_DAY = 3
"""So many words a day has at most: "agle mahine 1"."""

_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_SPANS = {said: days for name, days in _DAYS.items() for said in plain_words(f"spans.{name}")}
_SPAN = rf"(\S+)\s+({'|'.join(any_of(f'spans.{name}') for name in _DAYS)})\w*"
_LASTS = re.compile(
    rf"{_SPAN}\s+(?:\w+\s+)?{any_of('written.since')}\b|\b{any_of('written.over')}\s+{_SPAN}"
)


_COUNTED = re.compile(_SPAN)


def span_said(turn: Turn) -> int | None:
    """How many days a message counts: "3 mahine", "30 days"; None where it counts none."""
    for found in _COUNTED.finditer(roman(turn.text).lower()):
        number = parse_number(found[1])
        if number and number > 0:
            return int(number * _SPANS[found[2]])
    return None


def days_ahead(turn: Turn) -> int | None:
    """How many days ahead a message looks: "agle 3 mahine me", "march tak"."""
    named = turn.first("date")
    if (span := span_said(turn)) or named is None:
        return span
    period = parse_period(named.value, today=turn.today, lean="future")
    return (period.end - turn.today).days if period and period.end > turn.today else None


def day_in(turn: Turn, text: str, *, shortest: int = 1) -> str | None:
    """The longest run of words that names a day or a period that has begun."""
    row = text.replace("?", " ").split()
    for size in range(_LONGEST_DAY, shortest - 1, -1):
        for at in range(len(row) - size + 1):
            said = " ".join(row[at : at + size])
            found = None if said.isdigit() else parse_period(said, today=turn.today)
            if found and found.start <= turn.today:
                return said
    return None


def age_said(turn: Turn) -> int | None:
    """For how many days something is said to last already: "do mahine se", "over 60 days"."""
    found = _LASTS.search(roman(turn.text).lower())
    if found is None:
        return None
    count, span = [one for one in found.groups() if one]
    number = parse_number(count)
    return int(number * _SPANS[span]) if number and number > 0 else None


def take_day(turn: Turn, draft: Draft) -> bool:
    """Take the day that a message names into the draft's `on`; whether it names one.

    "Kal 500 diye" was yesterday, "kal 500 dega" is a promise and not written; "Ravi kal 500" is
    noted in `days`, to be asked.
    """
    entity = turn.first("date")
    if entity is None:
        return False
    past = period_of(entity, today=turn.today)
    if past and past.start < past.end and _is_of_period(turn, entity):
        return False
    folded = fold(entity.value)
    if folded in NEAR_DAYS and NEAR_DAYS[folded] != "0":
        past = parse_period(entity.value, today=turn.today)
        coming = parse_period(entity.value, today=turn.today, lean="future")
        if says(turn.words, "tense.past") or _tells_of_past(turn) or not past or not coming:
            return _set(draft, past)
        draft["on"], draft["days"] = None, [past.start.isoformat(), coming.start.isoformat()]
        if says(turn.words, "tense.future"):
            draft["on"] = coming.start.isoformat()
            draft["days"] = None
        return True
    if folded in FIXED_DAYS:
        past = parse_period(entity.value, today=turn.today)
    by_cheque = draft["method"] == "cheque" or method_of(turn.text) == "cheque"
    if by_cheque and past and past.start < turn.today - CHEQUE_LASTS:
        past = parse_period(entity.value, today=turn.today, lean="future") or past
    return _set(draft, past)


def _is_of_period(turn: Turn, entity: Entity) -> bool:
    """ "Is mahine ki tankhwah": of which month it is, and not when it was given."""
    return bool(entity.end) and only(words(turn.text[entity.end :])[:1] or ("-",), "belonging")


def _tells_of_past(turn: Turn) -> bool:
    """Whether a verb ends as what was done or had done: "dlwaya", "karwayi"."""
    named = {word for one in turn.entities for word in words(one.value)}
    return any(word.endswith(_DONE) and word not in named for word in turn.words)


_DONE = ("vaya", "vai")


def day_alone(turn: Turn) -> Entity | None:
    """ "Kal ka daal do", "aaj ka nahi kal ka tha", "date galat, kal ki hai", "kal diye the": the
    day, where a message says no more than that something is of it."""
    if turn.is_not_words or "?" in turn.text or not turn.is_user:
        return None
    if not turn.entities:
        turn = _with_day_marked(turn)
    if any(one.name != "date" for one in turn.entities):
        return None
    said = without_denied(turn.text, turn.entities)
    others = [one for one in said if parse_period(one.value, today=turn.today) != _today(turn)]
    rest = words(_blanked(turn))
    told = any(says(rest, one) for one in _TELLS_A_DAY)
    plain = told and all(_stands_beside_day(one) for one in rest)
    return others[0] if plain and len(others) == 1 else None


_TELLS_A_DAY = ("sets_day", "had_been", "tense.past", "is_there")
_BESIDE_A_DAY = (
    "filler", "bill_words", "undoing.sorry", "of_the_day", "negation", "dues.wrong", "pronouns",
    *_TELLS_A_DAY,
)  # fmt: skip


def _stands_beside_day(word: str) -> bool:
    return any(only([word], cue) for cue in _BESIDE_A_DAY) or word.endswith(_DONE)


def past_day_alone(turn: Turn) -> date | None:
    """The day of `day_alone`, where it is past: nothing to come is written down."""
    said = day_alone(turn)
    past = parse_period(said.value, today=turn.today) if said else None
    return past.start if past and past.start <= turn.today else None


def _with_day_marked(turn: Turn) -> Turn:
    """The turn with the one word of it that names a near day, where nobody marked it."""
    named = [one for one in re.finditer(r"[^\s,;.!]+", turn.text) if fold(one[0]) in NEAR_DAYS]
    marked = [Entity("date", one[0], start=one.start(), end=one.end()) for one in named]
    return replace(turn, entities=marked)


def _today(turn: Turn) -> Period:
    return Period(turn.today, turn.today)


def _blanked(turn: Turn) -> str:
    text = turn.text
    for one in turn.entities:
        text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    return text


def starts_later(turn: Turn) -> date | None:
    """The day to come from which a message wants something so: "kal se", "1 tarikh se"; of "kal se
    nahi aaj se" none."""
    if _NOT_THEN.search(roman(turn.text).lower()):
        return None
    named = [parse_period(one.value, today=turn.today, lean="future") for one in turn.all("date")]
    days = [one.start for one in (*named, _before_from(turn)) if one]
    coming = [one for one in days if one > turn.today]
    told = says(turn.words, "tense.past") or _tells_of_past(turn)
    return None if told or not coming else coming[0]


def ends_later(turn: Turn) -> tuple[int, int] | None:
    """Where it stands until when a message wants something so: "festival tak", "till Sunday"."""
    if says(turn.words, "had_been"):
        return None
    row = list(re.finditer(r"[^\s,;.!?]+", turn.text))
    for at, word in enumerate(row):
        if at and says(words(word[0]), "periods.ends_behind"):
            span = (row[at - 1].start(), word.end())
        elif row[at + 1 :] and says(words(word[0]), "periods.ends_before"):
            span = (word.start(), row[at + 1].end())
        else:
            continue
        numbers = [one for one in turn.entities if one.name in NUMBERS and one.end]
        if not any(one.start < span[1] and span[0] < one.end for one in numbers):
            return span
    return None


def says_today(turn: Turn) -> bool:
    """Whether a message names no day but today: "aaj se", "abhi se"."""
    days = [parse_period(one.value, today=turn.today, lean="future") for one in turn.all("date")]
    if not days:
        return _NOW.search(roman(turn.text).lower()) is not None
    return all(one is not None and one.start == one.end == turn.today for one in days)


def _before_from(turn: Turn) -> Period | None:
    """The day that stands before a "se", where nobody marked it."""
    row = _without_entities(turn).split()
    for at, word in enumerate(row):
        for size in range(min(_LONGEST_DAY, at), 0, -1) if fold(word) == "se" else ():
            day_said = " ".join(row[at - size : at])
            if not day_said.isdigit() and (
                found := parse_period(day_said, today=turn.today, lean="future")
            ):
                return found
    return None


def _without_entities(turn: Turn) -> str:
    text = turn.text
    for one in turn.entities:
        if one.name not in ("date", "quantity"):
            text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    return text


def settle_day(turn: Turn, draft: Draft) -> None:
    """Note that the day must be asked; what has not happened yet is not written at all."""
    if draft.pending is not None:
        return
    if draft["on"] and date.fromisoformat(draft["on"]) > turn.today:
        turn.say("utter_not_yet", on=day(date.fromisoformat(draft["on"])))
        draft.pending = {"kind": "closed"}
    elif draft["days"]:
        draft.pending = {"kind": DAY, "field": DAY, "token": DAY}


def ask_day(turn: Turn, draft: Draft) -> None:
    """Which of the two days."""
    before, coming = (date.fromisoformat(one) for one in draft["days"])
    turn.say(
        "utter_ask_day",
        before=day(before),
        coming=day(coming),
        first=before.isoformat(),
        second=coming.isoformat(),
        draft_id=draft.stamp,
    )


def choose_day(draft: Draft, value: str) -> None:
    """Take the day that was tapped."""
    draft["on"], draft["days"] = value, None


def _set(draft: Draft, period: Period | None) -> bool:
    if period:
        draft["on"], draft["days"] = period.start.isoformat(), None
    return period is not None
