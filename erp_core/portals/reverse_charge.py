"""Services under reverse charge: the business owes the tax of what it paid for (section 9(3)).

The tax is due with the payment (section 13(3)), in cash (section 49(4)), and is input tax where the
business may set any off. What is told after the return of its month was filed goes into the one of
today, with interest from the day on which it was due (late.py); no filed return changes. A payment
voucher stands for it (section 31(3)(g)), and our own invoice where the supplier is not registered
(section 31(3)(f)). Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.engine import Row
from sqlalchemy.sql import Select

from erp_core.expenses.categories import category
from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.invoicing.numbering import next_number
from erp_core.journal.context import Context, Reader
from erp_core.kernel.clock import day_bounds
from erp_core.kernel.errors import Conflict, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.models import vendors
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import Business, business
from erp_core.portals.periods import is_open, tax_day
from erp_core.purchases.documents import SELF_INVOICE
from erp_core.purchases.models import purchase_bills, reverse_charges
from erp_core.tax import rules
from erp_core.tax.gst import Assessment, Line, assess
from erp_core.tax.reverse_charge import Service, services

REVERSE_CHARGE = "reverse_charge"
PAYMENT_VOUCHER = "PV"
HEADS = ("cgst", "sgst", "igst")


@dataclass(frozen=True)
class Charged:
    """A service whose tax the business owes; `sign` is -1 where it was taken back. `bill_number` is
    that of its supplier's bill. It was paid for on the day `spent_on`, and is told on the day `on`,
    later where the return of that day was filed."""

    id: UUID
    service: str
    number: str
    self_invoice: str | None
    on: date
    vendor: str | None
    supplier_gstin: str | None
    inter_state: bool
    input_credit: bool
    rate: int
    taxable: int
    cgst: int
    sgst: int
    igst: int
    sign: int = 1
    cess: int = 0
    bill_number: str | None = None
    spent_on: date = date.min

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst


class ReverseCharged(TypedDict):
    """`tax` is owed, `credit` what of it is set off; in paise, the rate in basis points. `due` is
    the last day that its tax had (ISO), where the return of that day was filed before."""

    charge_id: str
    expense_id: str
    service: str
    number: str
    self_invoice: str | None
    taxable: int
    rate: int
    tax: int
    credit: int
    due: str | None


def charge(ctx: Context, *, expense_id: UUID, service: str) -> ReverseCharged:
    """Say that the tax of a service that was paid for is owed by the business.

    Raises NotFound("expense"), Conflict("no_reverse_charge") where the list does not hold for the
    business or on that day, Conflict("charged_by_vendor") where the supplier charges it, and
    Conflict("reverse_charge_known", number).
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    return _charge(ctx, expense_id, service)


def _charge(
    ctx: Context, expense_id: UUID, service: str, *, paid_on: date | None = None
) -> ReverseCharged:
    """`paid_on` where the service was paid for on another day than its expense is dated."""
    spent, own = _expense(ctx, expense_id), business(ctx)
    listed = services().get(service)
    rate = _rate_owed(ctx, spent, own, listed, paid_on or spent.on_date)
    assert listed is not None, "no rate without its service"  # noqa: S101
    found = _assessed(spent, _supplier_of(spent), rules.home_of(own), rate)
    takes_credit = category(spent.category).input_credit and rules.charges_tax(own)
    charge_id = new_id()
    written = _write(ctx, charge_id, spent, found, service, credit=listed.credit and takes_credit)
    due = tax_day(ctx, spent.on_date) if written["on_date"] != spent.on_date else None
    ctx.record(
        "reverse_charge.written",
        entity=charge_id,
        expense_id=str(expense_id),
        service=service,
        number=written["number"],
        tax=found.tax,
    )
    return {
        "charge_id": str(charge_id),
        "expense_id": str(expense_id),
        "service": service,
        "number": written["number"],
        "self_invoice": written["self_invoice"],
        "taxable": spent.amount_paise,
        "rate": rate,
        "tax": found.tax,
        "credit": found.tax if written["input_credit"] else 0,
        "due": due.isoformat() if due else None,
    }


