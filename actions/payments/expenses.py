"""What the business spends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity, method_of, paise_of
from actions.forms.asking import register
from actions.forms.belonging import only_method
from actions.forms.beside import Outcome
from actions.forms.draft import Draft, what_of
from actions.forms.form import Form
from actions.forms.names import (
    CREDIT_FORM,
    EXPENSE_FORM,
    ORDER_FORM,
    PURCHASE_FORM,
    VENDOR_PAYMENT_FORM,
    VOUCHER_FORM,
)
from actions.forms.reopening import as_written, instead_words
from actions.forms.writing import Write
from actions.invoicing import reverse_charge
from actions.invoicing.taxes import said_of_tax
from actions.lexicon import any_of, only, says, where, which, words
from actions.match import customer_in, customer_named, product_named, recent, remember
from actions.payments import expenses_apart
from actions.payments import expenses_together as together
from actions.payments.own_staff import advance_of_staff
from actions.payments.tills import LOAN_REPAID, apart_from_own_money
from actions.pictures import photos, receipts
from actions.purchases import bill_words
from actions.purchases.billed import take_number
from actions.purchases.buying_words import form_for
from actions.purchases.vendors import is_customer
from actions.reading.cheques import tell_cheque_number
from actions.reading.counted import counted_at_a_rate
from actions.reading.giving import gave_them
from actions.reading.instead import called, said_instead, way_alone, way_named, way_words
from actions.reading.money import take_amount, written
from actions.reading.parts import split_by
from actions.reading.said import bare_text, denied_entities, pieces_between, subject
from actions.reading.to_come import without_plans
from actions.reading.when import ask_day, choose_day, past_day_alone, settle_day, take_day
from actions.reading.whole_sums import tax_on_top
from actions.several import Wish
from actions.wording import day
from erp_core.catalogue.repricing import moved_by_part
from erp_core.expenses import service
from erp_core.expenses.categories import guess_category
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission

MOST_WORDS_OF_A_CHANGE = 6
_WHOSE = re.compile(rf"(\w+)\s+{any_of('written.of_them')}\s*$", re.IGNORECASE)
"""Of whom what follows is."""
OF_HOUSE = frozenset({"rent", "electricity", "water", "phone_internet"})
"""Kinds of bills that come to the shop itself, month by month."""
LONGEST_ITEM = 2
"""Words of an item that no entity names; more are a sentence about something else."""


@register
class ExpenseForm(Form):
    """Money spent: how much, on what, to whom, how and when."""

    form = EXPENSE_FORM
    slots = ("expense_amount", "expense_item", "expense_confirmed")
    intents = frozenset({"expense_log"})
    near = frozenset(
        {"payment_record", "khata_credit", "price_update", "inventory_update", "product_add"}
    )
    permission = Permission.LOG_EXPENSE
    rights = Permission.WRITE_VOUCHERS
    writes_bills = True

    def begin(self, turn: Turn, draft: Draft) -> None:
        """A bill that was read fills the draft."""
        receipts.begin(turn, draft)

    def _errand(self, turn: Turn) -> list[EventType] | None:
        """A bill of the house that is not paid yet is no expense, and nobody is owed it here."""
        if _is_due_of_house(turn):
            turn.say("utter_unkept_own_bills")
            return []
        return super()._errand(turn)

    def elsewhere(self, turn: Turn) -> str | None:
        """A bill for goods is a purchase; what a customer got for nothing named is udhaar."""
        if photos.is_goods(turn):
            return PURCHASE_FORM
        if _is_sold(turn):
            return ORDER_FORM
        to_customer = _goes_to_customer(turn) or (gave_them(turn) and recent(turn, "customer"))
        return CREDIT_FORM if to_customer else super().elsewhere(turn)

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """Several that say all of themselves are asked together; what is yet to come is none, and
        what the owner took is asked about afterwards."""
        if apart := apart_from_own_money(turn):
            spent, own = apart
            self._begin_parts(spent, draft)
            self._wait_behind(turn, draft, [Wish(one, VOUCHER_FORM) for one in own])
            return
        turn = self._apart_from_loan(_after_advance(without_plans(turn)), draft)
        parts = self.parts(turn)
        bought = [one for one in parts if form_for(one) == VENDOR_PAYMENT_FORM]
        if bought and len(bought) < len(parts):
            parts = [one for one in parts if one not in bought]
            self._wait_behind(turn, draft, [Wish(one, VENDOR_PAYMENT_FORM) for one in bought])
            turn = parts[0]
        if len(parts) < 2 or not together.gather(turn, draft, self._drafts(parts)):
            super()._begin_parts(turn, draft)

    def _apart_from_loan(self, turn: Turn, draft: Draft) -> Turn:
        """Of an instalment the interest is spent; what pays the loan back is asked about next."""
        told = expenses_apart.instalment(turn)
        if told is None:
            return turn
        bank = not says(turn.words, "tills.cash")
        own = Draft(f"{turn.new_id()}-loan", VOUCHER_FORM)
        own["way"], own["amount"], own["bank"] = LOAN_REPAID, told.paid_back, bank
        draft.data.setdefault("others", []).append(own.kept())
        draft["method"] = "bank_transfer" if bank else "cash"
        turn.say("utter_wished_next", what=what_of(turn, own))
        return told.interest

    def _drafts(self, parts: list[Turn]) -> list[Draft]:
        drafts = [Draft("", self.form) for _ in parts]
        for part, one in zip(parts, drafts, strict=True):
            self.start(part, one)
        return drafts

    def _is_other(self, turn: Turn) -> bool:
        """What names one of several that are asked together is about it."""
        draft = Draft.of(turn.slots)
        several = draft if draft and draft["several"] else None
        if several and len(turn.words) <= MOST_WORDS_OF_A_CHANGE:
            return together.names_one(turn, several) is None and super()._is_other(turn)
        if draft and self.begins_another(turn, draft):
            return False
        return _comes_from_customer(turn) or _bills_customer(turn) or super()._is_other(turn)

    def _handle_no(self, turn: Turn, draft: Draft) -> Outcome:
        """ "Gas mat likho" leaves out the gas alone."""
        if draft["several"] and together.names_one(turn, draft) is not None:
            return self._handle_words(turn, draft)
        return super()._handle_no(turn, draft)

    def _handle_tap(self, turn: Turn, draft: Draft) -> Outcome:
        """Of several one is changed."""
        if draft["several"] and turn.value("act") == "edit":
            draft["confirmed"] = None
            draft.pending = {"kind": together.WHICH, "token": together.WHICH}
            return Outcome.TAKEN
        return super()._handle_tap(turn, draft)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        if draft["receipt"] is None:
            if photos.opens_card(turn):
                self._begin_another(turn, draft)
                return Outcome.TAKEN
            return super()._handle(turn, draft)
        return _handle_bill(turn, draft) or super()._handle(turn, draft)

    def parts(self, turn: Turn) -> list[Turn]:
        """ "500 ka petrol aur 60 ki chai" are two expenses, on one day and paid in one way if
        that is said of both."""
        parts = split_by(turn, "amount", "item", "product_name", "vendor_name")
        if len(parts) < len(turn.all("amount")):
            parts = expenses_apart.apart(turn) or parts
        parts = expenses_apart.paid_alike(turn, parts)
        days = turn.all("date")
        if len(days) != 1 or not says(turn.words, "of_all"):
            return parts
        return [one if one.first("date") else _on_same_day(one, turn, days[0]) for one in parts]

    def begins_another(self, turn: Turn, draft: Draft) -> bool:
        """ "Chai 40" while it is asked on which day the petrol was; somebody's advance is never
        more of what was bought."""
        if draft["amount"] and not draft["receipt"] and advance_of_staff(turn):
            return True
        held, said = draft["item"] or draft["vendor"], _named_item(turn)
        if draft["several"] or draft["receipt"] is not None:
            return False
        if turn.intent != "expense_log" or not said:
            return False
        if not (held and draft["amount"] and turn.first("amount")):
            return False
        return not says(turn.words, "negation") and not set(words(said)) & set(words(held))

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Whatever was said of it."""
        if draft["receipt"] is not None:
            return bill_words.take(turn, draft)
        if draft["several"]:
            more = self._drafts(self.parts(turn)) if turn.intent == "expense_log" else []
            return together.take(turn, draft, more)
        turn, numbered = take_number(tell_cheque_number(turn), draft)
        taken = _take_amount(turn, draft) or numbered
        if taken and draft["amount"] is None and not numbered:
            return True
        for entity in _apart_from_ways(denied_entities(turn)):
            if entity.name in ("item", "product_name"):
                if not (taken and draft["item"] and _is_whose(turn, entity)):
                    draft["item"] = _with_whose(turn, entity)
                taken = True
            elif entity.name in ("vendor_name", "customer_name", "person"):
                draft["vendor"], taken = entity.value, True
            elif entity.name == "payment_method":
                draft["method"], taken = method_of(entity.value) or draft["method"], True
            elif entity.name == "date" and take_day(turn, draft):
                taken = True
        if (method := only_method(turn)) is not None:
            draft["method"] = method
            return True
        if (
            draft.replying
            and draft["item"]
            and _is_owing_nobody(draft)
            and (who := bare_text(turn))
        ):
            draft["vendor"] = who
            return True
        draft["method"] = draft["method"] or _way_said_last(turn)
        if draft["method"] is None and says(turn.words, "tills.from_bank"):
            draft["method"] = "bank_transfer"
        if draft["method"] is None and _is_owed(turn, draft):
            draft["method"], taken = service.CREDIT, True
        if advance_of_staff(turn):
            draft["item"], taken = turn.line("word_salary_advance"), True
        if draft["item"] is None:
            item = _item_in_words(turn, asked=draft["amount"] is not None and draft.replying)
            if item:
                draft["item"], taken = item, True
        return taken

    def puts_right(self, turn: Turn, draft: Draft) -> bool:
        """ "Petrol nahi diesel", "cash nahi UPI se diya tha", "gpay se", "kal ka tha"."""
        if (way := way_alone(turn, told=False)) and way != (draft["method"] or "cash"):
            draft["method"] = way
            return True
        on = past_day_alone(turn)
        if on and on.isoformat() != (draft["on"] or turn.today.isoformat()):
            draft["on"] = on.isoformat()
            return True
        known = {"method": way_words(draft["method"] or "cash")}
        for field, kind in (("item", "item"), ("vendor", "vendor")):
            if draft[field]:
                known[field] = called(draft[field], kind)
        found = said_instead(turn, known)
        right = found and (way_named(found.right) if found.field == "method" else found.right)
        if not found or not right:
            return False
        draft[found.field] = right
        return True

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """See to the day, once the rest is known."""
        if draft["receipt"] is not None:
            receipts.settle(turn, reader, draft)
            return
        if not draft["several"] and draft["amount"] and (draft["item"] or draft["vendor"]):
            settle_day(turn, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which day, or what of a bill is unsure."""
        if draft["receipt"] is not None:
            receipts.choose(turn, draft, value)
        elif draft["several"]:
            together.choose(draft, value)
        else:
            choose_day(draft, value)

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Which day, or what of a bill is unsure."""
        if draft["receipt"] is not None:
            receipts.ask(turn, reader, draft)
        elif draft["several"]:
            together.ask_pending(turn, draft)
        else:
            ask_day(turn, draft)

    def ask_edit(self, turn: Turn, draft: Draft) -> None:
        """What shall be changed."""
        if draft["receipt"] is not None:
            turn.say("utter_edit_receipt")
        else:
            super().ask_edit(turn, draft)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots. A vendor alone says enough: petrol pump; who is owed must be known."""
        item, owed = draft["item"], draft["method"] == service.CREDIT
        return {
            "expense_amount": draft["amount"],
            "expense_item": draft["vendor"] or draft["receipt"] or (item if not owed else None),
            "expense_confirmed": draft["confirmed"],
        }

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """How much, on what, yes."""
        if draft["receipt"] is not None:
            receipts.say_card(turn, reader, draft)
        elif draft["several"]:
            together.ask(turn, draft)
        elif slot == "expense_amount":
            turn.say("utter_ask_expense_amount")
        elif slot == "expense_item" and draft["item"]:
            turn.say("utter_ask_purchase_vendor")
        elif slot == "expense_item":
            turn.say("utter_ask_expense_item", amount=inr(draft["amount"]))
        else:
            turn.say(
                "utter_confirm_expense", draft_id=draft.stamp, **_facts(turn, reader.today, draft)
            )


class WriteExpense(Write):
    """Write the expense."""

    action = "action_expense_log"
    writes = ExpenseForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType] | None:
        """Write it."""
        if draft["receipt"] is not None:
            return receipts.write(turn, draft.data, f"draft:{draft.id}", again=bool(draft["known"]))
        if draft["several"]:
            return [remember(turn, written=together.write(turn, draft))]
        wrong = {"expense_id": UUID(draft["instead"]["id"])} if draft["instead"] else {}
        done = turn.run(
            service.correct_expense if draft["instead"] else service.log_expense,
            key=f"draft:{draft.id}",
            amount_paise=draft["amount"],
            item=_item_of(draft) if draft["item"] else None,
            vendor=draft["vendor"],
            method=draft["method"] or "cash",
            on=date.fromisoformat(draft["on"]) if draft["on"] else None,
            number=draft["number"],
            **wrong,
        )
        item = _item_of(draft)
        named = " ".join(one for one in (draft["item"], draft["vendor"]) if one)
        hint, choices = ("", []) if draft["reverse"] else reverse_charge.offer(turn, done, named)
        turn.say(
            "utter_expense_logged",
            choices=choices,
            amount=inr(done["amount"]),
            item=item,
            category=turn.line(f"category_{done['category']}"),
            beside=_number_of(turn, done["number"]) + hint,
        )
        if draft["reverse"]:
            reverse_charge.wanted(turn, done, named)
        card = as_written(turn, draft, done["expense_id"], done["amount"])
        noted = written(
            "expense_log",
            done["amount"],
            entry_id=done["expense_id"],
            cards=[card],
            item=item,
        )
        return [remember(turn, written=noted)]


def _after_advance(turn: Turn) -> Turn:
    """The message with what was given of a salary alone, where an advance was taken off it."""
    told = expenses_apart.less_advance(turn)
    if told is None:
        return turn
    given, advance = told
    turn.say("utter_advance_was_spent", advance=inr(paise_of(advance) or 0))
    return given


def _handle_bill(turn: Turn, draft: Draft) -> Outcome | None:
    """What concerns bills while one is open; None when the message is handled as in any form.

    A card stands by itself, so a bill that is open makes room for what comes next without a word.
    """
    if photos.is_card(turn):
        return _handle_card(turn, draft)
    if photos.is_reading(turn):
        if (turn.metadata.get("reading") or {}).get("kind") != receipts.RECEIPT:
            receipts.tell(turn)
            return Outcome.DROPPED
        draft.id, draft.pending, draft.data = turn.new_id(), None, {}
        receipts.begin(turn, draft)
        return Outcome.TAKEN
    if photos.hear(turn) is not None:
        return Outcome.DROPPED
    answers = turn.intent in ("affirm", "deny") and not turn.entities
    if turn.value("draft") or (answers and not bill_words.names_a_field(turn)):
        return None
    new = turn.intent == "expense_log" and turn.first("amount") and turn.first("item")
    if new and not bill_words.names_a_field(turn):
        draft.id, draft.pending, draft.data = turn.new_id(), None, {}
        return None
    before = draft.pending
    draft["asked"], draft.pending = before, None
    taken = bill_words.take(turn, draft)
    draft.data.pop("asked")
    if not taken:
        draft.pending = before
        return None
    draft["confirmed"] = None
    return Outcome.TAKEN


def _handle_card(turn: Turn, draft: Draft) -> Outcome:
    act = turn.value("act")
    if act == photos.GOODS:
        return Outcome.DROPPED
    if not receipts.is_of(turn, draft):
        if photos.opens_card(turn):
            draft.id = turn.new_id()
            receipts.begin(turn, draft)
            return Outcome.TAKEN
        receipts.serve_tap(turn)
        return Outcome.DROPPED
    if receipts.is_old(turn, draft):
        turn.say("utter_old_button")
        return Outcome.TAKEN
    if act == photos.SET:
        draft["confirmed"], draft.pending = None, None
        receipts.answer(turn, draft)
    elif act == photos.NO:
        turn.say("utter_receipt_left")
        return Outcome.DROPPED
    elif act == photos.EDIT:
        draft["confirmed"], draft.pending = None, {"kind": "edit"}
    else:
        draft["confirmed"] = True
    return Outcome.TAKEN


def _on_same_day(part: Turn, turn: Turn, day: Entity) -> Turn:
    """One of several expenses with the day that is said of all, and what tells whether it is past:
    "dono kal diye the"."""
    at = len(part.text) + 1
    same = replace(day, start=at, end=at + len(day.value))
    text = f"{part.text} {turn.text[day.start :]}"
    return replace(part, text=text, entities=[*part.entities, same])


def _bills_customer(turn: Turn) -> bool:
    """ "Shwetha ka bill", while something that was spent is written, is a bill for Shwetha."""
    said = turn.value("customer_name")
    if turn.intent not in ("invoice_generate", "invoice_share") or not said or turn.first("amount"):
        return False
    return turn.is_user and turn.is_sure and is_customer(turn, said)


def _comes_from_customer(turn: Turn) -> bool:
    """ "Infotech wale 5000 bhej diye", or "Amit 500", is no amount of the gas that is written."""
    if turn.intent not in ("payment_record", "repay_debt") or not turn.first("amount"):
        return False
    with turn.read() as reader:
        return customer_in(turn, reader) is not None


def _goes_to_customer(turn: Turn) -> bool:
    """ "Ravi ko 500", and Ravi buys here: no expense of the shop."""
    named = turn.first("vendor_name") or turn.first("customer_name")
    if named is None or not turn.first("amount") or turn.first("item"):
        return False
    if words(turn.text[named.end :])[:1] != ("ko",) or turn.first("product_name"):
        return False
    if says(turn.words, "brokerage"):
        return False  # Whoever brings buyers is paid for it, and owes nothing.
    with turn.read() as reader:
        return customer_named(reader, named.value).one is not None


def _is_sold(turn: Turn) -> bool:
    """ "Neha scrn repair 1200", where Neha buys and repairs are sold: no expense of the shop."""
    named, item = turn.first("customer_name"), turn.first("item")
    if named is None or item is None or says(turn.words, "buying.gave"):
        return False
    with turn.read() as reader:
        buys = customer_named(reader, named.value).one is not None
        return buys and product_named(reader, item.value).one is not None


def _named_item(turn: Turn) -> str | None:
    return turn.value("item") or turn.value("product_name") or turn.value("vendor_name")


def _facts(turn: Turn, today: date, draft: Draft) -> dict[str, Any]:
    item = _item_of(draft)
    named_beside = draft["vendor"] and draft["item"]
    return {
        "amount": inr(draft["amount"]),
        "item": item,
        "vendor": turn.line("line_vendor", vendor=draft["vendor"]) if named_beside else "",
        "number": _number_of(turn, draft["number"]) + instead_words(turn, draft),
        "category": turn.line(f"category_{guess_category(item)}"),
        "method": turn.line(f"method_{draft['method'] or 'cash'}"),
        "on": day(date.fromisoformat(draft["on"]) if draft["on"] else today),
    }


def _way_said_last(turn: Turn) -> str | None:
    """ "बिजली का बिल भरा ऑनलाइन", "rent 12000 transfer kar diya": a way of paying that ends the
    message, but for words of doing, and is no part of what was paid for."""
    inside = any(one.name == "item" and one.end == len(turn.text) for one in turn.entities)
    said = list(turn.words)
    while len(said) > 1 and any(only(said[-1:], cue) for cue in ("filler", "tense.past")):
        said.pop()
    return None if inside or not said else which(said[-1], "methods")


def _is_owed(turn: Turn, draft: Draft) -> bool:
    """Whether it was bought on credit, and nothing was paid."""
    owed = (
        says(turn.words, "on_khata")
        or _is_unpaid(turn)
        or (draft["vendor"] and says(turn.words, "buying.on_credit"))
    )
    unpaid = not says(turn.words, "buying.gave") or says(turn.words, "negation")
    return bool(owed) and unpaid


def _is_unpaid(turn: Turn) -> bool:
    """ "Abhi diya nahi", "will pay on 5th"; of "pending tha, aaj bhar diya" nothing is left."""
    beside, told = turn.words, False
    while found := where(beside, "unpaid"):
        beside, told = (*beside[: found[0]], *beside[found[1] :]), True
    return told and not says(beside, "buying.gave") and not says(beside, "spent")


def _is_due_of_house(turn: Turn) -> bool:
    item = turn.value("item")
    if not turn.is_user or item is None or turn.first("vendor_name") or not _is_unpaid(turn):
        return False
    return guess_category(item) in OF_HOUSE


def _is_owing_nobody(draft: Draft) -> bool:
    return draft["method"] == service.CREDIT and not draft["vendor"]


def _take_amount(turn: Turn, draft: Draft) -> bool:
    """The amount; what is said for one counts as often as there are of it."""
    counted = counted_at_a_rate(turn)
    if not take_amount(turn, draft):
        return False
    draft["counted"] = None
    if counted and draft["amount"]:
        rate = counted.rate and inr(counted.rate)
        draft["counted"] = [str(counted), f" × {rate}" if rate else ""]
        draft["amount"] = counted.whole or draft["amount"]
    _add_tax(turn, draft)
    return True


def _add_tax(turn: Turn, draft: Draft) -> None:
    """ "1250 plus gst 18%": what was spent is the sum with its tax, which is told."""
    rate, before = said_of_tax(turn.text).rate, draft["amount"]
    if not rate or not before or not tax_on_top(turn):
        return
    draft["amount"] = moved_by_part(before, "up", int(Decimal(rate) * 100))
    turn.say("utter_tax_added", sum=inr(before), rate=rate, total=inr(draft["amount"]))


def _is_whose(turn: Turn, item: Entity) -> bool:
    """ "Petrol 300 tempo ka": what the thing that was bought is for."""
    return bool(item.end) and only(words(turn.text[item.end :]) or [""], "written.of_them")


def _apart_from_ways(entities: Iterable[Entity]) -> Iterator[Entity]:
    """ "500 ka petrol cash": the way of paying behind what it was for is no part of it."""
    for one in entities:
        name, _, last = one.value.rpartition(" ")
        named = one.name in ("item", "product_name")
        if named and name and which(last, "methods") in ("cash", "upi"):
            yield replace(one, value=name)
            yield Entity("payment_method", last)
        else:
            yield one


def _with_whose(turn: Turn, item: Entity) -> str:
    """What was paid for, with who of the house it was for: "mere bete ki fees"."""
    found = _WHOSE.search(turn.text[: item.start]) if item.end else None
    theirs = found and says(words(found[1]), "tills.family")
    return f"{found[0].strip()} {item.value}" if found and theirs else item.value


def _item_of(draft: Draft) -> str:
    """What it was for, with how many of it."""
    return together.name_of(draft.data)


def _number_of(turn: Turn, number: str | None) -> str:
    return turn.line("line_expense_number", number=number) if number else ""


def _item_in_words(turn: Turn, *, asked: bool) -> str | None:
    """What is left of a short message beside the amount: "chai 60" is about chai."""
    if turn.metadata.get("command"):
        said = subject(turn) or ""
        kept = " ".join(word for word in said.split() if not any(c.isdigit() for c in word))
        return kept or None
    if turn.entities:
        found = (_content_of(piece) for piece in pieces_between(turn))
        return next((item for item in found if item), None)
    return bare_text(turn) if asked else None


_NO_ITEM = (
    "no_item", "buying.bought", "buying.paying", "buying.on_credit", "sellers.oneself",
)  # fmt: skip


def _content_of(text: str) -> str | None:
    said = [word for word in text.split() if not (word.isdigit() or only(words(word), "filler"))]
    kept = [word for word in said if not any(only(words(word), one) for one in _NO_ITEM)]
    if all(which(word, "methods") for word in kept):
        return None
    return " ".join(kept) if len(kept) <= LONGEST_ITEM else None
