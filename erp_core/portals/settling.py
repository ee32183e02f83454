"""What a period's return does to the books: its tax is set off against credit, and paid.

A month's credit goes as sections 49(5) and 49A and rule 88A say: integrated credit first, on
integrated tax and then on the other heads, each of those on its own head and then on integrated
tax, cess on cess alone. Tax under reverse charge is paid in cash (section 49(4)), and cash in whole
rupees of each head (section 170). Under composition the share of the turnover is a cost of its
quarter (section 10(4)). Amounts are paise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import insert

from erp_core.catalogue.queries import food_served
from erp_core.invoicing.notes import notes_between
from erp_core.invoicing.queries import InvoiceLine, invoices_between, lines_of
from erp_core.invoicing.registration import cancelling_between
from erp_core.journal.commands import alone
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.chart import INPUT_TAX, OUTPUT_TAX
from erp_core.ledger.service import Posting, post
from erp_core.ledger.vouchers import VOUCHER, write_voucher
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business
from erp_core.portals import late, limits
from erp_core.portals.apportioning import apportion, dated_later
from erp_core.portals.models import nil_returns
from erp_core.portals.periods import SET_OFF, Heads, is_settled, period_of
from erp_core.portals.profile import profile
from erp_core.portals.reverse_charge import Charged, charges_between
from erp_core.portals.reverse_charged_goods import goods_between
from erp_core.purchases.queries import Bill
from erp_core.tax.rules import is_composition

COMPOSITION = "composition_tax"
COST = chart.expense_account(COMPOSITION)

RUPEE = 100
SERVED = "9963"
"""The code of food and drink that is served."""


@dataclass(frozen=True)
class Turnover:
    """What a quarter under composition came to, and the tax of it for each government.

    A trader pays on `taxed`, what is left of `paise` without exempt goods; everybody else on all of
    it (rule 7). `unknown` is the part of `taxed` whose goods nobody knows a rate of.
    """

    paise: int
    rate: int
    taxed: int
    unknown: int
    trade: str

    @property
    def exempt(self) -> int:
        """What bears no tax of it."""
        return self.paise - self.taxed

    @property
    def half(self) -> int:
        return half_up(Decimal(self.taxed) * self.rate / 20_000)


@dataclass(frozen=True)
class Settlement:
    """How the tax of a period is paid: what credit covers by head, and the rest in cash.

    `credit` is what is used of each head's credit, `cash` what is paid of each head in rupees.
    """

    owed: Heads
    credit: Heads
    cash: Heads

    @property
    def rounding(self) -> int:
        """By how much the cash is less than what is owed."""
        return sum(self.owed.values()) - sum(self.credit.values()) - sum(self.cash.values())


@dataclass(frozen=True)
class _Delay:
    """What the delay of a return costs: `later` is paid with the return after it, while `before`
    is due now of the one before."""

    costs: tuple[late.Due, ...]
    later: int
    before: int

    @property
    def interest(self) -> int:
        return sum(one.paise for one in self.costs if one.kind == late.INTEREST)

    @property
    def late_fee(self) -> int:
        return sum(one.paise for one in self.costs if one.kind == late.LATE_FEE)

    @property
    def paid_now(self) -> int:
        return self.before + self.interest + self.late_fee - self.later


class ReturnSettled(TypedDict):
    """`owed` is the tax of the period, `credit` what credit covered, `cash` what is paid of it in
    cash. `interest` and `late_fee` are what its delay costs (`days` late), of which `next` is paid
    with the return after it; `dues` is what is paid now of that and of an earlier delay. `paid` is
    what left the bank."""

    period: str
    owed: int
    credit: int
    cash: int
    interest: int
    late_fee: int
    days: int
    dues: int
    next: int
    paid: int


class TaxProvided(TypedDict):
    period: str
    tax: int


def set_off(owed: Heads, in_cash: Heads, credit: Heads) -> Settlement:
    """Credit against what is owed; `in_cash` is the part of it that no credit may cover. Credit
    below zero, after goods went back to a vendor, is owed too. What is owed below zero is not paid
    out: it is taken off in the period after."""
    lacking = {head: max(0, -credit.get(head, 0)) for head in OUTPUT_TAX}
    apart = {head: max(0, min(owed.get(head, 0), in_cash.get(head, 0))) for head in OUTPUT_TAX}
    left = {head: max(0, owed.get(head, 0) - apart[head]) + lacking[head] for head in OUTPUT_TAX}
    there = {head: max(0, credit.get(head, 0)) for head in OUTPUT_TAX}
    used = {head: -paise for head, paise in lacking.items()}

    def use(of: str, on: str, most: int | None = None) -> None:
        paise = min(there[of], left[on] if most is None else min(left[on], most))
        used[of] += paise
        there[of] -= paise
        left[on] -= paise

    use("igst", "igst")
    for head in ("cgst", "sgst"):  # first where a head's own credit falls short
        use("igst", head, max(0, left[head] - there[head]))
    use("igst", "cgst", there["igst"] // 2)  # so that no head's own credit heaps up
    for of, on in (
        ("igst", "sgst"), ("igst", "cgst"), ("cgst", "cgst"), ("sgst", "sgst"),
        ("cgst", "igst"), ("sgst", "igst"), ("cess", "cess"),
    ):  # fmt: skip
        use(of, on)
    cash = {head: half_up(Decimal(left[head] + apart[head]) / RUPEE) * RUPEE for head in OUTPUT_TAX}
    return Settlement({head: max(0, owed.get(head, 0)) for head in OUTPUT_TAX}, used, cash)


def settlement(reader: Reader, month: date) -> Settlement:
    """How the tax that stands at the end of a month is paid, or of the quarter that it lies in
    under composition."""
    require(reader, Permission.VIEW_REPORTS)
    start, end = period_of(reader, month)
    moved = ledger.account_balances(reader, until=end)
    settled = ledger.moved_by(reader, SET_OFF, start=end + timedelta(days=1))
    owed = {head: -moved.get(code, 0) - settled.get(code, 0) for head, code in OUTPUT_TAX.items()}
    credit = {head: moved.get(code, 0) + settled.get(code, 0) for head, code in INPUT_TAX.items()}
    if is_composition(business(reader)):
        return set_off(owed, owed, {})
    given = dated_later(reader, end)
    credit = {head: paise - given[head] for head, paise in credit.items()}
    bought: list[Bill | Charged] = [
        *goods_between(reader, start, end),
        *charges_between(reader, start, end),
    ]
    in_cash = {
        head: sum(one.sign * int(getattr(one, head)) for one in bought) for head in OUTPUT_TAX
    }
    return set_off(owed, in_cash, credit)


@alone
def settle_return(
    ctx: Context, *, month: date, account: str = chart.BANK, on: date | None = None
) -> ReturnSettled:
    """Set a period's tax off against the credit, and pay the rest into the cash ledger and out of
    it; what lies there is used first. What is paid late bears interest and a fee (late.py).

    It runs alone, so that whoever asks whether a period is open is told what stays so to the end of
    his own command. Raises Conflict("no_gstin", "period_not_over", "already_settled",
    "period_locked", "bills_being_cancelled", numbers), Invalid("bad_account", "date_in_future").
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    day, (start, end) = ctx.day_of(on), period_of(ctx, month)
    period = f"{end:%Y-%m}"
    _refuse(ctx, period, over=day > end)
    if waiting := cancelling_between(ctx, start, end):
        raise Conflict("bills_being_cancelled", numbers=", ".join(waiting))
    if is_composition(business(ctx)):
        _provide(ctx, start, end)
    else:
        apportion(ctx, month=month)
    found = settlement(ctx, month)
    delay = _delayed(ctx, month, found, on=day)
    paid = _pay(ctx, found, delay, account=account, on=day)
    _file(ctx, period, found, delay, on=day)
    owed, cash = sum(found.owed.values()), sum(found.cash.values())
    ctx.record("return.settled", period=period, owed=owed, cash=cash, paid=paid)
    return {
        "period": period,
        "owed": owed,
        "credit": sum(found.credit.values()),
        "cash": cash,
        "interest": delay.interest,
        "late_fee": delay.late_fee,
        "days": max((one.days for one in delay.costs), default=0),
        "dues": delay.paid_now,
        "next": delay.later,
        "paid": paid,
    }


