"""What a shop knows of its vendors' bills from those that it has confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.sql.selectable import Select

from erp_core.journal.context import Context, Reader
from erp_core.kernel.ids import new_id
from erp_core.parties.models import vendors
from erp_core.receipts.marks import ALIKE, FIELDS, Remembered
from erp_core.receipts.models import bill_marks

VENDOR = "vendor"
MOST_OF_A_FIELD = 6
MOST_SPELLINGS = 500
LONGEST_LABEL = 60
LIKE_ENOUGH = 85
"""Names as read that are so much alike may be those of one vendor: a guess, to be asked."""


def learn(
    ctx: Context, *, vendor_id: UUID, spelling: str | None, labels: Sequence[Sequence[object]]
) -> None:
    """Remember how a vendor's name was read, and where its bill's fields stood.

    `labels`: [field, label, place] of each field that was confirmed.
    """
    seen = [(str(field), str(label), int(str(place))) for field, label, place in labels]
    if spelling and (key := spelling_key(spelling)):
        seen.append((VENDOR, key, 0))
    known = _rows(ctx, vendor_id)
    for field, label, place in seen:
        if field not in (*FIELDS, VENDOR) or not label:
            continue
        of_field = [row for row in known if row.field == field]
        alike = ALIKE if field != VENDOR else 100
        same = next((row for row in of_field if fuzz.ratio(row.label, label) >= alike), None)
        if same is not None:
            _again(ctx, same.id, place)
            continue
        if len(of_field) >= MOST_OF_A_FIELD:
            _forget(ctx, min(of_field, key=lambda row: (row.times, row.seen_at)).id)
        ctx.connection.execute(
            insert(bill_marks).values(
                business_id=ctx.business_id,
                id=new_id(),
                vendor_id=vendor_id,
                field=field,
                label=label[:LONGEST_LABEL],
                place=place,
                times=1,
                seen_at=ctx.now,
            )
        )


def remembered(reader: Reader, vendor_id: UUID) -> list[Remembered]:
    """Where the fields of this vendor's bills have stood."""
    rows = _rows(reader, vendor_id)
    return [Remembered(row.field, row.label, row.place, row.times) for row in rows]


def guess(reader: Reader, spelling: str) -> str | None:
    """The vendor whose name has been read much like this, to be asked."""
    key = spelling_key(spelling)
    query = (
        select(vendors.c.name, bill_marks.c.label)
        .select_from(
            bill_marks.join(
                vendors,
                (vendors.c.business_id == bill_marks.c.business_id)
                & (vendors.c.id == bill_marks.c.vendor_id),
            )
        )
        .where(bill_marks.c.business_id == reader.business_id, bill_marks.c.field == VENDOR)
        .order_by(bill_marks.c.seen_at.desc())
        .limit(MOST_SPELLINGS)
    )
    rows = reader.connection.execute(query).all()
    best = max(rows, key=lambda row: fuzz.ratio(row.label, key), default=None)
    return best.name if best and fuzz.ratio(best.label, key) >= LIKE_ENOUGH else None


def spelling_key(name: str) -> str:
    """A name as an engine read it, without what it reads differently each time."""
    return "".join(one for one in name.lower() if one.isalnum())[:LONGEST_LABEL]


def spelt_like_this(reader: Reader, spelling: str) -> Select:
    """The ids of vendors whose name on a confirmed bill was read exactly so."""
    return select(bill_marks.c.vendor_id).where(
        bill_marks.c.business_id == reader.business_id,
        bill_marks.c.field == VENDOR,
        bill_marks.c.label == spelling_key(spelling),
    )


def _rows(reader: Reader, vendor_id: UUID) -> list[Row]:
    query = select(bill_marks).where(
        bill_marks.c.business_id == reader.business_id, bill_marks.c.vendor_id == vendor_id
    )
    return list(reader.connection.execute(query))


def _again(ctx: Context, mark_id: UUID, place: int) -> None:
    ctx.connection.execute(
        update(bill_marks)
        .where(bill_marks.c.business_id == ctx.business_id, bill_marks.c.id == mark_id)
        .values(times=bill_marks.c.times + 1, place=place, seen_at=ctx.now)
    )


def _forget(ctx: Context, mark_id: UUID) -> None:
    ctx.connection.execute(
        delete(bill_marks).where(
            bill_marks.c.business_id == ctx.business_id, bill_marks.c.id == mark_id
        )
    )
