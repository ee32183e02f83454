"""Reconciling a bank statement: which line is a payment that we know, which is news.

By an exact reference first (the bank's own name of a payment, or an invoice's number in the text);
then by exact amount with the payer's name, within some days; anything less is a suggestion, which a
person accepts. A line is read once, however often its statement is sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row

from erp_core.banking.models import bank_lines
from erp_core.invoicing.queries import Invoice, invoice_by_number
from erp_core.journal.context import Context, Fact, Recipient
from erp_core.journal.jobs import Work
from erp_core.kernel.errors import Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.ledger.service import Posting, post
from erp_core.parties.names import person_key
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import all_customers
from erp_core.payments import allocation, references
from erp_core.payments.methods import ACCOUNTS
from erp_core.payments.models import payments
from erp_core.payments.service import debt_of_invoice, receive

JOB = "banking.read_statement"
IMPORTED = "utter_bank_imported"
UNREADABLE = "utter_error_bad_statement"
NEAR = timedelta(days=3)
NEAR_CHEQUE = timedelta(days=10)
TO_BANK = ("upi", "card", "cheque", "bank_transfer")
SHORTEST_NAME = 4
MOST_SHOWN = 9
_INVOICE = re.compile(r"\b[A-Z]{2,4}\d{2}-\d{4}-\d{3,6}\b")


class Imported(TypedDict):
    """How many lines of each outcome; `amount`: paise newly booked."""

    lines: int
    known: int
    matched: int
    booked: int
    amount: int
    suggested: int
    open: int


class Accepted(TypedDict):
    line_id: str
    customer_id: str
    payment_id: str
    amount: int
    balance_after: int


@dataclass(frozen=True)
class _Fresh:
    """A line that was not read before."""

    id: UUID
    on: date
    paise: int
    narration: str
    reference: str | None


class Planned(TypedDict):
    media: str


def read_later(ctx: Context, *, media: str) -> Planned:
    """Have a file that was sent read as a bank statement."""
    require(ctx, Permission.WRITE_VOUCHERS)
    user_id = str(ctx.actor.id) if ctx.actor.id else None
    ctx.later(JOB, due_at=ctx.now, media=media, user_id=user_id)
    return {"media": media}


def import_lines(
    ctx: Context, *, lines: Sequence[Mapping[str, Any]], tell: UUID | None = None
) -> Imported:
    """Take in a statement's lines ({"on", "paise", "narration", "reference"}) and match each.

    `tell`: the user who is told how it went.
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    fresh = _keep(ctx, lines)
    counts: Counter[str] = Counter()
    booked = 0
    people = _people(ctx)
    _lock_all(ctx, fresh, people)
    for line in fresh:
        outcome = _reconcile(ctx, line, people) if line.paise > 0 else "open"
        counts[outcome] += 1
        booked += line.paise if outcome == "booked" else 0
    done: Imported = {
        "lines": len(lines),
        "known": len(lines) - len(fresh),
        "matched": counts["matched"],
        "booked": counts["booked"],
        "amount": booked,
        "suggested": counts["suggested"],
        "open": counts["open"],
    }
    ctx.record("bank.imported", **done)
    if tell is not None:
        facts: dict[str, Fact] = {
            "lines": done["lines"],
            "matched": done["matched"],
            "booked": done["booked"],
            "amount": done["amount"],
            "suggested": done["suggested"],
            "open": done["open"],
        }
        ctx.tell(IMPORTED, to=Recipient("user", tell), facts=facts)
    return done


def accept(ctx: Context, *, line_id: UUID) -> Accepted:
    """A person says that a suggestion is right: the line is booked, or matched with its payment.

    Raises NotFound("bank_line") when it is no suggestion any more.
    """
    require(ctx, Permission.WRITE_VOUCHERS)
    wanted = select(bank_lines).where(
        bank_lines.c.business_id == ctx.business_id, bank_lines.c.id == line_id
    )
    seen = ctx.connection.execute(wanted).one_or_none()
    if seen is None or seen.customer_id is None:
        raise NotFound("bank_line", line_id=str(line_id))
    allocation.lock_customer(ctx, seen.customer_id)
    row = ctx.connection.execute(wanted.with_for_update()).one()
    if row.status != "suggested":
        raise NotFound("bank_line", line_id=str(line_id))
    line = _Fresh(row.id, row.on_date, row.amount_paise, row.narration, row.reference)
    if row.payment_id is not None and not _is_matched(ctx, row.payment_id):
        payment_id = row.payment_id
        _deposit(ctx, line, payment_id)
        _mark(ctx, line, "matched", payment_id=payment_id, customer_id=row.customer_id)
    else:
        payment_id = _book(ctx, line, row.customer_id, None)
    return {
        "line_id": str(line_id),
        "customer_id": str(row.customer_id),
        "payment_id": str(payment_id),
        "amount": row.amount_paise,
        "balance_after": balance_of(ctx, chart.RECEIVABLE, row.customer_id),
    }


