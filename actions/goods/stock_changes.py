"""Every way in which stock changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, Entity, number_of
from actions.forms.asking import register
from actions.forms.belonging import takes_along, tells_none_left
from actions.forms.beside import Outcome
from actions.forms.choices import ask_choice, choice_payload
from actions.forms.customer import set_customer
from actions.forms.draft import Draft, leave
from actions.forms.form import FORMS, Form
from actions.forms.names import EXPENSE_FORM, ORDER_FORM, PAYMENT_FORM, PURCHASE_FORM, STOCK_FORM
from actions.forms.reopening import as_written
from actions.forms.writing import Write
from actions.goods import expiry
from actions.goods.lines import line_of, take_goods
from actions.goods.places import target_said
from actions.goods.settling import choose_product, settle_goods
from actions.goods.stock_questions import StockQuestion
from actions.goods.stock_words import (
    change_in,
    changes_of_one,
    given_of_them,
    is_credited,
    is_for_customer,
    is_given,
    words_beside_goods,
)
from actions.goods.telling import ask_goods, complete, noted_rows, rate_of, say_noted
from actions.goods.work import is_work_of_somebody, without_work
from actions.invoicing.brought_back import (
    comes_back,
    comes_over_counter,
    paid_with_goods_back,
    tell_no_bill,
)
from actions.invoicing.paid_beside import change_given
from actions.lexicon import only, says, where, words
from actions.match import (
    customer_in,
    recent,
    remember,
    unit_word,
)
from actions.orders.counted_apart import back_of_former
from actions.orders.more import adds_to_last
from actions.phrasebook import Button
from actions.pictures import slips
from actions.purchases.vendors import is_customer, seller_alone
from actions.reading.gone_back import gone_back
from actions.reading.money import written
from actions.reading.money_back import money_back
from actions.reading.parts import alike, part_of, parts_with, said_in
from actions.reading.regional import speaks
from actions.reading.said import is_finished, pieces_between
from actions.several import Wish
from actions.waiting import what_of
from actions.wording import are_services
from erp_core.inventory import queries as inventory
from erp_core.inventory import service
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.parties.permissions import Permission

SPOILT, RESELL = "spoilt", "resell"
"""Goods that a customer brought back and that cannot be sold; the question whether they can."""


SO_MUCH = Decimal(10_000)


COMES_OR_GOES = frozenset({"set", "add"})
"""Changes that tell of what is cooked whether it can be had."""


def asks_in_region(turn: Turn) -> bool:
    """ "Ketlo stock che lux no": a question how much, and no number."""
    counts = turn.first("quantity") or turn.first("amount")
    return counts is None and speaks(turn.text, "asking")


@register
class StockForm(Form):
    """Stock that came in, went out, broke, or was counted."""

    form = STOCK_FORM
    slots = ("stock_lines", "stock_change", "stock_confirmed")
    intents = frozenset({"inventory_update"})
    near = frozenset({"order_modify", "price_update", "order_create"})
    permission = Permission.ADJUST_STOCK
    about_goods = True

    def _errand(self, turn: Turn) -> list[EventType] | None:
        """A question in the words of a region is one, though it was taken for a change."""
        if turn.is_user and turn.first("product_name") and asks_in_region(turn):
            return StockQuestion().for_user(turn) or []
        return super()._errand(turn)

    def elsewhere(self, turn: Turn) -> str | None:
        """Goods that a customer was given are a sale: "Ravi aaya tha, usko 2 charger diye"."""
        if given_of_them(turn):
            return super().elsewhere(turn)
        if turn.intent == "inventory_update" and is_work_of_somebody(turn):
            return ORDER_FORM
        if turn.is_user and turn.is_guess and not turn.is_heard and is_given(turn):
            return ORDER_FORM
        given = takes_along(turn) or is_credited(turn) or is_for_customer(turn)
        if turn.is_user and (given or change_given(turn)):
            return ORDER_FORM
        return super().elsewhere(turn)

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """ "10 doodh aaya 2 pushpa ko de diye": what somebody was given is an order of its own,
        which is asked about afterwards; so is what was paid by whoever brought goods back. Money
        that went back for goods is no cost of theirs."""
        turn = back_of_former(turn) or turn
        if told := money_back(turn):
            refund = _refund(turn, told)
            self._begin_parts(part_of(turn, (0, turn.text.rindex(told.text))), draft)
            draft["others"] += [refund.kept()] if refund else []
            return
        if paid := paid_with_goods_back(turn):
            super()._begin_parts(paid[0], draft)
            self._wait_behind(turn, draft, [Wish(paid[1], PAYMENT_FORM)])
            return
        given = given_of_them(turn)
        if given is None:
            super()._begin_parts(turn, draft)
            for one in draft["others"] if changes_of_one(turn) else ():
                turn.say("utter_wished_next", what=what_of(turn, one["form"], one["data"]))
            return
        came, sold = given
        super()._begin_parts(came, draft)
        order = Draft(f"{turn.new_id()}-given", ORDER_FORM)
        FORMS[ORDER_FORM]().start(sold, order)
        draft["others"].append(order.kept())
        turn.say("utter_given_next", what=what_of(turn, ORDER_FORM, order.data))

    def parts(self, turn: Turn) -> list[Turn]:
        """ "10 colgate aaya aur 5 lux kharab hua" are two changes."""
        if several := changes_of_one(turn):
            return several
        left, kinds = parts_with(turn, "product_name"), []
        while left:
            alike_ones = alike(turn, left, change_in)
            kinds.append((alike_ones[0][0], alike_ones[-1][1]))
            left = left[len(alike_ones) :]
        return [part_of(turn, span) for span in kinds] if len(kinds) > 1 else [turn]

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType]:
        """ "Sun Pharma se" makes a purchase of goods that have come; "kamla ko" an order of those
        of which nothing is said."""
        draft = Draft.of(tracker.slots)
        if draft is not None and _is_for_somebody(turn, draft):
            order = Draft(draft.id, ORDER_FORM, {"lines": draft["lines"]})
            order["customer_said"] = turn.value("customer_name")
            return [*self.close(), *FORMS[ORDER_FORM]().keep(turn, order)]
        seller = seller_alone(turn) if draft is not None and _has_come(draft, self.form) else None
        if draft is None or seller is None:
            return super().answer(turn, tracker)
        bought, form = Draft(draft.id, PURCHASE_FORM), FORMS[PURCHASE_FORM]()
        bought.data = {"lines": draft["lines"], "mode": "came", "vendor_said": seller}
        if draft["place"]:
            turn.say("utter_not_in_it", said=draft["place"])
        return [*self.close(), *form.keep(turn, bought)]

    def begin(self, turn: Turn, draft: Draft) -> None:
        """A count that was read from a picture fills the draft; what a customer brought back, and
        was on no bill, comes in."""
        slips.begin(turn, draft, slips.COUNT)
        _note_brought_back(turn, draft)

    def _is_other(self, turn: Turn) -> bool:
        """ "Maggi khatam" is a count, though it was taken for a question."""
        return not tells_none_left(turn) and super()._is_other(turn)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        if slips.take_over(turn, draft, slips.COUNT):
            return Outcome.TAKEN
        return super()._handle(turn, draft)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Goods with quantities, and words that say which way the stock goes."""
        tapped = turn.value("choice")
        turn, dated = expiry.expiry_said(turn)
        turn = _as_counted(_of_one_kind(turn))
        if draft.replying and _takes_line_out(turn, draft):
            return True
        change = tapped if tapped in service.CHANGES else change_in(turn)
        if _is_another(turn, draft, change):
            former = draft.set_apart()
            draft.id, draft.data = turn.new_id(), {"asked": {}}
            leave(turn, former, draft)
            _note_brought_back(turn, draft)
            change = draft["change"] or change
        if draft["back"] == SPOILT:
            change = _whether_sold_again(turn, draft)
        elif draft["back"] and not draft.replying:
            change = "add"
        asked = (draft["asked"] or {}).get("kind")
        if draft.replying and not tapped and says(turn.words, "asking"):
            change = None
        asked_so = asked in ("change", RESELL)
        if change and (turn.intent == "inventory_update" or not draft["change"] or asked_so):
            draft["change"] = change
        more = adds_to_last(turn) if not draft.replying else None
        before = recent(turn, "product")
        if more is not None and before:
            draft["change"] = draft["change"] or "add"
            draft["lines"] = [line_of(turn, before)]
            draft["lines"][0].update(quantity=str(more.quantity), said_unit=more.unit)
            return True
        if draft["change"] == "add" and (place := target_said(turn)):
            draft["place"] = place
        taken = take_goods(turn, draft)
        taken = _take_count(turn, draft, change) or taken
        noted = expiry.note(draft["lines"], dated)
        return taken or noted or bool(change)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the products; ask which way, when no word said it."""
        may_add = turn.may(Permission.ADD_PRODUCT)
        settle_goods(turn, reader, draft, may_add=may_add, ask_stock=False)
        settled = draft.pending is None and complete(draft)
        if settled and not without_work(turn, reader, draft):
            draft.pending = {"kind": "closed"}
        elif draft["change"] == SPOILT:
            turn.say("utter_spoilt_back")
            draft.pending = {"kind": "closed"}
        elif draft.pending is None and complete(draft) and not draft["change"]:
            kind = RESELL if draft["back"] == SPOILT else "change"
            draft.pending = {"kind": kind, "token": kind}
            if kind == RESELL:
                draft.pending["yes"] = "add"

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """A product, or which way the stock goes."""
        if value in service.CHANGES or value == SPOILT:
            draft["change"] = value
        else:
            choose_product(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "stock_lines": complete(draft),
            "stock_change": draft["change"],
            "stock_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which product, how much, which way."""
        pending = draft.pending or {}
        if pending["kind"] == RESELL:
            _ask_whether_sold_again(turn, draft, pending)
        elif pending["kind"] == "change":
            say_noted(turn, draft)
            turn.say("utter_ask_stock_change", draft_id=draft.stamp)
        elif not ask_goods(turn, draft):
            say_noted(turn, draft)
            ask_choice(turn, draft, pending)

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Ask for goods, or show what will be and ask for a yes."""
        if slot == "stock_lines" and draft["count"]:
            turn.say("utter_ask_counted_goods", count=draft["count"])
        elif slot == "stock_lines":
            turn.say(f"utter_ask_stock_lines_{draft['change'] or 'add'}")
        elif slot == "stock_change":
            turn.say("utter_ask_stock_change", draft_id=draft.stamp)
        elif draft["change"] in COMES_OR_GOES and are_services(turn, draft["lines"]):
            turn.say(
                "utter_confirm_dish_gone" if _counts_none(draft) else "utter_confirm_dish_back",
                products=_products(draft),
                draft_id=draft.stamp,
            )
        else:
            rows = [_change_row(turn, reader, draft["change"], line) for line in draft["lines"]]
            if any(_is_so_much(reader, line) for line in draft["lines"]):
                turn.say("utter_so_much")
            costs = [line for line in draft["lines"] if _says_cost(draft, line)]
            for line in costs:
                turn.say(
                    "utter_stock_cost",
                    product=line["name"],
                    cost=inr(rate_of(line)),
                    unit=unit_word(turn, line["unit"]),
                )
            if draft["change"] == "add" and draft["place"]:
                turn.say("utter_stock_place", place=draft["place"])
            for line in draft["lines"]:
                if draft["change"] == "add" and line.get("expires"):
                    said = expiry.expiry_words(turn, line)
                    turn.say("utter_stock_expiry", product=line["name"], expiry=said)
            turn.say(
                f"utter_confirm_stock_{draft['change']}",
                rows=turn.lines("line_stock_change", rows),
                draft_id=draft.stamp,
            )


def _refund(turn: Turn, told: Turn) -> Draft | None:
    """What was given back for goods that are on no bill, as the expense that it is to the shop."""
    spending, sums = FORMS[EXPENSE_FORM](), [one for one in told.entities if one.name in NUMBERS]
    over = comes_over_counter(turn)
    if not over or not turn.may(spending.permission):
        unsaid = "utter_refund_without_bill" if over else "utter_not_in_it"
        turn.say(unsaid, said=told.text.strip(" ,"))
        return None
    refund = Draft(f"{turn.new_id()}-refund", EXPENSE_FORM)
    named = [
        Entity("item", turn.line("word_refund")),
        *(replace(one, name="amount") for one in sums[-1:]),
    ]
    spending.start(replace(told, entities=named, intent="expense_log"), refund)
    turn.say("utter_refund_next", what=what_of(turn, EXPENSE_FORM, refund.data))
    return refund


class WriteStock(Write):
    """Change the stock as agreed."""

    action = "action_inventory_update"
    writes = StockForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """All lines in one command; tell what is there now."""
        lines = [
            {
                "product_id": line["id"],
                "quantity": line["counted"],
                **({"unit_cost_paise": rate_of(line)} if _says_cost(draft, line) else {}),
                **expiry.batch_facts(line),
            }
            for line in draft["lines"]
        ]
        done = turn.run(
            service.change_stock,
            key=f"draft:{draft.id}",
            change=draft["change"],
            lines=lines,
            place=draft["place"],
        )
        rows = [
            {
                "product": line["name"],
                "before": plain(Decimal(changed["before"])),
                "after": plain(Decimal(changed["after"])),
                "unit": unit_word(turn, line["unit"], changed["after"]),
            }
            for line, changed in zip(draft["lines"], done["changes"], strict=True)
        ]
        if draft["change"] in COMES_OR_GOES and are_services(turn, draft["lines"]):
            gone = "utter_dish_gone" if _counts_none(draft) else "utter_dish_back"
            turn.say(gone, products=_products(draft))
        else:
            turn.say("utter_stock_changed", rows=turn.lines("line_stock_changed", rows))
        moved = " ".join(one["movement_id"] for one in done["changes"] if one["movement_id"])
        products = " ".join(line["name"] for line in draft["lines"])
        noted = written(
            "inventory_update",
            0,
            entry_id=moved or None,
            cards=[as_written(turn, draft, moved, 0)] if moved else (),
            products=products,
        )
        return [remember(turn, product=draft["lines"][-1]["id"], did="stock", written=noted)]

    def recovers(self, error: BahiError) -> bool:
        """One line of a count that cannot be need not lose the others."""
        return error.code in ("out_of_stock", "stock_reserved")


def _counts_none(draft: Draft) -> bool:
    """Whether nothing is left of what is cooked or done: nobody can order it till it is back."""
    return draft["change"] == "set" and not any(Decimal(one["counted"]) for one in draft["lines"])


def _products(draft: Draft) -> str:
    return ", ".join(line["name"] for line in draft["lines"])


def _note_brought_back(turn: Turn, draft: Draft) -> None:
    """What a customer brought back, and was on no bill, comes in; what is spoilt is asked about."""
    if comes_back(turn):
        draft["change"] = draft["back"] = "add"
        tell_no_bill(turn)
        _note_who_brought(turn, draft)
    if _comes_back_spoilt(turn):
        draft["change"], draft["back"] = None, SPOILT


def _note_who_brought(turn: Turn, draft: Draft) -> None:
    with turn.read() as reader:
        known = customer_in(turn, reader)
    if known:
        set_customer(draft, known.id, known.name)


def _comes_back_spoilt(turn: Turn) -> bool:
    """ "Customer 3 strip wapas laya, expire ho gayi": it had been sold, and is in no stock."""
    if not turn.is_user or turn.is_not_words or turn.first("vendor_name") or "ko" in turn.words:
        return False
    spoilt = says(words_beside_goods(turn), "stock.damage")
    return spoilt and gone_back(turn.words) and not says(turn.words, "asking")


def _whether_sold_again(turn: Turn, draft: Draft) -> str | None:
    """What is answered, where it was asked whether what came back can be sold."""
    if not draft.replying or turn.first("product_name"):
        return None
    spoilt = where(turn.words, "stock.damage")
    if spoilt and says(turn.words[spoilt[1] :][:1], "negation"):
        return "add"
    if spoilt or says(turn.words, "negation"):
        return SPOILT
    return "add" if says(turn.words, "sellable") or says(turn.words, "stock.add") else None


def _ask_whether_sold_again(turn: Turn, draft: Draft, pending: Mapping[str, Any]) -> None:
    titles = (("button_resell", "add"), ("button_spoilt", SPOILT))
    choices = [
        Button(title=turn.line(title), payload=choice_payload(draft, dict(pending), value))
        for title, value in titles
    ]
    turn.say("utter_ask_resell", rows=noted_rows(turn, draft), choices=choices)


def _has_come(draft: Draft, form: str) -> bool:
    """Whether a draft is of goods that came, and knows which."""
    return draft.form == form and draft["change"] == "add" and complete(draft) is not None


def _is_for_somebody(turn: Turn, draft: Draft) -> bool:
    """Whether a customer is named, and nothing else said, where it is open what became of the goods
    that were counted: "kamla bai", "kamla ko"."""
    named = turn.first("customer_name")
    open_still = draft.form == STOCK_FORM and not draft["change"]
    if not turn.is_user or not open_still or named is None or turn.entities != [named]:
        return False
    beside = words(" ".join(pieces_between(turn)))
    if not all(only([one], "filler") or only([one], "behind_a_name") for one in beside):
        return False
    return complete(draft) is not None and is_customer(turn, named.value)


def _says_cost(draft: Draft, line: Mapping[str, Any]) -> bool:
    """Whether it was said what goods that came have cost."""
    return draft["change"] == "add" and bool(line.get("amount"))


def _take_count(turn: Turn, draft: Draft, change: str | None) -> bool:
    """What is left: none of what is finished; a number without goods waits for their name."""
    lines = draft["lines"] or []
    number = turn.first("quantity")
    if change == "set" and number is None and is_finished(turn):
        draft["count"] = "0"
    counted = number_of(number) if number is not None else None
    if change == "set" and not lines and counted is not None:
        draft["count"] = str(counted)
    said = set(words(turn.value("product_name") or ""))
    named = [one for one in lines if said & set(words(one["said"]))]
    open_lines = [one for one in named or lines if not one.get("quantity")]
    if draft["count"] is None or not lines:
        return draft["count"] is not None
    for line in open_lines:
        line["quantity"] = draft["count"]
    draft["count"] = None
    return True


def _is_so_much(reader: Reader, line: Mapping[str, Any]) -> bool:
    """Whether a quantity is more likely a slip of the finger: far beyond what is there."""
    here = inventory.stock(reader, UUID(line["id"])).on_hand
    return Decimal(line["counted"]) >= max(SO_MUCH, 50 * here)


def _of_one_kind(turn: Turn) -> Turn:
    """The parts of the message that go the way of the first; the others are told back."""
    spans = parts_with(turn, "product_name")
    kept = alike(turn, spans, change_in)
    if len(kept) == len(spans):
        return turn
    turn.say("utter_not_in_it", said=said_in(turn, spans[len(kept) :]))
    return part_of(turn, (kept[0][0], kept[-1][1]))


def _as_counted(turn: Turn) -> Turn:
    """ "15 pads alag nikle, ginti me 118 hai": of two numbers of the same goods, the one that the
    count came to is what there is."""
    counts = turn.all("quantity")
    if len(counts) < 2 or len(turn.all("product_name")) != 1 or change_in(turn) != "set":
        return turn
    counted = [
        one
        for one in counts
        if says(words(turn.text[: one.start])[-2:], "stock.count_of")
        or says(words(turn.text[: one.start])[-1:], "stock.total_of")
    ]
    if len(counted) != 1:
        return turn
    kept = [one for one in turn.entities if one.name != "quantity" or one in counted]
    return replace(turn, entities=kept)


def _is_another(turn: Turn, draft: Draft, change: str | None) -> bool:
    """Whether goods of their own go another way than those of the draft."""
    if draft.replying and draft["lines"] and tells_none_left(turn):
        return True
    ways = {change, draft["change"]}
    if draft.replying and draft["lines"] and turn.first("product_name"):
        if comes_back(turn) or _comes_back_spoilt(turn):
            return True
        if draft["back"] and change and turn.intent == "inventory_update":
            return True
    counted = change == "set" and says(turn.words, "counted")
    return bool(
        draft.replying
        and draft["lines"]
        and turn.intent == "inventory_update"
        and turn.first("product_name")
        and change
        and draft["change"]
        and ways != {change}
        and (ways != {"set", "add"} or counted or _names_others(turn, draft))
    )


def _names_others(turn: Turn, draft: Draft) -> bool:
    """Whether goods are named of which the draft, whose own are all counted, holds none."""
    said = set(words(" ".join(one.value for one in turn.all("product_name"))))
    lines = draft["lines"] or []
    held = any(said & set(words(f"{one.get('name')} {one['said']}")) for one in lines)
    return not held and all(one.get("quantity") for one in lines)


def _takes_line_out(turn: Turn, draft: Draft) -> bool:
    """ "Galti se frooti likh di, hata": of several goods in hand one was not meant."""
    said, lines = turn.value("product_name"), draft["lines"] or []
    slip = says(turn.words, "undoing.slip") or says(turn.words, "no_item")
    if said is None or turn.first("quantity") or not slip or not says(turn.words, "remove"):
        return False
    named = set(words(said))
    gone = [one for one in lines if named <= set(words(f"{one.get('name')} {one['said']}"))]
    for line in gone:
        lines.remove(line)
    return bool(gone)


def _change_row(turn: Turn, reader: Reader, change: str, line: Mapping[str, Any]) -> dict[str, Any]:
    stock = inventory.stock(reader, UUID(line["id"]))
    quantity = Decimal(line["counted"])
    after = {
        "add": stock.on_hand + quantity,
        "remove": stock.on_hand - quantity,
        "damage": stock.on_hand - quantity,
        "own": stock.on_hand - quantity,
        "set": quantity,
    }[change]
    return {
        "product": line["name"],
        "quantity": plain(quantity),
        "unit": unit_word(turn, line["unit"], after),
        "before": plain(stock.on_hand),
        "after": plain(after),
    }
