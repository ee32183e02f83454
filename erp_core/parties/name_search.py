"""Names ready to be searched, kept in memory between turns.

Whoever adds or changes a name writes a new version, a random one, into the database. An index that
was built for that version holds those names; one that was rolled back is asked for by nobody. As
long as nobody has added a name there is no version.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any, Literal, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from erp_core.db.statements import Statement
from erp_core.journal.context import Context, Reader
from erp_core.kernel.ids import new_id
from erp_core.kernel.latest import Latest
from erp_core.parties.models import name_versions

Subject = Literal["customers", "vendors", "products"]
Ready = TypeVar("Ready", bound=Sized)
"""Names made ready for being searched; it weighs as much as it has of them."""

MOST_NAMES = 200_000
"""So many names are kept, of however many businesses; those searched longest ago go first."""

_VERSIONS = Statement(
    select(name_versions.c.subject, name_versions.c.version).where(
        name_versions.c.business_id == bindparam("tenant")
    )
)

_kept: Latest[tuple[int, Subject], tuple[UUID | None, Any]] = Latest(
    MOST_NAMES, weight=lambda kept: len(kept[1])
)


def renew(ctx: Context, subject: Subject) -> None:
    """Say that names were added or changed; every command that does so calls this."""
    row = {"version": new_id()}
    ctx.found.pop(_place(subject), None)
    ctx.connection.execute(
        upsert(name_versions)
        .values(business_id=ctx.business_id, subject=subject, **row)
        .on_conflict_do_update(index_elements=["business_id", "subject"], set_=row)
    )


def kept_ready(reader: Reader, subject: Subject, build: Callable[[], Ready]) -> Ready:
    """What was built of the names of a business as they are now; `build` reads them where it is
    not at hand.

    The version is read before the names, so that names can only be newer than it says.
    """
    if (found := reader.found.get(_place(subject))) is None:
        found = reader.found[_place(subject)] = _kept_or_built(reader, subject, build)
    ready: Ready = found
    return ready


def _place(subject: Subject) -> str:
    return f"names of {subject}"


def _kept_or_built(reader: Reader, subject: Subject, build: Callable[[], Ready]) -> Any:
    rows = _VERSIONS.all(reader.connection, tenant=reader.business_id)
    version = next((row.version for row in rows if row.subject == subject), None)
    place = (reader.business_id, subject)
    kept = _kept.get(place)
    if kept is not None and kept[0] == version:
        return kept[1]
    fresh = build()
    _kept.keep(place, (version, fresh))
    return fresh
