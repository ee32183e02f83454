"""What is asked of all goods together: the dearest and the cheapest, those below a price, those
that bring most, and what came back."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import paise_of
from actions.forms.intents import QUESTIONS
from actions.lexicon import says
from actions.match import unit_word
from actions.reports.figures import days_asked
from actions.wording import day, days
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.invoicing.notes import notes_between
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.orders.margins import Margin, margin
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission, require
from erp_core.reports import queries as reports

ROWS = 10
FEW = 5


def tell_priced(turn: Turn) -> list[EventType] | None:
    """ "Sabse mehnga item kaunsa hai", "50 rupaye se kam wale item"."""
    dear, cheap = says(turn.words, "questions.dearest"), says(turn.words, "questions.cheapest")
    least, most = (None, None) if dear or cheap else _bounds(turn)
    if not (dear or cheap or least or most):
        return None
    named = ("product_name", "customer_name", "quantity")
    if not turn.is_user or any(turn.first(one) for one in named):
        return None
    if (turn.intent not in QUESTIONS and not turn.is_guess) or says(turn.words, "asks_of.stock"):
        return None
    with turn.read() as reader:
        found = catalogue.all_products(reader, limit=None)
    found = sorted(
        (one for one in found if _between(one.price_paise, least, most)),
        key=lambda one: -one.price_paise if dear or least else one.price_paise,
    )
    _tell_prices(turn, found[: FEW if dear or cheap else ROWS])
    return []


def _bounds(turn: Turn) -> tuple[int | None, int | None]:
    """The lowest and the highest price that goods are asked for, in paise."""
    said = turn.all("amount")
    if len(said) != 1 or not says(turn.words, "questions.goods_of_price"):
        return None, None
    if says(turn.words, "dues.above"):
        return paise_of(said[0]), None
    return None, paise_of(said[0]) if says(turn.words, "questions.below") else None


def _between(paise: int, least: int | None, most: int | None) -> bool:
    return (least is None or paise >= least) and (most is None or paise <= most)


def _tell_prices(turn: Turn, shown: list[Product]) -> None:
    rows = [
        {
            "product": one.name,
            "price": inr(one.price_paise),
            "unit": unit_word(turn, one.unit),
        }
        for one in shown
    ]
    turn.say(
        "utter_goods_by_price" if rows else "utter_no_goods_by_price",
        rows=turn.lines("line_goods_by_price", rows),
        count=str(len(rows)),
    )


def tell_best_margins(turn: Turn) -> list[EventType] | None:
    """ "Kis cheez pe sabse zyada bachta hai": of what sells, by the share of the price."""
    of_all = says(turn.words, "questions.margin") and says(turn.words, "questions.most")
    if not turn.is_user or not of_all or not says(turn.words, "questions.which_goods"):
        return None
    if turn.first("product_name") or turn.first("customer_name"):
        return None
    period = days_asked(turn, of_month=True)
    with turn.read() as reader:
        sold = reports.summary(reader, period.start, period.end).best_sellers
        goods = catalogue.products_by_id(reader, [one.product_id for one in sold]).values()
        known = [(one, margin(reader, one)) for one in goods]
    best = sorted(
        ((one, told) for one, told in known if told.percent is not None),
        key=lambda row: -(row[1].percent or 0),
    )
    turn.say(
        "utter_best_margins" if best else "utter_no_buyers",
        period=days(period.start, period.end),
        rows=turn.lines("line_best_margin", [_margin_row(turn, *row) for row in best[:FEW]]),
    )
    return []


def _margin_row(turn: Turn, product: Product, told: Margin) -> dict[str, str]:
    return {
        "product": product.name,
        "percent": plain(told.percent or 0),
        "gained": inr(told.gained or 0),
        "unit": unit_word(turn, product.unit),
    }


def tell_returned(turn: Turn) -> list[EventType] | None:
    """ "Is mahine kitne return aaye": the credit notes of those days; of a month, if none are
    named."""
    if not turn.is_user or not says(turn.words, "questions.returns"):
        return None
    if any(turn.first(one) for one in ("product_name", "customer_name", "quantity", "amount")):
        return None
    period = days_asked(turn, of_month=True)
    with turn.read() as reader:
        require(reader, Permission.VIEW_REPORTS)
        found = notes_between(reader, period.start, period.end)
        back = [one for one in found if one.kind == "credit_note"]
        names = parties.customers_named(reader, [one.customer_id for one in back])
    rows = [
        {
            "on": day(one.on_date),
            "name": names[one.customer_id],
            "goods": ", ".join(f"{plain(line.quantity)} {line.name}" for line in one.lines),
            "total": inr(one.total_paise),
        }
        for one in back[-ROWS:]
    ]
    turn.say(
        "utter_returned" if rows else "utter_nothing_returned",
        period=days(period.start, period.end),
        count=str(len(back)),
        total=inr(sum(one.total_paise for one in back)),
        rows=turn.lines("line_returned", rows),
    )
    return []
