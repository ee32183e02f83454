"""Money through the shop's own account with a payment gateway: links, notices, refunds, disputes.

A notice may come twice, late, in any order, or never; then polling finds the payment. Whoever comes
first books it, under the gateway's own name of the payment, and whoever comes second sees that. All
of it happens under the customer's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypedDict
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row

from erp_core.journal.context import Context, Reader, Recipient
from erp_core.journal.jobs import Handler, Work
from erp_core.kernel.errors import BahiError, Conflict, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import all_users
from erp_core.payments import allocation, references, reminders, returns
from erp_core.payments.methods import GATEWAY
from erp_core.payments.models import (
    disputes,
    gateway_accounts,
    gateway_directory,
    payment_links,
    payments,
)
from erp_core.payments.service import receive

PROVIDER = "razorpay"
RUPEES = "INR"
MAKE, POLL = "gateway.make_link", "gateway.poll"
LINK_LIFE = timedelta(days=30)
FORMER_SECRET_LIFE = timedelta(hours=25)
"""The gateway repeats notices for a day, signed with the secret that was in use at first."""

FIRST_POLL = timedelta(minutes=10)
LONGEST_POLL = timedelta(hours=6)
AFTERWARDS = timedelta(days=1)
"""So long after a link's end a payment on it may still come out."""

LINK = "utter_payment_link"
DETAILS = "utter_payment_details"
REMINDER = "utter_payment_reminder"
RECEIVED = "utter_notify_payment_received"
CAME_ONLINE = "utter_notify_payment_online"
PAID_TWICE = "utter_notify_paid_twice"
WENT_BACK = "utter_notify_gateway_refund"
CHARGEBACK = "utter_notify_chargeback"
CHARGEBACK_LOST = "utter_notify_chargeback_lost"
WRONG_CURRENCY = "utter_notify_wrong_currency"
WATCHERS = ("owner", "manager")

DISPUTE_RANKS: Mapping[str, int] = {
    "open": 0, "under_review": 1, "action_required": 1, "closed": 2, "won": 3, "lost": 3,
}  # fmt: skip
"""Notices of a dispute come in any order; what ranks lower than what is known says nothing new."""


class GatewayRefused(BahiError):
    """The gateway understood and said no: asking again will not help."""


@dataclass(frozen=True)
class Taken:
    """A payment as the gateway knows it. fee: paise that the gateway keeps, its tax included."""

    ref: str
    amount: int
    currency: str
    captured: bool
    fee: int = 0
    link_reference: str | None = None

    def facts(self) -> dict[str, Any]:
        """As a command takes it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Link:
    """A payment link as the gateway knows it."""

    ref: str
    url: str
    status: str
    payment_refs: tuple[str, ...] = ()


class Gateway(Protocol):
    """What the shop needs of a payment gateway.

    Each raises Unavailable("gateway_unreachable"), after which the thing may have happened or not,
    and GatewayRefused("gateway_refused").
    """

    def create_link(
        self, *, reference: str, amount_paise: int, description: str, expires_at: datetime
    ) -> Link:
        """A new link; the same again when there is one for the reference already."""

    def link(self, ref: str) -> Link:
        """A link and what was paid on it."""

    def payment(self, ref: str) -> Taken:
        """A payment."""

    def payments_of(self, reference: str) -> tuple[Taken, ...]:
        """What was paid on a request inside the chat, by our own name for it."""


class Connected(TypedDict):
    key_id: str
    account_ref: str | None


class LinkPlanned(TypedDict):
    link_id: str
    amount: int


class LinkDone(TypedDict):
    link_id: str
    status: str


class Noticed(TypedDict):
    """What a notice changed: "booked", "refunded", "charged_back", "settled", "disputed",
    "refused", or "nothing"."""

    effect: str


def connect(
    ctx: Context,
    *,
    key_id: str,
    sealed: str,
    account_ref: str | None,
    rotated: bool,
    configuration: str | None = None,
) -> Connected:
    """Keep the shop's own account with the gateway. `sealed`: its secrets, encrypted, in hex;
    `configuration`: its name with WhatsApp, with which customers pay inside the chat.

    Raises Conflict("account_taken") when another business has it.
    """
    require(ctx, Permission.CHANGE_BUSINESS)
    values = {
        "key_id": key_id,
        "account_ref": account_ref,
        "configuration": configuration,
        "sealed": bytes.fromhex(sealed),
        "former_until": ctx.now + FORMER_SECRET_LIFE if rotated else None,
        "changed_at": ctx.now,
    }
    ctx.connection.execute(
        upsert(gateway_accounts)
        .values(business_id=ctx.business_id, provider=PROVIDER, **values)
        .on_conflict_do_update(
            index_elements=[gateway_accounts.c.business_id, gateway_accounts.c.provider],
            set_=values,
        )
    )
    if account_ref:
        ctx.connection.execute(
            upsert(gateway_directory)
            .values(provider=PROVIDER, account_ref=account_ref, tenant=ctx.business_id)
            .on_conflict_do_nothing()
        )
        owner = ctx.connection.execute(_directory(account_ref)).scalar_one()
        if owner != ctx.business_id:
            raise Conflict("account_taken")
    ctx.record("gateway.connected", provider=PROVIDER, rotated=rotated)
    return {"key_id": key_id, "account_ref": account_ref}


def account(reader: Reader) -> Row | None:
    """The shop's account with the gateway: key_id, sealed, former_until."""
    return reader.connection.execute(
        select(gateway_accounts).where(
            gateway_accounts.c.business_id == reader.business_id,
            gateway_accounts.c.provider == PROVIDER,
        )
    ).one_or_none()


