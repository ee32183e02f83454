"""What the shop bought: of whom, when, at which rate: "is mahine kya kya kharida", "gupta se chini
kis rate pe li thi"."""

from __future__ import annotations

from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import period_of
from actions.forms.intents import QUESTIONS
from actions.lexicon import says
from actions.match import customer_in, goods_in_text, product_named, unit_word
from actions.purchases.vendors import seller_named, vendor_in
from actions.wording import day, days
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.parties.queries import Vendor
from erp_core.purchases.queries import BOUGHT, Bill, BillLine, bills_between, bills_of

ROWS = 10


def tell_bought(turn: Turn) -> list[EventType] | None:
    """The bills of those days or of that seller, with their goods."""
    asked = says(turn.words, "asking") or says(turn.words, "shows") or "?" in turn.text
    if not turn.is_user or not asked or not says(turn.words, "questions.bought"):
        return None
    if turn.first("quantity") or turn.first("amount") or says(turn.words, "questions.not_bought"):
        return None
    if turn.intent not in QUESTIONS or turn.intent == "help":
        return None
    with turn.read() as reader:
        seller = vendor_in(turn, reader)
        named = seller_named(turn) or customer_in(turn, reader)
        if seller is None and (named or not _of_the_shop(turn)):
            return None
        said = turn.value("product_name") or goods_in_text(turn, reader)
        product = product_named(reader, said).one if said else None
        if seller is None and said:
            return None
        period = period_of(turn.first("date"), today=turn.today)
        found = _bills(turn, reader, seller, period)
    _tell(turn, found, seller, product, period)
    return []


def _of_the_shop(turn: Turn) -> bool:
    """Whether the shop itself is asked of, and not what somebody else bought."""
    return says(turn.words, "questions.own_buying") or not says(turn.words, "questions.by_them")


def _bills(turn: Turn, reader: Reader, seller: Vendor | None, period: Period | None) -> list[Bill]:
    if seller is not None and period is None:
        found = bills_of(reader, seller.id)
    else:
        start, end = _bounds(turn, period)
        found = bills_between(reader, start, end, vendor_id=seller.id if seller else None)
    return [one for one in found if one.kind in BOUGHT]


def _bounds(turn: Turn, period: Period | None) -> tuple[date, date]:
    """The days that are named; else this month."""
    return (period.start, period.end) if period else (turn.today.replace(day=1), turn.today)


def _tell(
    turn: Turn,
    bills: list[Bill],
    seller: Vendor | None,
    product: Product | None,
    period: Period | None,
) -> None:
    held = [
        (bill, [one for one in bill.lines if product is None or one.product_id == product.id])
        for bill in bills
    ]
    came = [
        (bill, lines, bill.total if product is None else sum(one.taxable for one in lines))
        for bill, lines in held
        if lines
    ]
    rows = [
        {
            "on": day(bill.on),
            "vendor": bill.vendor,
            "goods": ", ".join(_goods(turn, one) for one in lines),
            "total": inr(paise),
        }
        for bill, lines, paise in came
    ]
    start, end = _bounds(turn, period)
    spoken = "" if seller and period is None else days(start, end)
    what = [one for one in (seller.name if seller else "", product.name if product else "") if one]
    turn.say(
        "utter_bought" if rows else "utter_nothing_bought",
        of=", ".join([*what, *([spoken] if spoken else [])]),
        rows=turn.lines("line_bought", rows[-ROWS:]),
        count=str(len(rows)),
        total=inr(sum(paise for _, _, paise in came)),
    )


def _goods(turn: Turn, line: BillLine) -> str:
    """ "20 packet Maggi × ₹11"."""
    unit = unit_word(turn, line.unit, line.quantity)
    return f"{plain(line.quantity)} {unit} {line.product} × {inr(line.unit_price)}"
