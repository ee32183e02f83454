"""Buying by chat: goods with what they cost and from whom, goods that go back, or are ordered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_DOWN, Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity
from actions.forms.asking import register
from actions.forms.belonging import says_an_expense
from actions.forms.beside import Outcome
from actions.forms.choices import SKIP, ask_choice
from actions.forms.draft import Draft, start_over
from actions.forms.names import ORDER_FORM, PURCHASE_FORM
from actions.forms.reopening import as_written, instead_words
from actions.forms.writing import Write
from actions.goods.expiry import batch_facts, expiry_said, expiry_words, note
from actions.goods.lines import line_of, take_goods
from actions.goods.settling import choose_product, settle_goods
from actions.goods.sums_unseen import with_sums_unseen
from actions.goods.taken_off import line_taken_out
from actions.goods.telling import ask_goods, complete, rate_of
from actions.invoicing import reverse_charge
from actions.invoicing.paid_part import ask_part_next, take_part, take_part_beside
from actions.invoicing.sales import says_how_taxed
from actions.lexicon import any_of, every, says
from actions.match import just_spoken_of, recent, remember, unit_word
from actions.orders.due import due_said
from actions.orders.more import sells_goods
from actions.payments.taking_back import kinds_undone
from actions.payments.tills import moves_own_money
from actions.pictures import photos
from actions.pictures.receipts import tapped_card
from actions.purchases import bill_goods
from actions.purchases.billed import take_number
from actions.purchases.buying import MOST_WORDS_OF_A_NUMBER, BuyingForm, set_vendor
from actions.purchases.buying_words import (
    COMMANDS,
    RECEIVE,
    as_note_of_goods,
    goes_back,
    goes_to_company,
    sends_for,
    sends_out,
)
from actions.purchases.put_right import price_of, put_right, whole_sum
from actions.purchases.sending_for import tell_placed
from actions.purchases.vendor_details import without_gstin
from actions.purchases.vendors import is_for_buyer, owed_words, seller_named, vendor_named
from actions.reading.money import amounts_said, written
from actions.reading.parts import part_of, parts_with, without
from actions.reading.said import spoils_goods
from actions.reading.when import DAY, ask_day, choose_day, settle_day, take_day
from actions.reading.whole_sums import tax_on_top, words_of_tax
from actions.wording import day
from erp_core.catalogue import queries as catalogue
from erp_core.inventory.queries import stock_list
from erp_core.journal.context import Reader
from erp_core.kernel.errors import BahiError
from erp_core.kernel.money import from_decimal, half_up, inr
from erp_core.kernel.quantity import plain
from erp_core.parties import queries as parties
from erp_core.parties.names import person_key
from erp_core.parties.permissions import Permission
from erp_core.payments.ways import in_halves
from erp_core.purchases import correcting, ordering, queries, returning, service
from erp_core.tax.gst import percent
from erp_core.tax.reverse_charge import goods_listed

_CARRIAGE = any_of("written.carriage")
_CHARGES = re.compile(
    rf"\b{_CARRIAGE}\b[\s:-]*(?:{any_of('written.cost_behind')}\b[\s.]*|₹\s*)*(\d[\d,]*)(?!\w)"
    rf"|(?<![\w.])(\d[\d,]*)\s*(?:{any_of('written.cost_before')}\b\s*)*{_CARRIAGE}\b",
    re.IGNORECASE,
)
"""What bringing the goods has cost: "tempo 300", "500 bhada". """

_DISCOUNT = re.compile(
    rf"(?:\b\d[\d.]*\s*(?:%|percent\b|rs\b|rupaye\b)?\s*(?:ka\s+)?)?(?:\b(?:cash|cd|trade)\s+)?"
    rf"\b{any_of('written.discount')}(?!\w)(?:\s*:?\s*(?:rs\.?\s*)?\d[\d.]*\s*(?:%|percent\b)?)?",
    re.IGNORECASE,
)
"""What the seller took off the bill: "5% cash discount", "discount 50"."""

ASK_VENDOR = {
    "came": "utter_ask_purchase_vendor",
    "order": "utter_ask_order_vendor",
    "back": "utter_ask_return_vendor",
}

LOOKED_BACK = timedelta(days=90)
"""So old a bill of goods may be that is taken back without its number."""
CREDIT = "credit"
"""The way to pay that leaves a debt."""


@register
class PurchaseForm(BuyingForm):
    """Goods that came from a vendor, with their rates; that go back, or are ordered."""

    form = PURCHASE_FORM
    slots = ("purchase_vendor", "purchase_lines", "purchase_confirmed")
    intents = frozenset({"inventory_update"})
    writes_bills = True
    near = frozenset({"order_create", "order_modify", "price_update"})
    permission = Permission.RECORD_PURCHASE
    about_goods = True
    takes_rates = True

    def begin(self, turn: Turn, draft: Draft) -> None:
        """A tap on an order begins with all that is still to come of it, a tap on a bill that was
        read with the goods on it."""
        if photos.is_goods(turn):
            bill_goods.fill(turn, draft, tapped_card(turn))
            return
        if "purchase" in kinds_undone(turn):
            _take_last_bill(turn, draft)
            return
        if turn.value("act") != RECEIVE:
            return
        with turn.read() as reader:
            placed = ordering.order(reader, UUID(turn.value("choice") or ""))
        draft["mode"], draft["order"] = "came", str(placed.id)
        set_vendor(draft, str(placed.vendor_id), placed.vendor)
        draft["lines"] = [
            {
                **line_of(turn, line.product_id),
                "quantity": plain(line.open),
                "usual": line.unit_price,
            }
            for line in placed.lines
            if line.open
        ]

    def parts(self, turn: Turn) -> list[Turn]:
        """ "30 kg chini Gupta se aur 20 kg chawal Sharma se aaya" are two bills."""
        return _by_seller(turn)

    def begins_another(self, turn: Turn, draft: Draft) -> bool:
        """ "Return 20 ors to Apollo": goods that go back are no more of those that came."""
        sent = says(turn.words, "buying.sent_back") and turn.first("quantity")
        came = draft["mode"] == "came" and bool(draft["lines"])
        return came and bool(sent) and turn.first("product_name") is not None and goes_back(turn)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Goods, rates, from whom, and how it was paid if it was."""
        if draft["undoes"] and not draft.replying:
            return True
        turn = _with_goods_spoken_of(as_note_of_goods(turn) or turn, draft)
        if _is_anothers(turn, draft):
            start_over(turn, draft)
        if draft["mode"] is None:
            draft["mode"] = _mode(turn)
        turn, numbered = take_number(turn, draft)
        turn = without_gstin(_without_due(turn, draft))
        turn, dated = expiry_said(turn)
        turn, carriage = _take_charges(_without_discount(turn), draft)
        if draft["mode"] == "came":
            turn = with_sums_unseen(turn)
        came = draft["mode"] == "came" and _take_day_past(turn, draft)
        asked = (draft["asked"] or {}).get("kind")
        if bill_goods.take_prices(turn, draft):
            return True
        if asked == "cost" and (amounts := amounts_said(turn)):
            draft["lines"][draft["asked"]["index"]]["amount"] = amounts[-1]
            return True
        if draft["mode"] == "came":
            turn = with_sums_unseen(take_part_beside(turn, draft, credit=CREDIT))
        paid = self._take_payment(turn, draft)
        tax = self._take_tax(turn, draft)
        if paid and not turn.first("product_name") and not seller_named(turn):
            return True
        if numbered and draft.replying and not turn.first("product_name") and not turn.text.strip():
            return True
        wants_vendor = draft.replying and not (draft["vendor"] or asked or turn.intent == "deny")
        named = self.take_vendor(turn, draft, asked=wants_vendor)
        if named and (seller_named(turn) is None or not turn.first("product_name")):
            return True
        taken = take_goods(_without_command(turn), draft)
        noted = note(draft["lines"], dated)
        return taken or named or paid or tax or noted or carriage or numbered or came

    def puts_right(self, turn: Turn, draft: Draft) -> bool:
        """ "20 nahi 30 the", right after the goods were written."""
        return put_right(turn, draft)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find vendor and goods; see to what each cost, and how all of it is paid."""
        if draft["undoes"] and not draft["lines"]:
            turn.say("utter_nothing_to_undo")
            draft.pending = {"kind": "closed"}
            return
        self.settle_vendor(reader, draft)
        may_add = turn.may(Permission.ADD_PRODUCT) and draft["mode"] != "back"
        if draft.pending is None and may_add:
            bill_goods.settle(reader, draft)
        if draft.pending is None:
            settle_goods(turn, reader, draft, may_add=may_add, ask_stock=False)
        if draft.pending is None and complete(draft) and draft["mode"] in ("order", "back"):
            self._settle_usual(reader, draft)
        if draft.pending is None and complete(draft) and draft["mode"] == "came":
            self._settle_costs(reader, draft)
        if draft.pending or draft["mode"] != "came" or not (draft["vendor"] and complete(draft)):
            return
        settle_day(turn, draft)
        _settle_part(reader, draft)
        ask_part_next(turn, draft)
        if draft.pending is None and draft["paid"] is None:
            draft.pending = {"kind": "paid", "field": "paid", "token": "paid"}

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """A bill that is said to be one for goods begins a purchase of its own."""
        if photos.is_goods(turn):
            self._begin_another(turn, draft)
            return Outcome.TAKEN
        own = not says_an_expense(turn) and not moves_own_money(turn)
        if own and take_part(turn, draft, credit=CREDIT):
            return Outcome.TAKEN
        return super()._handle(turn, draft)

    def _handle_yes(self, turn: Turn, draft: Draft) -> Outcome:
        """ "Haan, udhaar" says which of the two that were asked."""
        if (draft.pending or {}).get("kind") == "paid" and _says_how_paid(turn):
            return self._handle_words(turn, draft)
        return super()._handle_yes(turn, draft)

    def elsewhere(self, turn: Turn) -> str | None:
        """Goods that are sold while others come are a sale of their own."""
        return ORDER_FORM if sells_goods(turn) else super().elsewhere(turn)

    def _handle_no(self, turn: Turn, draft: Draft) -> Outcome:
        """A no to the new goods of a bill leaves these out, not all of it; "nahi doodh hatao" takes
        one off."""
        if draft["lines"] and line_taken_out(turn, draft["lines"]):
            return self._handle_words(turn, draft)
        asked = draft.pending or {}
        others = any(line.get("id") for line in draft["lines"] or [])
        if asked.get("kind") == bill_goods.NEW_GOODS and turn.intent == "deny" and others:
            self._choose(turn, draft, SKIP)
            return Outcome.TAKEN
        return super()._handle_no(turn, draft)

    def _is_other(self, turn: Turn) -> bool:
        """ "Udhaar" answers how it is paid, "15 35" at what rates new goods sell; goods that went
        bad were not bought."""
        draft = Draft.of(turn.slots) or Draft("", "")
        asked = draft.pending or {}
        if asked.get("kind") == bill_goods.NEW_PRICES:
            return not bill_goods.prices_said(turn.text, draft, asked) and super()._is_other(turn)
        if asked.get("kind") == "paid" and not turn.entities and _says_how_paid(turn):
            return False
        if says_how_taxed(turn):
            return False
        if draft["mode"] == "came" and is_for_buyer(turn):
            return True
        return spoils_goods(turn) or super()._is_other(turn)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """How it was paid, which is a yes too; which vendor; which product."""
        kind = draft["answering"].get("field")
        if kind == "paid":
            draft["paid"], draft["confirmed"] = value, True
        elif kind == bill_goods.NEW_GOODS:
            bill_goods.choose(draft, value)
        elif kind == "vendor":
            self.choose_vendor(draft, value)
        elif kind == DAY:
            choose_day(draft, value)
        else:
            choose_product(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "purchase_vendor": draft["vendor"],
            "purchase_lines": complete(draft),
            "purchase_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """What it cost, how it was paid, which of several is meant."""
        pending = draft.pending or {}
        if pending["kind"] == "paid":
            turn.say("utter_purchase_how_paid", **_facts(turn, reader, draft))
        elif pending["kind"] == "cost":
            line = draft["lines"][pending["index"]]
            turn.say(
                "utter_ask_purchase_cost",
                product=line["name"],
                quantity=line["counted"],
                unit=unit_word(turn, line["unit"], line["counted"]),
            )
        elif pending["kind"] == DAY:
            ask_day(turn, draft)
        elif not (bill_goods.ask(turn, draft) or ask_goods(turn, draft)):
            ask_choice(turn, draft, pending)

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """From whom, what, yes."""
        if slot == "purchase_vendor":
            turn.say(ASK_VENDOR[draft["mode"]])
        elif slot == "purchase_lines":
            turn.say("utter_ask_purchase_lines")
        elif draft["mode"] != "came":
            turn.say(
                f"utter_confirm_goods_{draft['mode']}",
                vendor=draft["vendor"]["name"],
                rows="\n".join(_moved_row(turn, draft, line) for line in draft["lines"]),
                draft_id=draft.stamp,
            )
        else:
            how = turn.line(f"method_{draft['paid']}" if draft["paid"] != CREDIT else "word_credit")
            _tell_tax_left_out(turn, reader, draft)
            turn.say("utter_confirm_purchase", how=how, **_facts(turn, reader, draft))

    def _take_payment(self, turn: Turn, draft: Draft) -> bool:
        modes = every(turn.text, "methods")
        if len(modes) == 1:
            draft["paid"] = modes[0]
        elif says(turn.words, "buying.on_credit") and draft["paid"] is None:
            draft["paid"] = CREDIT
        elif (draft["asked"] or {}).get("kind") == "paid" and _says_given(turn):
            draft["paid"] = "cash"
        else:
            return False
        return True

    def _take_tax(self, turn: Turn, draft: Draft) -> bool:
        if not tax_on_top(turn):
            return False
        draft["tax_extra"] = True
        return True

    def _settle_usual(self, reader: Reader, draft: Draft) -> None:
        """Of nobody by name goods are ordered from who brought all of them last."""
        if draft["vendor"]:
            return
        ids = [UUID(line["id"]) for line in draft["lines"]]
        last = queries.last_bought(reader, ids)
        usual = {last[one].vendor_id: last[one].vendor for one in ids if one in last}
        if len(usual) == 1 and all(one in last for one in ids):
            ((vendor_id, name),) = usual.items()
            set_vendor(draft, str(vendor_id), name)

    def _settle_costs(self, reader: Reader, draft: Draft) -> None:
        """What was said; else what it cost last time, which is shown before it is written."""
        ids = [UUID(line["id"]) for line in draft["lines"]]
        last = queries.last_bought(reader, ids)
        known = catalogue.products_by_id(reader, ids)
        for index, (product_id, line) in enumerate(zip(ids, draft["lines"], strict=True)):
            if line.get("amount") or line.get("usual"):
                continue
            before = last[product_id].unit_price if product_id in last else None
            before = before or known[product_id].cost_paise
            if before is None:
                draft.pending = {"kind": "cost", "index": index}
                return
            line["usual"] = before


class WritePurchase(Write):
    """Write the bill with its goods, or the debit note."""

    action = "action_purchase_write"
    writes = PurchaseForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """All in one command; tell what is owed now."""
        if draft["mode"] == "back":
            return self._send_back(turn, draft)
        if draft["mode"] == "order":
            return self._order(turn, draft)
        vendor = draft["vendor"]
        done = turn.run(
            correcting.correct_bill if draft["instead"] else service.record_bill,
            key=f"draft:{draft.id}",
            vendor_id=UUID(vendor["id"]) if vendor["id"] else None,
            vendor_name=None if vendor["id"] else vendor["name"],
            lines=_bought(draft),
            inclusive=not draft["tax_extra"],
            charges_paise=draft["charges"] or 0,
            freight_paise=draft["freight"] or 0,
            paid_by=None if draft["paid"] == CREDIT else draft["paid"],
            order_id=UUID(draft["order"]) if draft["order"] else None,
            number=draft["number"],
            reverse_charge=bool(draft["reverse"]),
            on=date.fromisoformat(draft["on"]) if draft["on"] else None,
            **({"bill_id": UUID(draft["instead"]["id"])} if draft["instead"] else {}),
        )
        with turn.read() as reader:
            rows = _stock_rows(turn, reader, draft)
        turn.say(
            "utter_purchase_recorded",
            vendor=done["vendor"],
            total=inr(done["total"]),
            rows=rows,
            credit=_tax_words(turn, draft, done),
            owed=owed_words(turn, done["owed"]),
        )
        bought = draft["lines"][-1]["id"]
        noted = written(
            "purchase",
            done["total"],
            entry_id=done["bill_id"],
            cards=[as_written(turn, draft, done["bill_id"], done["total"])],
            vendor=done["vendor"],
            goods=goods_words(turn, draft),
        )
        spoken_of = {"vendor": done["vendor_id"], "product": bought, "written": noted}
        return [remember(turn, **spoken_of, did="purchase")]

    def _order(self, turn: Turn, draft: Draft) -> list[EventType]:
        vendor = draft["vendor"]
        done = turn.run(
            ordering.place_order,
            key=f"draft:{draft.id}",
            vendor_id=UUID(vendor["id"]) if vendor["id"] else None,
            vendor_name=None if vendor["id"] else vendor["name"],
            lines=[_ordered(one) for one in draft["lines"]],
        )
        tell_placed(turn, [done])
        return [remember(turn, vendor=done["vendor_id"])]

    def _send_back(self, turn: Turn, draft: Draft) -> list[EventType]:
        if draft["vendor"]["id"] is None:
            turn.say("error_not_bought_here")
            return []
        done = turn.run(
            returning.return_goods,
            key=f"draft:{draft.id}",
            vendor_id=UUID(draft["vendor"]["id"]),
            lines=[{"product_id": one["id"], "quantity": one["counted"]} for one in draft["lines"]],
        )
        turn.say(
            "utter_goods_went_back",
            vendor=done["vendor"],
            number=done["number"],
            total=inr(done["total"]),
            owed=owed_words(turn, done["owed"]),
        )
        return [remember(turn, vendor=done["vendor_id"])]

    def recovers(self, error: BahiError) -> bool:
        """Other goods or quantities may do."""
        return error.code in ("out_of_stock", "stock_reserved", "not_bought_here")


def _by_seller(turn: Turn) -> list[Turn]:
    """The turn in parts, one for each of several who sold goods; whoever is named in front of them,
    or behind, sold all up to the next."""
    spans = parts_with(turn, "product_name")
    named = [seller_named(part_of(turn, one)) for one in spans]
    sellers = {person_key(one.value) for one in named if one}
    if len(sellers) < 2 or named[0] is None:
        return [turn]
    starts = [one[0] for one, seller in zip(spans, named, strict=True) if seller]
    return [part_of(turn, one) for one in pairwise([*starts, len(turn.text)])]


def _without_due(turn: Turn, draft: Draft) -> Turn:
    """The message without the day by which the vendor is to be paid, which nobody keeps."""
    found = due_said(turn, "due.to_pay")
    if found is None:
        return turn
    draft["paid"] = draft["paid"] or CREDIT
    turn.say("utter_due_not_kept", said=turn.text[slice(*found.span)].strip())
    return without(turn, *found.span)


def _take_day_past(turn: Turn, draft: Draft) -> bool:
    """Take the day that a message names; goods that are here did not come tomorrow."""
    named = take_day(turn, draft)
    if draft["days"]:
        draft["on"], draft["days"] = draft["days"][0], None
    return named


def _mode(turn: Turn) -> str:
    if goes_back(turn) or goes_to_company(turn):
        return "back"
    return "order" if sends_for(turn) or sends_out(turn) else "came"


def _tax_words(turn: Turn, draft: Draft, done: service.BillRecorded) -> str:
    """The number of the bill, and the credit for its tax: how much it is and until when."""
    credit = turn.line("line_purchase_credit", tax=inr(done["credit"])) if done["credit"] else ""
    if draft["reverse"]:
        facts = {"number": done["number"], "tax": inr(done["tax"])}
        credit = turn.line("line_purchase_self_invoice", **facts) + credit
        credit += reverse_charge.goods_late(turn, UUID(done["bill_id"]))
    elif done["number"]:
        credit = turn.line("line_purchase_number", number=done["number"]) + credit
    # A bill that was written before there was such a limit has a first result without it.
    until = done.get("credit_until")
    return credit + (_too_late(turn, until, draft["on"]) if until else "")


def _too_late(turn: Turn, until: str, on: str) -> str:
    """That the bill is too old for its credit (section 16(4))."""
    last_day, of = day(date.fromisoformat(until)), day(date.fromisoformat(on))
    return "\n" + turn.line("line_credit_too_late", on=of, last_day=last_day)


def _take_charges(turn: Turn, draft: Draft) -> tuple[Turn, bool]:
    """Take what bringing the goods has cost, on the bill or beside it, and its number out of the
    message."""
    found = _CHARGES.search(turn.text)
    if found is None:
        return turn, False
    paid = from_decimal(Decimal((found[1] or found[2]).replace(",", "")))
    draft["freight" if says(turn.words, "buying.on_the_bill") else "charges"] = paid
    return without(turn, *found.span()), True


def _without_discount(turn: Turn) -> Turn:
    """The message without what was taken off the bill, which is said not to be in it: "5% cash
    discount" tells neither a rate nor how the goods were paid."""
    found = _DISCOUNT.search(turn.text)
    if found is None:
        return turn
    turn.say("utter_not_in_it", said=found[0].strip())
    return without(turn, *found.span())