def business_of_account(connection: Any, account_ref: str) -> int | None:
    """Whose account a notice says to be about; only the signature proves it. Needs no tenant."""
    found: int | None = connection.execute(_directory(account_ref)).scalar_one_or_none()
    return found


def plan_link(
    ctx: Context, *, customer_id: UUID, amount_paise: int, receivable_id: UUID | None = None
) -> LinkPlanned:
    """Ask a customer for money: inside the chat where WhatsApp knows the account, else by a link
    that is yet to be made."""
    require(ctx, Permission.REQUEST_PAYMENT, customer_id=customer_id)
    if not 0 < amount_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    link_id = new_id()
    mine = account(ctx)
    in_chat = mine is not None and mine.configuration is not None
    ctx.connection.execute(
        insert(payment_links).values(
            business_id=ctx.business_id,
            id=link_id,
            customer_id=customer_id,
            receivable_id=receivable_id,
            reference=link_id.hex,
            amount_paise=amount_paise,
            paid_paise=0,
            status="open" if in_chat else "creating",
            expires_at=ctx.now + LINK_LIFE,
            created_at=ctx.now,
        )
    )
    if in_chat:
        ctx.tell(
            DETAILS,
            to=Recipient("customer", customer_id),
            facts={"customer_id": str(customer_id), "due": amount_paise},
            attachment={"kind": "order_details", "id": str(link_id)},
        )
        ctx.later(POLL, due_at=ctx.now + FIRST_POLL, link_id=str(link_id), times=0)
    else:
        ctx.later(MAKE, due_at=ctx.now, link_id=str(link_id))
    ctx.record(
        "payment.link_planned", entity=link_id, customer_id=str(customer_id), amount=amount_paise
    )
    return {"link_id": str(link_id), "amount": amount_paise}


def link_made(ctx: Context, *, link_id: UUID, ref: str, url: str) -> LinkDone:
    """The gateway has made a link: the customer gets it, and it is looked at from time to time."""
    require(ctx, Permission.RECORD_PAYMENT)
    row = _link(ctx, payment_links.c.id == link_id)
    if row is None or row.status != "creating":
        return {"link_id": str(link_id), "status": row.status if row else "unknown"}
    _change(ctx, link_id, status="open", provider_ref=ref, url=url)
    ctx.tell(
        LINK,
        to=Recipient("customer", row.customer_id),
        facts={"customer_id": str(row.customer_id), "due": row.amount_paise, "link": url},
    )
    ctx.later(POLL, due_at=ctx.now + FIRST_POLL, link_id=str(link_id), times=0)
    ctx.record("payment.link_made", entity=link_id)
    return {"link_id": str(link_id), "status": "open"}


def link_failed(ctx: Context, *, link_id: UUID) -> LinkDone:
    """The gateway refuses the link: the customer is asked without one."""
    require(ctx, Permission.RECORD_PAYMENT)
    row = _link(ctx, payment_links.c.id == link_id)
    if row is None or row.status != "creating":
        return {"link_id": str(link_id), "status": row.status if row else "unknown"}
    _change(ctx, link_id, status="failed")
    ctx.tell(
        REMINDER,
        to=Recipient("customer", row.customer_id),
        facts={"customer_id": str(row.customer_id), "due": row.amount_paise},
    )
    ctx.record("payment.link_failed", entity=link_id)
    return {"link_id": str(link_id), "status": "failed"}


