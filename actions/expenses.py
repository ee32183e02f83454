"""What the business spends."""

from __future__ import annotations

from datetime import date
from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import method_of
from actions.forms import (
    Draft,
    Form,
    Write,
    bare_text,
    denied_entities,
    pieces_between,
    register,
)
from actions.lexicon import only, words
from actions.match import remember
from actions.money import take_amount, written
from actions.said import subject
from actions.when import ask_day, choose_day, settle_day, take_day
from actions.wording import day
from erp_core.expenses import service
from erp_core.expenses.categories import guess_category
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission

LONGEST_ITEM = 2
"""Words of an item that no entity names; more are a sentence about something else."""


@register
class ExpenseForm(Form):
    """Money spent: how much, on what, to whom, how and when."""

    form = "expense_form"
    slots = ("expense_amount", "expense_item", "expense_confirmed")
    intents = frozenset({"expense_log"})
    near = frozenset(
        {"payment_record", "khata_credit", "price_update", "inventory_update", "product_add"}
    )
    permission = Permission.LOG_EXPENSE

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Whatever was said of it."""
        taken = take_amount(turn, draft)
        if taken and draft["amount"] is None:
            return True
        for entity in denied_entities(turn):
            if entity.name in ("item", "product_name"):
                draft["item"], taken = entity.value, True
            elif entity.name in ("vendor_name", "customer_name"):
                draft["vendor"], taken = entity.value, True
            elif entity.name == "payment_method":
                draft["method"], taken = method_of(entity.value) or draft["method"], True
            elif entity.name == "date" and take_day(turn, draft):
                taken = True
        if draft["item"] is None:
            item = _item_in_words(turn, asked=draft["amount"] is not None and draft.replying)
            if item:
                draft["item"], taken = item, True
        return taken

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """See to the day, once the rest is known."""
        if draft["amount"] and (draft["item"] or draft["vendor"]):
            settle_day(turn, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:  # noqa: ARG002
        """Which day."""
        choose_day(draft, value)

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which day."""
        ask_day(turn, draft)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots. A vendor alone says enough: petrol pump."""
        return {
            "expense_amount": draft["amount"],
            "expense_item": draft["item"] or draft["vendor"],
            "expense_confirmed": draft["confirmed"],
        }

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """How much, on what, yes."""
        if slot == "expense_amount":
            turn.say("utter_ask_expense_amount")
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
        done = turn.run(
            service.log_expense,
            key=f"draft:{draft.id}",
            amount_paise=draft["amount"],
            item=draft["item"],
            vendor=draft["vendor"],
            method=draft["method"] or "cash",
            on=date.fromisoformat(draft["on"]) if draft["on"] else None,
        )
        turn.say(
            "utter_expense_logged",
            amount=inr(done["amount"]),
            item=draft["item"] or draft["vendor"],
            category=turn.line(f"category_{done['category']}"),
        )
        noted = written("expense_log", done["amount"], item=draft["item"] or draft["vendor"])
        return [remember(turn, written=noted)]


def _facts(turn: Turn, today: date, draft: Draft) -> dict[str, Any]:
    item = draft["item"] or draft["vendor"]
    return {
        "amount": inr(draft["amount"]),
        "item": item,
        "vendor": turn.line("line_vendor", vendor=draft["vendor"]) if draft["vendor"] else "",
        "category": turn.line(f"category_{guess_category(item)}"),
        "method": turn.line(f"method_{draft['method'] or 'cash'}"),
        "on": day(date.fromisoformat(draft["on"]) if draft["on"] else today),
    }


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


def _content_of(text: str) -> str | None:
    kept = [word for word in text.split() if not only(words(word), "filler")]
    return " ".join(kept) if 0 < len(kept) <= LONGEST_ITEM else None
