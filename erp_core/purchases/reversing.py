"""Input credit of bills that are not paid within 180 days (CGST Act, section 16(2), rule 37).

It is reversed in the share that is unpaid, and taken again when it is paid. What is paid first is
the oldest. Under reverse charge nothing is reversed: that tax was paid by the business itself. Of
goods that are lost nothing is left to reverse, and nothing is taken again (lost_goods); neither of
goods that are sold without tax, whose credit went back with its month (portals.apportioning).
Amounts are paise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from sqlalchemy import BigInteger, cast, exists, func, insert, select

from erp_core.catalogue.queries import products_by_id
from erp_core.inventory.levels import UNDONE
from erp_core.inventory.models import stock_movements
from erp_core.journal.context import Context, Reader
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.ledger.service import Posting, post
from erp_core.parties.models import vendors
from erp_core.parties.permissions import Permission, require
from erp_core.purchases.models import credit_reversals, lost_credits, purchase_bills
from erp_core.purchases.queries import HEADS, Bill, bills_of, bills_where
from erp_core.tax.hsn import is_exempt

DAYS = 180
"""From the date of the bill. The credit goes in the month in which the day after them lies."""
REVERSED, RECLAIMED = "reversed", "reclaimed"

Heads = Mapping[str, int]


class CreditReviewed(TypedDict):
    """`bills` is how many bills were touched."""

    reversed: int
    reclaimed: int
    bills: int


@dataclass(frozen=True)
class Unpaid:
    """A bill that is unpaid for more than 180 days, with the credit that may not stand."""

    bill: Bill
    unpaid: int
    heads: Heads


def unpaid_too_long(reader: Reader, vendor_id: UUID) -> list[Unpaid]:
    """The bills of a vendor of which something is unpaid for too long, oldest first."""
    require(reader, Permission.VIEW_PURCHASES)
    return _late(reader, vendor_id, bills_of(reader, vendor_id))


def kept_back(ctx: Context, bill: Bill, lost: Heads) -> dict[str, int]:
    """What of the credit of lost goods of a bill is reversed already since the bill is unpaid, and
    so does not go a second time. The credit of its vendor is locked from here on."""
    lock_credit(ctx, [bill.vendor_id])
    standing = _standing(ctx, bill.vendor_id).get(bill.id)
    if standing is None:
        return dict.fromkeys(HEADS, 0)
    every = bills_where(ctx, purchase_bills.c.vendor_id == bill.vendor_id)
    late = {
        one.bill.id: one.heads for one in _late(ctx, bill.vendor_id, every, lost={bill.id: lost})
    }
    rest = late.get(bill.id, {})
    return {head: min(lost[head], max(0, standing[head] - rest.get(head, 0))) for head in HEADS}


def lock_credit(ctx: Context, vendor_ids: Iterable[UUID]) -> None:
    """Whoever reckons with the reversed credit of a vendor does so one after the other; of several,
    in one order for everybody."""
    for vendor_id in sorted(set(vendor_ids)):
        ctx.take_turns(f"credit:{vendor_id}")


def _late(
    reader: Reader,
    vendor_id: UUID,
    every: Sequence[Bill],
    *,
    lost: Mapping[UUID, Heads] | None = None,
) -> list[Unpaid]:
    """The same among bills that were read; `lost` is what is about to be lost besides."""
    gone = _lost(reader, vendor_id)
    for bill_id, heads in (lost or {}).items():
        before = gone.get(bill_id, {})
        gone[bill_id] = {head: before.get(head, 0) + heads[head] for head in HEADS}
    back: dict[UUID, list[Bill]] = defaultdict(list)
    for one in every:
        if one.against is not None:
            back[one.against].append(one)
    owed = max(0, -balance_of(reader, chart.PAYABLE, vendor_id))
    exempt: Mapping[UUID, Heads] | None = None
    found = []
    for bill in sorted((one for one in every if one.sign > 0), key=_age, reverse=True):
        net = bill.total - sum(note.total for note in back[bill.id])
        unpaid = min(net, owed)
        owed -= unpaid
        late = bill.on + timedelta(days=DAYS) < reader.today
        if unpaid > 0 and late and bill.input_credit and not bill.reverse_charge:
            exempt = _sold_without_tax(reader, every) if exempt is None else exempt
            apart = (gone[bill.id], exempt.get(bill.id, {}))
            stands = {
                head: _net(bill, back[bill.id], head) - sum(one.get(head, 0) for one in apart)
                for head in HEADS
            }
            heads = {
                head: half_up(Decimal(max(0, paise)) * unpaid / net)
                for head, paise in stands.items()
            }
            found.append(Unpaid(bill, unpaid, heads))
    return found[::-1]


def _sold_without_tax(reader: Reader, every: Sequence[Bill]) -> dict[UUID, Heads]:
    """{bill: the credit on its goods that are sold without tax}, which went back with its month
    (rule 42)."""
    goods = products_by_id(reader, list({line.product_id for one in every for line in one.lines}))
    found: defaultdict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(HEADS, 0))
    for one in every:
        for line in one.lines:
            if line.tax and is_exempt(goods[line.product_id], one.on):
                for head in HEADS:
                    found[one.against or one.id][head] += one.sign * int(getattr(line, head))
    return dict(found)


def review_credit(ctx: Context, *, vendor_id: UUID | None = None) -> CreditReviewed:
    """Reverse the credit of what is unpaid for too long, and take again that of what is paid now;
    of one vendor, or of all."""
    require(ctx, Permission.VIEW_PURCHASES)
    done: CreditReviewed = {"reversed": 0, "reclaimed": 0, "bills": 0}
    for one in [vendor_id] if vendor_id else _vendors_in_question(ctx):
        lock_credit(ctx, [one])
        wanted = {late.bill.id: late.heads for late in unpaid_too_long(ctx, one)}
        standing = _standing(ctx, one)
        for bill_id in sorted(wanted.keys() | standing.keys()):
            _move(ctx, bill_id, wanted.get(bill_id, {}), standing.get(bill_id, {}), done)
    if done["bills"]:
        ctx.record(
            "credit.reviewed",
            reversed=done["reversed"],
            reclaimed=done["reclaimed"],
            bills=done["bills"],
        )
    return done


def reclaim(ctx: Context, vendor_id: UUID) -> None:
    """After a vendor was paid: take again what was reversed on its bills."""
    if _standing(ctx, vendor_id):
        review_credit(ctx, vendor_id=vendor_id)


def moved_between(reader: Reader, start: date, end: date) -> dict[str, dict[str, int]]:
    """{"reversed" | "reclaimed": {head: paise}} of the days from start to end, both included."""
    c = credit_reversals.c
    rows = reader.connection.execute(
        select(
            c.kind, *(cast(func.sum(c[f"{head}_paise"]), BigInteger).label(head) for head in HEADS)
        )
        .where(c.business_id == reader.business_id, c.on_date.between(start, end))
        .group_by(c.kind)
    )
    return {row.kind: {head: row[head] for head in HEADS} for row in rows}


@dataclass(frozen=True)
class Moved:
    """Credit of a bill that was reversed, or taken again, by an entry of a day."""

    kind: str
    on: date
    number: str | None
    vendor: str
    entry_id: UUID
    heads: Heads


def moves_between(reader: Reader, start: date, end: date) -> list[Moved]:
    """What was reversed and taken again from start to end, both included, oldest first."""
    require(reader, Permission.VIEW_PURCHASES)
    c, bill, vendor = credit_reversals.c, purchase_bills.c, vendors.c
    rows = reader.connection.execute(
        select(credit_reversals, bill.number, vendor.name)
        .select_from(
            credit_reversals.join(
                purchase_bills, (bill.business_id == c.business_id) & (bill.id == c.bill_id)
            ).join(
                vendors, (vendor.business_id == bill.business_id) & (vendor.id == bill.vendor_id)
            )
        )
        .where(c.business_id == reader.business_id, c.on_date.between(start, end))
        .order_by(c.on_date, c.created_at, c.id)
    )
    return [
        Moved(
            kind=row.kind,
            on=row.on_date,
            number=row.number,
            vendor=row.name,
            entry_id=row.entry_id,
            heads={head: row[f"{head}_paise"] for head in HEADS},
        )
        for row in rows
    ]


def _age(bill: Bill) -> tuple[date, str]:
    return bill.on, str(bill.id)


def _net(bill: Bill, notes: Sequence[Bill], head: str) -> int:
    return int(getattr(bill, head)) - sum(int(getattr(note, head)) for note in notes)


def _vendors_in_question(ctx: Context) -> list[UUID]:
    """Vendors with a bill old enough, whose credit was taken."""
    c = purchase_bills.c
    rows = ctx.connection.execute(
        select(c.vendor_id)
        .where(
            c.business_id == ctx.business_id,
            c.on_date < ctx.today - timedelta(days=DAYS),
            c.kind == "bill",
            c.input_credit,
        )
        .distinct()
        .order_by(c.vendor_id)
    )
    return list(rows.scalars())


def _standing(reader: Reader, vendor_id: UUID) -> dict[UUID, Heads]:
    """What is reversed now of each bill of a vendor."""
    c, head = credit_reversals.c, purchase_bills.c
    rows = reader.connection.execute(
        select(credit_reversals)
        .join(purchase_bills, (head.business_id == c.business_id) & (head.id == c.bill_id))
        .where(c.business_id == reader.business_id, head.vendor_id == vendor_id)
    )
    found: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(HEADS, 0))
    for row in rows:
        for name in HEADS:
            sign = 1 if row.kind == REVERSED else -1
            found[row.bill_id][name] += sign * row[f"{name}_paise"]
    for bill_id, heads in _lost(reader, vendor_id, reversed_only=True).items():
        for name in HEADS:
            found[bill_id][name] -= heads[name]
    return {bill_id: heads for bill_id, heads in found.items() if any(heads.values())}


def _lost(
    reader: Reader, vendor_id: UUID, *, reversed_only: bool = False
) -> defaultdict[UUID, dict[str, int]]:
    """What losses that stand took of the credit of each bill of a vendor; of what had been
    reversed alone if asked."""
    c, head, undone = lost_credits.c, purchase_bills.c, stock_movements.alias()
    rows = reader.connection.execute(
        select(lost_credits)
        .join(purchase_bills, (head.business_id == c.business_id) & (head.id == c.bill_id))
        .where(c.business_id == reader.business_id, head.vendor_id == vendor_id)
        .where(
            ~exists()
            .where(undone.c.business_id == c.business_id)
            .where(undone.c.source_kind == UNDONE)
            .where(undone.c.source_id == c.movement_id)
        )
    )
    found: defaultdict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(HEADS, 0))
    for row in rows:
        for name in HEADS:
            given = 0 if reversed_only else row[f"{name}_paise"]
            found[row.bill_id][name] += given + row[f"reversed_{name}_paise"]
    return found


def _move(
    ctx: Context, bill_id: UUID, wanted: Heads, standing: Heads, done: CreditReviewed
) -> None:
    differ = {head: wanted.get(head, 0) - standing.get(head, 0) for head in HEADS}
    touched = False
    for kind, sign in ((REVERSED, 1), (RECLAIMED, -1)):
        heads = {head: max(0, sign * paise) for head, paise in differ.items()}
        if not any(heads.values()):
            continue
        touched = True
        if kind == REVERSED:
            done["reversed"] += sum(heads.values())
        else:
            done["reclaimed"] += sum(heads.values())
        _write(ctx, bill_id, kind, sign, heads)
    done["bills"] += touched


def _write(ctx: Context, bill_id: UUID, kind: str, sign: int, heads: Heads) -> None:
    row_id = new_id()
    entry_id = post(
        ctx,
        kind="credit_reversal" if kind == REVERSED else "credit_reclaim",
        on=ctx.today,
        postings=[
            Posting(chart.CREDIT_REVERSED, sign * sum(heads.values())),
            *(Posting(chart.INPUT_TAX[head], -sign * paise) for head, paise in heads.items()),
        ],
        source=("credit_reversal", row_id),
    )
    ctx.connection.execute(
        insert(credit_reversals).values(
            business_id=ctx.business_id,
            id=row_id,
            bill_id=bill_id,
            kind=kind,
            on_date=ctx.today,
            entry_id=entry_id,
            created_at=ctx.now,
            **{f"{head}_paise": paise for head, paise in heads.items()},
        )
    )