def polled(ctx: Context, *, link_id: UUID, status: str, times: int) -> LinkDone:
    """A link was looked at: note its end, or plan the next look."""
    require(ctx, Permission.RECORD_PAYMENT)
    row = _link(ctx, payment_links.c.id == link_id)
    if row is None:
        raise NotFound("payment_link", link_id=str(link_id))
    if status in ("expired", "cancelled") and row.status == "open":
        _change(ctx, link_id, status=status)
    over = status == "cancelled" or row.status == "paid" or ctx.now > row.expires_at + AFTERWARDS
    if not over:
        pause = min(LONGEST_POLL, FIRST_POLL * 2 ** min(times + 1, 10))
        ctx.later(POLL, due_at=ctx.now + pause, link_id=str(link_id), times=times + 1)
    return {"link_id": str(link_id), "status": row.status}


def take_notice(
    ctx: Context,
    *,
    event: str,
    payment: Mapping[str, Any] | None = None,
    link: Mapping[str, Any] | None = None,
    refund: Mapping[str, Any] | None = None,
    dispute: Mapping[str, Any] | None = None,
    settlement: Mapping[str, Any] | None = None,
) -> Noticed:
    """Book what a verified notice tells of our own links; anything else changes nothing.

    payment: Taken.facts(); link: {"ref", "reference", "status"}; refund: {"ref", "payment_ref",
    "amount", "currency", "status"}; dispute: the same; settlement: {"ref", "amount", "utr",
    "status"}.
    """
    require(ctx, Permission.RECORD_PAYMENT)
    effects = []
    if payment is not None and payment["captured"]:
        effects.append(_take_payment(ctx, Taken(**payment), link))
    if refund is not None:
        effects.append(_take_refund(ctx, refund))
    if dispute is not None:
        effects.append(_take_dispute(ctx, dispute))
    if settlement is not None:
        effects.append(_take_settlement(ctx, settlement))
    if link is not None and event in ("payment_link.expired", "payment_link.cancelled"):
        _end_link(ctx, link, event.rpartition(".")[2])
    done = [one for one in effects if one != "nothing"]
    return {"effect": done[-1] if done else "nothing"}


def handlers(open_gateway: Callable[[Reader], Gateway]) -> dict[str, Handler]:
    """Who makes links and looks after them, with a gateway for each business."""

    def make(work: Work) -> None:
        link_id = UUID(str(work.arguments["link_id"]))
        with work.read() as reader:
            row = _link(reader, payment_links.c.id == link_id)
            gateway = open_gateway(reader)
        if row is None or row.status != "creating":
            return
        try:
            made = gateway.create_link(
                reference=row.reference,
                amount_paise=row.amount_paise,
                description=row.reference[-8:].upper(),
                expires_at=row.expires_at,
            )
        except GatewayRefused:
            work.run(link_failed, link_id=link_id)
            return
        work.run(link_made, link_id=link_id, ref=made.ref, url=made.url)

    def poll(work: Work) -> None:
        link_id = UUID(str(work.arguments["link_id"]))
        with work.read() as reader:
            row = _link(reader, payment_links.c.id == link_id)
            gateway = open_gateway(reader)
        if row is None:
            return
        status, paid = _looked_up(gateway, row)
        link = {"ref": row.provider_ref, "reference": row.reference, "status": status}
        for one in paid:
            work.run(take_notice, event="poll", payment=one.facts(), link=link)
        work.run(polled, link_id=link_id, status=status, times=int(work.arguments["times"]))

    return {MAKE: make, POLL: poll}


def _looked_up(gateway: Gateway, row: Row) -> tuple[str, tuple[Taken, ...]]:
    """How a link, or a request inside the chat, stands at the gateway, and what was paid on it."""
    if row.provider_ref is None:
        return "open", gateway.payments_of(row.reference)
    found = gateway.link(row.provider_ref)
    return found.status, tuple(gateway.payment(ref) for ref in found.payment_refs)


@dataclass(frozen=True)
class Request:
    """What a customer pays inside the chat."""

    reference: str
    amount: int
    configuration: str


def request(reader: Reader, link_id: UUID) -> Request:
    """A request as it is sent. Raises NotFound("payment_link") when it is no longer open."""
    row, mine = _link(reader, payment_links.c.id == link_id), account(reader)
    if row is None or mine is None or mine.configuration is None or row.status == "paid":
        raise NotFound("payment_link", link_id=str(link_id))
    return Request(row.reference, row.amount_paise - row.paid_paise, mine.configuration)


