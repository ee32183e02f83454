"""Commands on the parties of a business: who runs it, who buys, who sells to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Table, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.journal.context import Context, Recipient
from erp_core.kernel.actor import ROLES, Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.models import (
    businesses,
    customer_aliases,
    customers,
    identities,
    users,
    vendors,
)
from erp_core.parties.name_search import renew
from erp_core.parties.names import (
    clean_colour,
    clean_drug_licence,
    clean_fssai,
    clean_gstin,
    clean_name,
    clean_scheme,
    clean_state,
    clean_treatment,
    normal_phone,
    person_key,
)
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import (
    all_users,
    identify,
    nickname_owner,
    party_of,
    trader_named,
)

__all__ = ["NewBusiness", "identify", "register_business"]

LANGUAGES = ("hinglish", "hindi", "english")

WALK_IN = "Counter sale"
"""The name under which a business keeps what it sells to nobody by name."""

MOST_SAID = 300
CALL_WANTED = "utter_notify_call_wanted"
CALL_ABOUT = {
    "anything": "utter_notify_call_about",
    "complaint": "utter_notify_complaint",
    "daily_wanted": "utter_notify_daily_wanted",
    "daily_paused": "utter_notify_daily_paused",
    "daily_changed": "utter_notify_daily_changed",
    "daily_missed": "utter_notify_daily_missed",
}
"""What a customer says of what it has brought every day, and how the owner is told."""

_TABLES = {"user": users, "customer": customers, "vendor": vendors}


@dataclass(frozen=True)
class NewCustomer:
    """A customer to add. `state` is a GST state code, taken from the GSTIN when left out."""

    name: str
    phone: str | None = None
    state: str | None = None
    gstin: str | None = None
    address: str | None = None
    language: str | None = None
    treatment: str | None = None


class UserAdded(TypedDict):
    user_id: str
    role: str


class CustomerAdded(TypedDict):
    customer_id: str
    name: str


class VendorAdded(TypedDict):
    vendor_id: str


class CustomerChanged(TypedDict):
    customer_id: str
    changed: list[str]


class NicknameChanged(TypedDict):
    customer_id: str


class CallAsked(TypedDict):
    customer_id: str


class UserChanged(TypedDict):
    user_id: str
    role: str
    active: bool


class LanguageChanged(TypedDict):
    language: str


class VoiceChanged(TypedDict):
    speaks: bool


class IdentityLearned(TypedDict):
    party_kind: str
    party_id: str
    new: bool


class BusinessChanged(TypedDict):
    changed: list[str]


def add_user(
    ctx: Context, *, name: str, phone: str, role: str, language: str | None = None
) -> UserAdded:
    """Let somebody run the business. Raises Invalid("bad_role"), Conflict("phone_taken")."""
    require(ctx, Permission.MANAGE_USERS)
    if role not in ROLES:
        raise Invalid("bad_role")
    user_id = new_id()
    ctx.connection.execute(
        insert(users).values(
            business_id=ctx.business_id,
            id=user_id,
            name=clean_name(name),
            role=role,
            language=_checked_language(language),
            active=True,
            created_at=ctx.now,
        )
    )
    _take_identity(ctx, "phone", normal_phone(phone), "user", user_id)
    ctx.record("user.added", entity=user_id, role=role)
    return {"user_id": str(user_id), "role": role}


def change_user(
    ctx: Context,
    *,
    user_id: UUID,
    name: str | None = None,
    role: str | None = None,
    active: bool | None = None,
) -> UserChanged:
    """Rename a user, change the role, or end or restore the access. The last owner stays one.

    Raises NotFound("user"), Invalid("bad_role"), Conflict("last_owner").
    """
    require(ctx, Permission.MANAGE_USERS)
    if role is not None and role not in ROLES:
        raise Invalid("bad_role")
    rows = ctx.connection.execute(
        users.select()
        .where(users.c.business_id == ctx.business_id)
        .order_by(users.c.id)
        .with_for_update(key_share=True)
    ).all()
    before = next((row for row in rows if row.id == user_id), None)
    if before is None:
        raise NotFound("user", user_id=str(user_id))
    after_role = role or before.role
    after_active = before.active if active is None else active
    other_owners = [r for r in rows if r.id != user_id and r.role == "owner" and r.active]
    was_owner = before.role == "owner" and before.active
    if was_owner and not other_owners and (after_role != "owner" or not after_active):
        raise Conflict("last_owner")
    ctx.connection.execute(
        update(users)
        .where(users.c.business_id == ctx.business_id, users.c.id == user_id)
        .values(
            name=clean_name(name) if name else before.name, role=after_role, active=after_active
        )
    )
    ctx.record("user.changed", entity=user_id, role=after_role, active=after_active)
    return {"user_id": str(user_id), "role": after_role, "active": after_active}


def add_customer(
    ctx: Context,
    *,
    name: str,
    phone: str | None = None,
    state: str | None = None,
    gstin: str | None = None,
    address: str | None = None,
    language: str | None = None,
) -> CustomerAdded:
    """Add a customer; a guest adds itself by its own phone number (see `register`).

    Raises Invalid("bad_name", "bad_phone", "bad_gstin", "bad_state"),
    Conflict("phone_taken", party_kind, party_id).
    """
    require(ctx, Permission.ADD_CUSTOMER)
    new = NewCustomer(name, phone, state, gstin, address, language)
    customer_id = add_customers(ctx, [new])[0]
    return {"customer_id": str(customer_id), "name": clean_name(name)}


def add_customers(ctx: Context, new: Iterable[NewCustomer]) -> list[UUID]:
    """Add many customers at once; their ids in the same order. Errors as in `add_customer`."""
    require(ctx, Permission.ADD_CUSTOMER)
    new = list(new)
    rows = [_customer_row(ctx, one) for one in new]
    phones = [normal_phone(one.phone) if one.phone else None for one in new]
    if not rows:
        return []
    ctx.connection.execute(insert(customers), rows)
    renew(ctx, "customers")
    for row, phone in zip(rows, phones, strict=True):
        if phone:
            _take_identity(ctx, "phone", phone, "customer", row["id"])
        ctx.record("customer.added", entity=row["id"])
    return [row["id"] for row in rows]


def walk_in(ctx: Context) -> CustomerAdded:
    """The one customer to whom goods over the counter are sold; added at its first use."""
    require(ctx, Permission.ADD_CUSTOMER)
    # Two first sales at once must not add it twice.
    ctx.connection.execute(
        select(businesses.c.id)
        .where(businesses.c.id == ctx.business_id)
        .with_for_update(key_share=True)
    )
    known = ctx.connection.execute(
        select(customers.c.id).where(
            customers.c.business_id == ctx.business_id, customers.c.name == WALK_IN
        )
    ).first()
    customer_id = known.id if known else add_customers(ctx, [NewCustomer(WALK_IN)])[0]
    return {"customer_id": str(customer_id), "name": WALK_IN}


def register(ctx: Context, *, name: str, kind: str, value: str) -> CustomerAdded:
    """Make a guest a customer, by the phone number or business-scoped id that it writes from.

    Raises Conflict("phone_taken") when it is somebody already.
    """
    require(ctx, Permission.REGISTER)
    row = _customer_row(ctx, NewCustomer(name))
    ctx.connection.execute(insert(customers), [row])
    renew(ctx, "customers")
    identity = normal_phone(value) if kind == "phone" else value
    _take_identity(ctx, kind, identity, "customer", row["id"])
    ctx.record("customer.added", entity=row["id"])
    return {"customer_id": str(row["id"]), "name": row["name"]}


def change_customer(
    ctx: Context,
    *,
    customer_id: UUID,
    name: str | None = None,
    phone: str | None = None,
    state: str | None = None,
    gstin: str | None = None,
    address: str | None = None,
    treatment: str | None = None,
) -> CustomerChanged:
    """Change what is given; what is None stays. Only users change a phone: it says who somebody is.

    Raises NotFound("customer") and as `add_customer`.
    """
    require(ctx, Permission.CHANGE_CUSTOMER, customer_id=customer_id)
    if phone is not None:
        require(ctx, Permission.ADD_CUSTOMER)
    values: dict[str, str] = {}
    if name is not None:
        values |= {"name": clean_name(name), "search_key": person_key(name)}
    if state is not None:
        values["state"] = clean_state(state)
    if gstin is not None:
        values["gstin"] = clean_gstin(gstin)
    if address is not None:
        values["address"] = address.strip()
    if treatment is not None:
        values["treatment"] = clean_treatment(treatment)
    _change_row(ctx, customers, customer_id, values)
    if values.keys() & {"search_key", "address"}:
        renew(ctx, "customers")
    changed = [name for name in values if name != "search_key"]
    if phone is not None:
        _replace_phone(ctx, normal_phone(phone), "customer", customer_id)
        changed.append("phone")
    ctx.record("customer.changed", entity=customer_id, changed=changed)
    return {"customer_id": str(customer_id), "changed": changed}


def add_nickname(ctx: Context, *, customer_id: UUID, alias: str) -> NicknameChanged:
    """Remember what else a customer is called. Raises NotFound("customer"), Invalid("bad_name"),
    Conflict("nickname_taken") when it means somebody else already."""
    require(ctx, Permission.ADD_CUSTOMER)
    _change_row(ctx, customers, customer_id, {})
    key = person_key(clean_name(alias))
    ctx.connection.execute(
        upsert(customer_aliases)
        .values(
            business_id=ctx.business_id,
            search_key=key,
            customer_id=customer_id,
            alias=clean_name(alias),
        )
        .on_conflict_do_nothing()
    )
    owner = nickname_owner(ctx, alias)
    if owner is None or owner[0] != customer_id:
        raise Conflict("nickname_taken")
    renew(ctx, "customers")
    ctx.record("customer.nickname_added", entity=customer_id)
    return {"customer_id": str(customer_id)}


def drop_nickname(ctx: Context, *, alias: str) -> NicknameChanged:
    """Forget what a customer is also called. Raises NotFound("alias")."""
    require(ctx, Permission.ADD_CUSTOMER)
    owner = nickname_owner(ctx, alias)
    if owner is None:
        raise NotFound("alias")
    ctx.connection.execute(
        customer_aliases.delete().where(
            customer_aliases.c.business_id == ctx.business_id,
            customer_aliases.c.search_key == person_key(alias),
        )
    )
    renew(ctx, "customers")
    ctx.record("customer.nickname_dropped", entity=owner[0])
    return {"customer_id": str(owner[0])}


def add_vendor(
    ctx: Context,
    *,
    name: str,
    phone: str | None = None,
    state: str | None = None,
    gstin: str | None = None,
) -> VendorAdded:
    """Add somebody to buy from. Errors as in `add_customer`."""
    require(ctx, Permission.ADD_VENDOR)
    vendor_id = new_id()
    checked_gstin = clean_gstin(gstin) if gstin else None
    ctx.connection.execute(
        insert(vendors).values(
            business_id=ctx.business_id,
            id=vendor_id,
            name=clean_name(name),
            search_key=person_key(name),
            gstin=checked_gstin,
            state=_state(state, checked_gstin),
            created_at=ctx.now,
        )
    )
    renew(ctx, "vendors")
    if phone:
        _take_identity(ctx, "phone", normal_phone(phone), "vendor", vendor_id)
    ctx.record("vendor.added", entity=vendor_id)
    return {"vendor_id": str(vendor_id)}


def vendor_named(ctx: Context, name: str) -> UUID:
    """The vendor with a name in any spelling, added when there is none. Raises Invalid("bad_name").

    An advisory lock on the name keeps two commands that come at once from adding it twice.
    """
    cleaned = clean_name(name)
    key = person_key(cleaned)
    ctx.take_turns(f"vendor:{key}")
    known: UUID | None = ctx.connection.execute(
        select(vendors.c.id)
        .where(vendors.c.business_id == ctx.business_id, vendors.c.search_key == key)
        .order_by(vendors.c.id)
        .limit(1)
    ).scalar_one_or_none()
    if known:
        return known
    vendor_id, trader = new_id(), trader_named(ctx, cleaned)
    ctx.connection.execute(
        insert(vendors).values(
            business_id=ctx.business_id,
            id=vendor_id,
            name=cleaned,
            search_key=key,
            gstin=trader.gstin if trader else None,
            state=trader.state if trader else None,
            created_at=ctx.now,
        )
    )
    renew(ctx, "vendors")
    ctx.record("vendor.added", entity=vendor_id)
    return vendor_id


def change_vendor(
    ctx: Context,
    *,
    vendor_id: UUID,
    phone: str | None = None,
    gstin: str | None = None,
) -> VendorAdded:
    """Note a vendor's number or GSTIN, whose state becomes the vendor's.

    Raises NotFound("vendor"), Invalid("bad_phone", "bad_gstin"), Conflict("phone_taken").
    """
    require(ctx, Permission.ADD_VENDOR)
    checked_gstin = clean_gstin(gstin) if gstin else None
    values = {"gstin": checked_gstin, "state": checked_gstin[:2]} if checked_gstin else {}
    _change_row(ctx, vendors, vendor_id, values)
    if phone:
        _replace_phone(ctx, normal_phone(phone), "vendor", vendor_id)
    ctx.record("vendor.changed", entity=vendor_id)
    return {"vendor_id": str(vendor_id)}


def change_language(
    ctx: Context, *, language: str, party: Recipient | Actor | None = None
) -> LanguageChanged:
    """Answer somebody (the actor, unless another is given) in another language from now on.

    A guest has no row to keep it in: its session does. Raises Invalid("bad_language").
    """
    require(ctx, Permission.CHANGE_LANGUAGE)
    if language not in LANGUAGES:
        raise Invalid("bad_language")
    who = party or ctx.actor
    if who.id != ctx.actor.id:
        require(ctx, Permission.MANAGE_USERS)
    if who.id is not None and who.kind in ("user", "customer"):
        _change_row(ctx, _TABLES[who.kind], who.id, {"language": language})
        ctx.record("language.changed", entity=who.id, language=language)
    return {"language": language}


def change_voice(ctx: Context, *, speaks: bool) -> VoiceChanged:
    """Answer the actor aloud as well from now on, or no more. Raises Forbidden("not_allowed")."""
    if ctx.actor.kind not in ("user", "customer") or ctx.actor.id is None:
        raise Forbidden("not_allowed")
    _change_row(ctx, _TABLES[ctx.actor.kind], ctx.actor.id, {"speaks": speaks})
    ctx.record("voice.changed", entity=ctx.actor.id, speaks=speaks)
    return {"speaks": speaks}


def ask_for_call(
    ctx: Context, *, about: str | None = None, on: str = "", said: str = ""
) -> CallAsked:
    """A customer wants to talk to somebody; the owner is told, and of which of `CALL_ABOUT`, for
    which days, or in which words, the first `MOST_SAID` characters of them."""
    if ctx.actor.kind != "customer" or ctx.actor.id is None:
        raise Forbidden("not_allowed")
    customer_id = str(ctx.actor.id)
    response, facts = CALL_WANTED, {"customer_id": customer_id}
    words = " ".join(said.split())[:MOST_SAID].rstrip(" ,;") or None
    if about is not None:
        response, facts = CALL_ABOUT[about], facts if words else {**facts, "on": on}
    for one in all_users(ctx, roles=("owner",)):
        ctx.tell(response, to=Recipient("user", one.id), facts=facts, said=words, priority=0)
    ctx.record("customer.asked_for_call", entity=ctx.actor.id)
    return {"customer_id": customer_id}


def learn_identity(
    ctx: Context, *, known: tuple[str, str], new: tuple[str, str]
) -> IdentityLearned:
    """Remember that two identities (kind, value) are one person.

    They came together in a message: a business-scoped id beside a phone number, or the old and the
    new id of somebody who changed the number. The person is the one whom `known` names; if `new`
    named somebody else, it is moved, since the platform's word on who writes is newer than ours.
    Raises NotFound("identity") when `known` is nobody's.
    """
    require(ctx, Permission.LINK_IDENTITY)
    kind, value = _normal_identity(*new)
    party = party_of(ctx, *_normal_identity(*known))
    if party is None:
        raise NotFound("identity")
    before = party_of(ctx, kind, value)
    if before != party:
        if kind == "phone":
            _drop_phone(ctx, *party)
        _put_identity(ctx, kind, value, *party)
        ctx.record(
            "identity.learned",
            entity=party[1],
            identity=kind,
            before=str(before[1]) if before else None,
        )
    return {"party_kind": party[0], "party_id": str(party[1]), "new": before != party}


def change_business(
    ctx: Context,
    *,
    name: str | None = None,
    state: str | None = None,
    gstin: str | None = None,
    upi_vpa: str | None = None,
    address: str | None = None,
    language: str | None = None,
    prices_include_tax: bool | None = None,
    upi_verified: bool | None = None,
    gst_scheme: str | None = None,
    colour: str | None = None,
    drug_licence: str | None = None,
    fssai: str | None = None,
) -> BusinessChanged:
    """Change what is given of the business itself; what is None stays."""
    require(ctx, Permission.CHANGE_BUSINESS)
    given: dict[str, tuple[object, Callable[[Any], object]]] = {
        "name": (name, clean_name),
        "state": (state, clean_state),
        "gstin": (gstin, clean_gstin),
        "upi_vpa": (upi_vpa, str.strip),
        "address": (address, str.strip),
        "language": (language, _checked_language),
        "upi_verified": (upi_verified, bool),
        "prices_include_tax": (prices_include_tax, bool),
        "gst_scheme": (gst_scheme, clean_scheme),
        "colour": (colour, clean_colour),
        "drug_licence": (drug_licence, clean_drug_licence),
        "fssai": (fssai, clean_fssai),
    }
    values = {field: clean(value) for field, (value, clean) in given.items() if value is not None}
    if values:
        ctx.connection.execute(
            update(businesses).where(businesses.c.id == ctx.business_id).values(**values)
        )
        ctx.record("business.changed", changed=sorted(values))
    return {"changed": sorted(values)}


def _customer_row(ctx: Context, new: NewCustomer) -> dict[str, Any]:
    gstin = clean_gstin(new.gstin) if new.gstin else None
    return {
        "business_id": ctx.business_id,
        "id": new_id(),
        "name": clean_name(new.name),
        "search_key": person_key(new.name),
        "gstin": gstin,
        "state": _state(new.state, gstin),
        "address": new.address,
        "language": _checked_language(new.language),
        "treatment": clean_treatment(new.treatment) if new.treatment else None,
        "created_at": ctx.now,
    }


def _state(state: str | None, gstin: str | None) -> str | None:
    if state:
        return clean_state(state)
    return gstin[:2] if gstin else None


def _checked_language(language: str | None) -> str | None:
    if language is not None and language not in LANGUAGES:
        raise Invalid("bad_language")
    return language


def _normal_identity(kind: str, value: str) -> tuple[str, str]:
    return kind, normal_phone(value) if kind == "phone" else value


def _take_identity(ctx: Context, kind: str, value: str, party_kind: str, party_id: UUID) -> None:
    """An identity belongs to one person; the table's key decides between two that come at once."""
    taken = ctx.connection.execute(
        upsert(identities)
        .values(
            business_id=ctx.business_id,
            kind=kind,
            value=value,
            party_kind=party_kind,
            party_id=party_id,
        )
        .on_conflict_do_nothing()
    )
    if taken.rowcount:
        return
    owner = party_of(ctx, kind, value)
    facts = {"party_kind": owner[0], "party_id": str(owner[1])} if owner else {}
    raise Conflict("phone_taken", **facts)


