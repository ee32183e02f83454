"""Closing the books: up to a day nothing is posted any more, until the owner opens them again.

Closing posts nothing. What a year has earned is computed where it is read, so that a correction
dated in an open period is in every report at once.
"""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from sqlalchemy import insert, select

from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.kernel.ids import new_id
from erp_core.ledger.models import book_locks
from erp_core.parties.models import businesses
from erp_core.parties.permissions import Permission, require


class BooksLocked(TypedDict):
    """ISO dates; None where nothing is locked."""

    locked_until: str | None
    before: str | None


def lock_books(ctx: Context, *, until: date, reason: str = "period_closed") -> BooksLocked:
    """Close the books up to and with a day that is past. `reason` is a code.

    Raises Invalid("lock_in_future"), Conflict("already_locked", until).
    """
    require(ctx, Permission.CLOSE_BOOKS)
    if until >= ctx.today:
        raise Invalid("lock_in_future")
    before = _held(ctx)
    if before and until <= before:
        raise Conflict("already_locked", until=before.isoformat())
    return _write(ctx, until, before, reason)


def reopen_books(ctx: Context, *, until: date | None = None, reason: str) -> BooksLocked:
    """Open the books again after a day, or all of them; it stays in the journal who did and why.

    Raises Conflict("not_locked").
    """
    require(ctx, Permission.CLOSE_BOOKS)
    before = _held(ctx)
    if before is None or (until and until >= before):
        raise Conflict("not_locked")
    return _write(ctx, until, before, reason)


def locked_until(reader: Reader) -> date | None:
    """The last day that is closed, None when all are open."""
    until: date | None = reader.connection.execute(
        select(book_locks.c.until_date)
        .where(book_locks.c.business_id == reader.business_id)
        .order_by(book_locks.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return until


def open_day(reader: Reader, on: date) -> date:
    """The day on which what belongs to a day is put right: that one, or today where its books are
    closed."""
    until = locked_until(reader)
    return reader.today if until and on <= until else on


def refuse_locked(ctx: Context, on: date) -> None:
    """Raise Conflict("period_locked", on, until) for a day whose books are closed.

    Only past days can be: today's trade does not ask. Two that come at once are told apart by the
    database, which looks again at the end of each transaction.
    """
    if on >= ctx.today:
        return
    until = locked_until(ctx)
    if until and on <= until:
        raise Conflict("period_locked", on=on.isoformat(), until=until.isoformat())


def _held(ctx: Context) -> date | None:
    """The last day that is closed, under lock: of two at once the later one sees the earlier."""
    ctx.connection.execute(
        select(businesses.c.id)
        .where(businesses.c.id == ctx.business_id)
        .with_for_update(key_share=True)
    )
    return locked_until(ctx)


def _write(ctx: Context, until: date | None, before: date | None, reason: str) -> BooksLocked:
    ctx.connection.execute(
        insert(book_locks).values(
            business_id=ctx.business_id,
            id=new_id(),
            until_date=until,
            reason=reason,
            locked_at=ctx.now,
        )
    )
    done: BooksLocked = {
        "locked_until": until.isoformat() if until else None,
        "before": before.isoformat() if before else None,
    }
    ctx.record("books.locked", reason=reason, **done)
    return done
