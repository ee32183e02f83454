"""Taking an order: for whom, which goods, and the yes that books it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity
from actions.errands import serve_beside_goods
from actions.forms.asking import register
from actions.forms.belonging import takes_along
from actions.forms.beside import Outcome
from actions.forms.choices import ask_choice
from actions.forms.customer import (
    choose_customer,
    is_part_of,
    settle_customer,
    take_customer,
)
from actions.forms.draft import Draft, what_of
from actions.forms.form import FORMS, Form
from actions.forms.intents import UNSURE, asks
from actions.forms.names import (
    MODIFY_FORM,
    NOTE_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
    STOCK_FORM,
)
from actions.forms.writing import Write
from actions.goods.lines import take_goods
from actions.goods.settling import choose_product, settle_goods
from actions.goods.stock_words import given_of_them
from actions.goods.taken_off import line_taken_out
from actions.goods.telling import ask_goods, complete, say_noted
from actions.goods.work import is_of_work
from actions.invoicing.discounts import (
    apply_discount,
    discount_in,
    discount_line,
    names_percent,
    take_discount,
)
from actions.invoicing.paid_beside import (
    came_for_goods,
    change_given,
    names_whole_price,
    old_dues_paid,
    paid_beside,
    paid_first,
    paid_for,
    paid_with_bill,
    price_said,
    sold_and_paid,
)
from actions.invoicing.paid_bill import pay_next
from actions.invoicing.sales import (
    begin_bill,
    bills_goods,
    book_without_bill,
    confirm_bill,
    exact_total,
    lacks_rate,
    note_day,
    note_said_total,
    note_sending,
    says_how_taxed,
    set_said_total,
    settle_bill,
    sold_on_credit,
    take_tax_inside,
    take_whole_price,
    tells_handed_over,
    write_bill,
)
from actions.lexicon import only, says, words
from actions.match import remember
from actions.orders import estimates, wishes
from actions.orders.again import asks_again, beyond_the_same, repeat_last, takes_offered, takes_same
from actions.orders.another import (
    ask_to_join,
    ask_whose,
    is_for_another,
    is_of_another_bill,
    is_of_another_table,
    must_ask_first,
    names_new_customer,
    starts_another,
)
from actions.orders.appointments import booked_ahead, tell_days_of_hire, wants_work
from actions.orders.bill_rates import take_rate_of_bill
from actions.orders.change_back import note_given, tell_change
from actions.orders.counted_apart import shared_out, sold_and_kept
from actions.orders.counter import (
    COUNTER_TAPS,
    beside_counter,
    is_for_nobody,
    is_paid_with_it,
    leaves_on_khata,
    note_paid_at_a_price,
    paid_in_ways,
    put_on_khata,
    sell_over_the_counter,
    sold_to_nobody,
    take_ways,
)
from actions.orders.due import due_line, keep_due, take_due
from actions.orders.given_free import free_beside
from actions.orders.in_few_words import as_sale, with_one_piece
from actions.orders.kept_only import ordered_instead
from actions.orders.lines import leave_own_rates, tell_far_off, wanted
from actions.orders.more import bare_count, count_alone, takes_spoken_of
from actions.orders.noted import as_order, sells, with_buyers
from actions.orders.notes import (
    apart_from_work,
    beside_goods,
    credit_said,
    forget_goods,
    keep_note,
)
from actions.orders.on_top import adds_charge, without_what_is_on_top
from actions.orders.oneself import (
    contact_of,
    goods_beside_name,
    names_itself,
    order_for_oneself,
    own_name,
    own_place,
    register_guest,
    with_own_name,
)
from actions.orders.paid_now import changed_and_paid, changed_and_sold, take_part_paid
from actions.orders.part_left import PartLeft, part_left
from actions.orders.prices_behind import sold_at_prices
from actions.orders.rounding import rounding_line, take_rounding
from actions.orders.said_to_order import (
    adds_to_note,
    asks_total,
    bills_this,
    cancels_this,
    counts_again,
    joins_table,
    sends_it,
)
from actions.orders.set_apart import is_all_apart, set_apart
from actions.orders.shortage import ask_short, choose_less, settle_stock
from actions.orders.steps import moves_an_order
from actions.orders.tables import has_ordered
from actions.orders.told_beside import told_beside
from actions.orders.total_said import settle_total, take_total
from actions.parties.daily_needs import tell_beside_order
from actions.payments.payments import what_paid
from actions.payments.taking_back import undoes_bill
from actions.pictures import slips
from actions.reading.gone_back import gone_back
from actions.reading.goods_notes import tell_note
from actions.reading.parts import split_by
from actions.reading.sums_apart import with_sums_apart
from actions.reading.wanted import note_wanted, of_draft, wanted_line
from actions.reading.whole_sums import says_final_price
from actions.reports import portals
from actions.wording import note_row, order_lines, told_of_stock, totals
from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.orders import service
from erp_core.parties.permissions import Permission

OF_TABLES = frozenset({"invoice_generate", "order_modify", "order_cancel", "payment_record"})
"""Intents that leave the order of one table for another."""
_TAKEN_FOR = frozenset({"payment_status", "order_status", "khata_credit", "payment_record"})
"""What goods are taken for that are sold or ordered here."""
_OF_A_SUM = frozenset({"amount", "quantity", "item", "payment_method"})
"""What is found in a message that tells of a sum alone: "250 final"."""


@register
class OrderForm(Form):
    """An order: for whom, which goods. Customers order for themselves, guests say a name first."""

    form = ORDER_FORM
    slots = ("order_customer", "order_lines", "order_confirmed")
    intents = frozenset({"order_create"})
    near = frozenset(
        {"order_modify", "inventory_update", "price_update", "product_add", "customer_add"}
    )
    permission = Permission.CREATE_ORDER
    writes_bills = True
    about_goods = True
    takes_rates = True
    for_customers = True
    takes_money = False

    def welcomes_guest(self, turn: Turn) -> bool:
        """A guest may order, and becomes a customer by it."""
        return bool(contact_of(turn))

    def elsewhere(self, turn: Turn) -> str | None:
        """Goods that a customer is said to have returned are no order, on whichever bill they
        were; what a table orders besides joins its order."""
        if turn.intent == "order_create" and has_ordered(turn):
            return MODIFY_FORM
        if turn.is_user and says(turn.words, "stock.arrived") and given_of_them(turn):
            return STOCK_FORM
        named = turn.first("customer_name") and turn.first("product_name")
        back = turn.is_user and turn.is_guess and gone_back(turn.words)
        return NOTE_FORM if named and back else super().elsewhere(turn)

    def begin(self, turn: Turn, draft: Draft) -> None:
        """A customer orders for itself; goods named for a bill are billed at once."""
        begin_bill(turn, draft)
        note_paid_at_a_price(turn, draft)
        draft["sold"] = says(turn.words, "sold") or None
        draft["handed_over"] = tells_handed_over(turn) or None
        if sold_to_nobody(turn):
            sell_over_the_counter(turn, draft)
        if turn.actor.kind == "customer":
            order_for_oneself(turn, draft)
        slips.begin(turn, draft, slips.ORDER)
        estimates.begin(turn, draft)

    def parts(self, turn: Turn) -> list[Turn]:
        """ "Ravi ko 1 iPhone aur Mohan ko 2 maggi" are two orders."""
        if not turn.is_user:
            return [turn]
        return beside_counter(turn) or split_by(turn, "customer_name", "product_name")

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """ "… aur Pushpa ne 500 diye" is a payment of its own, which is asked about afterwards; so
        is "… 200 cash diye", of what is billed here."""
        tell_beside_order(turn)
        tell_days_of_hire(turn)
        turn = _as_ordered(turn)
        if self._begins_in_parts(turn, draft):
            return
        turn = _as_one_sale(turn)
        may = turn.is_user and turn.may(Permission.CREATE_INVOICE)
        old = old_dues_paid(turn)
        theirs = (change_given(turn) or paid_for(turn)) if may and not old else None
        beside = old or ((paid_first(turn) or paid_beside(turn)) if turn.is_user else None)
        if theirs and beside and not theirs[1].first("amount"):
            self._begin_with_former_money(turn, draft, beside)
            return
        paid = theirs or beside
        if paid is None:
            self._begin_sales(turn, draft)
        else:
            self._begin_with_money(turn, draft, paid, theirs=theirs is not None)

    def _begin_with_money(
        self, turn: Turn, draft: Draft, paid: tuple[Turn, Turn], *, theirs: bool
    ) -> None:
        """A sale and the money that stands beside it, which is asked about afterwards; it is
        `theirs` where it was paid for these goods."""
        goods, money = paid
        super()._begin_parts(goods, draft)
        payment = Draft(f"{turn.new_id()}-paid", PAYMENT_FORM)
        if theirs:
            draft["bill"] = draft["bill"] or not _is_ahead(goods, money) or None
            payment["sale"] = draft.id
            draft["inside"] = draft["inside"] or price_said(turn) is not None or None
        FORMS[PAYMENT_FORM]().start(money, payment)
        whole = theirs and not draft["others"] and names_whole_price(goods, money)
        if whole and take_whole_price(turn, draft, payment):
            return
        draft["others"].append(payment.kept())
        if theirs:
            turn.say("utter_paid_next", what=what_paid(turn, payment))
        else:
            turn.say("utter_wished_next", what=what_of(turn, payment))

    def _begin_with_former_money(self, turn: Turn, draft: Draft, told: tuple[Turn, Turn]) -> None:
        """ "Rekha ne 450 de diye aur 2 maggi le gayi cash": money that was owed, and goods that
        were paid in a way that is named."""
        goods, money = told
        now = paid_for(goods)
        if now is None:
            self._begin_with_money(turn, draft, told, theirs=False)
            return
        self._begin_with_money(goods, draft, now, theirs=True)
        former = Draft(f"{turn.new_id()}-former", PAYMENT_FORM)
        FORMS[PAYMENT_FORM]().start(money, former)
        draft["others"].append(former.kept())
        turn.say("utter_wished_next", what=what_of(turn, former))

    def _begins_in_parts(self, turn: Turn, draft: Draft) -> bool:
        """Whether a message is of several sales at once, or of one with a part that was paid or is
        free; then they are begun."""
        if sales := shared_out(turn):
            self._begin_each(sales, draft)
        elif told := part_left(turn):
            self._begin_part_paid(turn, draft, told)
        elif beside := free_beside(turn):
            self._begin_parts(replace(beside.sold, intent="order_create"), draft)
            draft["others"].append(_taken_off_free(beside.free).kept())
        else:
            return False
        return True

    def _begin_each(self, sales: Sequence[Turn], draft: Draft) -> None:
        """Each of several sales with its own money."""
        self._begin_parts(sales[0], draft)
        for sale in sales[1:]:
            other = Draft(sale.new_id(), self.form)
            self._begin_parts(sale, other)
            beside = other.data.pop("others")
            sale.say("utter_wished_next", what=what_of(sale, other))
            draft["others"] += [other.kept(), *beside]

    def _begin_part_paid(self, turn: Turn, draft: Draft, told: PartLeft) -> None:
        """Goods for what was paid of them and what is left together."""
        super()._begin_parts(told.goods, draft)
        draft["bill"] = True
        if turn.may(Permission.NAME_PRICE):
            draft["inside"] = True
            set_said_total(draft, told.total)
        payment = Draft(f"{turn.new_id()}-paid", PAYMENT_FORM, {"sale": draft.id})
        FORMS[PAYMENT_FORM]().start(told.paid, payment)
        payment["sale"] = draft.id
        draft["others"].append(payment.kept())
        turn.say("utter_paid_next", what=what_paid(turn, payment))

    def _begin_sales(self, turn: Turn, draft: Draft) -> None:
        """What is sold, one draft a buyer; its money may have come in several ways."""
        several = None if beside_counter(turn) else paid_in_ways(turn)
        if several is None:
            super()._begin_parts(turn, draft)
            return
        goods, money = several
        sell_over_the_counter(money, draft)
        super()._begin_parts(goods, draft)
        take_ways(money, draft)

    def begins_another(self, turn: Turn, draft: Draft) -> bool:
        """Goods for somebody else, or for nobody by name, while others are written; or those of an
        estimate that was just told."""
        if turn.is_user and estimates.wants_order(turn):
            return True
        answering = Draft(draft.id, draft.form, {**draft.data, "asked": draft.pending})
        return turn.is_user and starts_another(_with_goods_as_items(turn), answering)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """The customer and the goods, when they are wanted, and by when they are paid for."""
        self._keep_notes(turn, draft)
        turn, told = apart_from_work(turn)
        keep_note(draft, *told)
        if turn.is_user:
            turn = without_what_is_on_top(take_due(turn, draft), draft)
        when = not draft["bill"] and not wishes.wants_former(turn) and note_wanted(turn, draft)
        taken = self._take_goods(turn, draft)
        if not turn.is_user:
            forget_goods(draft)
        return taken or when

    def _keep_notes(self, turn: Turn, draft: Draft) -> None:
        """What a buyer writes beside its goods goes to the shop with them."""
        if turn.is_user:
            tell_note(turn)
        else:
            keep_note(draft, turn.note, *beside_goods(turn, draft), *credit_said(turn))

    def _take_goods(self, turn: Turn, draft: Draft) -> bool:
        if not turn.is_user:
            return self._take_from_customer(turn, draft)
        turn = _with_goods_as_items(turn)
        if draft["bill"]:
            note_day(turn, draft)
        inside = take_tax_inside(turn, draft)
        before, turn = (draft["said_total"], draft["rounded"]), take_rounding(turn, draft)
        turn = take_total(turn, draft)
        inside = inside or (draft["said_total"], draft["rounded"]) != before
        before, turn = draft["discount"], take_discount(turn, draft)
        if draft["discount"] != before and draft.replying and not turn.first("quantity"):
            return True
        if must_ask_first(turn, draft) or counts_again(turn, draft):
            return True
        asked_product = (draft["asked"] or {}).get("field") == "product"
        again = asks_again(turn, draft) or takes_same(turn, draft)
        missing = draft["customer"] is None and not draft["customer_said"] and not again
        goods_first = bool(turn.first("product_name")) or asked_product
        named = take_customer(turn, draft, asked=missing and not goods_first and draft.replying)
        if named and draft["paid"] and not draft["by_name"]:
            draft["bill"] = draft["paid"] = draft["ways"] = draft["by_name"] = None
            if says(turn.words, "on_khata") and turn.may(Permission.CREATE_INVOICE):
                draft["bill"] = True
        if named and not turn.entities:
            return True
        return take_goods(turn, draft) or named or again or inside

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find customer and products, and see whether there is enough."""
        settle_customer(turn, reader, draft)
        if draft["again"] and draft["customer"] and draft.pending is None:
            repeat_last(turn, reader, draft)
        settle_goods(turn, reader, draft, may_add=turn.may(Permission.ADD_PRODUCT))
        if draft.pending is None and complete(draft):
            apply_discount(turn, draft)
            note_said_total(reader, draft)
            leave_own_rates(turn, draft)
            if draft["customer"]:
                settle_bill(reader, draft)
                book_without_bill(turn, reader, draft, wanted(turn, draft))
            if not draft["booked"]:
                settle_stock(reader, draft)
        fixed = draft["booked"] or draft["customer"] is None
        if draft.pending is None and complete(draft) and not fixed:
            settle_total(turn, reader, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Customer, product, or what to do about too little stock."""
        pending = draft["answering"]
        if pending["kind"] == "short":
            choose_less(draft, pending, value)
        elif pending["kind"] == "join":
            joining = draft.data.pop("joining")
            draft["lines"] = [*draft["lines"], *joining] if value == "join" else joining
        elif pending["kind"] == "whose":
            draft["customer"], draft["customer_said"] = None, pending["said"]
        elif pending["field"] == "customer":
            choose_customer(turn, draft, value)
        else:
            choose_product(turn, draft, value)

    def apart(self, turn: Turn, draft: Draft) -> Turn:
        """ "10% discount de do aur 3000 cash diye" changes the goods, and tells what was paid; what
        somebody else is given besides is asked about afterwards."""
        told = changed_and_paid(turn) if turn.is_user else None
        if told and take_part_paid(told[1], draft):
            return told[0]
        both = changed_and_sold(turn, draft) if turn.is_user and draft["lines"] else None
        if both is None:
            return turn
        draft.data.setdefault("others", []).append(self._begun(turn, both[1], 1))
        turn.say("utter_wished_next", what=what_of(turn, Draft(**draft["others"][-1])))
        return both[0]

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "order_customer": draft["customer"],
            "order_lines": complete(draft),
            "order_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which one, how much, or what to do about too little."""
        pending = draft.pending or {}
        if pending["kind"] == "short":
            ask_short(turn, draft, pending)
        elif pending["kind"] == "whose":
            ask_whose(turn, draft, pending)
        elif pending["kind"] == "join":
            ask_to_join(turn, draft)
        elif not ask_goods(turn, draft):
            say_noted(turn, draft)
            ask_choice(turn, draft, pending)

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """For whom, what, yes."""
        if slot == "order_customer":
            say_noted(turn, draft)
        if slot == "order_customer" and turn.is_user:
            asked = "utter_ask_sold_to" if draft["sold"] else "utter_ask_order_customer"
            turn.say(asked, draft_id=draft.stamp)
        elif slot == "order_customer":
            turn.say("utter_ask_your_name")
        elif slot == "order_lines":
            if turn.is_user:
                turn.say("utter_ask_order_lines", name=draft["customer"]["name"])
            else:
                turn.say("utter_ask_your_order_lines")
        else:
            self._confirm(turn, reader, draft)

    def _confirm(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        tell_far_off(turn, draft)
        if draft["bill"]:
            # What is told once is no part of what the card's buttons agree to.
            given = draft.data.pop("given", None)
            confirm_bill(turn, reader, draft, wanted(turn, draft))
            if given and draft["shown"]:
                tell_change(turn, given, draft["shown"])
            return
        preview = orders.preview(
            reader,
            customer_id=UUID(draft["customer"]["id"]),
            lines=wanted(turn, draft),
            said_total=exact_total(turn, draft),
        )
        response = "utter_confirm_order" if turn.is_user else "utter_confirm_your_order"
        turn.say(
            response,
            name=draft["customer"]["name"],
            rows="".join(
                (
                    order_lines(turn, preview),
                    discount_line(turn, draft),
                    wanted_line(turn, draft),
                    note_row(draft["note"]),
                )
            ),
            totals=totals(turn, preview) + rounding_line(turn, draft) + due_line(turn, draft),
            draft_id=draft.stamp,
        )

    def _handle_yes(self, turn: Turn, draft: Draft) -> Outcome:
        """No yes agrees to a bill that was not shown: the rate of its goods is asked again."""
        ready = draft["bill"] and draft.pending is None and self._is_complete(draft)
        if ready and lacks_rate(turn, draft, wanted(turn, draft)):
            return Outcome.TAKEN
        return super()._handle_yes(turn, draft)

    def _handle_tap(self, turn: Turn, draft: Draft) -> Outcome:
        """The sale is to nobody by name."""
        if way := COUNTER_TAPS.get(turn.value("act") or ""):
            sell_over_the_counter(turn, draft, way)
            return Outcome.TAKEN
        return super()._handle_tap(turn, draft)

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """A guest who is asked for a name gives it, whatever else it says."""
        draft = Draft.of(tracker.slots)
        if draft is not None and draft.form == self.form:
            turn = with_own_name(turn, draft)
        return super().answer(turn, tracker)

    def keep(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Whoever became a customer by a part of this message is one for all of it."""
        if draft["registered"] and turn.actor.kind == "guest":
            turn.actor = Actor("customer", UUID(draft["registered"]))
        return super().keep(turn, draft)

    def _with_money_apart(self, turn: Turn, draft: Draft) -> Turn:
        """The message as a sale, where goods and their money were taken for money alone; what was
        paid for more goods of this order is asked about after it."""
        sale = sold_and_paid(turn)
        if sale is None or self.begins_another(sale, draft):
            return sale or turn
        goods, money = paid_for(sale) or (sale, None)
        if money is not None:
            pay_next(turn, money, draft)
        return goods

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """What is said to the order itself comes before the goods that it may be taken for."""
        if slips.take_over(turn, draft, slips.ORDER):
            if turn.actor.kind == "customer":
                order_for_oneself(turn, draft)
            return Outcome.TAKEN
        if names_itself(turn, draft):
            serve_beside_goods(turn)
            return self._handle_words(turn, draft)
        if (anew := ordered_instead(turn)) is not None:
            draft["lines"], draft["note"], turn = [], None, anew
        turn = self._with_money_apart(turn, draft)
        whole, turn = turn, set_apart(turn) if draft["customer"] else turn
        if turn is not whole:
            keep_note(draft, turn.note)
        if is_all_apart(whole, turn) or adds_to_note(turn, draft):
            draft["confirmed"] = None
            return Outcome.TAKEN
        ended = self._end(turn, draft)
        if ended is not None:
            return ended
        if self._take_beside_goods(turn, draft):
            return Outcome.TAKEN
        if leaves_on_khata(turn, draft):
            agreed = draft["bill"] and says(turn.words[:1], "buyers.agreeing")
            return self._handle_yes(turn, draft) if agreed else put_on_khata(draft)
        if self._tell_of_total(turn, draft):
            return Outcome.TAKEN
        return super()._handle(turn, draft)

    def _end(self, turn: Turn, draft: Draft) -> Outcome | None:
        """A buyer sends it, it is sold to nobody by name, or it is let go; None otherwise."""
        if not turn.is_user and self._is_complete(draft) and sends_it(turn, draft):
            return self._handle_yes(turn, draft)
        if is_for_nobody(turn, draft):
            sell_over_the_counter(turn, draft)
            return Outcome.TAKEN
        own = draft["bill"] and not self._undoes_a_bill(turn)
        dropped = own and undoes_bill(turn) and not self._content(turn)
        return self._drop(turn, draft) if dropped or cancels_this(turn, draft) else None

    def _take_beside_goods(self, turn: Turn, draft: Draft) -> bool:
        """Rates, charges, rounding, the bill and what is paid with it."""
        if take_rate_of_bill(turn, draft):
            return True
        if draft["lines"] and adds_charge(turn) and not turn.first("product_name"):
            without_what_is_on_top(turn, draft)
            return True
        if turn.is_user and draft["lines"] and take_rounding(turn, draft) is not turn:
            return True
        if portals.tells_of_carriage(turn):
            turn.say("utter_not_in_it", said=turn.text.strip())
            return True
        paid = paid_with_bill(turn) if turn.first("amount") else None
        if paid and bills_this(paid[0], draft):
            pay_next(turn, paid[1], draft)
            turn = paid[0]
        if bills_this(turn, draft):
            draft["bill"], draft["confirmed"] = True, None
            note_sending(turn, draft)
            return True
        return is_paid_with_it(turn, draft) or take_part_paid(turn, draft)

    def _tell_of_total(self, turn: Turn, draft: Draft) -> bool:
        """ "500 ka note diya": what is given back of it; "kitna hua?": the total."""
        given = note_given(turn) if draft["lines"] else None
        total = self._total_so_far(turn, draft) if given is not None else 0
        if given is not None and total:
            tell_change(turn, given, total)
            return True
        if asks_total(turn, draft):
            self._tell_total_so_far(turn, draft)
            return True
        return False

    def _tell_total_so_far(self, turn: Turn, draft: Draft) -> None:
        """What the goods that are clear come to, while something is asked before the total is
        shown."""
        customer = draft["customer"]
        shown_anyway = self._is_complete(draft) and draft.pending is None
        if shown_anyway or not (customer or turn.is_user):
            return
        turn.say("utter_totals_plain", total=inr(self._total_so_far(turn, draft)))

    def _total_so_far(self, turn: Turn, draft: Draft) -> int:
        """What was shown, or what the goods that are clear come to; in paise."""
        if draft["shown"] and draft.pending is None:
            return int(draft["shown"])
        customer = draft["customer"]
        clear = [one for one in draft["lines"] if one.get("id") and one.get("counted")]
        if not clear:
            return 0
        with turn.read() as reader:
            so_far = orders.preview(
                reader,
                customer_id=UUID(customer["id"]) if customer else None,
                lines=wanted(turn, Draft("", self.form, {"lines": clear})),
            )
        return so_far.total_paise

    def _errand(self, turn: Turn) -> list[EventType] | None:
        """What a buyer asks beside goods that it orders is answered, and the goods are ordered."""
        if both := told_beside(turn):
            both.tell()
            serve_beside_goods(both.ordered)
            return None
        ordered = _orders_goods(turn) or takes_spoken_of(turn) is not None
        if not turn.is_user and ordered and serve_beside_goods(turn):
            return None
        return super()._errand(turn)

    def _is_other(self, turn: Turn) -> bool:
        """A guest who says a name gives its own; a bill of goods by name is an order here."""
        if turn.actor.kind == "guest" and turn.first("customer_name"):
            return False
        if bills_goods(turn) or sold_on_credit(turn) or says_how_taxed(turn):
            return False
        if says_final_price(turn) and {one.name for one in turn.entities} <= _OF_A_SUM:
            return False
        if not turn.is_user and wishes.orders(turn):
            return False
        draft = Draft.of(turn.slots)
        if turn.is_user and discount_in(turn) is not None:
            return draft is not None and is_for_another(turn, draft)
        if turn.intent in UNSURE and names_percent(turn.text):
            return True
        if turn.intent == "order_cancel" and self._takes_off(turn):
            return False
        if says(turn.words, "left_out.but") and self._takes_off(turn):
            return False
        if draft is not None and turn.intent in OF_TABLES and is_of_another_table(turn, draft):
            return True
        if draft is not None and is_for_another(turn, draft):
            apart = names_new_customer(turn) or is_of_another_bill(turn)
            if apart:
                return True
        return moves_an_order(turn) or super()._is_other(turn)

    def _is_of_another(self, turn: Turn) -> bool:
        """What another table orders besides joins its order."""
        draft = Draft.of(turn.slots)
        joins = turn.intent == "order_create" and draft is not None and joins_table(turn, draft)
        return joins or super()._is_of_another(turn)

    def _takes_off(self, turn: Turn) -> bool:
        """ "Table 5 meals cancel", while just that is being written for table 5."""
        draft, named = Draft.of(turn.slots), turn.value("customer_name")
        name = ((draft["customer"] or {}).get("name") or draft["customer_said"]) if draft else None
        if draft is None or not name or not draft["lines"]:
            return False
        if not self._holds(turn) and line_taken_out(turn, draft["lines"]) is None:
            return False
        return named is None or is_part_of(named, name)

    def _is_bare_answer(self, turn: Turn) -> bool:
        """ "Kal ka order Priya ka" in the middle of Ravi's asks after Priya's."""
        draft = Draft.of(turn.slots)
        asked_after = asks(turn.intent) and draft is not None and is_for_another(turn, draft)
        return not asked_after and super()._is_bare_answer(turn)

    def _handle_no(self, turn: Turn, draft: Draft) -> Outcome:
        """Asked whether it is for somebody else, no leaves it as it is; "dal hata do" takes goods
        off and drops nothing."""
        if (draft.pending or {}).get("kind") == "whose" and not self._content(turn):
            draft.pending = None
            return Outcome.TAKEN
        if turn.is_user and says(turn.words, "left_on_khata") and not self._content(turn):
            return Outcome.TAKEN
        if draft["lines"] and line_taken_out(turn, draft["lines"]):
            return self._handle_words(turn, draft)
        count = count_alone(turn)
        if count is not None and draft["lines"] and not self._content(turn):
            counted = draft["lines"][(draft.pending or {}).get("index", -1)]
            counted.update(quantity=str(count), counted=None)
            draft["confirmed"], draft.pending = None, None
            return Outcome.TAKEN
        return super()._handle_no(turn, draft)

    def _let_stay(self, turn: Turn, draft: Draft) -> Outcome:  # noqa: ARG002
        """The goods that are named stay on the order."""
        turn.say("utter_order_stays")
        return Outcome.TAKEN

    def _take_from_customer(self, turn: Turn, draft: Draft) -> bool:
        wishes.answer_beside(turn)
        if draft.replying and _orders_goods(turn):
            serve_beside_goods(turn)
        nameless = draft["customer"] is None and turn.actor.kind == "guest"
        if nameless and (name := own_name(turn, draft)):
            register_guest(turn, draft, name, own_place(turn, draft))
            goods = goods_beside_name(turn)
            taken = takes_offered(goods or turn, draft)
            if goods is not None and not taken and not takes_same(goods, draft):
                take_goods(goods, draft)
            return True
        if asks_again(turn, draft):
            more = beyond_the_same(turn, draft)
            return more is None or take_goods(more, draft)
        again = takes_same(turn, draft) or takes_offered(turn, draft)
        return again or take_goods(turn, draft)


def _as_one_sale(turn: Turn) -> Turn:
    """A message about goods that are sold or ordered, whatever it was taken for: the words of
    other things set apart, and what a number alone means."""
    turn = set_apart(turn)
    if not turn.is_user and takes_spoken_of(turn) is not None:
        turn = bare_count(turn) or turn
    if turn.intent == "product_add":
        turn = as_order(turn) or turn
    turn = _as_sold(turn) or turn
    turn = with_one_piece(turn, price_said(turn)) if turn.is_user else turn
    counted = turn.is_user and turn.intent == "inventory_update" and takes_along(turn)
    if counted or turn.intent in UNSURE | _TAKEN_FOR:
        turn = replace(turn, intent="order_create")
    turn = with_buyers(turn) if turn.is_user else turn
    money = turn.method or says(turn.words, "discount")
    return with_sums_apart(turn) if turn.is_user and money else turn


def _as_ordered(turn: Turn) -> Turn:
    """What is ordered of a message that tells more, or sold of goods of which some came back."""
    if both := told_beside(turn):
        turn = replace(both.ordered, intent="order_create")
    if kept := sold_and_kept(turn):
        kept.tell()
        turn = kept.sale
    return turn


def _taken_off_free(turn: Turn) -> Draft:
    """What is given free, which goes out of the stock behind the sale."""
    stock = Draft(f"{turn.new_id()}-free", STOCK_FORM)
    FORMS[STOCK_FORM]().start(replace(turn, text=""), stock)
    stock["change"] = "remove"
    turn.say("utter_free_next", what=what_of(turn, stock))
    return stock


class WriteOrder(Write):
    """Book the order."""

    action = "action_order_create"
    writes = OrderForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Book it; a customer's waits for the shop."""
        if draft["bill"]:
            return write_bill(turn, draft, wanted(turn, draft))
        customer_id = UUID(draft["customer"]["id"])
        on, at = of_draft(draft)
        done = turn.run(
            service.create_order,
            key=f"draft:{draft.id}",
            customer_id=customer_id,
            lines=wanted(turn, draft),
            said_total=exact_total(turn, draft),
            wanted_on=on,
            wanted_at=at,
            note=draft["note"],
        )
        keep_due(turn, draft, customer_id)
        facts = {"number": done["number"], "total": inr(done["total"])}
        if turn.is_user:
            turn.say(
                "utter_order_booked",
                name=draft["customer"]["name"],
                order_id=done["order_id"],
                stock=told_of_stock(turn, draft["lines"], "line_stock_kept"),
                **facts,
            )
        else:
            turn.say("utter_your_order_placed", **facts)
        return [
            remember(
                turn,
                customer=customer_id,
                order=done["order_id"],
                product=draft["lines"][-1]["id"],
                did="order",
            )
        ]


def _with_goods_as_items(turn: Turn) -> Turn:
    """What was taken for an expense of the shop is sold here: "neha scrn repair 1200"; money that
    is given ahead is no goods."""
    kept = [one for one in turn.entities if not _is_advance(one)]
    if turn.intent != "expense_log":
        return replace(turn, entities=kept)
    goods = [replace(one, name="product_name") if one.name == "item" else one for one in kept]
    return replace(turn, entities=goods)


def _is_advance(one: Entity) -> bool:
    return one.name in ("item", "product_name") and only(words(one.value), "advance")


def _as_sold(turn: Turn) -> Turn | None:
    """The message as a sale, where it was taken for anything else."""
    kinds = (
        came_for_goods, sold_at_prices, booked_ahead, wants_work, sold_and_paid, as_sale, sells,
    )  # fmt: skip
    return next((sale for one in kinds if (sale := one(turn))), None)


def _is_ahead(goods: Turn, money: Turn) -> bool:
    """Whether money was given ahead of goods that are ordered, or wanted, or of work: "1 sherwani
    ka order, 2000 advance", "10 atta kal chahiye, 500 advance"."""
    if not (says(money.words, "advance") or says(goods.words, "advance")):
        return False
    ahead = says(goods.words, "an_order") or says(goods.words, "wanting")
    return ahead or is_of_work(goods)


def _orders_goods(turn: Turn) -> bool:
    """Whether counted goods are wanted, and not only what they come to."""
    counted = turn.first("product_name") and turn.first("quantity")
    ordered = turn.intent == "order_create" or wishes.orders(turn)
    if wants_work(turn) is not None:
        return True
    wanting = any(says(turn.words, one) for one in ("wanting", "more", "buyers.delivery"))
    return bool(counted and ordered and wanting)
