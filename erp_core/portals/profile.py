"""What a shop says of itself to the portals, and its sealed accounts with them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TypedDict

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.db.statements import Statement
from erp_core.journal.context import Context, Reader
from erp_core.kernel.errors import Invalid
from erp_core.parties.permissions import Permission, require
from erp_core.portals.models import gst_profiles, portal_accounts

LARGEST_TURNOVER = 10**15
TRADES = ("trader", "manufacturer", "food", "services")


@dataclass(frozen=True)
class Profile:
    """`turnover_paise`: the largest aggregate turnover of a financial year since 2017-18.

    `trade` is what the shop does, where it has said so: its tax under composition hangs on it.
    `private_use`: some of what it spends serves no business (rule 42(1)(j)).
    """

    turnover_paise: int | None = None
    quarterly: bool = False
    reminds: bool = True
    trade: str | None = None
    private_use: bool = False


_PROFILE = Statement(
    select(*(gst_profiles.c[name] for name in Profile.__dataclass_fields__)).where(
        gst_profiles.c.business_id == bindparam("tenant")
    )
)


class ProfileSet(TypedDict):
    turnover: int | None
    quarterly: bool
    reminds: bool
    trade: str | None
    private_use: bool


class Connected(TypedDict):
    portal: str


def profile(reader: Reader) -> Profile:
    """The shop's profile; the plain one where it never said anything."""
    row = _PROFILE.first(reader.connection, tenant=reader.business_id)
    return Profile(*row) if row else Profile()


def set_profile(
    ctx: Context,
    *,
    turnover_paise: int | None = None,
    quarterly: bool | None = None,
    reminds: bool | None = None,
    trade: str | None = None,
    private_use: bool | None = None,
) -> ProfileSet:
    """Change what is given; what is not given stays. Raises Invalid("bad_amount", "bad_trade")."""
    require(ctx, Permission.CHANGE_BUSINESS)
    if turnover_paise is not None and not 0 <= turnover_paise <= LARGEST_TURNOVER:
        raise Invalid("bad_amount")
    if trade is not None and trade not in TRADES:
        raise Invalid("bad_trade")
    given = {
        "turnover_paise": turnover_paise,
        "quarterly": quarterly,
        "reminds": reminds,
        "trade": trade,
        "private_use": private_use,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    wanted = replace(profile(ctx), **changed)  # type: ignore[arg-type]
    values = asdict(wanted) | {"changed_at": ctx.now}
    ctx.connection.execute(
        upsert(gst_profiles)
        .values(business_id=ctx.business_id, **values)
        .on_conflict_do_update(index_elements=["business_id"], set_=values)
    )
    done: ProfileSet = {
        "turnover": wanted.turnover_paise,
        "quarterly": wanted.quarterly,
        "reminds": wanted.reminds,
        "trade": wanted.trade,
        "private_use": wanted.private_use,
    }
    ctx.record("gst_profile.changed", **done)
    return done


def connect(ctx: Context, *, portal: str, sealed: str) -> Connected:
    """Keep the sealed secrets (hexadecimal) of the shop's account with "irp" or "eway"."""
    require(ctx, Permission.CHANGE_BUSINESS)
    values = {"sealed": bytes.fromhex(sealed), "changed_at": ctx.now}
    ctx.connection.execute(
        upsert(portal_accounts)
        .values(business_id=ctx.business_id, portal=portal, **values)
        .on_conflict_do_update(index_elements=["business_id", "portal"], set_=values)
    )
    ctx.record("portal.connected", portal=portal)
    return {"portal": portal}


def sealed_account(reader: Reader, portal: str) -> bytes | None:
    """The sealed secrets of an account, if there is one."""
    found = reader.connection.execute(
        select(portal_accounts.c.sealed).where(
            portal_accounts.c.business_id == reader.business_id,
            portal_accounts.c.portal == portal,
        )
    ).scalar_one_or_none()
    return bytes(found) if found is not None else None
