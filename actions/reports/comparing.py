"""The shop's figures of two periods beside each other: "aaj kal se zyada bika kya", "is mahine vs
pichle mahine"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity, period_of
from actions.lexicon import says, which, words
from actions.match import customer_in_text, product_named, unit_word
from actions.reports.figures import remembered
from actions.wording import days
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import half_up, inr
from erp_core.kernel.quantity import plain
from erp_core.reports import queries as reports
from erp_core.reports.books import profit_and_loss

COMPARED: Mapping[str, str] = {
    "profit": "profit",
    "expenses": "expenses",
    "payments": "payments",
    "sales": "sales",
    "top": "sales",
}
"""The kinds of figures that can be compared, by the kinds of reports."""
_WEEK, _MONTH = 7, 31


def tell_compared(turn: Turn) -> list[EventType] | None:
    """The figures of both periods, and by how much they differ."""
    asked = which(turn.text, "reports") or which(turn.text, "asks_of")
    kind = COMPARED.get(asked or ("sales" if turn.intent == "report_request" else ""))
    if not turn.is_user or turn.is_not_words or kind is None or len(turn.all("product_name")) > 1:
        return None
    if turn.first("quantity") or turn.first("amount") or turn.first("customer_name"):
        return None
    periods = _periods(turn)
    if periods is None:
        return None
    with turn.read() as reader:
        said = turn.value("product_name")
        product = product_named(reader, said).one if said else None
        if (said and product is None) or customer_in_text(turn, reader):
            return None
        before, now = (_figure(reader, kind, product, one) for one in periods)
    _tell(turn, kind, product, periods, (before, now))
    return [remembered(turn, kind, periods[1])]


def _periods(turn: Turn) -> tuple[Period, Period] | None:
    """The two periods that are compared, the earlier first; None where nothing is."""
    dates = [one for one in turn.all("date") if one.end]
    found = [_period(turn, one) for one in dates]
    both = says(turn.words, "of_all") or says(turn.words, "periods.compared")
    compared = both or any(_is_measure(turn, one) for one in dates)
    if not compared or not found or None in found:
        return None
    named = sorted({(one.start, one.end) for one in found if one})
    if len(named) == 1 and not says(turn.words, "of_all"):
        only = Period(*named[0])
        return (only, _now_like(only, turn)) if only.end < turn.today else None
    return (Period(*named[0]), Period(*named[1])) if len(named) == 2 else None


def _period(turn: Turn, named: Entity) -> Period | None:
    """What a date means, without the "is" with which a question begins: "is yesterday better"."""
    if found := period_of(named, today=turn.today):
        return found
    rest = named.value.split(maxsplit=1)[1:]
    return period_of(Entity("date", rest[0]), today=turn.today) if rest else None


def _is_measure(turn: Turn, named: Entity) -> bool:
    """Whether something is more or less than on the day that is named: "kal se zyada"."""
    if not says(turn.words, "periods.more_or_less"):
        return False
    behind = words(turn.text[named.end :])[:1]
    return says(behind, "periods.from") or says(
        words(turn.text[: named.start])[-1:], "periods.than"
    )


def _now_like(before: Period, turn: Turn) -> Period:
    """The present day, week, month or year, as the one that is named was one."""
    length = (before.end - before.start).days + 1
    start = turn.today
    if length > _MONTH:
        start = turn.today - timedelta(days=length - 1)
    elif length > _WEEK:
        start = turn.today.replace(day=1)
    elif length > 1:
        start = turn.today - timedelta(days=turn.today.weekday())
    return Period(start, turn.today)


def _figure(reader: Reader, kind: str, product: Product | None, period: Period) -> int:
    """The figure of a period: paise, or thousandths of the goods that are named."""
    if product is not None:
        sold = reports.sold(reader, [product.id], period.start, period.end)
        return int(sum(one.quantity for one in sold) * 1000)
    if kind == "profit":
        return profit_and_loss(reader, period.start, period.end).net
    told = reports.summary(reader, period.start, period.end)
    totals = {"sales": told.sales, "payments": told.payments, "expenses": told.expenses}
    return totals[kind].paise


def _tell(
    turn: Turn,
    kind: str,
    product: Product | None,
    periods: tuple[Period, Period],
    figures: tuple[int, int],
) -> None:
    def shown(figure: int) -> str:
        if product is None:
            return inr(figure)
        quantity = Decimal(figure) / 1000
        return f"{plain(quantity)} {unit_word(turn, product.unit, quantity)}"

    before, now = figures
    change = "same" if before == now else "more" if now > before else "less"
    percent = f" ({half_up(Decimal(100 * abs(now - before)) / before)}%)" if before > 0 else ""
    turn.say(
        "utter_compared",
        what=product.name if product else turn.line(f"word_compared_{kind}"),
        first=days(periods[0].start, periods[0].end),
        before=shown(before),
        second=days(periods[1].start, periods[1].end),
        now=shown(now),
        change=turn.line(f"line_compared_{change}", by=shown(abs(now - before)) + percent),
    )