def _take_last_bill(turn: Turn, draft: Draft) -> None:
    """What is left of the bill that was written last, of whoever is named: it goes back."""
    draft["mode"], draft["undoes"], draft["lines"] = "back", True, []
    named = seller_named(turn)
    with turn.read() as reader:
        vendor = vendor_named(reader, named.value).one if named else None
        theirs = _bought_lately(turn, reader, vendor.id if vendor else None)
        last = theirs[-1] if theirs and (vendor or not named) else None
        back = queries.returned_of(reader, last.id) if last else {}
    if last is None:
        return
    set_vendor(draft, str(last.vendor_id), last.vendor)
    left = {one.position: one.quantity for one in last.lines}
    for position, sent in back.items():
        left[position] -= Decimal(sent["quantity"])
    draft["lines"] = [
        {**line_of(turn, one.product_id), "quantity": plain(left[one.position])}
        for one in last.lines
        if left[one.position] > 0
    ]


def _bought_lately(turn: Turn, reader: Reader, vendor_id: UUID | None) -> list[queries.Bill]:
    """The bills for goods, of a vendor or of all, that are not too old, oldest first."""
    since = turn.today - LOOKED_BACK
    bills = queries.bills_between(reader, since, turn.today, vendor_id=vendor_id)
    return [one for one in bills if one.kind in queries.BOUGHT]