def _put_identity(ctx: Context, kind: str, value: str, party_kind: str, party_id: UUID) -> None:
    row = {"party_kind": party_kind, "party_id": party_id}
    ctx.connection.execute(
        upsert(identities)
        .values(business_id=ctx.business_id, kind=kind, value=value, **row)
        .on_conflict_do_update(index_elements=["business_id", "kind", "value"], set_=row)
    )


def _replace_phone(ctx: Context, phone: str, party_kind: str, party_id: UUID) -> None:
    if party_of(ctx, "phone", phone) == (party_kind, party_id):
        return
    _drop_phone(ctx, party_kind, party_id)
    _take_identity(ctx, "phone", phone, party_kind, party_id)


def _drop_phone(ctx: Context, party_kind: str, party_id: UUID) -> None:
    ctx.connection.execute(
        identities.delete().where(
            identities.c.business_id == ctx.business_id,
            identities.c.party_kind == party_kind,
            identities.c.party_id == party_id,
            identities.c.kind == "phone",
        )
    )


def _change_row(ctx: Context, table: Table, row_id: UUID, values: Mapping[str, str | bool]) -> None:
    of_row = (table.c.business_id == ctx.business_id) & (table.c.id == row_id)
    changed = (
        ctx.connection.execute(update(table).where(of_row).values(**values)).rowcount
        if values
        else len(ctx.connection.execute(table.select().where(of_row)).all())
    )
    if not changed:
        raise NotFound(table.name.removesuffix("s"))