def _take_payment(ctx: Context, taken: Taken, link: Mapping[str, Any] | None) -> str:
    row = _link_of(ctx, taken, link)
    if row is None or references.entity_of(ctx, "razorpay_payment", taken.ref):
        return "nothing"
    allocation.lock_customer(ctx, row.customer_id)
    if references.entity_of(ctx, "razorpay_payment", taken.ref):
        return "nothing"
    if taken.currency != RUPEES or not 0 < taken.amount <= LARGEST_AMOUNT:
        return _refuse(ctx, row, taken)
    row = _link(ctx, payment_links.c.id == row.id, lock=True) or row
    done = receive(
        ctx,
        customer_id=row.customer_id,
        amount_paise=taken.amount,
        method=GATEWAY,
        account=chart.GATEWAY_CLEARING,
        debt_id=row.receivable_id,
    )
    payment_id = UUID(done["payment_id"])
    if not references.claim(ctx, "razorpay_payment", taken.ref, payment_id):
        raise Conflict("payment_booked", payment_id=str(payment_id))
    _book_fee(ctx, taken, payment_id)
    paid = row.paid_paise + taken.amount
    _change(ctx, row.id, paid_paise=paid, status="paid" if paid >= row.amount_paise else "partial")
    balance = done["balance_after"]
    facts = {"customer_id": str(row.customer_id), "amount": taken.amount, "balance": balance}
    ctx.tell(
        RECEIVED,
        to=Recipient("customer", row.customer_id),
        facts={"amount": taken.amount, "balance": balance},
    )
    _tell_shop(ctx, CAME_ONLINE, facts)
    surplus = min(taken.amount, paid - row.amount_paise)
    if surplus > 0:
        _tell_shop(ctx, PAID_TWICE, {"customer_id": str(row.customer_id), "amount": surplus})
    return "booked"


def _refuse(ctx: Context, row: Row, taken: Taken) -> str:
    """Not rupees, or no sane amount: told once, and not booked."""
    if not references.claim(ctx, "razorpay_payment", f"{taken.ref}:refused", row.id):
        return "nothing"
    ctx.record("gateway.refused", entity=row.id)
    _tell_shop(ctx, WRONG_CURRENCY, {"customer_id": str(row.customer_id)})
    return "refused"


def _book_fee(ctx: Context, taken: Taken, payment_id: UUID) -> None:
    if 0 < taken.fee < taken.amount:
        post(
            ctx,
            kind="gateway_fee",
            on=ctx.today,
            postings=[
                Posting(chart.GATEWAY_FEES, taken.fee),
                Posting(chart.GATEWAY_CLEARING, -taken.fee),
            ],
            source=("payment", payment_id),
        )


def _take_refund(ctx: Context, refund: Mapping[str, Any]) -> str:
    if refund["status"] != "processed" or refund["currency"] != RUPEES:
        return "nothing"
    customer_id = _customer_of(ctx, refund["payment_ref"])
    if customer_id is None:
        return "nothing"
    allocation.lock_customer(ctx, customer_id)
    if references.entity_of(ctx, "razorpay_refund", refund["ref"]):
        return "nothing"
    done = _pay_back(ctx, customer_id, refund, "refund")
    references.claim(ctx, "razorpay_refund", refund["ref"], UUID(done["refund_id"]))
    facts = {"amount": done["amount"], "balance": done["balance_after"]}
    ctx.tell(returns.REFUNDED, to=Recipient("customer", customer_id), facts=facts)
    _tell_shop(ctx, WENT_BACK, {"customer_id": str(customer_id), **facts})
    return "refunded"


