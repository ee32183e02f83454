"""The tax of a return that was paid: written by a tap, on the day on which it was.

Who taps days after paying is asked when it was: what a delay costs runs to that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import period_of
from actions.lexicon import only, words
from actions.match import just_spoken_of, payload_of, remember
from actions.phrasebook import Button
from actions.wording import day, days
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission
from erp_core.portals import late
from erp_core.portals.periods import is_settled, tax_day
from erp_core.portals.periods import period_of as tax_period
from erp_core.portals.settling import settle_return
from erp_core.reports.gst.composition import cmp08, is_under_composition
from erp_core.reports.gst.payable import payable
from erp_core.tax.gst import percent

PAID = "gst_paid"
"""What is tapped; with the day behind a colon where it is known."""


def button(turn: Turn, month: date, end: date, *, nothing: bool) -> list[Button]:
    """A tap by which the return of a period that is over is written as filed, and its tax, unless
    there is none, as paid."""
    if end >= turn.today or not turn.may(Permission.WRITE_VOUCHERS):
        return []
    title = turn.line("button_return_filed" if nothing else "button_gst_paid")
    return [Button(title=title, payload=_payload(month))]


def tapped(turn: Turn) -> list[EventType] | None:
    """Settle the period that was tapped; None where another button was."""
    act, _, on = (turn.value("act") or "").partition(":")
    choice = turn.value("choice")
    if act != PAID or not choice:
        return None
    month = date.fromisoformat(f"{choice}-01")
    if on:
        return _settle(turn, month, date.fromisoformat(on))
    with turn.read() as reader:
        costs = _costs(reader, month)
        last = tax_day(reader, tax_period(reader, month)[1])
    if last is None or not costs:
        return _settle(turn, month, turn.today)
    return _ask_when(turn, month, last, costs)


def answered(turn: Turn) -> list[EventType] | None:
    """Settle on the day that is said in answer to the question; None for anything else."""
    month, named = (turn.slots.get("recent") or {}).get(PAID), turn.first("date")
    if not month or named is None or not just_spoken_of(turn, PAID):
        return None
    rest = [one for one in turn.words if one not in words(named.value)]
    if not all(only([one], "filler") or only([one], "tax_paid") for one in rest):
        return None
    found = period_of(named, today=turn.today)
    if found is None or found.start != found.end:
        return None
    return _settle(turn, date.fromisoformat(f"{month}-01"), found.start)


def cost_rows(turn: Turn, costs: Iterable[late.Due], period: str) -> Iterator[str]:
    """What a delay costs, each with its reckoning; `period` is the return that it is told with."""
    for one in costs:
        yield turn.line(
            f"line_gst_{one.kind}",
            since=day(one.since),
            days=str(one.days),
            base=inr(one.base),
            rate=percent(late.interest_rate(turn.today)),
            amount=inr(one.paise),
            next=turn.line("line_gst_next") if one.told_in != period else "",
        )


def _costs(reader: Reader, month: date) -> tuple[late.Due, ...]:
    """What it costs to pay a period only today; nothing where it is paid or in time."""
    _, end = tax_period(reader, month)
    last = tax_day(reader, end)
    if last is None or reader.today <= last or is_settled(reader, f"{end:%Y-%m}"):
        return ()
    if is_under_composition(reader):
        return cmp08(reader, month).late
    return payable(reader, month).late


def _ask_when(turn: Turn, month: date, last: date, costs: Iterable[late.Due]) -> list[EventType]:
    with turn.read() as reader:
        start, end = tax_period(reader, month)
    in_time = turn.line("button_gst_in_time", last_day=day(last))
    turn.say(
        "utter_ask_gst_paid_on",
        period=days(start, end),
        last_day=day(last),
        late=inr(sum(one.paise for one in costs)),
        choices=[
            Button(title=in_time, payload=_payload(month, last)),
            Button(title=turn.line("button_gst_today"), payload=_payload(month, turn.today)),
        ],
    )
    return [remember(turn, **{PAID: f"{month:%Y-%m}"})]


def _settle(turn: Turn, month: date, on: date) -> list[EventType]:
    """Set the tax off in the books, with what its delay costs."""
    with turn.read() as reader:
        start, end = tax_period(reader, month)
    if not end < on <= turn.today and turn.today > end:
        turn.say("utter_gst_not_on_that_day", on=day(on), period=days(start, end))
        return [remember(turn, **{PAID: f"{month:%Y-%m}"})]
    done = turn.run(settle_return, month=month, on=on)
    with turn.read() as reader:
        costs = late.written(reader, period=done["period"])
    nothing = not (done["owed"] or done["dues"])
    turn.say(
        "utter_gst_return_filed" if nothing else "utter_gst_settled",
        period=days(start, end),
        amount=inr(done["cash"] + done["dues"]),
        credit=inr(done["credit"]),
        paid=inr(done["paid"]),
        notes="".join(f"\n{row}" for row in cost_rows(turn, costs, done["period"])),
    )
    return []


def _payload(month: date, on: date | None = None) -> str:
    act = f"{PAID}:{on.isoformat()}" if on else PAID
    return payload_of("gst_export", act=act, choice=f"{month:%Y-%m}")
