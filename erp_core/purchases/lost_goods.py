"""Input credit of goods that are lost, destroyed, written off or taken for oneself.

It is given back for good (CGST Act, section 17(5)(g) and (h); GSTR-3B, table 4(B)(1)), at what was
taken when the goods were bought: of a batch, on the bills that it came by; of other goods, on the
oldest bills of what still lay there. Only credit that stands in the books goes back: what had been
reversed before, since the bill is unpaid (rule 37), becomes a cost and is never taken again.
Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, insert, select
from sqlalchemy.engine import Row

from erp_core.catalogue.queries import product
from erp_core.inventory.levels import UNDONE
from erp_core.inventory.models import batch_movements, stock_movements
from erp_core.inventory.reasons import REASONS
from erp_core.journal.context import Context, Event, Reader
from erp_core.kernel.clock import day_bounds
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger.queries import entries_of, moved_by
from erp_core.ledger.service import Posting, post, reverse
from erp_core.parties.permissions import Permission, require
from erp_core.purchases.models import lost_credits, purchase_bills, purchase_lines
from erp_core.purchases.queries import HEADS, bills_where
from erp_core.purchases.reversing import kept_back, lock_credit
from erp_core.tax.hsn import is_exempt

CREDIT_LOST = "credit_lost"
MOVEMENT = "stock_movement"
LOSSES = {
    reason.code: reason.loss
    for reason in REASONS.values()
    if reason.loss in (chart.STOCK_LOSS, chart.DRAWINGS)
}
"""The reasons for which goods go to nobody, and what their cost and tax are charged to."""

NONE = Decimal(0)


def after(ctx: Context) -> None:
    """Listens to every command: gives back the credit of what it has written off, and takes it
    again where that was a mistake."""
    for event in tuple(ctx.events):
        if event.kind == "stock.taken_back":
            _take_again(ctx, event)
    lost = [
        event
        for event in ctx.events
        if event.kind == "stock.changed"
        and event.payload["reason"] in LOSSES
        and str(event.payload["delta"]).startswith("-")
    ]
    movements = [
        movement
        for product_id in sorted({event.entity for event in lost if event.entity})
        for movement in _latest(ctx, product_id, sum(event.entity == product_id for event in lost))
    ]
    came_by = [list(_came_by(ctx, movement)) for movement in movements]
    # All before the first is reckoned with: goods came from several vendors, in any order.
    lock_credit(ctx, _vendors(ctx, {bill_id for bills in came_by for bill_id, _ in bills}))
    for movement, bills in zip(movements, came_by, strict=True):
        _give_back(ctx, movement, bills)


def given_back(reader: Reader, start: date, end: date) -> dict[str, int]:
    """{head: paise} of the days from start to end, both included; what was taken back of days
    before is credit that is taken anew."""
    moved = moved_by(reader, CREDIT_LOST, start=start, until=end, undone_since=start)
    return {head: -moved.get(account, 0) for head, account in chart.INPUT_TAX.items()}


def lost_without_bill(reader: Reader, start: date, end: date) -> int:
    """What goods had cost that were lost from start to end and came by no bill of these books: if
    credit was taken on them it goes back too, and only their owner knows."""
    require(reader, Permission.VIEW_REPORTS)
    c, undone = stock_movements.c, stock_movements.alias()
    first, after = day_bounds(start, end, reader.zone)
    rows = reader.connection.execute(
        select(stock_movements)
        .where(
            c.business_id == reader.business_id,
            c.moved_at >= first,
            c.moved_at < after,
            c.reason.in_(sorted(LOSSES)),
            c.delta < 0,
        )
        .where(
            ~exists()
            .where(undone.c.business_id == c.business_id)
            .where(undone.c.source_kind == UNDONE)
            .where(undone.c.source_id == c.id)
        )
    )
    paise = 0
    for movement in rows:
        known = sum((quantity for _, quantity in _came_by(reader, movement)), NONE)
        paise += half_up(movement.value_paise * (1 + known / movement.delta))
    return -paise


def _latest(ctx: Context, product_id: UUID, times: int) -> list[Row]:
    """The movements of this command by which a product was lost."""
    c = stock_movements.c
    return ctx.connection.execute(
        select(c.id, c.product_id, c.reason, c.delta, c.on_hand_after, c.moved_at)
        .where(
            c.business_id == ctx.business_id,
            c.product_id == product_id,
            c.moved_at == ctx.now,
            c.reason.in_(sorted(LOSSES)),
            c.delta < 0,
        )
        .order_by(c.id.desc())
        .limit(times)
    ).all()


def _take_again(ctx: Context, event: Event) -> None:
    movements: Any = event.payload["movements"]
    for movement_id in movements:
        for entry in entries_of(ctx, MOVEMENT, UUID(movement_id)):
            if entry.kind == CREDIT_LOST:
                reverse(ctx, entry.id, str(event.payload["reason"]))


def _vendors(ctx: Context, bill_ids: Collection[UUID]) -> list[UUID]:
    """Whose these bills are."""
    if not bill_ids:
        return []
    c = purchase_bills.c
    rows = ctx.connection.execute(
        select(c.vendor_id).where(c.business_id == ctx.business_id, c.id.in_(bill_ids)).distinct()
    )
    return list(rows.scalars())


def _give_back(ctx: Context, movement: Row, came_by: Sequence[tuple[UUID, Decimal]]) -> None:
    given, reversed_before = dict.fromkeys(HEADS, 0), 0
    for bill_id, quantity in came_by:
        lost = _credit_of(ctx, bill_id, movement.product_id, quantity)
        if not any(lost.values()):
            continue
        (document,) = bills_where(ctx, purchase_bills.c.id == bill_id)
        kept = kept_back(ctx, document, lost)
        _note(ctx, movement.id, bill_id, lost, kept)
        reversed_before += sum(kept.values())
        for head in HEADS:
            given[head] += lost[head] - kept[head]
    post(
        ctx,
        kind=CREDIT_LOST,
        on=ctx.today,
        postings=[
            Posting(
                LOSSES[movement.reason] or chart.STOCK_LOSS, sum(given.values()) + reversed_before
            ),
            *(Posting(chart.INPUT_TAX[head], -paise) for head, paise in given.items()),
            Posting(chart.CREDIT_REVERSED, -reversed_before),
        ],
        source=(MOVEMENT, movement.id),
        reason=movement.reason,
    )


def _note(
    ctx: Context, movement_id: UUID, bill_id: UUID, lost: dict[str, int], kept: dict[str, int]
) -> None:
    ctx.connection.execute(
        insert(lost_credits).values(
            business_id=ctx.business_id,
            id=new_id(),
            movement_id=movement_id,
            bill_id=bill_id,
            created_at=ctx.now,
            **{f"{head}_paise": lost[head] - kept[head] for head in HEADS},
            **{f"reversed_{head}_paise": kept[head] for head in HEADS},
        )
    )


def _came_by(reader: Reader, movement: Row) -> Iterator[tuple[UUID, Decimal]]:
    """The bills by which lost goods came, each with how much of them."""
    lost = -movement.delta
    for batch_id, quantity in _batches(reader, movement.id):
        lost -= quantity
        yield from _spread(_receipts(reader, movement, batch_id), NONE, quantity)
    yield from _spread(_receipts(reader, movement), movement.on_hand_after, lost)


def _spread(
    receipts: list[tuple[UUID, Decimal]], kept: Decimal, lost: Decimal
) -> Iterator[tuple[UUID, Decimal]]:
    """Of what came, newest first, leave what is kept; what was lost is the next."""
    for bill_id, came in receipts:
        stays = min(kept, came)
        kept -= stays
        gone = min(lost, came - stays)
        lost -= gone
        if gone:
            yield bill_id, gone


def _batches(reader: Reader, movement_id: UUID) -> list[tuple[UUID, Decimal]]:
    c = batch_movements.c
    rows = reader.connection.execute(
        select(c.batch_id, c.delta)
        .where(c.business_id == reader.business_id, c.movement_id == movement_id, c.delta < 0)
        .order_by(c.batch_id)
    )
    return [(row.batch_id, -row.delta) for row in rows]


def _receipts(
    reader: Reader, lost: Row, batch_id: UUID | None = None
) -> list[tuple[UUID, Decimal]]:
    """(bill, quantity) of what had come of lost goods, or of one batch of them, newest first."""
    c, b = stock_movements.c, batch_movements.c
    quantity = c.delta if batch_id is None else b.delta
    query = (
        select(c.source_id, quantity)
        .where(
            c.business_id == reader.business_id,
            c.product_id == lost.product_id,
            c.moved_at <= lost.moved_at,
            c.source_kind == "purchase",
            c.delta > 0,
        )
        .order_by(c.moved_at.desc(), c.id.desc())
    )
    if batch_id is not None:
        query = query.join(
            batch_movements, (b.business_id == c.business_id) & (b.movement_id == c.id)
        ).where(b.batch_id == batch_id)
    return [(row[0], row[1]) for row in reader.connection.execute(query)]


def _credit_of(ctx: Context, bill_id: UUID, product_id: UUID, quantity: Decimal) -> dict[str, int]:
    """The credit that stands on so much of a product of a bill; on goods that are sold without tax
    none does (rule 42)."""
    c, head = purchase_lines.c, purchase_bills.c
    row = ctx.connection.execute(
        select(
            func.sum(c.quantity).label("quantity"),
            func.min(head.on_date).label("on"),
            *(func.sum(c[f"{name}_paise"]).label(name) for name in HEADS),
        )
        .join(purchase_bills, (head.business_id == c.business_id) & (head.id == c.bill_id))
        .where(
            c.business_id == ctx.business_id,
            c.bill_id == bill_id,
            c.product_id == product_id,
            head.input_credit,
        )
    ).one()
    if row.quantity is None or is_exempt(product(ctx, product_id), row.on):
        return {}
    return {name: half_up(row[name] * quantity / row.quantity) for name in HEADS}
