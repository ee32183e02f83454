"""How business goes: which figures, books or goods are asked for."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk.events import EventType

from actions.base import Reply
from actions.context import Turn
from actions.entities import Entity, method_of
from actions.goods.availability import names_goods
from actions.goods.goods_questions import tell_best_margins, tell_priced, tell_returned
from actions.invoicing.bill_questions import tell_bills
from actions.lexicon import every, says, which
from actions.match import customer_in_text, recent
from actions.orders import wishes
from actions.orders.status import OrderQuestion, asks_only_total
from actions.parties.customers import CustomerQuestion
from actions.parties.sellers import tell_sold_by
from actions.payments.khata import KhataQuestion, asks_own_account, tell_own_days
from actions.purchases.bought import tell_bought
from actions.purchases.buying_errands import Errand
from actions.reading.periods import without_asides
from actions.reading.when import day_in
from actions.reports.books import book_asked, tell_book, tell_stock_value
from actions.reports.comparing import tell_compared
from actions.reports.figures import (
    METHOD,
    PAID,
    days_asked,
    remembered,
    tell_figures,
    tell_of_products,
    tell_payments,
)
from actions.reports.figures_again import tell_again
from actions.reports.last_spent import tell_spent_on
from actions.reports.returns import GstExport
from actions.reports.shop_questions import tell_best_buyers, tell_best_day, tell_margin
from erp_core.inventory import queries as inventory
from erp_core.kernel.money import inr

QUESTIONS: tuple[Errand, ...] = (
    tell_again,
    tell_compared,
    tell_bought,
    tell_returned,
    tell_priced,
    tell_best_margins,
    tell_bills,
    tell_margin,
    tell_sold_by,
    tell_best_buyers,
    tell_best_day,
)
"""What is asked of the business in words of its own, also in the middle of something else."""
OF_PRODUCTS = frozenset({None, "sales", "top"})
"""Reports that can be of goods that are named."""


def _is_of_somebody(turn: Turn) -> bool:
    """ "Unka total kitna hua", "Murugan ka total": no figures of the shop."""
    if turn.is_sure or turn.first("date") or turn.first("report_type"):
        return False
    if says(turn.words, "same_person"):
        return recent(turn, "customer") is not None
    return turn.first("customer_name") is not None


def _is_of_buyer(turn: Turn) -> bool:
    """ "Neha ko kitna becha", "how much did infotech canteen take": what one customer bought."""
    if not any(says(turn.words, one) for one in ("took", "questions.takes", "sellers.sold")):
        return False
    if turn.first("customer_name"):
        return True
    with turn.read() as reader:
        return customer_in_text(turn, reader) is not None


class ReportRequest(Reply):
    """The report that was asked for, of the days that were named, or of today."""

    action = "action_report_request"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """What a customer bought, where one is named; else the figures of the shop."""
        if asks_only_total(turn):
            return OrderQuestion().for_user(turn)
        for question in QUESTIONS:
            if (told := question(turn)) is not None:
                return told
        turn = replace(turn, entities=without_asides(turn.text, turn.entities))
        if turn.first("date") is None and (named := day_in(turn, turn.text, shortest=2)):
            turn.entities = [*turn.entities, Entity("date", named)]
        if _is_of_buyer(turn):
            return CustomerQuestion().for_user(turn)
        if _is_of_somebody(turn):
            return KhataQuestion().for_user(turn)
        if says(turn.words, "for_accountant"):
            return GstExport().for_user(turn)
        if says(turn.words, "gst_words") and says(turn.words, "gst_due"):
            summary = Entity("act", "gstr3b")
            return GstExport().for_user(replace(turn, entities=[*turn.entities, summary]))
        if turn.first("product_name") and which(turn.text, "reports") in OF_PRODUCTS:
            rivals = len(turn.all("product_name")) > 1 and says(turn.words, "periods.more_or_less")
            return tell_of_products(turn, days_asked(turn, of_month=rivals))
        return tell_spent_on(turn) or self._figures(turn)

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """A customer's own account, and what it was billed: "is mahine kitna bill hua humara"; the
        figures of the shop are nobody else's."""
        billed = says(turn.words, "me") and says(turn.words, "bill_words")
        if billed and not turn.first("customer_name") and tell_own_days(turn):
            return None
        if asks_own_account(turn):
            return KhataQuestion().for_customer(turn)
        taken = names_goods(turn) and not turn.first("report_type")
        if taken and not wishes.pries(turn) and tell_own_days(turn):
            return None
        return super().for_customer(turn)

    def _figures(self, turn: Turn) -> list[EventType] | None:
        """The book or the figures that are asked for."""
        kind = (
            which(turn.value("report_type") or "", "reports")
            or which(turn.text, "reports")
            or "sales"
        )
        if says(turn.words, "reports.top") and kind in ("sales", "top"):
            kind = "top"
        if says(turn.words, "reports.profit") and kind == "sales":
            kind = "profit"
        if kind == "stock" and says(turn.words, "asks_of.sales"):
            kind = "sales"  # "kitne ka maal bika"
        if book := book_asked(turn):
            tell_book(turn, book)
            return None
        method = method_of(turn.text) if len(every(turn.text, "methods")) == 1 else None
        if (
            method
            and kind != "profit"
            and (kind == "payments" or which(turn.text, "reports") is None)
        ):
            tell_payments(turn, method)
            return [remembered(turn, PAID, days_asked(turn), **{METHOD: method})]
        if kind == "stock":
            self._stock(turn)
            return None
        return [tell_figures(turn, kind)]

    def _stock(self, turn: Turn) -> None:
        with turn.read() as reader:
            stocks = inventory.stock_list(reader)
            value = inventory.stock_value(reader)
        low = sum(one.low for one in stocks)
        tell_stock_value(turn, value=inr(value), count=len(stocks), low=low)
