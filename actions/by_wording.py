"""Which form a message belongs to by its wording alone, whatever its intent; and in the middle of
which other forms the same words are an answer.

Rows are tried from the top: what is told more exactly stands above.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from actions.context import Turn
from actions.forms.belonging import (
    brings_goods,
    counts_goods,
    counts_none,
    loses_goods,
    makes_goods,
)
from actions.forms.draft import Draft
from actions.forms.intents import UNSURE
from actions.forms.names import (
    CANCEL_FORM,
    CUSTOMER_FORM,
    EXPENSE_FORM,
    MODIFY_FORM,
    NOTE_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
    PRICE_FORM,
    PRODUCT_FORM,
    PURCHASE_FORM,
    REQUEST_FORM,
    RETURN_FORM,
    STOCK_FORM,
    TEACH_FORM,
    UNDO_FORM,
    VOUCHER_FORM,
)
from actions.forms.reopening import form_reopened
from actions.goods.availability import takes_all_told
from actions.goods.new_goods import adds_new_goods
from actions.goods.rate_steps import sets_selling_rate, steps_rate
from actions.goods.rates_listed import lists_rates
from actions.goods.stock_words import takes_home
from actions.invoicing.bill_lowered import lowers_bill
from actions.invoicing.brought_back import brings_back, comes_from_customer, comes_over_counter
from actions.invoicing.discounts import wants_discount
from actions.invoicing.paid_beside import (
    came_for_goods,
    old_dues_paid,
    ordered_with_advance,
    sold_and_paid,
)
from actions.invoicing.put_right import lines_put_right, told_price_put_right, total_put_right
from actions.invoicing.sales import sold_from_advance
from actions.lexicon import only, says
from actions.match import just_spoken_of
from actions.orders.another_day import order_put_off
from actions.orders.anothers import form_of_another
from actions.orders.appointments import booked_ahead, books_work, wants_work, work_done
from actions.orders.awaited import awaits, part_said, step_said
from actions.orders.change_back import asks_change, change_told
from actions.orders.counted_apart import shared_out, sold_and_kept
from actions.orders.estimates import wants_order
from actions.orders.given_free import free_beside
from actions.orders.given_up import cannot_take
from actions.orders.in_few_words import as_sale
from actions.orders.kept_only import left_behind, some_refused
from actions.orders.more import bills_last, form_for_more, sells_goods
from actions.orders.noted import sells
from actions.orders.noted_later import noted_later
from actions.orders.on_top import charged_on_bill
from actions.orders.part_left import part_left
from actions.orders.prices_behind import sold_at_prices
from actions.orders.wishes import recounts_own
from actions.parties.party_details import gives_other_number
from actions.parties.passing_on import passes_on
from actions.payments import dues_words
from actions.payments.earlier_expense import expense_meant
from actions.payments.own_staff import advance_of_staff, paid_by_the_piece, salary_of_staff
from actions.payments.paid_with_bill import (
    counts_goods_paid_for,
    paid_after_all,
    paid_another_way,
)
from actions.payments.payment_claims import came_after_all, paid_for_bills
from actions.payments.taking_back import (
    corrects_price,
    kinds_undone,
    last_written,
    puts_bill_right,
    removes_what_was_written,
    takes_back,
    undoes_bill,
)
from actions.payments.tills import moves_own_money, moves_own_money_besides
from actions.purchases import buying_words, kitchen
from actions.reading.insisting import form_insisted_on
from actions.reading.taught import is_lesson
from erp_core.orders.states import CANCELLED

if TYPE_CHECKING:
    from actions.forms.topic import Topic

    Crossing = Callable[[Topic, Turn], bool]
    """Whether a message is no answer to the form in hand, given that the row's words are said."""