def _says_credit(turn: Turn) -> bool:
    """Whether a message says nothing but that it is on credit."""
    short = len(turn.words) <= MOST_WORDS_OF_A_NUMBER and not says(turn.words, "asking")
    return short and says(turn.words, "buying.on_credit")


def _says_how_paid(turn: Turn) -> bool:
    return bool(every(turn.text, "methods")) or _says_credit(turn) or _says_given(turn)


def _says_given(turn: Turn) -> bool:
    """ "Paise de diye": that all of it is paid, with no word of how."""
    short = len(turn.words) <= MOST_WORDS_OF_A_NUMBER and not says(turn.words, "asking")
    open_still = says(turn.words, "negation") or says(turn.words, "tense.future")
    return short and not turn.entities and not open_still and says(turn.words, "buying.gave")


def _is_anothers(turn: Turn, draft: Draft) -> bool:
    """Whether goods of their own, of another vendor, begin while some are being written."""
    named = seller_named(turn)
    if not (draft.replying and draft["vendor"] and named and turn.first("product_name")):
        return False
    said, known = person_key(named.value).split(), person_key(draft["vendor"]["name"]).split()
    return not set(said) <= set(known)


def _with_goods_spoken_of(turn: Turn, draft: Draft) -> Turn:
    """ "Metro se 20 bag mangwa lo", right after somebody asked how much atta there is."""
    before = recent(turn, "product") if just_spoken_of(turn, "product") else None
    if before is None or draft["lines"] or turn.first("product_name") or not turn.first("quantity"):
        return turn
    with turn.read() as reader:
        name = catalogue.product(reader, before).name
    return replace(turn, entities=[*turn.entities, Entity("product_name", name)])


