"""When customers are reminded of what they owe, and who of them is not."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import any_of, says
from actions.match import customer_in, remember
from actions.wording import balance_words
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.spelling import roman
from erp_core.parties.queries import Customer
from erp_core.payments import reminders

_DAYS = any_of("written.days")
_EVERY = re.compile(rf"\b{any_of('written.every')}\s+(\S+)\s+{_DAYS}\b")
_AFTER = re.compile(rf"(\S+)\s+{_DAYS}\s+{any_of('written.after')}\b")
_DAILY = re.compile(rf"\b{any_of('written.daily')}\b")
_WEEKLY = re.compile(rf"\b{any_of('written.weekly')}\b")
_HOUR = re.compile(rf"(\d{{1,2}}|\S+(?=\s))\s*(?:{any_of('written.oclock')}|am|pm)\b")
_LATE = re.compile(rf"\b{any_of('written.late')}|pm\b")


def plan_reminders(turn: Turn) -> list[EventType] | None:
    """ "Har 3 din me yaad dilao", "reminder band karo", "Gupta ko reminder mat bhejo"."""
    if not says(turn.words, "dues.remind") or says(turn.words, "dues.to_me"):
        return None
    if says(turn.words, "buying.send_for"):
        return None
    stops, again = says(turn.words, "dues.stop"), says(turn.words, "dues.again")
    with turn.read() as reader:
        customer = customer_in(turn, reader)
    if customer is not None:
        return _spare(turn, customer, spared=stops) if stops or again else None
    if not (stops or says(turn.words, "dues.schedule") or says(turn.words, "dues.when")):
        return None
    if turn.first("product_name") and not _EVERY.search(_plain(turn)):
        return None
    if says(turn.words, "dues.when"):
        with turn.read() as reader:
            _tell_plan(turn, reminders.plan(reader))
        return []
    turn.run(
        reminders.set_plan,
        active=not stops,
        first_after_days=days_before_first(turn),
        every_days=days_between(turn),
        hour=hour_said(turn),
    )
    with turn.read() as reader:
        _tell_plan(turn, reminders.plan(reader))
    return []


def _tell_plan(turn: Turn, plan: reminders.Plan) -> None:
    if not plan.active:
        turn.say("utter_reminders_off")
        return
    turn.say(
        "utter_reminders_planned",
        first=plan.first_after_days,
        every=plan.every_days,
        hour=plan.hour,
        polite=plan.polite,
    )


def _spare(turn: Turn, customer: Customer, *, spared: bool) -> list[EventType]:
    done = turn.run(reminders.spare, customer_id=customer.id, spared=spared)
    turn.say(
        "utter_reminder_spared" if spared else "utter_reminder_resumed",
        name=customer.name,
        balance=balance_words(turn, done["balance"]),
    )
    return [remember(turn, customer=customer.id)]


def stop_reminders(turn: Turn) -> list[EventType]:
    """A tap: nobody is reminded any more."""
    turn.run(reminders.set_plan, active=False)
    turn.say("utter_reminders_off")
    return []


def days_before_first(turn: Turn) -> int | None:
    """After how many days a message wants the first reminder: "7 din baad"."""
    return _number(_AFTER, turn)


def days_between(turn: Turn) -> int | None:
    """Every how many days a message wants one: "har 3 din", "roz"."""
    counted = _number(_EVERY, turn)
    if counted:
        return counted
    plain = _plain(turn)
    if _DAILY.search(plain):
        return 1
    return 7 if _WEEKLY.search(plain) else None


def hour_said(turn: Turn) -> int | None:
    """At which hour a message wants them: "shaam 6 baje"."""
    hour = _number(_HOUR, turn)
    if hour is None:
        return None
    late = _LATE.search(_plain(turn)) is not None
    return hour + 12 if late and 1 <= hour < 12 else hour


def _number(pattern: re.Pattern[str], turn: Turn) -> int | None:
    for found in pattern.finditer(_plain(turn)):
        number = parse_number(found[1])
        if number is not None and number == int(number):
            return int(number)
    return None


def _plain(turn: Turn) -> str:
    return roman(turn.text).lower()
