"""Reading the parties of a business."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, func, select
from sqlalchemy.engine import Row
from sqlalchemy.sql import Select

from erp_core.db.many import one_of_given
from erp_core.db.statements import Statement
from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.kernel.by_ear import readings
from erp_core.kernel.errors import Invalid, NotFound
from erp_core.kernel.matching import CERTAIN, EXACT, Match, NameIndex
from erp_core.parties.models import (
    businesses,
    customer_aliases,
    customers,
    identities,
    users,
    vendors,
)
from erp_core.parties.name_search import kept_ready
from erp_core.parties.names import (
    LONGEST_HOME_NUMBER,
    bare_key,
    normal_phone,
    person_key,
    place_key,
    title_alone,
    titles_in,
)
from erp_core.parties.permissions import Permission, require

T = TypeVar("T")

FEWEST_PHONE_DIGITS = 4
"""So many last digits of a phone number are taken as a way to name its owner."""


@dataclass(frozen=True)
class Business:
    """A business. `state` is its GST state code ("27"), `zone` its time zone, `colour` that of its
    papers ("#921c24"); under `gst_scheme` "composition" it charges no tax. `upi_verified`: a bank
    has verified its UPI address as a merchant's; it is not a person's. `drug_licence` and `fssai`
    are the numbers of its licences to sell medicine and food, which stand on its bills."""

    id: int
    name: str
    phone_number_id: str
    state: str
    gstin: str | None
    upi_vpa: str | None
    address: str | None
    language: str
    zone: str
    prices_include_tax: bool
    keeps_reviews: bool
    gst_scheme: str = "regular"
    colour: str | None = None
    upi_verified: bool = False
    drug_licence: str | None = None
    fssai: str | None = None


@dataclass(frozen=True)
class User:
    """Somebody who runs the business. `language` is None where the business's own is used."""

    id: UUID
    name: str
    phone: str | None
    role: str
    language: str | None
    active: bool


@dataclass(frozen=True)
class Customer:
    """Somebody who buys. `phone` is digits as in "919876500001"; `state` a GST state code;
    `treatment` says how supplies to a special economic zone or abroad are taxed (tax.rules)."""

    id: UUID
    name: str
    phone: str | None
    state: str | None
    gstin: str | None
    address: str | None
    language: str | None
    treatment: str | None = None


@dataclass(frozen=True)
class Vendor:
    """Somebody whom the business buys from."""

    id: UUID
    name: str
    phone: str | None
    state: str | None
    gstin: str | None


def _parties(kind: type[Any], table: Table, party_kind: str) -> Select:
    """Parties with their phone numbers, the columns in the order of the fields of their class."""
    phone = identities.alias("phone")
    own_phone = and_(
        phone.c.business_id == table.c.business_id,
        phone.c.party_kind == party_kind,
        phone.c.party_id == table.c.id,
        phone.c.kind == "phone",
    )
    read = {**table.c, "phone": phone.c.value.label("phone")}
    return (
        select(*(read[name] for name in kind.__dataclass_fields__))
        .select_from(table.outerjoin(phone, own_phone))
        .where(table.c.business_id == bindparam("tenant"))
    )


_BUSINESS = Statement(
    select(*(businesses.c[name] for name in Business.__dataclass_fields__)).where(
        businesses.c.id == bindparam("tenant")
    )
)
_customers, _vendors = (
    _parties(Customer, customers, "customer"),
    _parties(Vendor, vendors, "vendor"),
)
_CUSTOMER = Statement(_customers.where(customers.c.id == bindparam("party")))
_USER = Statement(_parties(User, users, "user").where(users.c.id == bindparam("party")))
_NAMED = {
    "customers": Statement(_customers.where(one_of_given(customers.c.id, "parties"))),
    "vendors": Statement(_vendors.where(one_of_given(vendors.c.id, "parties"))),
}
_LANGUAGES = {
    kind: Statement(
        select(table.c.id, table.c.language).where(
            table.c.business_id == bindparam("tenant"), one_of_given(table.c.id, "parties")
        )
    )
    for kind, table in (("user", users), ("customer", customers))
}
_NAMES_OF = Statement(
    select(customers.c.id, customers.c.name).where(
        customers.c.business_id == bindparam("tenant"), one_of_given(customers.c.id, "parties")
    )
)
_own, _other = customers.alias("own"), customers.alias("other")
_NAMESAKE = Statement(
    select(_other.c.id)
    .select_from(
        _own.join(
            _other,
            (_other.c.business_id == _own.c.business_id)
            & (_other.c.search_key == _own.c.search_key)
            & (_other.c.id != _own.c.id),
        )
    )
    .where(_own.c.business_id == bindparam("tenant"), _own.c.id == bindparam("party"))
    .limit(1)
)
_IDENTITIES_OF = Statement(
    select(identities.c.party_id, identities.c.kind, identities.c.value).where(
        identities.c.business_id == bindparam("tenant"),
        identities.c.party_kind == bindparam("of"),
        one_of_given(identities.c.party_id, "parties"),
    )
)
_PARTY_OF = Statement(
    select(identities.c.party_kind, identities.c.party_id).where(
        identities.c.business_id == bindparam("tenant"),
        identities.c.kind == bindparam("told"),
        identities.c.value == bindparam("said"),
    )
)
_NAMESAKES = Statement(
    _customers.where(
        customers.c.business_id == bindparam("tenant"),
        customers.c.search_key == bindparam("called"),
    ).limit(2)
)