def _rate_owed(ctx: Context, spent: Row, own: Business, listed: Service | None, day: date) -> int:
    """The rate of a service that was paid for on a day, where the business owes its tax."""
    rate = _rate_of(own, listed, day)
    if listed is None or rate is None:
        raise Conflict("no_reverse_charge")
    if spent.gst_paise or listed.is_charged_by(_supplier_of(spent), day):
        raise Conflict("charged_by_vendor")
    known = _charge_of(ctx, spent.id)
    if known is not None:
        raise Conflict("reverse_charge_known", number=known.number)
    return rate


def _write(
    ctx: Context, charge_id: UUID, spent: Row, found: Assessment, service: str, *, credit: bool
) -> dict[str, Any]:
    """Post the tax with its vouchers: on the day of the payment, or today where its return was
    filed; the row that stands for it."""
    heads = {head: int(getattr(found, head)) for head in HEADS}
    on = spent.on_date if is_open(ctx, spent.on_date) else ctx.today
    gstin, home = _supplier_of(spent), rules.home_of(business(ctx))
    entry_id = post(
        ctx,
        kind=REVERSE_CHARGE,
        on=on,
        postings=_postings(heads, cost=None if credit else category(spent.category).account),
        source=("expense", spent.id),
    )
    row = {
        "business_id": ctx.business_id,
        "id": charge_id,
        "expense_id": spent.id,
        "service": service,
        "number": next_number(ctx, PAYMENT_VOUCHER, home, ctx.today).text,
        "self_invoice": None if gstin else next_number(ctx, SELF_INVOICE, home, ctx.today).text,
        "on_date": on,
        "supplier_gstin": gstin,
        "inter_state": found.inter_state,
        "input_credit": credit,
        "rate": found.lines[0].rate,
        "taxable_paise": spent.amount_paise,
        "entry_id": entry_id,
        "created_at": ctx.now,
        **{f"{head}_paise": paise for head, paise in heads.items()},
    }
    ctx.connection.execute(insert(reverse_charges).values(row))
    return row


def _supplier_of(spent: Row) -> str | None:
    """The GSTIN of who was paid."""
    gstin: str | None = spent.supplier_gstin or spent.gstin
    return gstin


def after(ctx: Context) -> None:
    """Listens to every command: with an expense that is taken back goes the tax on it, and what is
    written in its place bears it anew."""
    events = tuple(ctx.events)
    for at, event in enumerate(events):
        if event.kind != "expense.taken_back" or event.entity is None:
            continue
        known = _charge_of(ctx, event.entity)
        if known is None:
            continue
        on = known.on_date if is_open(ctx, known.on_date) else ctx.today
        reverse(ctx, known.entry_id, str(event.payload["reason"]), on=on)
        if event.payload["right"] is not None:
            right = next(one for one in events[at:] if one.kind == "expense.logged")
            assert right.entity is not None, "an expense is one"  # noqa: S101
            _charge(ctx, right.entity, known.service, paid_on=known.spent_on)


def charges_between(reader: Reader, start: date, end: date) -> list[Charged]:
    """What is owed on services of the days from start to end, both included, oldest first; what
    was taken back in them with the sign -1."""
    require(reader, Permission.VIEW_PURCHASES)
    c, undone = reverse_charges.c, ledger_entries.c
    query = _charges(reader)
    back = query.join(
        ledger_entries, (undone.business_id == c.business_id) & (undone.reverses == c.entry_id)
    )
    found = [
        _charged(row, sign)
        for sign, rows in (
            (1, query.where(c.on_date.between(start, end))),
            (-1, back.where(undone.on_date.between(start, end))),
        )
        for row in reader.connection.execute(rows)
    ]
    return sorted(found, key=lambda one: (one.on, one.number, -one.sign))


def charged(reader: Reader, charge_id: UUID) -> Charged:
    """A service under reverse charge. Raises NotFound("purchase")."""
    require(reader, Permission.VIEW_PURCHASES)
    row = reader.connection.execute(
        _charges(reader).where(reverse_charges.c.id == charge_id)
    ).one_or_none()
    if row is None:
        raise NotFound("purchase", charge_id=str(charge_id))
    return _charged(row, 1)


def is_offered(reader: Reader, service: Service, on: date) -> bool:
    """Whether the business may owe the tax of a service on a day."""
    return _rate_of(business(reader), service, on) is not None