def _delayed(ctx: Context, month: date, found: Settlement, *, on: date) -> _Delay:
    costs = late.dues(ctx, month, found.cash, on=on)
    _, end = period_of(ctx, month)
    return _Delay(
        costs=costs,
        later=sum(one.paise for one in costs if one.told_in != f"{end:%Y-%m}"),
        before=max(0, -ledger.balance_of(ctx, chart.GST_DUES, until=on)),
    )


def _pay(ctx: Context, found: Settlement, delay: _Delay, *, account: str, on: date) -> int:
    """Bring into the cash ledger what it lacks, and give that."""
    there = max(0, ledger.balance_of(ctx, chart.GST_CASH, until=on))
    short = max(0, sum(found.cash.values()) + delay.paid_now - there)
    if short:
        write_voucher(ctx, kind="gst_paid", amount_paise=short, account=account, on=on)
    return short


def _file(ctx: Context, period: str, found: Settlement, delay: _Delay, *, on: date) -> None:
    """Write the entry by which a period is settled; where nothing moves, that it was filed."""
    entry_id = post(
        ctx,
        kind=SET_OFF,
        on=on,
        postings=[
            *(Posting(OUTPUT_TAX[head], paise) for head, paise in found.owed.items()),
            *(Posting(INPUT_TAX[head], -paise) for head, paise in found.credit.items()),
            Posting(chart.GST_INTEREST, delay.interest),
            Posting(chart.GST_LATE_FEE, delay.late_fee),
            Posting(chart.GST_DUES, delay.before - delay.later),
            Posting(chart.GST_CASH, -sum(found.cash.values()) - delay.paid_now),
            Posting(chart.ROUND_OFF, -found.rounding),
        ],
        source=(VOUCHER, new_id()),
        reason=period,
    )
    if entry_id is not None:
        late.write(ctx, entry_id, period, delay.costs)
    else:
        _note_nil(ctx, period, on)


