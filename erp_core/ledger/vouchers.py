"""Money that moves without a bill: capital and drawings, cash to bank, what there was at first.

A voucher is corrected by its reversal and a new one. What other modules post is corrected there:
a payment, an invoice, an expense each know more than their entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Row

from erp_core.journal.context import Context
from erp_core.kernel.errors import Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.ledger.periods import open_day
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.permissions import Permission, require

VOUCHER = "voucher"

OPPOSITE: Mapping[str, tuple[str, int]] = {
    "capital": (chart.CAPITAL, 1),
    "drawings": (chart.DRAWINGS, -1),
    "opening": (chart.OPENING_EQUITY, 1),
    "loan_taken": (chart.LOANS, 1),
    "loan_repaid": (chart.LOANS, -1),
    "other_income": (chart.OTHER_INCOME, 1),
    "bank_charges": (chart.BANK_CHARGES, -1),
    "asset_bought": (chart.FIXED_ASSETS, -1),
    "gst_paid": (chart.GST_CASH, -1),
}
"""For each kind, the account on the other side, and whether money comes (1) or goes (-1)."""

WITHOUT_MONEY: Mapping[str, tuple[str, str]] = {
    "depreciation": (chart.expense_account("depreciation"), chart.FIXED_ASSETS),
}
"""For each kind in which no money moves, the account debited and the one credited."""


class VoucherWritten(TypedDict):
    voucher_id: str
    entry_id: str
    kind: str
    amount: int


def write_voucher(
    ctx: Context,
    *,
    kind: str,
    amount_paise: int,
    account: str = chart.CASH,
    on: date | None = None,
) -> VoucherWritten:
    """Money into or out of an account of chart.MONEY, for one of the kinds of OPPOSITE; or one of
    WITHOUT_MONEY, to which the account is nothing.

    Raises Invalid("bad_voucher", "bad_account", "bad_amount", "date_in_future"),
    Conflict("period_locked").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    if kind in WITHOUT_MONEY:
        debited, credited = WITHOUT_MONEY[kind]
        written_down = [Posting(debited, amount_paise), Posting(credited, -amount_paise)]
        return _write(ctx, kind, amount_paise, written_down, on)
    if kind not in OPPOSITE:
        raise Invalid("bad_voucher")
    other, sign = OPPOSITE[kind]
    paise = sign * amount_paise
    postings = [Posting(_money(account), paise), Posting(other, -paise)]
    return _write(ctx, kind, amount_paise, postings, on)


def transfer(
    ctx: Context, *, amount_paise: int, source: str, target: str, on: date | None = None
) -> VoucherWritten:
    """Money from one account to another: cash to bank, a settlement of UPI to bank.

    Raises as `write_voucher`.
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    if source == target:
        raise Invalid("bad_account")
    postings = [Posting(_money(target), amount_paise), Posting(_money(source), -amount_paise)]
    return _write(ctx, "contra", amount_paise, postings, on)


def reverse_voucher(
    ctx: Context, *, voucher_id: UUID, reason: str, right_paise: int | None = None
) -> VoucherWritten:
    """Undo a voucher by its opposite, and write the right amount in its place if one is told: on
    its own day, or today where the books of that day are closed. `reason` is a code.

    Raises NotFound("voucher"), Conflict("already_reversed"), Invalid("bad_amount").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    wrong = ctx.connection.execute(
        select(ledger_entries.c.id, ledger_entries.c.kind, ledger_entries.c.on_date).where(
            ledger_entries.c.business_id == ctx.business_id,
            ledger_entries.c.source_kind == VOUCHER,
            ledger_entries.c.source_id == voucher_id,
            ledger_entries.c.reverses.is_(None),
        )
    ).one_or_none()
    if wrong is None:
        raise NotFound("voucher", voucher_id=str(voucher_id))
    on = open_day(ctx, wrong.on_date)
    entry_id = reverse(ctx, wrong.id, reason, on=on)
    if right_paise is not None:
        postings = [
            Posting(one.account, right_paise if one.paise > 0 else -right_paise)
            for one in _postings_of(ctx, wrong.id)
        ]
        return _write(ctx, wrong.kind, right_paise, postings, on)
    return {
        "voucher_id": str(voucher_id),
        "entry_id": str(entry_id),
        "kind": "reversal",
        "amount": 0,
    }


def _postings_of(ctx: Context, entry_id: UUID) -> list[Row]:
    c = ledger_postings.c
    return ctx.connection.execute(
        select(c.account, c.paise)
        .where(c.business_id == ctx.business_id, c.entry_id == entry_id)
        .order_by(c.position)
    ).all()


def _money(account: str) -> str:
    if account not in chart.MONEY:
        raise Invalid("bad_account")
    return account


def _write(
    ctx: Context, kind: str, amount_paise: int, postings: list[Posting], on: date | None
) -> VoucherWritten:
    if not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    day = ctx.day_of(on)
    voucher_id = new_id()
    entry_id = post(ctx, kind=kind, on=day, postings=postings, source=(VOUCHER, voucher_id))
    assert entry_id is not None, "the amount is above zero"  # noqa: S101
    return {
        "voucher_id": str(voucher_id),
        "entry_id": str(entry_id),
        "kind": kind,
        "amount": amount_paise,
    }
