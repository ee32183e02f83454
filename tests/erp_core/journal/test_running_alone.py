"""Commands of a business run beside each other; one that files runs alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import select, text

from erp_core.journal.commands import alone
from erp_core.journal.context import Context
from erp_core.journal.models import journal_events
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.runtime import Bahi

WAITS = """
SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"""
gate: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _gate() -> None:
    gate.update(inside=Event(), go=Event(), both=Barrier(2, timeout=10))


def step(ctx: Context, *, name: str) -> dict[str, Any]:
    """Wait inside until it may go on."""
    gate["inside"].set()
    assert gate["go"].wait(10)
    ctx.record(name)
    return {"now": ctx.now.isoformat()}


def meet(ctx: Context) -> dict[str, Any]:
    """End only when another is inside too."""
    gate["both"].wait()
    return {}


@alone
def file(ctx: Context, *, name: str) -> dict[str, Any]:
    """As a return is filed."""
    return step(ctx, name=name)


def _wait_for(bahi: Bahi, count: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        with bahi.database.plain() as connection:
            if connection.execute(text(WAITS)).scalar_one() >= count:
                return
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


def _kinds(bahi: Bahi, business: int) -> list[str]:
    with bahi.read(business) as reader:
        c = journal_events.c
        query = select(c.kind).where(c.business_id == business, c.kind != "journal.genesis")
        return list(reader.connection.execute(query.order_by(c.seq)).scalars())


def test_two_commands_are_inside_at_once(bahi: Bahi, business: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(bahi.run, business, SYSTEM, key, meet) for key in ("k1", "k2")]
        assert [one.result() for one in both] == [{}, {}]


@pytest.mark.parametrize(("first", "second"), [(step, file), (file, step), (file, file)])
def test_who_is_alone_waits_for_all_others_and_they_for_him(
    bahi: Bahi,
    business: int,
    first: Callable[..., dict[str, Any]],
    second: Callable[..., dict[str, Any]],
) -> None:
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(bahi.run, business, SYSTEM, "k1", first, name="first")
        assert gate["inside"].wait(10)
        after = pool.submit(bahi.run, business, SYSTEM, "k2", second, name="second")
        _wait_for(bahi, 1)
        time.sleep(0.05)
        released = bahi.clock.now().isoformat()
        gate["go"].set()
        assert before.result()["now"] < released < after.result()["now"]
    assert _kinds(bahi, business)[-2:] == ["first", "second"]


def test_another_business_waits_for_nobody(bahi: Bahi, business: int) -> None:
    other = register_business(bahi.database, Clock(), NewBusiness("Verma", "turns-other", "07"))
    with ThreadPoolExecutor(2) as pool:
        held = pool.submit(bahi.run, business, SYSTEM, "k1", file, name="first")
        assert gate["inside"].wait(10)
        gate["inside"].clear()
        free = pool.submit(bahi.run, other, SYSTEM, "k2", step, name="second")
        assert gate["inside"].wait(10), "it waited"
        gate["go"].set()
        assert held.result()["now"] < free.result()["now"]