def _without_command(turn: Turn) -> Turn:
    """ "/purchase" is no product, though the language components may take it for one."""
    if turn.metadata.get("command") not in COMMANDS or not turn.text:
        return turn
    end = len(turn.text.split()[0])
    return replace(turn, entities=[one for one in turn.entities if one.start >= end])


def _worth(line: dict[str, Any]) -> int:
    """What all of a line came to: just so much as was said, though a piece costs whole paise."""
    return half_up(whole_sum(line))


def _bought(draft: Draft) -> list[service.LineBought]:
    return [
        service.LineBought(
            product_id=one["id"],
            quantity=plain(quantity),
            unit_price_paise=price,
            **batch_facts(one),  # type: ignore[typeddict-item]
        )
        for one in draft["lines"]
        for quantity, price in _at_whole_paise(one)
    ]


def _at_whole_paise(line: dict[str, Any]) -> list[tuple[Decimal, int]]:
    """A line as the counts and rates that make just its sum: of 36 pieces for ₹3,800 some cost
    ₹105.55, the others ₹105.56."""
    counted, worth, price = Decimal(line["counted"]), _worth(line), price_of(line)
    if half_up(counted * price) == worth:
        return [(counted, price)]
    low = int(worth / counted)
    dearer = (worth - low * counted).to_integral_value(ROUND_HALF_DOWN)
    return [(counted - dearer, low), (dearer, low + 1)]