def _note_nil(ctx: Context, period: str, on: date) -> None:
    ctx.connection.execute(
        insert(nil_returns).values(
            business_id=ctx.business_id, period=period, filed_on=on, created_at=ctx.now
        )
    )


def _refuse(ctx: Context, period: str, *, over: bool) -> None:
    if business(ctx).gstin is None:
        raise Conflict("no_gstin")
    if not over:
        raise Conflict("period_not_over")
    if is_settled(ctx, period):
        raise Conflict("already_settled", period=period)


def provide_composition_tax(ctx: Context, *, month: date) -> TaxProvided:
    """Write the tax on a quarter's turnover as a cost of the quarter and owed; harmless to repeat:
    what is written already is only corrected. Raises Conflict("period_locked")."""
    require(ctx, Permission.VIEW_REPORTS)
    if not is_composition(business(ctx)):
        return {"period": "", "tax": 0}
    return _provide(ctx, *period_of(ctx, month))


def turnover(reader: Reader, start: date, end: date) -> Turnover:
    """What was billed from one day to another with notes taken off, and its rate.

    What the shop does it has said, or its bills say: who serves food names its code. Where nothing
    was billed, its dishes say so.
    """
    sold = _sold(reader, start, end)
    billed = any((line.hsn or "").startswith(SERVED) for line, _ in sold)
    serves = billed if sold else food_served(reader) is not None
    trade = profile(reader).trade or ("food" if serves else "trader")
    terms = limits.in_force("composition", end, of=trade)
    assert terms is not None, "composition is as old as GST"  # noqa: S101
    exempt = 0 if terms["whole"] else sum(paise for line, paise in sold if line.usual_rate == 0)
    paise = sum(paise for _, paise in sold)
    return Turnover(
        paise=paise,
        rate=int(terms["rate"]),
        taxed=paise - exempt,
        unknown=0
        if terms["whole"]
        else sum(paise for line, paise in sold if line.usual_rate is None),
        trade=trade,
    )


def _sold(reader: Reader, start: date, end: date) -> list[tuple[InvoiceLine, int]]:
    """Each line with what it came to, that of a note with its sign."""
    noted = notes_between(reader, start, end)
    lines = lines_of(reader, [one.invoice_id for one in noted])
    return [
        *(
            (line, line.total_paise)
            for one in invoices_between(reader, start, end)
            for line in one.lines
        ),
        *(
            (lines[one.invoice_id][part.position - 1], one.sign * part.total_paise)
            for one in noted
            for part in one.lines
        ),
    ]


def _provide(ctx: Context, start: date, end: date) -> TaxProvided:
    ctx.take_turns(SET_OFF)
    half = turnover(ctx, start, end).half
    there = ledger.moved_by(ctx, COMPOSITION, start=start, until=end)
    lacking = {code: half + there.get(code, 0) for code in (chart.OUTPUT_CGST, chart.OUTPUT_SGST)}
    post(
        ctx,
        kind=COMPOSITION,
        on=min(end, ctx.today),
        postings=[
            Posting(COST, sum(lacking.values())),
            *(Posting(code, -paise) for code, paise in lacking.items()),
        ],
        reason=f"{end:%Y-%m}",
    )
    return {"period": f"{end:%Y-%m}", "tax": 2 * half}
