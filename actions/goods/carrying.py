"""The form by which goods are carried from one place to another."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.forms.asking import register
from actions.forms.choices import ask_choice
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import TRANSFER_FORM
from actions.forms.writing import Write
from actions.goods.lines import take_goods
from actions.goods.places import SHOP, ends, place_words
from actions.goods.settling import choose_product, settle_goods
from actions.goods.telling import ask_goods, complete
from actions.match import remember, unit_word
from erp_core.inventory import places
from erp_core.journal.context import Reader
from erp_core.parties.permissions import Permission


@register
class TransferForm(Form):
    """Goods, and the two places."""

    form = TRANSFER_FORM
    slots = ("transfer_lines", "transfer_confirmed")
    intents = frozenset({"inventory_update"})
    near = frozenset({"order_create", "order_modify"})
    permission = Permission.ADJUST_STOCK
    about_goods = True
    takes_money = False

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Goods, and from where to where."""
        found = ends(turn)
        if found:
            draft["source"], draft["target"] = found
        return take_goods(turn, draft) or bool(found)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the goods."""
        settle_goods(turn, reader, draft, may_add=False, ask_stock=False)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which product."""
        choose_product(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {"transfer_lines": complete(draft), "transfer_confirmed": draft["confirmed"]}

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which product, how much."""
        if not ask_goods(turn, draft):
            ask_choice(turn, draft, draft.pending or {})

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:  # noqa: ARG002
        """What, yes."""
        if slot == "transfer_lines":
            turn.say("utter_ask_transfer_lines")
            return
        turn.say(
            "utter_confirm_transfer",
            source=place_words(turn, draft["source"] or SHOP),
            target=place_words(turn, draft["target"] or SHOP),
            rows=_rows(turn, draft),
            draft_id=draft.stamp,
        )


class WriteTransfer(Write):
    """Carry the goods."""

    action = "action_stock_transfer"
    writes = TransferForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """All lines in one command; tell what lies where now."""
        done = turn.run(
            places.move_goods,
            key=f"draft:{draft.id}",
            lines=[{"product_id": one["id"], "quantity": one["counted"]} for one in draft["lines"]],
            source=draft["source"] or None,
            target=draft["target"] or None,
        )
        rows = [
            turn.line(
                "line_transferred",
                product=line["name"],
                unit=unit_word(turn, line["unit"], there),
                source=place_words(turn, done["source"] or SHOP),
                left=left,
                target=place_words(turn, done["target"] or SHOP),
                there=there,
            )
            for line, left, there in zip(draft["lines"], done["left"], done["there"], strict=True)
        ]
        turn.say("utter_transferred", rows="\n".join(rows))
        return [remember(turn, product=draft["lines"][-1]["id"])]


def _rows(turn: Turn, draft: Draft) -> str:
    rows = [
        {
            "product": line["name"],
            "quantity": line["counted"],
            "unit": unit_word(turn, line["unit"], line["counted"]),
        }
        for line in draft["lines"]
    ]
    return turn.lines("line_goods", rows)