def _take_dispute(ctx: Context, dispute: Mapping[str, Any]) -> str:
    payment_id = references.entity_of(ctx, "razorpay_payment", dispute["payment_ref"])
    customer_id = _customer_of(ctx, dispute["payment_ref"])
    status = dispute["status"]
    if payment_id is None or customer_id is None or status not in DISPUTE_RANKS:
        return "nothing"
    allocation.lock_customer(ctx, customer_id)
    before = ctx.connection.execute(
        select(disputes.c.status).where(
            disputes.c.business_id == ctx.business_id, disputes.c.provider_ref == dispute["ref"]
        )
    ).scalar_one_or_none()
    if before is not None and DISPUTE_RANKS[status] <= DISPUTE_RANKS[before]:
        return "nothing"
    values = {"status": status, "amount_paise": dispute["amount"], "changed_at": ctx.now}
    ctx.connection.execute(
        upsert(disputes)
        .values(
            business_id=ctx.business_id,
            provider_ref=dispute["ref"],
            payment_id=payment_id,
            **values,
        )
        .on_conflict_do_update(
            index_elements=[disputes.c.business_id, disputes.c.provider_ref], set_=values
        )
    )
    ctx.record("dispute.changed", entity=payment_id, status=status, amount=dispute["amount"])
    if status == "lost":
        done = _pay_back(ctx, customer_id, dispute, "dispute")
        references.claim(ctx, "razorpay_dispute", dispute["ref"], UUID(done["refund_id"]))
        facts = {"amount": done["amount"], "balance": done["balance_after"]}
        _tell_shop(ctx, CHARGEBACK_LOST, {"customer_id": str(customer_id), **facts})
        return "charged_back"
    if before is None and DISPUTE_RANKS[status] < DISPUTE_RANKS["closed"]:
        reminders.hold(ctx, customer_id, "disputed")
        _tell_shop(
            ctx,
            CHARGEBACK,
            {"customer_id": str(customer_id), "amount": dispute["amount"]},
            priority=0,
        )
    return "disputed"


def _take_settlement(ctx: Context, settlement: Mapping[str, Any]) -> str:
    """The gateway has paid out to the bank what it held."""
    amount = settlement["amount"]
    if settlement["status"] != "processed" or not 0 < amount <= LARGEST_AMOUNT:
        return "nothing"
    settlement_id = new_id()
    if not references.claim(ctx, "razorpay_settlement", settlement["ref"], settlement_id):
        return "nothing"
    if settlement["utr"]:
        references.claim(ctx, "utr", settlement["utr"], settlement_id)
    post(
        ctx,
        kind="settlement",
        on=ctx.today,
        postings=[Posting(chart.BANK, amount), Posting(chart.GATEWAY_CLEARING, -amount)],
        source=("settlement", settlement_id),
    )
    return "settled"


def _pay_back(
    ctx: Context, customer_id: UUID, what: Mapping[str, Any], kind: str
) -> returns.Refunded:
    return returns.pay_back(
        ctx,
        customer_id=customer_id,
        amount_paise=what["amount"],
        method=GATEWAY,
        account=chart.GATEWAY_CLEARING,
        kind=kind,
    )


def _end_link(ctx: Context, link: Mapping[str, Any], status: str) -> None:
    row = _link(ctx, payment_links.c.provider_ref == link["ref"], lock=True)
    if row is not None and row.status == "open":
        _change(ctx, row.id, status=status)


def _link_of(ctx: Context, taken: Taken, link: Mapping[str, Any] | None) -> Row | None:
    """Our link that a payment was made on: by the gateway's name for it, or by our own."""
    if link is not None and link["ref"]:
        row = _link(ctx, payment_links.c.provider_ref == link["ref"])
        if row is not None:
            return row
    reference = (link or {}).get("reference") or taken.link_reference
    return _link(ctx, payment_links.c.reference == reference) if reference else None


def _link(reader: Reader, condition: Any, *, lock: bool = False) -> Row | None:
    query = select(payment_links).where(
        payment_links.c.business_id == reader.business_id, condition
    )
    return reader.connection.execute(query.with_for_update() if lock else query).one_or_none()


def _change(ctx: Context, link_id: UUID, **values: Any) -> None:
    ctx.connection.execute(
        update(payment_links)
        .where(payment_links.c.business_id == ctx.business_id, payment_links.c.id == link_id)
        .values(**values)
    )


def _customer_of(ctx: Context, payment_ref: str) -> UUID | None:
    payment_id = references.entity_of(ctx, "razorpay_payment", payment_ref)
    if payment_id is None:
        return None
    found: UUID | None = ctx.connection.execute(
        select(payments.c.customer_id).where(
            payments.c.business_id == ctx.business_id, payments.c.id == payment_id
        )
    ).scalar_one_or_none()
    return found


def _tell_shop(ctx: Context, response: str, facts: Mapping[str, Any], *, priority: int = 1) -> None:
    for one in all_users(ctx, roles=WATCHERS):
        ctx.tell(response, to=Recipient("user", one.id), facts=facts, priority=priority)


def _directory(account_ref: str) -> Any:
    return select(gateway_directory.c.tenant).where(
        gateway_directory.c.provider == PROVIDER, gateway_directory.c.account_ref == account_ref
    )
