"""The day by which goods shall be paid for, said beside them: "5 jeans, 15 din udhaar", "payment
next friday". It is no day on which they are wanted, and is kept as a promise of whoever buys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from actions.context import Turn
from actions.forms.draft import Draft
from actions.lexicon import only, says, words
from actions.reading.parts import part_of, without
from actions.reading.promised_days import names_a_day, promised_day
from actions.reading.when import span_said
from actions.wording import day
from erp_core.kernel.clauses import Span
from erp_core.kernel.errors import BahiError
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.parties.permissions import Permission
from erp_core.payments import promises

_PIECE = re.compile(r"[^\s,;.!?|+-]+")


class Due(NamedTuple):
    """By when something shall be paid, and where that is said."""

    on: date
    span: Span


def due_said(turn: Turn, *also: str) -> Due | None:
    """The day to come by which a message says that goods are paid for, in words of money or of
    `also`."""
    row = [one.span() for one in _PIECE.finditer(turn.text)]
    for first, last in _days(turn, row):
        start, end = _widened(turn, row, first, last)
        told = part_of(turn, (start, end))
        at = (row[first][0] - start, row[last - 1][1] - start)
        if not _speaks_of_paying(told, *at, ("due.money", *also)):
            continue
        counted = span_said(part_of(turn, (row[first][0], row[last - 1][1])))
        on = _ahead(turn, counted) if counted else promised_day(replace(told, entities=[]))
        if on is not None and on > turn.today:
            return Due(on, (start, end))
    return None


def _days(turn: Turn, row: Sequence[Span]) -> list[tuple[int, int]]:
    """Where days are named or counted, as ranges of pieces."""
    found = []
    for at, (start, end) in enumerate(row):
        said, behind = turn.text[start:end], turn.text[slice(*row[at + 1])] if row[at + 1 :] else ""
        counts = parse_number(said) is not None or only(words(said) or [""], "due.next")
        if counts and only(words(behind) or [""], "due.spans"):
            found.append((at, at + 2))
        elif names_a_day(said.lower()):
            found.append((at, at + 1))
    return found


def _widened(turn: Turn, row: Sequence[Span], first: int, last: int) -> Span:
    """The span of a day with the words around it that say what is to happen by then."""
    while first and _is(turn, row[first - 1], "due.before"):
        first -= 1
    while row[last:] and _is(turn, row[last], "due.behind"):
        last += 1
    return row[first][0], row[last - 1][1]


def _is(turn: Turn, piece: Span, cue: str) -> bool:
    named = ("product_name", "customer_name", "amount")
    taken = any(
        one.start < piece[1] and piece[0] < one.end for one in turn.entities if one.name in named
    )
    return not taken and only(words(turn.text[slice(*piece)]) or [""], cue)


def _speaks_of_paying(told: Turn, start: int, end: int, cues: Sequence[str]) -> bool:
    """Whether the words around a day say that money comes by then: "kal udhaar diye" was."""
    before, behind = words(told.text[:start]), words(told.text[end:])
    if says(behind[:1], "due.of_the_past") or says(told.words, "tense.past"):
        return False
    counted = parse_number(told.text[start:end].split()[0]) is not None
    to_come = counted or says(before, "due.money") or says(told.words, "tense.future")
    return to_come and any(says(before, one) or says(behind, one) for one in cues)


def _ahead(turn: Turn, days: int) -> date:
    return date.fromordinal(turn.today.toordinal() + days)


def take_due(turn: Turn, draft: Draft) -> Turn:
    """Note by when goods are to be paid for, and give the message without it."""
    found = due_said(turn)
    if found is None:
        return turn
    too_far = found.on > turn.today + promises.FURTHEST
    if too_far or not turn.may(Permission.REQUEST_PAYMENT):
        turn.say("utter_not_in_it", said=turn.text[slice(*found.span)].strip())
        return without(turn, *found.span)
    draft["due"] = found.on.isoformat()
    draft["confirmed"] = None
    if draft["sold"] and turn.may(Permission.CREATE_INVOICE):
        draft["bill"] = True
    return without(turn, *found.span)


def due_line(turn: Turn, draft: Draft) -> str:
    """The same, as a row of what is shown before it is written."""
    if not draft["due"] or draft["paid"]:
        return ""
    return "\n" + turn.line("line_due", on=day(date.fromisoformat(draft["due"])))


def tell_due(turn: Turn, draft: Draft) -> None:
    """The same, where what is shown has no such row."""
    if draft["due"] and not draft["paper"]:
        turn.say("utter_line_due", on=day(date.fromisoformat(draft["due"])))


def keep_due(turn: Turn, draft: Draft, customer_id: UUID) -> None:
    """Keep the day as a promise of whoever bought. What was bought is written by then, so a day
    that cannot be kept is told and undoes nothing."""
    from actions.base import say_error

    if not draft["due"] or draft["paid"]:
        return
    due_on, key = date.fromisoformat(draft["due"]), f"draft:{draft.id}:due"
    try:
        turn.run(promises.promise, key=key, customer_id=customer_id, due_on=due_on)
    except BahiError as error:
        say_error(turn, error)