def business(reader: Reader) -> Business:
    """The business itself."""
    row = _BUSINESS.first(reader.connection, tenant=reader.business_id)
    if row is None:
        raise NotFound("business")
    return Business(*row)


def exists(reader: Reader) -> bool:
    """Whether the business whose session this is has been created."""
    return bool(
        reader.connection.execute(
            select(businesses.c.id).where(businesses.c.id == reader.business_id)
        ).first()
    )


def trader_named(reader: Reader, name: str) -> Customer | None:
    """The one customer of exactly this name, if registered: who also sells does so under its GSTIN.

    Of namesakes nobody knows which one sells, and another's GSTIN would give credit.
    """
    found = _NAMESAKES.all(reader.connection, tenant=reader.business_id, called=person_key(name))
    only = Customer(*found[0]) if len(found) == 1 else None
    return only if only and only.gstin else None


def party_of(reader: Reader, kind: str, value: str) -> tuple[str, UUID] | None:
    """Whose phone number or business-scoped id this is: ("user", id), ("customer", id), …"""
    row = _PARTY_OF.first(reader.connection, tenant=reader.business_id, told=kind, said=value)
    return (row.party_kind, row.party_id) if row else None


def identify(reader: Reader, *, kind: str, value: str) -> Actor | None:
    """Who writes from a phone number or business-scoped id; None for somebody unknown.

    A user who left the business is unknown. A vendor writes as a guest would.
    """
    party = party_of(reader, kind, _normal(kind, value))
    if party is None or party[0] == "vendor":
        return None
    if party[0] == "customer":
        return Actor("customer", party[1])
    row = _USER.one(reader.connection, tenant=reader.business_id, party=party[1])
    return Actor("user", row.id, row.role) if row.active else None


def language_of(reader: Reader, actor: Actor | None = None) -> str:
    """The language to answer somebody in: their own choice, else the business's."""
    return chosen_language(reader, actor or reader.actor) or business(reader).language


def customer(reader: Reader, customer_id: UUID) -> Customer:
    """A customer; customers see only themselves. Raises NotFound("customer"), Forbidden."""
    require(reader, Permission.VIEW_CUSTOMERS, customer_id=customer_id)
    row = _CUSTOMER.first(reader.connection, tenant=reader.business_id, party=customer_id)
    if row is None:
        raise NotFound("customer", customer_id=str(customer_id))
    return Customer(*row)