def _ordered(line: Mapping[str, Any]) -> ordering.LineOrdered:
    """Goods as they are ordered, at the rate that was said if one was."""
    wanted = ordering.LineOrdered(product_id=line["id"], quantity=line["counted"])
    if line.get("amount"):
        wanted["unit_price_paise"] = rate_of(line)
    return wanted


def _moved_row(turn: Turn, draft: Draft, line: dict[str, Any]) -> str:
    """Goods that are ordered, with the rate that was said, or that go back."""
    row = _goods_row(turn, line)
    if draft["mode"] != "order" or not line.get("amount"):
        return turn.line("line_goods", **row)
    return turn.line("line_goods_at", price=inr(rate_of(line)), **row)


def _goods_row(turn: Turn, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "product": line["name"],
        "quantity": line["counted"],
        "unit": unit_word(turn, line["unit"], line["counted"]),
    }


def goods_words(turn: Turn, draft: Draft) -> str:
    """The goods of a card in a row."""
    rows = (_goods_row(turn, line) for line in draft["lines"])
    return ", ".join(f"{one['quantity']} {one['unit']} {one['product']}" for one in rows)


def _reverse_hint(turn: Turn, reader: Reader, draft: Draft) -> str:
    """That the shop owes the tax of goods on the list of section 9(3), by who sold them."""
    if parties.business(reader).gstin is None:
        return ""
    bought = catalogue.products_by_id(reader, [UUID(line["id"]) for line in draft["lines"]])
    for product in bought.values():
        listed = goods_listed(product.hsn, turn.today)
        if listed and product.gst_rate:
            return turn.line(
                "line_reverse_goods",
                goods=product.name,
                seller=turn.line(f"word_seller_{listed.seller}"),
                rate=percent(product.gst_rate),
            )
    return ""