class Unreadable(TypedDict):
    user_id: str


def tell_unreadable(ctx: Context, *, user_id: UUID) -> Unreadable:
    """Say to who sent a file that it is no statement, or is gone."""
    require(ctx, Permission.WRITE_VOUCHERS)
    ctx.tell(UNREADABLE, to=Recipient("user", user_id))
    return {"user_id": str(user_id)}


def reads(load: Any) -> Any:
    """The handler of the job: `load` gives the bytes of a file by its id."""
    from erp_core.banking import formats

    def do(work: Work) -> None:
        told = work.arguments.get("user_id")
        user_id = UUID(str(told)) if told else None
        try:
            lines = formats.read(load(str(work.arguments["media"])))
        except (Invalid, NotFound):
            if user_id is not None:
                work.run(tell_unreadable, user_id=user_id)
            return
        work.run(import_lines, lines=as_facts(lines), tell=user_id)

    return do


def as_facts(lines: Sequence[Any]) -> list[dict[str, Any]]:
    """Lines as import_lines takes them."""
    return [
        {
            "on": one.on.isoformat(),
            "paise": one.paise,
            "narration": one.narration,
            "reference": one.reference,
        }
        for one in lines
    ]


def _contents(line: Mapping[str, Any]) -> str:
    return f"{line['on']}|{line['paise']}|{line['narration']}|{line['reference']}"


def _keep(ctx: Context, lines: Sequence[Mapping[str, Any]]) -> list[_Fresh]:
    """Store the lines that are new. Two that are alike in one statement are two payments.

    In one order of their contents: two imports at once that meet wait, and do not block each other.
    """
    seen: Counter[str] = Counter()
    fresh = []
    for line in sorted(lines, key=_contents):
        same = _contents(line)
        seen[same] += 1
        one = _Fresh(
            id=new_id(),
            on=date.fromisoformat(line["on"]),
            paise=int(line["paise"]),
            narration=str(line["narration"]),
            reference=line["reference"],
        )
        kept = ctx.connection.execute(
            upsert(bank_lines)
            .values(
                business_id=ctx.business_id,
                id=one.id,
                fingerprint=sha256(f"{same}|{seen[same]}".encode()).hexdigest(),
                on_date=one.on,
                amount_paise=one.paise,
                narration=one.narration,
                reference=one.reference,
                status="open",
                created_at=ctx.now,
            )
            .on_conflict_do_nothing()
        )
        if kept.rowcount:
            fresh.append(one)
    return fresh


def _lock_all(ctx: Context, lines: Sequence[_Fresh], people: Mapping[str, UUID]) -> None:
    """Lock every customer whom a line may be of, in one order: one after another, as the lines
    come, two imports or an import and a gateway's notice would wait for each other."""
    concerned = set()
    for line in lines:
        bill, payer = _named_invoice(ctx, line), _payer(line, people)
        concerned |= {one for one in (bill and bill.customer_id, payer) if one}
    for customer_id in sorted(concerned):
        allocation.lock_customer(ctx, customer_id)


def _reconcile(ctx: Context, line: _Fresh, people: Mapping[str, UUID]) -> str:
    known = references.entity_of(ctx, "utr", line.reference) if line.reference else None
    if known is not None:
        _mark(ctx, line, "matched", payment_id=known if _is_payment(ctx, known) else None)
        return "matched"
    bill = _named_invoice(ctx, line)
    if bill is not None:
        allocation.lock_customer(ctx, bill.customer_id)
        recorded = _recorded(ctx, line, customer_id=bill.customer_id)
        if len(recorded) == 1:
            return _match(ctx, line, recorded[0])
        if bill.due_paise == line.paise:
            _book(ctx, line, bill.customer_id, bill.id)
            return "booked"
    payer = _payer(line, people)
    recorded = _recorded(ctx, line, customer_id=payer)
    if payer is not None and len(recorded) == 1:
        return _match(ctx, line, recorded[0])
    if payer is None and len(recorded) != 1:
        return "open"
    found = recorded[0] if len(recorded) == 1 else None
    _mark(
        ctx,
        line,
        "suggested",
        payment_id=found.id if found else None,
        customer_id=payer or (found.customer_id if found else None),
    )
    return "suggested"


def _match(ctx: Context, line: _Fresh, payment: Row) -> str:
    allocation.lock_customer(ctx, payment.customer_id)
    if _is_matched(ctx, payment.id):
        return "open"
    _deposit(ctx, line, payment.id)
    _mark(ctx, line, "matched", payment_id=payment.id, customer_id=payment.customer_id)
    return "matched"