def customers_named(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of some customers, for whoever lists what is theirs; no permission is asked."""
    if not ids:
        return {}
    rows = _NAMES_OF.all(reader.connection, tenant=reader.business_id, parties=list(ids))
    return {row.id: row.name for row in rows}


def newest_customers(reader: Reader, limit: int) -> list[UUID]:
    """The customers who were added last, the newest first."""
    require(reader, Permission.VIEW_CUSTOMERS)
    rows = reader.connection.execute(
        select(customers.c.id)
        .where(customers.c.business_id == reader.business_id)
        .order_by(customers.c.id.desc())
        .limit(limit)
    )
    return [row.id for row in rows]


def has_namesake(reader: Reader, customer_id: UUID) -> bool:
    """Whether another customer is called the same, as names are compared."""
    found = _NAMESAKE.first(reader.connection, tenant=reader.business_id, party=customer_id)
    return found is not None


def chosen_language(reader: Reader, actor: Actor) -> str | None:
    """The language that somebody has asked for; None when it was never said."""
    return chosen_languages(reader, actor.kind, [actor.id]).get(actor.id) if actor.id else None


def chosen_languages(reader: Reader, party_kind: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The languages that some people have asked for; those who never did are left out."""
    asked = _LANGUAGES.get(party_kind)
    if asked is None:
        return {}
    rows = asked.all(reader.connection, tenant=reader.business_id, parties=list(ids))
    return {row.id: row.language for row in rows if row.language}


def customer_by_phone(reader: Reader, phone: str) -> Customer | None:
    """The customer with a phone number, in any usual way of writing it."""
    try:
        party = party_of(reader, "phone", normal_phone(phone))
    except Invalid:
        return None
    return customer(reader, party[1]) if party and party[0] == "customer" else None


def all_customers(reader: Reader) -> list[Customer]:
    """Every customer, by name."""
    require(reader, Permission.VIEW_CUSTOMERS)
    rows = reader.connection.execute(_with_phone(customers, "customer", reader))
    return sorted((_customer(row) for row in rows), key=lambda one: (one.name.casefold(), one.id))


def find_customers(reader: Reader, text: str, limit: int = 8) -> list[Match[Customer]]:
    """The customers whom a name, a phone number or its last digits may mean, best first.

    A score of matching.EXACT means the name itself, matching.CERTAIN or more every word of it.
    """
    require(reader, Permission.VIEW_CUSTOMERS)
    digits = re.sub(r"\D", "", text)[-LONGEST_HOME_NUMBER:]
    if len(digits) >= FEWEST_PHONE_DIGITS:
        by_phone = _with_phone(customers, "customer", reader, ending=digits)
        rows = reader.connection.execute(by_phone.order_by(customers.c.id).limit(limit)).all()
        if rows:
            return [Match(_customer(row), EXACT) for row in rows]
    named = _named(reader, "customers", text, limit, Customer)
    if named and named[0].score >= CERTAIN:
        return named
    return _by_title(reader, text)[:limit] or named


def _by_title(reader: Reader, text: str) -> list[Match[Customer]]:
    """ "Pandit ji": whoever bears the title that alone is said."""
    said = title_alone(text)
    if not said:
        return []
    every = select(customers.c.id, customers.c.name).where(
        customers.c.business_id == reader.business_id
    )
    all_names = reader.connection.execute(every.order_by(customers.c.id))
    called = [row.id for row in all_names if said <= titles_in(row.name)]
    found = _with_phone(customers, "customer", reader).where(customers.c.id.in_(called))
    rows = reader.connection.execute(found.order_by(customers.c.id)).all() if called else []
    return [Match(_customer(row), CERTAIN) for row in rows]


def all_vendors(reader: Reader) -> list[Vendor]:
    """Every vendor, by name."""
    require(reader, Permission.VIEW_CUSTOMERS)
    rows = reader.connection.execute(_with_phone(vendors, "vendor", reader))
    return sorted((_vendor(row) for row in rows), key=lambda one: (one.name.casefold(), one.id))


def find_vendors(reader: Reader, text: str, limit: int = 8) -> list[Match[Vendor]]:
    """The vendors whom a name may mean, best first."""
    require(reader, Permission.VIEW_CUSTOMERS)
    return _named(reader, "vendors", text, limit, Vendor)


def party_names(reader: Reader, subject: Literal["customers", "vendors"]) -> NameIndex[UUID]:
    """What all customers or vendors are called; the same object until a name changes.

    It is for finding names in what somebody says: nothing of it may be shown without permission.
    """
    table = customers if subject == "customers" else vendors

    def build() -> NameIndex[UUID]:
        columns = [table.c.search_key, table.c.id]
        if subject == "customers":
            columns.append(table.c.address)
        rows = reader.connection.execute(
            select(columns).where(table.c.business_id == reader.business_id).order_by(table.c.id)
        ).all()
        names = [(row[0], row[1]) for row in rows]
        if subject == "vendors":
            return NameIndex(names)
        places = [(f"{row[0]} {place}", row[1]) for row in rows if (place := place_key(row[2]))]
        return NameIndex([*names, *_nicknames(reader), *places])

    return kept_ready(reader, subject, build)


def nickname_owner(reader: Reader, alias: str) -> tuple[UUID, str] | None:
    """The customer whom a taught nickname means, with the nickname as it was written."""
    row = reader.connection.execute(
        select(customer_aliases.c.customer_id, customer_aliases.c.alias).where(
            customer_aliases.c.business_id == reader.business_id,
            customer_aliases.c.search_key == person_key(alias),
        )
    ).one_or_none()
    return (row.customer_id, row.alias) if row else None


def _nicknames(reader: Reader) -> list[tuple[str, UUID]]:
    rows = reader.connection.execute(
        select(customer_aliases.c.search_key, customer_aliases.c.customer_id).where(
            customer_aliases.c.business_id == reader.business_id
        )
    )
    return [(row[0], row[1]) for row in rows]


def vendor(reader: Reader, vendor_id: UUID) -> Vendor:
    """A vendor. Raises NotFound("vendor")."""
    row = reader.connection.execute(
        _with_phone(vendors, "vendor", reader).where(vendors.c.id == vendor_id)
    ).one_or_none()
    if row is None:
        raise NotFound("vendor", vendor_id=str(vendor_id))
    return _vendor(row)


def all_users(
    reader: Reader, *, roles: Sequence[str] | None = None, active_only: bool = True
) -> list[User]:
    """The users, owners first; those of some roles only, if given."""
    query = _with_phone(users, "user", reader).order_by(users.c.id)
    rows = reader.connection.execute(query.where(users.c.active) if active_only else query)
    found = [_user(row) for row in rows if roles is None or row.role in roles]
    return sorted(found, key=lambda one: ("owner", "manager", "staff", "viewer").index(one.role))


def user(reader: Reader, user_id: UUID) -> User:
    """A user. Raises NotFound("user")."""
    row = _USER.first(reader.connection, tenant=reader.business_id, party=user_id)
    if row is None:
        raise NotFound("user", user_id=str(user_id))
    return User(*row)


def identities_of(
    reader: Reader, party_kind: str, ids: Sequence[UUID]
) -> dict[UUID, dict[str, str]]:
    """Where some people can be reached, by kind: {"phone": "919876500001", "bsuid": …}; those of
    whom nothing is known are left out."""
    given = {"tenant": reader.business_id, "of": party_kind, "parties": list(ids)}
    found: dict[UUID, dict[str, str]] = {}
    for row in _IDENTITIES_OF.all(reader.connection, **given):
        found.setdefault(row.party_id, {})[row.kind] = row.value
    return found


def _normal(kind: str, value: str) -> str:
    return re.sub(r"\D", "", value) if kind == "phone" else value


def _named(
    reader: Reader,
    subject: Literal["customers", "vendors"],
    text: str,
    limit: int,
    kind: Callable[..., T],
) -> list[Match[T]]:
    matches = ranked_names(party_names(reader, subject), text, limit)
    if not matches:
        return []
    ids = [match.item for match in matches]
    rows = _NAMED[subject].all(reader.connection, tenant=reader.business_id, parties=ids)
    found = {row.id: kind(*row) for row in rows}
    return [Match(found[match.item], match.score) for match in matches if match.item in found]


def ranked_names(names: NameIndex[UUID], text: str, limit: int) -> list[Match[UUID]]:
    """The names that fit what was said, best first; one in Devanagari by its sound, too."""
    matches = names.rank(person_key(text), limit=limit)
    if text.isascii():
        return matches
    for heard in dict.fromkeys(bare_key(one) for one in readings(text)):
        if any(match.score >= CERTAIN for match in matches):
            break
        matches = names.rank(heard, limit=limit, by_sound=True, closely=True) or matches
    return matches


def _with_phone(
    table: Table, party_kind: str, reader: Reader, *, ending: str | None = None
) -> Select:
    """Parties with their phone numbers; those alone whose number ends so, if given."""
    phone = identities.alias("phone")
    own_phone = and_(
        phone.c.business_id == reader.business_id,
        phone.c.party_kind == party_kind,
        phone.c.party_id == table.c.id,
        phone.c.kind == "phone",
    )
    query = (
        select(table, phone.c.value.label("phone"))
        .select_from(table.outerjoin(phone, own_phone))
        .where(table.c.business_id == reader.business_id)
    )
    return query.where(func.right(phone.c.value, len(ending)) == ending) if ending else query


def _of(kind: type[Any], row: Row) -> Any:
    return kind(**{name: row[name] for name in kind.__dataclass_fields__})


def _customer(row: Row) -> Customer:
    found: Customer = _of(Customer, row)
    return found


def _user(row: Row) -> User:
    found: User = _of(User, row)
    return found


def _vendor(row: Row) -> Vendor:
    found: Vendor = _of(Vendor, row)
    return found
