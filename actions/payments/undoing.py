"""What was written wrongly is taken back, and a part of a debt forgiven: asked once, then written.

"Nahi, 400 tha wo" right after an expense, "Mohan ka 500 udhaar hata do" later, "Ravi ka payment
galat likh diya", "500 chhod do".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, number_of
from actions.forms.asking import register
from actions.forms.choices import ask_choice, drop_button
from actions.forms.customer import choose_customer, settle_customer, take_customer
from actions.forms.draft import Draft, what_of
from actions.forms.form import FORMS, Form
from actions.forms.names import PAYMENT_FORM, UNDO_FORM
from actions.forms.reopening import noted_anew
from actions.forms.writing import Write
from actions.goods import stock_back
from actions.invoicing.paid_beside import as_payment, says_given
from actions.invoicing.put_right import figures_of
from actions.lexicon import says, words
from actions.match import payload_of, recent, remember
from actions.payments import paid_with_bill
from actions.payments.earlier_expense import expense_meant
from actions.payments.paid_with_bill import paid_another_way
from actions.payments.taking_back import (
    CREDIT,
    ENTRY,
    EXPENSE,
    PAYMENT,
    PRICE,
    PURCHASE,
    STOCK,
    TO_VENDOR,
    VOUCHER,
    WAIVER,
    kind_of,
    kind_written,
    last_written,
    may_undo,
    number_alone,
    stock_was_bought,
    tells_right,
    without_cue,
)
from actions.payments.written_otherwise import is_of_what_was_written, written_otherwise
from actions.phrasebook import Button
from actions.purchases.vendors import owed_words
from actions.reading.money import amounts_said
from actions.reading.parts import part_of, without
from actions.waiting import put_aside
from actions.wording import balance_words, day
from erp_core.catalogue import service as catalogue
from erp_core.expenses import queries as expenses
from erp_core.expenses import service as expense_service
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import clauses
from erp_core.kernel.money import PAISE_PER_RUPEE, from_decimal, inr
from erp_core.ledger import vouchers
from erp_core.parties import queries as parties
from erp_core.parties.permissions import Permission
from erp_core.payments import correcting
from erp_core.payments import queries as payments
from erp_core.purchases import correcting as buying
from erp_core.purchases import queries as purchases
from erp_core.purchases.paying import undo_payment

LOOKED_BACK = timedelta(days=90)
MOST_ROWS = 8


@register
class UndoForm(Form):
    """Credit, a payment, an expense or a change of stock to take back or to correct, or a debt to
    forgive."""

    form = UNDO_FORM
    slots = ("undo_what", "undo_confirmed")
    intents = frozenset[str]()
    near = frozenset(
        {"khata_credit", "expense_log", "payment_record", "order_cancel", "inventory_update"}
    )
    permission = Permission.WRITE_VOUCHERS

    def welcomes(self, turn: Turn) -> bool:
        """Only the owner forgives a debt; who may change stock takes that back."""
        if not turn.is_user:
            return super().welcomes(turn)
        kind, last = kind_of(turn), last_written(turn)
        allowed = may_undo(turn, kind or (kind_written(last) if last else None))
        if kind == WAIVER:
            allowed = turn.may(Permission.FORGIVE_DEBT)
        if not allowed:
            turn.say("error_not_allowed")
        return allowed

    def begin(self, turn: Turn, draft: Draft) -> None:
        """What it is about; without a word of it, what was written just before."""
        if otherwise := paid_another_way(turn):
            draft["kind"] = PAYMENT
            paid_with_bill.begin(turn, draft, otherwise)
            return
        draft["kind"] = kind_of(turn)
        last = last_written(turn)
        if draft["kind"] is None and last:
            draft["kind"] = kind_written(last)
        if draft["kind"] == ENTRY and last and kind_written(last) != EXPENSE:
            draft["kind"] = kind_written(last)
        named = turn.first("customer_name") or turn.first("item") or turn.first("date")
        named = named or expense_meant(turn)
        named = named and not (last and is_of_what_was_written(turn, last))
        if not last or named or not _is_of(last, draft["kind"]):
            return
        if draft["kind"] == STOCK:
            draft["target"] = {"ids": last["id"].split()}
        elif together := last.get("together"):
            # An amount alone is the right one of one of them, which is asked; else all were wrong.
            figure = turn.first("amount") or turn.first("quantity")
            draft["among"] = together
            draft["target"] = None if figure else {"together": together}
        else:
            draft["target"] = {"id": last["id"], "amount": last["paise"], **last["said"]}

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """ "780 de gaya, 20 chhod do": the money that came is asked about afterwards; and so is a
        payment that came otherwise than it was written, "cash nahi UPI"."""
        paid = _paid_beside(turn) if kind_of(turn) == WAIVER else None
        if paid is None:
            super()._begin_parts(turn, draft)
            change = written_otherwise(turn, draft) if draft["target"] else None
            if change:
                turn.say("utter_wished_next", what=what_of(turn, change))
                draft["change"] = change.kept()
            return
        came = paid.all("amount")[0]
        super()._begin_parts(without(turn, came.start, came.end), draft)
        payment = Draft(f"{draft.id}-paid", PAYMENT_FORM)
        FORMS[PAYMENT_FORM]().start(paid, payment)
        if not payment["customer_said"]:
            payment["customer"] = payment["customer"] or draft["customer"]
        draft["others"].append(payment.kept())

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Whose, what for, which amount, and the right one."""
        if draft["kind"] == STOCK:
            last = last_written(turn)
            bought = last is not None and stock_was_bought(turn, last) is not None
            return bought or stock_back.take(turn, draft)
        amounts = amounts_said(turn)
        if not amounts and draft["kind"] != WAIVER:
            amounts = _bare_sum(turn)
        if draft["kind"] == WAIVER:
            draft["all"] = not amounts and says(turn.words, "stock.all")
        taken = bool(amounts or draft["all"])
        figures = figures_of(turn) if draft["kind"] != WAIVER else None
        if figures:
            draft["amount"], draft["right"] = (from_decimal(one) for one in figures)
        elif len(amounts) > 1 and draft["kind"] != WAIVER:
            draft["amount"], draft["right"] = amounts[0], amounts[-1]
        elif amounts and draft["kind"] != WAIVER and tells_right(turn, draft["target"]):
            draft["right"] = amounts[-1]
        elif amounts:
            draft["amount"] = amounts[-1]
        if draft["kind"] == EXPENSE:
            item = (
                expense_meant(turn)
                or turn.value("item")
                or turn.value("product_name")
                or turn.value("vendor_name")
            )
            draft["item"] = without_cue(turn, item or "") or draft["item"]
            if taken or item:
                _leave_others(draft)
            return taken or bool(item)
        if draft["target"] is None:
            missing = draft["customer"] is None and draft.replying and not amounts
            taken = take_customer(turn, draft, asked=missing) or taken
        if draft["customer"] is None and not draft["customer_said"] and draft["target"] is None:
            _spoken_of(turn, draft)
        return taken

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find what is to be undone."""
        if draft["kind"] == STOCK:
            stock_back.settle(turn, reader, draft)
            return
        settle_customer(turn, reader, draft)
        if draft.pending:
            draft.pending.pop("may_add", None)
            return
        if draft["kind"] == WAIVER:
            _settle_waiver(turn, reader, draft)
        elif draft["kind"] == EXPENSE:
            _settle_expense(turn, reader, draft)
        elif draft["kind"] not in (VOUCHER, PRICE, PURCHASE, TO_VENDOR):
            _settle_khata(turn, reader, draft)
        same = draft["target"] and draft["right"] == draft["target"]["amount"]
        if same and draft.pending is None:
            turn.say("utter_undo_same", amount=inr(draft["right"]))
            draft.pending = {"kind": "closed"}

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which customer, which entry."""
        if draft["answering"]["field"] == "entry":
            draft["target"] = draft["answering"]["entries"][value]
            draft["kind"] = draft["target"].get("kind", draft["kind"])
        else:
            choose_customer(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        waived = draft["amount"] if draft["kind"] == WAIVER and draft["customer"] else None
        return {"undo_what": draft["target"] or waived, "undo_confirmed": draft["confirmed"]}

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which customer, which entry."""
        pending = draft.pending or {}
        if pending["field"] != "entry":
            ask_choice(turn, draft, pending)
            return
        rows = [
            Button(
                title=one["title"],
                payload=payload_of("affirm", draft=draft.stamp, choice=key, act=pending["token"]),
                description=one["description"],
            )
            for key, one in pending["entries"].items()
        ]
        turn.say("utter_which_entry", choices=[*rows, drop_button(turn, draft)])

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Whose, how much; then yes."""
        if draft["kind"] == STOCK:
            response, facts = stock_back.confirmation(turn, reader, draft)
            turn.say(response, draft_id=draft.stamp, **facts)
            return
        if slot == "undo_what":
            if draft["customer"]:
                owed = payments.balance(reader, UUID(draft["customer"]["id"]))
                name = draft["customer"]["name"]
                turn.say("utter_ask_waiver", name=name, before=balance_words(turn, owed))
            else:
                turn.say("utter_ask_undo_customer")
            return
        response, facts = self._confirmation(turn, reader, draft)
        turn.say(response, draft_id=draft.stamp, **facts)

    def _confirmation(
        self, turn: Turn, reader: Reader, draft: Draft
    ) -> tuple[str, Mapping[str, Any]]:
        target, right = draft["target"], draft["right"]
        if draft["kind"] == EXPENSE:
            facts = {"item": target["what"], "on": day(date.fromisoformat(target["on"]))}
            facts |= {"amount": inr(target["amount"]), "right": inr(right or 0)}
            return ("utter_confirm_expense_right" if right else "utter_confirm_expense_back"), facts
        if draft["kind"] == VOUCHER:
            response = "utter_confirm_voucher_right" if right else "utter_confirm_voucher_back"
            return response, _voucher_facts(turn, draft)
        if draft["kind"] in (PURCHASE, TO_VENDOR):
            facts = {**_bought_facts(draft), "goods": _goods_and_money(turn, reader, draft)}
            return f"utter_confirm_{draft['kind']}_back", facts
        if draft["kind"] == PRICE:
            return "utter_confirm_price_back", _price_facts(draft)
        before = payments.balance(reader, UUID(draft["customer"]["id"]))
        lowered = draft["amount"] if draft["kind"] == WAIVER else target["amount"] - (right or 0)
        if draft["kind"] == PAYMENT:
            lowered = -lowered
        facts = {
            "name": draft["customer"]["name"],
            "amount": inr(draft["amount"] if draft["kind"] == WAIVER else target["amount"]),
            "right": inr(right or 0),
            "before": balance_words(turn, before),
            "after": balance_words(turn, before - lowered),
        }
        if draft["kind"] == WAIVER:
            return "utter_confirm_waiver", facts
        facts["on"] = day(date.fromisoformat(target["on"]))
        what = "payment" if draft["kind"] == PAYMENT else "credit"
        return f"utter_confirm_{what}_{'right' if right else 'back'}", facts


class WriteUndo(Write):
    """Take it back, correct it, or forgive it."""

    action = "action_undo"
    writes = UndoForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it, tell what stands now."""
        events = _WRITES[draft["kind"]](turn, draft)
        change = draft["change"] and put_aside(turn, [draft["change"]], first=True)
        return [*(change or []), *events]


def _take_back_expense(turn: Turn, draft: Draft) -> list[EventType]:
    right, target = draft["right"], draft["target"]
    for at, expense_id in enumerate(target.get("ids") or [target["id"]]):
        done = turn.run(
            expense_service.take_back_expense,
            key=f"draft:{draft.id}:{at}" if at else f"draft:{draft.id}",
            expense_id=UUID(expense_id),
            right_paise=right,
        )
    turn.say(
        "utter_expense_right" if right else "utter_expense_back",
        item=target["what"],
        amount=inr(target["amount"]),
        right=inr(right or 0),
    )
    noted = noted_anew(turn, expense_id, done["right_id"], right or 0)
    return [remember(turn, written=noted)]


def _reverse_voucher(turn: Turn, draft: Draft) -> list[EventType]:
    right = draft["right"]
    turn.run(
        vouchers.reverse_voucher,
        key=f"draft:{draft.id}",
        voucher_id=UUID(draft["target"]["id"]),
        reason=correcting.MISTAKE,
        right_paise=right,
    )
    response = "utter_voucher_right" if right else "utter_voucher_back"
    turn.say(response, **_voucher_facts(turn, draft))
    return [remember(turn, written=None)]


def _restore_price(turn: Turn, draft: Draft) -> list[EventType]:
    turn.run(
        catalogue.change_price,
        key=f"draft:{draft.id}",
        product_id=UUID(draft["target"]["id"]),
        price_paise=draft["right"] or int(draft["target"]["before"]),
    )
    turn.say("utter_price_back", **_price_facts(draft))
    return [remember(turn, product=draft["target"]["id"], written=None)]


def _take_back_bill(turn: Turn, draft: Draft) -> list[EventType]:
    done = turn.run(
        buying.take_back_bill, key=f"draft:{draft.id}", bill_id=UUID(draft["target"]["id"])
    )
    facts = {**_bought_facts(draft), "owed": owed_words(turn, done["owed"])}
    turn.say("utter_purchase_back", number=done["number"], **facts)
    if done["paid"]:
        turn.say("utter_vendor_payment_undone", amount=inr(done["paid"]))
    return [remember(turn, vendor=done["vendor_id"], written=None)]


def _take_back_from_vendor(turn: Turn, draft: Draft) -> list[EventType]:
    done = turn.run(undo_payment, key=f"draft:{draft.id}", payment_id=UUID(draft["target"]["id"]))
    turn.say("utter_vendor_payment_undone", amount=inr(done["amount"]))
    return [remember(turn, vendor=done["vendor_id"], written=None)]


def _forgive(turn: Turn, draft: Draft) -> list[EventType]:
    done = turn.run(
        correcting.forgive_debt,
        key=f"draft:{draft.id}",
        customer_id=UUID(draft["customer"]["id"]),
        amount_paise=draft["amount"],
    )
    return _told_on_khata(turn, draft, "utter_waiver_written", done)


def _take_back(
    turn: Turn, draft: Draft, *, command: Callable[..., Any], which: str, right: str, back: str
) -> list[EventType]:
    """What stands on a customer's khata: a payment, or udhaar."""
    done = turn.run(
        command,
        key=f"draft:{draft.id}",
        **{which: UUID(draft["target"]["id"])},
        right_paise=draft["right"],
    )
    noted = noted_anew(turn, draft["target"]["id"], done["right_id"], draft["right"] or 0)
    return _told_on_khata(turn, draft, right if draft["right"] else back, done, noted)


def _told_on_khata(
    turn: Turn, draft: Draft, response: str, done: Mapping[str, Any], noted: str | None = None
) -> list[EventType]:
    turn.say(
        response,
        name=draft["customer"]["name"],
        amount=inr(done["amount"]),
        right=inr(draft["right"] or 0),
        after=balance_words(turn, done["balance_after"]),
    )
    return [remember(turn, customer=done["customer_id"], written=noted)]


_WRITES: Mapping[str, Callable[[Turn, Draft], list[EventType]]] = {
    STOCK: stock_back.write,
    EXPENSE: _take_back_expense,
    VOUCHER: _reverse_voucher,
    PRICE: _restore_price,
    PURCHASE: _take_back_bill,
    TO_VENDOR: _take_back_from_vendor,
    WAIVER: _forgive,
    PAYMENT: partial(
        _take_back,
        command=correcting.take_back_payment,
        which="payment_id",
        right="utter_payment_right",
        back="utter_payment_back",
    ),
    CREDIT: partial(
        _take_back,
        command=correcting.take_back_credit,
        which="credit_id",
        right="utter_credit_right",
        back="utter_credit_back",
    ),
}


def _voucher_facts(turn: Turn, draft: Draft) -> dict[str, Any]:
    target, right = draft["target"], draft["right"] or 0
    what = turn.line(f"word_way_{target['way']}")
    return {"what": what, "amount": inr(target["amount"]), "right": inr(right)}


def _bought_facts(draft: Draft) -> dict[str, Any]:
    target = draft["target"]
    return {
        "vendor": target["vendor"],
        "goods": target.get("goods", ""),
        "amount": inr(target["amount"]),
    }


def _goods_and_money(turn: Turn, reader: Reader, draft: Draft) -> str:
    """The goods of a bill, and what was paid with it, which is taken back too."""
    goods = str(_bought_facts(draft)["goods"])
    if draft["kind"] != PURCHASE:
        return goods
    paid = buying.paid_with(reader, purchases.bill(reader, UUID(draft["target"]["id"])))
    return f"{goods}; {turn.line(f'method_{paid.method}')} {inr(paid.amount)}" if paid else goods


def _price_facts(draft: Draft) -> dict[str, Any]:
    target = draft["target"]
    right = draft["right"] or int(target["before"])
    return {"product": target["name"], "amount": inr(target["amount"]), "right": inr(right)}


def _is_of(last: Mapping[str, Any], kind: str | None) -> bool:
    return kind_written(last) == kind


def _spoken_of(turn: Turn, draft: Draft) -> None:
    """Without a name, the customer who was spoken of last."""
    before = recent(turn, "customer")
    if before is None:
        return
    with turn.read() as reader:
        found = parties.customer(reader, before)
    draft["customer"] = {"id": str(found.id), "name": found.name}


def _paid_beside(turn: Turn) -> Turn | None:
    """What a message tells of money that came, beside a part of a debt that is let go."""
    spans = clauses(turn.text)
    waived = [one for one in spans if says(words(turn.text[slice(*one)]), "undoing.waive")]
    if len(waived) != 1:
        return None
    told = without(turn, *waived[0]) if len(spans) > 1 else _before_waived(turn)
    told = _without_whole(told) if told else None
    sums = told.all("amount") if told else []
    if told is None or len(sums) != 1:
        return None
    came = says_given(told, sums[0].end) or says(words(told.text[sums[0].end :])[:2], "took")
    return as_payment(told) if came else None


def _before_waived(turn: Turn) -> Turn | None:
    """ "1000 diya 200 maaf kar do": what stands before the sum that is let go."""
    sums = [one for one in turn.entities if one.name in NUMBERS and one.end]
    for one in sums:
        before, behind = words(turn.text[: one.start])[-1:], words(turn.text[one.end :])[:2]
        if says(before, "undoing.waive") or says(behind, "undoing.waive"):
            return part_of(turn, (0, one.start))
    return None


def _without_whole(turn: Turn) -> Turn:
    """The turn without the whole of a debt of which a part was paid: "1200 me se 1000 diya"."""
    for one in turn.entities:
        if one.name in NUMBERS and one.end and says(words(turn.text[one.end :])[:2], "in_place_of"):
            return without(turn, one.start, one.end)
    return turn


def _settle_waiver(turn: Turn, reader: Reader, draft: Draft) -> None:
    if not draft["customer"]:
        return
    owed = payments.balance(reader, UUID(draft["customer"]["id"]))
    if draft["all"]:
        draft["amount"], draft["all"] = owed, None
    elif says(turn.words, "undoing.paise") and draft["amount"] == owed % PAISE_PER_RUPEE * 100:
        draft["amount"] = owed % PAISE_PER_RUPEE or None  # paise in earnest, and no word for money
    if owed <= 0:
        turn.say("utter_owes_nothing", name=draft["customer"]["name"])
        draft.pending = {"kind": "closed"}
    elif draft["amount"] and draft["amount"] > owed:
        turn.say("error_more_than_owed", balance=inr(owed))
        draft["amount"] = None


def _settle_khata(turn: Turn, reader: Reader, draft: Draft) -> None:
    if draft["target"] and draft["target"].get("on"):
        return
    wanted = (draft["target"] or {}).get("id")
    if wanted and not draft["customer"]:
        _spoken_of(turn, draft)
    if not draft["customer"]:
        return
    found = _on_khata(turn, reader, draft)
    fitting = [one for one in found if one["id"] == wanted] if wanted else found
    if draft["amount"]:
        fitting = [one for one in fitting if one["amount"] == draft["amount"]]
        kinds = {one["kind"]: one for one in reversed(fitting)}
        fitting = list(kinds.values())
    _take_entry(turn, draft, {one["id"]: one for one in fitting}, found_any=bool(found))


def _on_khata(turn: Turn, reader: Reader, draft: Draft) -> list[dict[str, Any]]:
    """What was written on the customer's khata and stands, of each kind the newest first."""
    customer_id = UUID(draft["customer"]["id"])
    found: list[dict[str, Any]] = []
    if draft["kind"] in (CREDIT, ENTRY):
        found += [
            _entry(turn, CREDIT, one)
            for one in correcting.standing_credits(reader, customer_id, limit=MOST_ROWS)
        ]
    if draft["kind"] in (PAYMENT, ENTRY):
        found += [
            _entry(turn, PAYMENT, one)
            for one in payments.standing_payments(reader, customer_id, limit=MOST_ROWS)
        ]
    return found


def _entry(turn: Turn, kind: str, one: correcting.Credit | payments.Payment) -> dict[str, Any]:
    what = turn.line("utter_entry_payment" if kind == PAYMENT else "utter_entry_khata_credit")
    return {
        "id": str(one.id),
        "kind": kind,
        "amount": one.amount,
        "on": one.on.isoformat(),
        "title": inr(one.amount),
        "description": f"{what}, {day(one.on)}",
    }


def _settle_expense(turn: Turn, reader: Reader, draft: Draft) -> None:
    if draft["target"] and draft["target"].get("on"):
        return
    wanted = (draft["target"] or {}).get("id")
    found = expenses.expenses_between(reader, turn.today - LOOKED_BACK, turn.today)
    fitting = [one for one in found if str(one.id) == wanted] if wanted else found
    if among := draft["among"]:
        fitting = [one for one in found if str(one.id) in among]
    if (draft["target"] or {}).get("together") and fitting:
        draft["target"] = _all_of(turn, fitting)
        return
    if draft["item"]:
        said = set(words(draft["item"]))
        fitting = [
            one for one in fitting if said <= set(words(f"{one.item or ''} {one.vendor or ''}"))
        ]
    if draft["amount"]:
        fitting = [one for one in fitting if one.amount == draft["amount"]]
    if draft["item"] and fitting and fitting[0].on > turn.today - timedelta(days=2):
        fitting = fitting[:1]
    entries = {
        str(one.id): {
            "id": str(one.id),
            "amount": one.amount,
            "on": one.on.isoformat(),
            "what": _what(turn, one),
            "title": f"{inr(one.amount)} {one.item or one.vendor or ''}"[:24],
            "description": day(one.on),
        }
        for one in fitting[:MOST_ROWS]
    }
    _take_entry(turn, draft, entries, found_any=bool(found))


def _bare_sum(turn: Turn) -> list[int]:
    """The number of "sorry 550", or of "chai wali 40 ki thi", in paise."""
    numbers = turn.all("quantity") if expense_meant(turn) else []
    said = number_of(numbers[0]) if numbers else number_alone(turn)
    return [from_decimal(said)] if said and said > 0 else []


def _what(turn: Turn, one: expenses.Expense) -> str:
    return one.item or one.vendor or turn.line(f"category_{one.category}")


def _leave_others(draft: Draft) -> None:
    """Goods, or an amount, are of one of those that one message wrote."""
    if (draft["target"] or {}).get("ids"):
        draft["target"] = None


def _all_of(turn: Turn, several: Sequence[expenses.Expense]) -> dict[str, Any]:
    """Expenses that one message wrote, to be taken back together."""
    in_order = sorted(several, key=lambda one: str(one.id))
    return {
        "ids": [str(one.id) for one in in_order],
        "amount": sum(one.amount for one in in_order),
        "on": max(one.on for one in in_order).isoformat(),
        "what": ", ".join(_what(turn, one) for one in in_order),
    }


def _take_entry(
    turn: Turn, draft: Draft, entries: Mapping[str, Mapping[str, Any]], *, found_any: bool
) -> None:
    if len(entries) == 1:
        draft["target"] = next(iter(entries.values()))
        draft["kind"] = draft["target"].get("kind", draft["kind"])
    elif entries:
        entries = dict(list(entries.items())[:MOST_ROWS])
        draft.pending = {
            "kind": "choose", "field": "entry", "token": "entry", "entries": dict(entries),
        }  # fmt: skip
    else:
        told = found_any and draft["amount"]
        response = "utter_no_such_entry" if told else "utter_nothing_to_undo"
        turn.say(response, amount=inr(draft["amount"] or 0))
        draft.pending = {"kind": "closed"}