def _recorded(ctx: Context, line: _Fresh, *, customer_id: UUID | None) -> list[Row]:
    """Payments on the books that this line may be: the amount, about that day, still unmatched."""
    taken = select(bank_lines.c.payment_id).where(
        bank_lines.c.business_id == ctx.business_id,
        bank_lines.c.status.in_(("matched", "booked")),
        bank_lines.c.payment_id.is_not(None),
    )
    query = select(payments).where(
        payments.c.business_id == ctx.business_id,
        payments.c.on_date.between(line.on - NEAR_CHEQUE, line.on + NEAR),
        payments.c.amount_paise == line.paise,
        payments.c.method.in_(TO_BANK),
        payments.c.status == "standing",
        payments.c.id.not_in(taken),
    )
    if customer_id is not None:
        query = query.where(payments.c.customer_id == customer_id)
    rows = ctx.connection.execute(query.order_by(payments.c.on_date, payments.c.id)).all()
    return [row for row in rows if row.method == "cheque" or row.on_date >= line.on - NEAR]


def _book(ctx: Context, line: _Fresh, customer_id: UUID, invoice_id: UUID | None) -> UUID:
    """Money that nobody had noted: it is in the bank already."""
    debt_id = debt_of_invoice(ctx, customer_id, invoice_id) if invoice_id else None
    upi = "UPI" in line.narration.upper()
    done = receive(
        ctx,
        customer_id=customer_id,
        amount_paise=line.paise,
        method="upi" if upi else "bank_transfer",
        account=chart.BANK,
        debt_id=debt_id,
        on=min(line.on, ctx.today),
    )
    payment_id = UUID(done["payment_id"])
    if line.reference and not references.claim(ctx, "utr", line.reference, payment_id):
        raise Conflict("bank_line_taken", line_id=str(line.id))
    _mark(ctx, line, "booked", payment_id=payment_id, customer_id=customer_id)
    return payment_id


def _deposit(ctx: Context, line: _Fresh, payment_id: UUID) -> None:
    """A payment that was noted has reached the bank: out of clearing, or of the cheques in hand."""
    method = ctx.connection.execute(
        select(payments.c.method).where(
            payments.c.business_id == ctx.business_id, payments.c.id == payment_id
        )
    ).scalar_one()
    account = ACCOUNTS[method]
    if line.reference:
        references.claim(ctx, "utr", line.reference, payment_id)
    if account != chart.BANK:
        post(
            ctx,
            kind="deposit",
            on=min(line.on, ctx.today),
            postings=[Posting(chart.BANK, line.paise), Posting(account, -line.paise)],
            source=("payment", payment_id),
        )


def _is_payment(ctx: Context, entity_id: UUID) -> bool:
    """Whether a name of the bank stands for a payment; else it is a gateway's settlement."""
    return (
        ctx.connection.execute(
            select(payments.c.id).where(
                payments.c.business_id == ctx.business_id, payments.c.id == entity_id
            )
        ).first()
        is not None
    )


def _is_matched(ctx: Context, payment_id: UUID) -> bool:
    return (
        ctx.connection.execute(
            select(bank_lines.c.id).where(
                bank_lines.c.business_id == ctx.business_id,
                bank_lines.c.payment_id == payment_id,
                bank_lines.c.status.in_(("matched", "booked")),
            )
        ).first()
        is not None
    )


def _mark(
    ctx: Context,
    line: _Fresh,
    status: str,
    *,
    payment_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> None:
    ctx.connection.execute(
        update(bank_lines)
        .where(bank_lines.c.business_id == ctx.business_id, bank_lines.c.id == line.id)
        .values(status=status, payment_id=payment_id, customer_id=customer_id)
    )


def _named_invoice(ctx: Context, line: _Fresh) -> Invoice | None:
    found = _INVOICE.search(line.narration.upper())
    bill = invoice_by_number(ctx, found[0]) if found else None
    return bill if bill is not None and bill.status != "cancelled" else None


def _people(ctx: Context) -> dict[str, UUID]:
    """Customers by name and by number; a name that two have is nobody's."""
    found: dict[str, UUID] = {}
    shared: set[str] = set()
    for one in all_customers(ctx):
        for key in (person_key(one.name), one.phone[-10:] if one.phone else ""):
            if len(key) < SHORTEST_NAME:
                continue
            if key in found:
                shared.add(key)
            found[key] = one.id
    return {key: customer_id for key, customer_id in found.items() if key not in shared}


def _payer(line: _Fresh, people: Mapping[str, UUID]) -> UUID | None:
    """The customer whose whole name, or number, stands in the line; the longest name counts."""
    said = f" {person_key(re.sub(r'[^A-Za-z0-9]+', ' ', line.narration))} "
    fitting = [key for key in people if f" {key} " in said]
    if not fitting:
        return None
    longest = max(fitting, key=len)
    return people[longest]
