"""The form by which the shop's own money moves: till and bank, the owner, what was settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.forms.asking import register
from actions.forms.belonging import only_method
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import EXPENSE_FORM, VOUCHER_FORM
from actions.forms.writing import Write
from actions.match import remember
from actions.payments.tills import (
    CAPITAL,
    CARD,
    DEPOSIT,
    DRAWINGS,
    LOAN_REPAID,
    LOAN_TAKEN,
    OPENING,
    UPI,
    WITHDRAWAL,
    apart_from_own_money,
    is_from_bank,
    way_said,
)
from actions.purchases.buying_words import figures_in
from actions.reading.money import take_amount, written
from actions.reading.when import ask_day, choose_day, settle_day, take_day
from actions.several import Wish
from actions.wording import day
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.money import from_decimal, inr
from erp_core.ledger import chart, vouchers
from erp_core.ledger.queries import balance_of
from erp_core.parties.permissions import Permission

ENDS: Mapping[str, tuple[str, str]] = {
    DEPOSIT: (chart.CASH, chart.BANK),
    WITHDRAWAL: (chart.BANK, chart.CASH),
    UPI: (chart.UPI_CLEARING, chart.BANK),
    CARD: (chart.CARD_CLEARING, chart.BANK),
}
"""From which account to which the shop's money goes; all else is between it and its owner, or those
who lend to it."""

A_DAY = timedelta(days=1)

COMES: Mapping[str, tuple[int, ...]] = {
    CAPITAL: (1,),
    DRAWINGS: (-1,),
    LOAN_TAKEN: (1,),
    LOAN_REPAID: (-1,),
}
"""Whether the money comes into its account or leaves it; between two accounts it does both."""


@register
class VoucherForm(Form):
    """Which way, how much, when."""

    form = VOUCHER_FORM
    slots = ("voucher_amount", "voucher_confirmed")
    intents = frozenset[str]()
    near = frozenset({"payment_record", "expense_log", "khata_credit", "inventory_update"})
    permission = Permission.WRITE_VOUCHERS

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """What was spent besides is asked about afterwards: "2000 ghar le gaya aur 150 chai"."""
        apart = apart_from_own_money(turn)
        if apart is None:
            super()._begin_parts(turn, draft)
            return
        spent, (first, *others) = apart
        super()._begin_parts(first, draft)
        wishes = [*(Wish(one, VOUCHER_FORM) for one in others), Wish(spent, EXPENSE_FORM)]
        self._wait_behind(turn, draft, wishes)

    def take(self, turn: Turn, draft: Draft) -> bool:
        """The way, the amount, the day."""
        way = way_said(turn)
        if way and draft["way"] and (way == OPENING or way != draft["way"]):
            draft["amount"] = draft["on"] = None
        if way == OPENING:
            draft["way"], draft["bank"], draft["opening"] = CAPITAL, False, True
        elif way:
            draft["way"], draft["bank"], draft["opening"] = way, is_from_bank(turn), None
        elif draft["way"] in COMES and (method := only_method(turn)):
            draft["bank"] = method != "cash"
            return True
        known = take_amount(turn, draft)
        figure = figures_in(turn) if not known else None
        number = parse_number(figure.replace(",", "")) if figure else None
        if number:
            draft["amount"] = from_decimal(number)
        told = known or bool(number)
        draft["counted"] = draft["opening"] and told
        return take_day(turn, draft) or told or bool(way)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """See to the day; of what the till began with, only what the books do not have yet."""
        if draft["counted"] and draft["amount"]:
            _settle_counted(turn, reader, draft)
        elif draft["amount"]:
            settle_day(turn, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:  # noqa: ARG002
        """Which day."""
        choose_day(draft, value)

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which day."""
        ask_day(turn, draft)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {"voucher_amount": draft["amount"], "voucher_confirmed": draft["confirmed"]}

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """How much, yes."""
        if slot == "voucher_amount":
            turn.say("utter_ask_voucher_amount", what=turn.line(f"word_way_{draft['way']}"))
            return
        on = date.fromisoformat(draft["on"]) if draft["on"] else reader.today
        turn.say(
            f"utter_confirm_{draft['way']}",
            amount=inr(draft["amount"]),
            on=day(on),
            rows=_balances(turn, reader, draft),
            draft_id=draft.stamp,
        )


class WriteVoucher(Write):
    """Write it."""

    action = "action_voucher"
    writes = VoucherForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """One voucher; tell where the money lies now."""
        key, way = f"draft:{draft.id}", draft["way"]
        facts = {
            "amount_paise": draft["amount"],
            "on": date.fromisoformat(draft["on"]) if draft["on"] else None,
        }
        if way in ENDS:
            source, target = ENDS[way]
            done = turn.run(vouchers.transfer, key=key, source=source, target=target, **facts)
        else:
            account = _accounts(draft)[0]
            done = turn.run(vouchers.write_voucher, key=key, kind=way, account=account, **facts)
        with turn.read() as reader:
            rows = [
                {
                    "what": turn.line(f"account_{one.lower()}"),
                    "amount": inr(balance_of(reader, one)),
                }
                for one in _accounts(draft)
            ]
        turn.say(
            "utter_voucher_written",
            what=turn.line(f"word_way_{way}"),
            amount=inr(done["amount"]),
            rows=turn.lines("line_part", rows),
        )
        noted = written("voucher", done["amount"], entry_id=done["voucher_id"], way=way)
        return [remember(turn, written=noted)]


def _settle_counted(turn: Turn, reader: Reader, draft: Draft) -> None:
    """What was in the till in the morning beyond what the books say is the owner's own."""
    said, booked = draft["amount"], balance_of(reader, chart.CASH, until=reader.today - A_DAY)
    facts = {"said": inr(said), "booked": inr(booked), "difference": inr(abs(said - booked))}
    draft["counted"] = None
    if said > booked:
        turn.say("utter_opening_cash_more", **facts)
        draft["amount"], draft["on"] = said - booked, (reader.today - A_DAY).isoformat()
        return
    turn.say("utter_opening_cash_less" if said < booked else "utter_opening_cash_agrees", **facts)
    draft.pending = {"kind": "closed"}


def _accounts(draft: Draft) -> tuple[str, ...]:
    """Whose balances change: where the money comes from first."""
    own = chart.BANK if draft["bank"] else chart.CASH
    return ENDS.get(draft["way"], (own,))


def _balances(turn: Turn, reader: Reader, draft: Draft) -> str:
    """What each account holds and will; one that cannot hold so little is told."""
    comes = COMES.get(draft["way"], (-1, 1))
    rows = []
    for account, sign in zip(_accounts(draft), comes, strict=True):
        before = balance_of(reader, account)
        after = before + sign * draft["amount"]
        rows.append(
            turn.line(
                "line_voucher_short" if sign < 0 and after < 0 else "line_voucher",
                account=turn.line(f"account_{account.lower()}"),
                before=inr(before),
                after=inr(after),
            )
        )
    return "\n".join(rows)