class Wording(NamedTuple):
    """What is said; the form that it belongs to, None for none at all; and whether that holds in
    the middle of another form, which may find out for itself what is meant."""

    told: Callable[[Turn], object]
    form: str | Callable[[Turn], str | None] | None
    crosses: Crossing

    def form_for(self, turn: Turn) -> str | None:
        """The form that such a message belongs to."""
        return self.form(turn) if callable(self.form) else self.form


def _never(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    return False


def _always(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    return True


def _where_order_waits(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    return awaits(turn)


def _without_rates(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    """Where rates are no answer, neither is what is taken off them."""
    return not form.takes_rates


def _without_its_rates(form: Topic, turn: Turn) -> bool:
    return not form.takes_rates or says(turn.words, "asks_price")


def _without_bill(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    return not form.writes_bills


def _of_former_bill(form: Topic, turn: Turn) -> bool:
    return not form.writes_bills or says(turn.words, "last")


def _with_sum(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    return turn.first("amount") is not None


def _where_bought(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    return says(turn.words, "buying.bought")


def _to_somebody(form: Topic, turn: Turn) -> bool:  # noqa: ARG001
    named = turn.first("customer_name") or turn.first("person")
    return bool(named and turn.first("amount")) or dues_words.bounced(turn)


def _of_goods_paid_for(form: Topic, turn: Turn) -> bool:
    paying = Draft.of(turn.slots) if form.form == PAYMENT_FORM else None
    return paying is not None and counts_goods_paid_for(turn, paying)


def _is_done(turn: Turn) -> bool:
    """Whether goods are sold, or shall be billed or ordered, that are none of what is written."""
    sold = sells_goods(turn) or sells(turn) is not None or _gives_on_credit(turn)
    return sold or bills_last(turn) or wants_order(turn)


def _gives_on_credit(turn: Turn) -> bool:
    """ "Are nahi ruko, Rohan ko 2 cover diye udhaar", taken for a no: counted goods for somebody,
    on the khata."""
    kinds = {one.name for one in turn.entities}
    whole = kinds >= {"product_name", "quantity", "customer_name"}
    asks = says(turn.words, "asking") or says(turn.words, "gone_back.back")
    meant = turn.is_user and turn.intent == "deny" and whole
    return meant and says(turn.words, "on_khata") and not asks


def accepts(turn: Turn) -> bool:
    """Whether the words of the button that accepts a customer's order were typed; with a yes and
    more around them, where one waits for it."""
    typed = turn.text and not turn.is_not_words and turn.metadata.get("kind") != "button"
    if not turn.is_user or not typed or not says(turn.words, "accepting"):
        return False
    beside = [one for one in turn.words if not only([one], "accepting")]
    return only(beside, "filler") or (turn.intent == "affirm" and awaits(turn))


def _changes_bill(turn: Turn) -> bool:
    """Whether the bill that was just written is corrected: "nahi, total 4130 tha"."""
    from actions.purchases.bill_words import bill_again

    return bill_again(turn) is not None


def _corrects_last_bill(turn: Turn) -> bool:
    from actions.orders.corrected import corrects_last_bill

    return corrects_last_bill(turn)


def _corrects_last_order(turn: Turn) -> bool:
    from actions.orders.corrected import corrects_last_order

    return corrects_last_order(turn)


def _orders_and_tells(turn: Turn) -> bool:
    from actions.orders.told_beside import told_beside

    return told_beside(turn) is not None


def _puts_bill_right(turn: Turn) -> bool:
    return undoes_bill(turn) and puts_bill_right(turn)


def _step_form(turn: Turn) -> str:
    step = step_said(turn)
    return CANCEL_FORM if step and step.status == CANCELLED else MODIFY_FORM


def _names_counted_goods(turn: Turn) -> bool:
    """Whether a message that was not understood, or was taken for money on the khata and tells of
    none, names so many of the shop's goods."""
    kinds = {one.name for one in turn.entities}
    of_else = any(says(turn.words, cue) for cue in _NO_SALE) or kinds & _OF_PAPERS
    on_credit = turn.intent == "khata_credit" and says(turn.words, "on_khata")
    meant = turn.intent in UNSURE or (on_credit and "amount" not in kinds)
    return meant and {"product_name", "quantity"} <= kinds and not of_else


_NO_SALE = ("gone_back.back", "negation", "cancel", "asking", "stock.damage", "buyers.spoilt")
_OF_PAPERS = frozenset({"order_id", "invoice_number"})
"""What tells that goods which are counted are not sold."""


def _is_sold_in_part(turn: Turn) -> bool:
    """ "Amit ko a15 17500 me diya, 10000 diye", taken for what friends owe, or for nothing."""
    return turn.intent in UNSURE | {"repay_debt"} and sold_and_paid(turn) is not None


def _undone_form(turn: Turn) -> str | None:
    undone = kinds_undone(turn)
    if "sale" in undone:
        return NOTE_FORM
    return PURCHASE_FORM if "purchase" in undone else None


def _form_of_what_was_made(turn: Turn) -> str | None:
    """ "Abhi jo likha wo hata do", right after a bill or an order that has none yet."""
    if not turn.is_user or last_written(turn) or not removes_what_was_written(turn):
        return None
    if just_spoken_of(turn, "invoice"):
        return NOTE_FORM
    return CANCEL_FORM if just_spoken_of(turn, "order") else None


def _done_form(turn: Turn) -> str | None:
    """ "Nahi, abhi 2 bhujia aur bik gaye cash" refuses nothing that could be asked."""
    done = (turn.method and sells_goods(turn)) or _gives_on_credit(turn)
    return ORDER_FORM if turn.intent == "deny" and done else None


WORDINGS: tuple[Wording, ...] = (
    Wording(is_lesson, TEACH_FORM, _never),
    Wording(step_said, _step_form, _always),
    Wording(part_said, MODIFY_FORM, _never),
    Wording(_orders_and_tells, ORDER_FORM, _never),
    Wording(sold_and_kept, ORDER_FORM, _never),
    Wording(shared_out, ORDER_FORM, _never),
    Wording(free_beside, ORDER_FORM, _never),
    Wording(change_told, ORDER_FORM, _never),
    Wording(asks_change, ORDER_FORM, _never),
    Wording(part_left, ORDER_FORM, _never),
    Wording(cannot_take, CANCEL_FORM, _never),
    Wording(passes_on, None, _never),
    Wording(form_insisted_on, form_insisted_on, _never),
    Wording(wants_discount, MODIFY_FORM, _without_rates),
    Wording(accepts, MODIFY_FORM, _where_order_waits),
    Wording(form_of_another, form_of_another, _never),
    Wording(expense_meant, UNDO_FORM, _always),
    Wording(paid_another_way, UNDO_FORM, _never),
    Wording(paid_after_all, PAYMENT_FORM, _never),
    Wording(order_put_off, MODIFY_FORM, _never),
    Wording(noted_later, MODIFY_FORM, _never),
    Wording(left_behind, MODIFY_FORM, _never),
    Wording(some_refused, MODIFY_FORM, _never),
    Wording(recounts_own, MODIFY_FORM, _never),
    Wording(total_put_right, NOTE_FORM, _never),
    Wording(_corrects_last_bill, NOTE_FORM, _of_goods_paid_for),
    Wording(_corrects_last_order, MODIFY_FORM, _never),
    Wording(lines_put_right, MODIFY_FORM, _never),
    Wording(_changes_bill, EXPENSE_FORM, _always),
    Wording(form_reopened, form_reopened, _never),
    Wording(corrects_price, PRICE_FORM, _never),
    Wording(takes_back, UNDO_FORM, _never),
    Wording(told_price_put_right, PRICE_FORM, _never),
    Wording(_undone_form, _undone_form, _never),
    Wording(_form_of_what_was_made, _form_of_what_was_made, _never),
    Wording(lowers_bill, NOTE_FORM, _without_bill),
    Wording(_puts_bill_right, NOTE_FORM, _of_former_bill),
    Wording(adds_new_goods, PRODUCT_FORM, _never),
    Wording(kitchen.buys_for_kitchen, EXPENSE_FORM, _where_bought),
    Wording(gives_other_number, CUSTOMER_FORM, _always),
    Wording(steps_rate, PRICE_FORM, _without_its_rates),
    Wording(sets_selling_rate, PRICE_FORM, _always),
    Wording(lists_rates, PRICE_FORM, _never),
    Wording(dues_words.returns_money, RETURN_FORM, _to_somebody),
    Wording(dues_words.asks_to_pay, REQUEST_FORM, _always),
    Wording(dues_words.sends_account, REQUEST_FORM, _always),
    Wording(brings_back, NOTE_FORM, _always),
    Wording(comes_from_customer, STOCK_FORM, _always),
    Wording(comes_over_counter, STOCK_FORM, _always),
    Wording(came_for_goods, ORDER_FORM, _always),
    Wording(old_dues_paid, ORDER_FORM, _never),
    Wording(ordered_with_advance, ORDER_FORM, _never),
    Wording(sold_from_advance, ORDER_FORM, _always),
    Wording(came_after_all, PAYMENT_FORM, _always),
    Wording(paid_for_bills, PAYMENT_FORM, _always),
    Wording(kitchen.owes_for, kitchen.owes_for, _always),
    Wording(moves_own_money, VOUCHER_FORM, _with_sum),
    Wording(moves_own_money_besides, VOUCHER_FORM, _never),
    Wording(buying_words.form_for, buying_words.form_for, _always),
    Wording(buying_words.spends, EXPENSE_FORM, _always),
    Wording(advance_of_staff, EXPENSE_FORM, _never),
    Wording(salary_of_staff, EXPENSE_FORM, _never),
    Wording(paid_by_the_piece, EXPENSE_FORM, _never),
    Wording(buying_words.pays_brokerage, EXPENSE_FORM, _never),
    Wording(counts_none, STOCK_FORM, _always),
    Wording(counts_goods, STOCK_FORM, _always),
    Wording(loses_goods, STOCK_FORM, _always),
    Wording(takes_home, STOCK_FORM, _always),
    Wording(makes_goods, STOCK_FORM, _always),
    Wording(brings_goods, STOCK_FORM, _never),
    Wording(form_for_more, form_for_more, _never),
    Wording(as_sale, ORDER_FORM, _never),
    Wording(charged_on_bill, ORDER_FORM, _never),
    Wording(sold_at_prices, ORDER_FORM, _never),
    Wording(_is_sold_in_part, ORDER_FORM, _never),
    Wording(books_work, ORDER_FORM, _never),
    Wording(work_done, ORDER_FORM, _never),
    Wording(booked_ahead, ORDER_FORM, _never),
    Wording(wants_work, ORDER_FORM, _never),
    Wording(takes_all_told, ORDER_FORM, _never),
    Wording(_is_done, _done_form, _always),
    Wording(_names_counted_goods, ORDER_FORM, _never),
)


CROSSING = tuple(one for one in WORDINGS if one.crosses is not _never)
"""The rows that may take a message from the form in hand."""


def form_by_wording(turn: Turn) -> str | None:
    """The form that a message belongs to by its wording, whatever its intent."""
    told = next((one for one in WORDINGS if one.told(turn)), None)
    return told.form_for(turn) if told else None


def is_of_another(form: Topic, turn: Turn) -> bool:
    """Whether the wording alone makes a message no answer to the form in hand: a cheque that
    bounced, goods or money for a vendor, a loan, a bill that was just shown."""
    rows = [one for one in CROSSING if turn.intent != "affirm" or one.told is accepts]
    crosses = any(one.told(turn) and one.crosses(form, turn) for one in rows)
    return crosses and form.goes_to(turn) is not None
