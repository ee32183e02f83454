"""What is known of a bill before it is written: the same one again, its vendor, its credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.sql.selectable import Select

from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.journal.context import Reader
from erp_core.kernel.matching import bare_number
from erp_core.parties.models import vendors
from erp_core.parties.names import person_key
from erp_core.receipts import memory
from erp_core.receipts.models import receipts

LOOKS = 1_000
"""So many of the latest pictures a new one is compared with."""

ALIKE = 20
"""Near-identical pictures differ in so many of 256 bits at most."""


@dataclass(frozen=True)
class Known:
    """An expense on the books that a bill seems to be. why: "file", "look" or "facts"."""

    expense_id: UUID
    on: date
    amount: int
    vendor: str | None
    why: str


@dataclass(frozen=True)
class Habit:
    """What a vendor's last bill was: its name as the shop knows it, and the category.

    known_by: "spelling", "gstin" or "name"."""

    vendor_id: UUID
    vendor: str
    category: str
    known_by: str


def is_written(reader: Reader, source: str) -> bool:
    """Whether the bill of this message and page is on the books."""
    return written_as(reader, source) is not None


def written_as(reader: Reader, source: str) -> UUID | None:
    """The expense that the bill of this message and page was written as last."""
    query = select(receipts.c.expense_id).where(
        receipts.c.business_id == reader.business_id, receipts.c.source == source
    )
    found: UUID | None = reader.connection.execute(query).scalar_one_or_none()
    return found


def same_bill(
    reader: Reader,
    *,
    file: str | None,
    page: int,
    look: str | None,
    vendor: str | None,
    number: str | None,
    on: date | None,
    amount_paise: int | None,
) -> Known | None:
    """The expense that this bill is already on the books as, as far as can be told.

    By the same file; by vendor, day, amount and, where both have one, number; by a near-identical
    picture of the same amount.
    """
    return (
        _by_file(reader, file, page)
        or _by_facts(reader, vendor, number, on, amount_paise)
        or _by_look(reader, look, on, amount_paise)
    )


def habit(
    reader: Reader, *, vendor: str | None, gstin: str | None, spelling: str | None = None
) -> Habit | None:
    """How this vendor's last expense was booked.

    Who it is tells best the name as it was read on a confirmed bill (`spelling`), then a GSTIN.
    """
    query = (
        select(vendors.c.id, vendors.c.name, expenses.c.category)
        .select_from(
            expenses.join(
                vendors,
                (vendors.c.business_id == expenses.c.business_id)
                & (vendors.c.id == expenses.c.vendor_id),
            )
        )
        .where(expenses.c.business_id == reader.business_id, standing())
        .order_by(expenses.c.created_at.desc(), expenses.c.id.desc())
        .limit(1)
    )
    wanted = {}
    if spelling:
        wanted["spelling"] = vendors.c.id.in_(memory.spelt_like_this(reader, spelling))
    if gstin:
        ours = select(receipts.c.vendor_id).where(
            receipts.c.business_id == reader.business_id, receipts.c.vendor_gstin == gstin
        )
        wanted["gstin"] = vendors.c.id.in_(ours)
    if vendor and person_key(vendor):
        wanted["name"] = vendors.c.search_key == person_key(vendor)
    for known_by, condition in wanted.items():
        row = reader.connection.execute(query.where(condition)).first()
        if row is not None:
            return Habit(row.id, row.name, row.category, known_by)
    return None


def _by_file(reader: Reader, file: str | None, page: int) -> Known | None:
    if file is None:
        return None
    row = reader.connection.execute(
        _known(reader).where(receipts.c.file == file, receipts.c.page == page).limit(1)
    ).first()
    return _as_known(row, "file") if row else None


def _by_facts(
    reader: Reader, vendor: str | None, number: str | None, on: date | None, amount: int | None
) -> Known | None:
    if on is None or amount is None:
        return None
    key = person_key(vendor) if vendor else ""
    query = (
        select(
            expenses.c.id.label("expense_id"),
            expenses.c.on_date,
            expenses.c.amount_paise,
            vendors.c.name,
            vendors.c.search_key,
            receipts.c.number,
        )
        .select_from(
            expenses.outerjoin(
                vendors,
                (vendors.c.business_id == expenses.c.business_id)
                & (vendors.c.id == expenses.c.vendor_id),
            ).outerjoin(
                receipts,
                (receipts.c.business_id == expenses.c.business_id)
                & (receipts.c.expense_id == expenses.c.id),
            )
        )
        .where(
            expenses.c.business_id == reader.business_id,
            expenses.c.on_date == on,
            expenses.c.amount_paise == amount,
            standing(),
        )
        .order_by(expenses.c.created_at.desc())
    )
    for row in reader.connection.execute(query):
        if number and row.number:
            if bare_number(number) == bare_number(row.number) and key == (row.search_key or key):
                return _as_known(row, "facts")
        elif key and key == row.search_key:
            return _as_known(row, "facts")
    return None


def _by_look(reader: Reader, look: str | None, on: date | None, amount: int | None) -> Known | None:
    """Bills of one till look much alike, so another day or amount makes it another bill."""
    if look is None:
        return None
    bits = int(look, 16)
    rows = reader.connection.execute(
        _known(reader)
        .where(receipts.c.look.is_not(None))
        .order_by(receipts.c.created_at.desc())
        .limit(LOOKS)
    )
    for row in rows:
        if bin(bits ^ int(row.look, 16)).count("1") > ALIKE:
            continue
        if amount in (None, row.amount_paise) and on in (None, row.on_date):
            return _as_known(row, "look")
    return None


def _known(reader: Reader) -> Select:
    """Bills whose expense stands."""
    return (
        select(
            receipts.c.expense_id,
            receipts.c.on_date,
            receipts.c.amount_paise,
            receipts.c.look,
            vendors.c.name,
        )
        .select_from(
            receipts.join(
                expenses,
                (expenses.c.business_id == receipts.c.business_id)
                & (expenses.c.id == receipts.c.expense_id),
            ).outerjoin(
                vendors,
                (vendors.c.business_id == receipts.c.business_id)
                & (vendors.c.id == receipts.c.vendor_id),
            )
        )
        .where(receipts.c.business_id == reader.business_id, standing())
    )


def _as_known(row: Row, why: str) -> Known:
    return Known(row.expense_id, row.on_date, row.amount_paise, row.name, why)