def documents_between(reader: Reader, start: date, end: date) -> list[tuple[str, str]]:
    """(kind, number) of the vouchers and of our own invoices that were made in some days, for
    Table 13: their numbers are of the day on which they are issued, whenever the service was."""
    c = reverse_charges.c
    since, until = day_bounds(start, end, reader.zone)
    rows = reader.connection.execute(
        select(c.number, c.self_invoice).where(
            c.business_id == reader.business_id, c.created_at >= since, c.created_at < until
        )
    ).all()
    goods = purchase_bills.c
    own = reader.connection.execute(
        select(goods.number).where(
            goods.business_id == reader.business_id,
            goods.kind == "self_invoice",
            goods.created_at >= since,
            goods.created_at < until,
        )
    )
    return [
        *(("self_invoice", one.self_invoice) for one in rows if one.self_invoice),
        *(("self_invoice", one.number) for one in own),
        *(("payment_voucher", one.number) for one in rows),
    ]


def _expense(ctx: Context, expense_id: UUID) -> Row:
    """The expense, locked, with the GSTIN and the state of its vendor."""
    c, vendor = expenses.c, vendors.c
    row = ctx.connection.execute(
        select(expenses, vendor.gstin, vendor.state)
        .outerjoin(vendors, (vendor.business_id == c.business_id) & (vendor.id == c.vendor_id))
        .where(c.business_id == ctx.business_id, c.id == expense_id, standing())
        .with_for_update(key_share=True, of=expenses)
    ).one_or_none()
    if row is None:
        raise NotFound("expense", expense_id=str(expense_id))
    return row


def _rate_of(own: Business, listed: Service | None, on: date) -> int | None:
    """The rate that the business owes on a service; None where it owes none."""
    if listed is None:
        return None
    return listed.rate_for(own.gstin, on, composition=rules.is_composition(own))


def _assessed(spent: Row, gstin: str | None, home: str, rate: int) -> Assessment:
    supplier = gstin[:2] if gstin else spent.state
    return assess(
        [Line(Decimal(1), spent.amount_paise, rate)],
        supplier_state=supplier or home,
        place_of_supply=home,
        reverse_charge=True,
    )


def _postings(heads: Mapping[str, int], *, cost: str | None) -> list[Posting]:
    """What is owed, and the credit of it or what it costs."""
    owed = [Posting(chart.OUTPUT_TAX[head], -paise) for head, paise in heads.items()]
    if cost is not None:
        return [*owed, Posting(cost, sum(heads.values()))]
    return [*owed, *(Posting(chart.INPUT_TAX[head], paise) for head, paise in heads.items())]


def _charge_of(ctx: Context, expense_id: UUID) -> Row | None:
    """The tax that stands on an expense."""
    c, undone, spent = reverse_charges.c, ledger_entries.c, expenses.c
    back = (
        select(undone.id)
        .where(undone.business_id == c.business_id, undone.reverses == c.entry_id)
        .correlate(reverse_charges)
    )
    return ctx.connection.execute(
        select(c.number, c.entry_id, c.on_date, c.service, spent.on_date.label("spent_on"))
        .join(expenses, (spent.business_id == c.business_id) & (spent.id == c.expense_id))
        .where(c.business_id == ctx.business_id, c.expense_id == expense_id, ~back.exists())
    ).first()


def _charges(reader: Reader) -> Select:
    c, spent, vendor = reverse_charges.c, expenses.c, vendors.c
    return (
        select(
            reverse_charges,
            vendor.name.label("vendor"),
            spent.number.label("bill_number"),
            spent.on_date.label("spent_on"),
        )
        .select_from(
            reverse_charges.join(
                expenses, (spent.business_id == c.business_id) & (spent.id == c.expense_id)
            ).outerjoin(
                vendors,
                (vendor.business_id == spent.business_id) & (vendor.id == spent.vendor_id),
            )
        )
        .where(c.business_id == reader.business_id)
    )


def _charged(row: Row, sign: int) -> Charged:
    return Charged(
        id=row.id,
        service=row.service,
        number=row.number,
        self_invoice=row.self_invoice,
        on=row.on_date,
        vendor=row.vendor,
        supplier_gstin=row.supplier_gstin,
        inter_state=row.inter_state,
        input_credit=row.input_credit,
        rate=row.rate,
        taxable=row.taxable_paise,
        cgst=row.cgst_paise,
        sgst=row.sgst_paise,
        igst=row.igst_paise,
        sign=sign,
        bill_number=row.bill_number,
        spent_on=row.spent_on,
    )
