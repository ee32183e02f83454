"""Who writes to a business: asked once for each message that comes in, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from erp_core.db.statements import Statement
from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import NotFound
from erp_core.parties.models import businesses, customers, identities, users

MOST_NAMES = 3
"""A phone number and two business-scoped ids."""

Name = tuple[str, str]
"""How somebody is known: ("phone", "919876500001"), ("bsuid", …)."""


@dataclass(frozen=True)
class Recognised:
    """Who it is, the language to answer in, and the name that was known; of a guest none is.

    `speaks`: whether to answer aloud as well.
    """

    actor: Actor
    language: str
    known: Name | None = None
    speaks: bool = False


def _question() -> Any:
    named = or_(
        *(
            and_(
                identities.c.kind == bindparam(f"kind{place}"),
                identities.c.value == bindparam(f"value{place}"),
            )
            for place in range(MOST_NAMES)
        )
    )
    identity = and_(identities.c.business_id == businesses.c.id, named)
    user = and_(
        identities.c.party_kind == "user",
        users.c.business_id == identities.c.business_id,
        users.c.id == identities.c.party_id,
    )
    customer = and_(
        identities.c.party_kind == "customer",
        customers.c.business_id == identities.c.business_id,
        customers.c.id == identities.c.party_id,
    )
    return (
        select(
            businesses.c.language.label("usual"),
            *(identities.c.kind, identities.c.value),
            *(identities.c.party_kind, identities.c.party_id),
            *(users.c.role, users.c.active, users.c.language.label("users_own")),
            customers.c.language.label("customers_own"),
            users.c.speaks.label("user_speaks"),
            customers.c.speaks.label("customer_speaks"),
        )
        .select_from(
            businesses.outerjoin(identities, identity)
            .outerjoin(users, user)
            .outerjoin(customers, customer)
        )
        .where(businesses.c.id == bindparam("business"))
    )


_QUESTION = Statement(_question())


def recognise(reader: Reader, names: Sequence[Name]) -> Recognised:
    """Who writes, by the first of the names that somebody is known by. Raises NotFound("business").

    Names as they are stored: a phone number is digits. A user who left the business is a guest, and
    so is a vendor.
    """
    asked: dict[str, object] = {"business": reader.business_id}
    for place in range(MOST_NAMES):
        kind, value = names[place] if place < len(names) else ("", "")
        asked |= {f"kind{place}": kind, f"value{place}": value}
    rows = _QUESTION.all(reader.connection, **asked)
    if not rows:
        raise NotFound("business")
    found = {(row.kind, row.value): row for row in rows}
    for name in names:
        actor = _actor(found.get(name))
        if actor is not None:
            row = found[name]
            language = row.users_own or row.customers_own or row.usual
            return Recognised(actor, language, name, bool(row.user_speaks or row.customer_speaks))
    return Recognised(Actor("guest"), rows[0].usual)


def _actor(row: Any) -> Actor | None:
    if row is None:
        return None
    if row.party_kind == "customer":
        return Actor("customer", row.party_id)
    if row.party_kind == "user" and row.active:
        return Actor("user", row.party_id, row.role)
    return None