def _settle_part(reader: Reader, draft: Draft) -> None:
    """How much half of it is, now that the whole is known; what was paid may be all of it."""
    part = draft["part"]
    if not part:
        return
    total, *_ = _previewed(reader, draft)
    if part.get("half"):
        part["amount"] = in_halves(total)[1]
    elif part["amount"] == total and part["method"]:
        draft["paid"], draft["part"] = part["method"], None


def _previewed(reader: Reader, draft: Draft) -> tuple[int, int, int]:
    """What the goods come to, the tax in it, and how much of that is credited."""
    vendor = draft["vendor"]
    return service.preview_bill(
        reader,
        lines=_bought(draft),
        vendor_id=UUID(vendor["id"]) if vendor["id"] else None,
        vendor_name=vendor["name"],
        inclusive=not draft["tax_extra"],
        reverse_charge=bool(draft["reverse"]),
        freight_paise=draft["freight"] or 0,
        on=date.fromisoformat(draft["on"]) if draft["on"] else None,
    )


def _tell_tax_left_out(turn: Turn, reader: Reader, draft: Draft) -> None:
    """ "Plus gst" of a vendor who charges none, because no GSTIN is known, is not in the total."""
    if draft["tax_extra"] and tax_on_top(turn) and not _previewed(reader, draft)[1]:
        turn.say("utter_not_in_it", said=words_of_tax(turn))


