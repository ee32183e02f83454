"""The shop's figures of some days, in words and as a picture; and then of other days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from rasa_sdk.events import EventType

from actions.books import tell_profit
from actions.context import Turn
from actions.entities import period_of
from actions.lexicon import only, words
from actions.match import just_spoken_of, remember, unit_word
from actions.said import pieces_between
from actions.wording import days
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.reports import queries as reports
from erp_core.reports.queries import Summary

CHARTS: Mapping[str, str] = {
    "sales": "sales",
    "payments": "payments",
    "expenses": "expenses",
    "top": "best_sellers",
}
"""The picture that goes with each kind of figures."""

A_MONTH = timedelta(days=29)
"""What sells best is asked of a month, where no days are named."""

FIGURES = "figures"
"""What a conversation is about once figures were told, so that other days can be asked for."""


def tell_figures(turn: Turn, kind: str) -> EventType:
    """Figures of the days that are named, and a picture of them when there is something to see."""
    told = remember(turn, **{FIGURES: kind})
    if kind == "profit":
        tell_profit(turn)
        return told
    with turn.read() as reader:
        period = period_of(turn.first("date"), today=turn.today)
        first = turn.today - A_MONTH if kind == "top" else turn.today
        start, end = (period.start, period.end) if period else (first, turn.today)
        summary = reports.summary(reader, start, min(end, max(turn.today, start)))
    if summary.empty:
        turn.say("utter_report_empty", period=days(summary.start, summary.end))
        return told
    drawn = kind != "expenses" or summary.expenses.paise
    chart = CHARTS.get(kind) if drawn else None
    turn.say(
        f"utter_report_{kind}",
        attachment=chart_of(summary, chart) if chart else None,
        **summary_facts(turn, summary),
    )
    return told


def of_other_days(turn: Turn) -> list[EventType] | None:
    """ "Aur parso?", right after figures of other days were told."""
    kind = (turn.slots.get("recent") or {}).get(FIGURES)
    if kind is None or not just_spoken_of(turn, FIGURES):
        return None
    if turn.first("date") is None or any(one.name != "date" for one in turn.entities):
        return None
    if not only(words(" ".join(pieces_between(turn))), "of_other_days"):
        return None
    past = [replace(one, normalized=None) for one in turn.entities]  # "kal" was taken for tomorrow
    return [tell_figures(replace(turn, entities=past), kind)]


def chart_of(summary: Summary, chart: str) -> dict[str, str]:
    """A reference to a picture, drawn when it is sent."""
    return {
        "kind": "chart",
        "chart": chart,
        "report": chart,
        "start": summary.start.isoformat(),
        "end": summary.end.isoformat(),
    }


def summary_facts(turn: Turn, summary: Summary) -> dict[str, Any]:
    """A summary as responses put it in."""
    nothing = turn.line("word_nothing")
    methods = [
        turn.line("line_part", what=turn.line(f"method_{part.code}"), amount=inr(part.paise))
        for part in summary.payments_by_method
    ]
    categories = [
        turn.line("line_part", what=turn.line(f"category_{part.code}"), amount=inr(part.paise))
        for part in summary.expenses_by_category
    ]
    sellers = [
        turn.line(
            "line_best_seller",
            product=one.name,
            quantity=plain(one.quantity),
            unit=unit_word(turn, one.unit, one.quantity),
            amount=inr(one.paise),
        )
        for one in summary.best_sellers[:5]
    ]
    return {
        "period": days(summary.start, summary.end),
        "sales": inr(summary.sales.paise),
        "tax": inr(summary.sales_tax),
        "invoices": str(summary.sales.count),
        "orders": str(summary.orders.count),
        "orders_value": inr(summary.orders.paise),
        "payments": inr(summary.payments.paise),
        "methods": "\n".join(methods) or nothing,
        "expenses": inr(summary.expenses.paise),
        "categories": "\n".join(categories) or nothing,
        "sellers": "\n".join(sellers) or nothing,
        "receivables": inr(summary.receivables.paise),
        "debtors": str(summary.receivables.debtors),
        "low": str(len(summary.low_stock)),
    }
