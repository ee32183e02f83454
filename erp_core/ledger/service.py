"""Posting to the ledger. Other modules' commands call these inside their own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.db.statements import Statement, insertion
from erp_core.journal.context import Context, Fact
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries, ledger_postings
from erp_core.ledger.periods import refuse_locked


@dataclass(frozen=True)
class Posting:
    """Paise to one account: a debit above zero, a credit below; to whose, if kept by party."""

    account: str
    paise: int
    party_id: UUID | None = None


_ENTER = Statement(
    upsert(ledger_entries).on_conflict_do_nothing(index_elements=["business_id", "reverses"]),
    columns=(
        "business_id", "id", "kind", "on_date", "recorded_at", "source_kind", "source_id",
        "reverses", "reason",
    ),
)  # fmt: skip
_POST = insertion(
    ledger_postings, "business_id", "entry_id", "position", "account", "party_id", "on_date",
    "paise",
)  # fmt: skip

Source = tuple[str, UUID]
"""What an entry comes from: ("invoice", its id)."""


def post(
    ctx: Context,
    *,
    kind: str,
    on: date,
    postings: Sequence[Posting],
    source: Source | None = None,
    reverses: UUID | None = None,
    reason: str | None = None,
) -> UUID | None:
    """Write one balanced entry and give its id; None when every amount is zero: nothing has moved.

    Postings of zero are left out. Raises Invalid("unbalanced_entry", "unknown_account",
    "party_needed", "bad_amount"), Conflict("already_reversed", "period_locked").
    """
    moving = _balanced(postings)
    if not moving:
        return None
    refuse_locked(ctx, on)
    entry_id = new_id()
    source_kind, source_id = source or (None, None)
    entered = _ENTER.run(
        ctx.connection,
        business_id=ctx.business_id,
        id=entry_id,
        kind=kind,
        on_date=on,
        recorded_at=ctx.now,
        source_kind=source_kind,
        source_id=source_id,
        reverses=reverses,
        reason=reason,
    )
    if not entered:
        raise Conflict("already_reversed", entry_id=str(reverses))
    _write(ctx, entry_id, on, moving)
    ctx.record(
        "ledger.posted",
        entity=entry_id,
        entry=kind,
        on=on.isoformat(),
        source=str(source_id) if source_id else None,
        postings=[_facts(posting) for posting in moving],
    )
    return entry_id


def _facts(posting: Posting) -> list[Fact]:
    """A posting as the journal has it."""
    return [posting.account, posting.paise, str(posting.party_id) if posting.party_id else None]


def _balanced(postings: Sequence[Posting]) -> list[Posting]:
    """The postings that move something, which come to nothing together."""
    moving = [posting for posting in postings if posting.paise]
    for posting in moving:
        _check(posting)
    if sum(posting.paise for posting in moving):
        raise Invalid("unbalanced_entry")
    return moving


def _write(ctx: Context, entry_id: UUID, on: date, moving: Sequence[Posting]) -> None:
    _POST.run_many(
        ctx.connection,
        [
            {
                "business_id": ctx.business_id,
                "entry_id": entry_id,
                "position": position,
                "account": posting.account,
                "party_id": posting.party_id,
                "on_date": on,
                "paise": posting.paise,
            }
            for position, posting in enumerate(moving)
        ],
    )


def reverse(ctx: Context, entry_id: UUID, reason: str, *, on: date | None = None) -> UUID:
    """Undo an entry by its opposite, dated today unless told, and give the new entry's id.

    `reason` is a code. Raises NotFound("entry") and Conflict("already_reversed").
    """
    entry = ctx.connection.execute(
        select(ledger_entries.c.source_kind, ledger_entries.c.source_id).where(
            ledger_entries.c.business_id == ctx.business_id,
            ledger_entries.c.id == entry_id,
        )
    ).one_or_none()
    if entry is None:
        raise NotFound("entry", entry_id=str(entry_id))
    rows = ctx.connection.execute(
        select(ledger_postings.c.account, ledger_postings.c.paise, ledger_postings.c.party_id)
        .where(
            ledger_postings.c.business_id == ctx.business_id,
            ledger_postings.c.entry_id == entry_id,
        )
        .order_by(ledger_postings.c.position)
    )
    reversal = post(
        ctx,
        kind="reversal",
        on=on or ctx.today,
        postings=[Posting(row.account, -row.paise, row.party_id) for row in rows],
        source=(entry.source_kind, entry.source_id) if entry.source_id else None,
        reverses=entry_id,
        reason=reason,
    )
    assert reversal is not None, "an entry has postings, none of them zero"  # noqa: S101
    return reversal


def _check(posting: Posting) -> None:
    if chart.account(posting.account).by_party != (posting.party_id is not None):
        raise Invalid("party_needed", account=posting.account)
    if abs(posting.paise) > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