def _facts(turn: Turn, reader: Reader, draft: Draft) -> dict[str, Any]:
    vendor = draft["vendor"]
    vendor_id = UUID(vendor["id"]) if vendor["id"] else None
    total, tax, credit = _previewed(reader, draft)
    said = ""
    if draft["reverse"]:
        said = turn.line("line_purchase_reverse", tax=inr(tax))
    elif tax:
        said = turn.line("line_purchase_tax" if credit else "line_purchase_tax_cost", tax=inr(tax))
    elif vendor_id is None or parties.vendor(reader, vendor_id).gstin is None:
        said = turn.line("line_purchase_untaxed", vendor=vendor["name"])
        said += _reverse_hint(turn, reader, draft)
    rows = [
        {
            **_goods_row(turn, line),
            "product": f"{line['name']} {expiry_words(turn, line)}".strip(),
            "price": inr(price_of(line)),
            "amount": inr(_worth(line)),
        }
        for line in draft["lines"]
    ]
    charges = draft["charges"]
    carriage = turn.line("line_purchase_charges", amount=inr(charges)) if charges else ""
    if draft["freight"]:
        carriage += turn.line("line_purchase_freight", amount=inr(draft["freight"]))
    if draft["number"] and not draft["reverse"]:
        carriage += turn.line("line_purchase_number", number=draft["number"])
    if draft["on"]:
        carriage += turn.line("line_purchase_on", on=day(date.fromisoformat(draft["on"])))
    if vendor.get("buys_here"):
        carriage += turn.line("line_vendor_buys_here", vendor=vendor["name"])
    carriage += bill_goods.differs(turn, draft, total) + instead_words(turn, draft)
    return {
        "vendor": vendor["name"],
        "rows": turn.lines("line_purchase", rows) + carriage,
        "total": inr(total),
        "tax": said,
        "draft_id": draft.stamp,
    }


def _stock_rows(turn: Turn, reader: Reader, draft: Draft) -> str:
    rows = [
        {
            "product": one.name,
            "quantity": plain(one.on_hand),
            "unit": unit_word(turn, one.unit, one.on_hand),
        }
        for one in stock_list(reader, [UUID(line["id"]) for line in draft["lines"]])
    ]
    return turn.lines("line_goods", rows)
