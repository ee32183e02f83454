"""A command with a key has one effect and one answer, however often it is asked."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import journal_steps
import pytest
from journal_steps import die, do_step, effects, refuse
from sqlalchemy.engine import Connection

from erp_core.db.engine import Database
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Conflict
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.runtime import Bahi


def test_a_repeat_gets_the_first_answer(bahi: Bahi, business: int) -> None:
    first = bahi.run(business, SYSTEM, "k", do_step, amount=5)
    again = bahi.run(business, SYSTEM, "k", do_step, amount=5)
    assert again == first
    assert effects(bahi.database, business) == (1, 1, 1)


def test_two_keys_are_two_commands(bahi: Bahi, business: int) -> None:
    first = bahi.run(business, SYSTEM, "k1", do_step, amount=5)
    second = bahi.run(business, SYSTEM, "k2", do_step, amount=5)
    assert first["id"] != second["id"]
    assert effects(bahi.database, business) == (2, 2, 2)


def test_the_same_key_of_another_business_is_another_key(bahi: Bahi, business: int) -> None:
    other = register_business(bahi.database, Clock(), NewBusiness("Verma", "k-other", "07"))
    bahi.run(business, SYSTEM, "k", do_step, amount=5)
    bahi.run(other, SYSTEM, "k", do_step, amount=6)
    assert effects(bahi.database, business) == effects(bahi.database, other) == (1, 1, 1)


def test_eight_at_once_get_one_answer(bahi: Bahi, business: int) -> None:
    start = Barrier(8)

    def ask(_: int) -> Any:
        start.wait()
        return bahi.run(business, SYSTEM, "k", do_step, amount=5, pause=0.2)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers == [answers[0]] * 8
    assert effects(bahi.database, business) == (1, 1, 1)


@pytest.mark.parametrize(
    ("actor", "command", "arguments"),
    [
        (SYSTEM, do_step, {"amount": 6}),
        (SYSTEM, die, {"amount": 5}),
        (Actor("user", UUID(int=1), "owner"), do_step, {"amount": 5}),
    ],
    ids=["amount", "command", "actor"],
)
def test_a_key_used_for_something_else_is_refused(
    bahi: Bahi, business: int, actor: Actor, command: Any, arguments: dict[str, Any]
) -> None:
    bahi.run(business, SYSTEM, "k", do_step, amount=5)
    with pytest.raises(Conflict) as refusal:
        bahi.run(business, actor, "k", command, **arguments)
    assert refusal.value.code == "idempotency_mismatch"
    assert effects(bahi.database, business) == (1, 1, 1)


def test_a_refused_command_changes_nothing_and_frees_its_key(bahi: Bahi, business: int) -> None:
    with pytest.raises(Conflict) as refusal:
        bahi.run(business, SYSTEM, "k", refuse)
    assert (refusal.value.code, refusal.value.facts) == ("refused", {"amount": 1})
    assert effects(bahi.database, business) == (0, 0, 0)
    bahi.run(business, SYSTEM, "k", do_step, amount=5)
    assert effects(bahi.database, business) == (1, 1, 1)


def test_who_waits_for_one_that_fails_does_it_instead(bahi: Bahi, business: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(bahi.run, business, SYSTEM, "k", refuse, pause=0.5)
        time.sleep(0.2)
        waiting = pool.submit(bahi.run, business, SYSTEM, "k", do_step, amount=5)
        assert waiting.result()["amount"] == 5
        assert isinstance(failing.exception(), Conflict)
    assert effects(bahi.database, business) == (1, 1, 1)


@pytest.mark.processes
@pytest.mark.parametrize(("command", "done_by_the_dead"), [("do_step", 1), ("die", 0)])
def test_one_that_was_killed_counts_if_it_had_committed(
    bahi: Bahi, business: int, command: str, done_by_the_dead: int
) -> None:
    """A process is killed between commit and answer, or before the commit, and asked again."""
    killed = subprocess.run(
        [sys.executable, journal_steps.__file__, bahi.database.url, str(business), command],
        cwd=Path(journal_steps.__file__).parents[3],
        env={"PYTHONPATH": "."},
        timeout=240,
    )
    assert killed.returncode == -signal.SIGKILL
    assert effects(bahi.database, business) == (done_by_the_dead,) * 3
    answer = bahi.run(business, SYSTEM, "k", do_step, amount=5)
    assert answer == bahi.run(business, SYSTEM, "k", do_step, amount=5)
    assert effects(bahi.database, business) == (1, 1, 1)


def test_a_connection_lost_on_the_way_is_tried_again(
    bahi: Bahi, business: int, superuser: Connection
) -> None:
    tries = []

    def cut_once(ctx: Context) -> dict[str, Any]:
        tries.append(ctx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        if len(tries) == 1:
            superuser.exec_driver_sql("SELECT pg_terminate_backend(%s, 60000)", (tries[0],))
        return dict(do_step(ctx, amount=5))

    assert bahi.run(business, SYSTEM, "k", cut_once)["amount"] == 5
    assert len(tries) == 2
    assert effects(bahi.database, business) == (1, 1, 1)


def test_a_deadlock_is_tried_again(bahi: Bahi, business: int) -> None:
    """Two commands lock two rows the wrong way round; the server lets one go, and both succeed."""
    meet = Barrier(2)
    for key in ("1", "2"):
        bahi.run(business, SYSTEM, key, do_step, amount=5)

    def lock_both(ctx: Context, *, first: str, second: str, tries: list[int]) -> dict[str, Any]:
        for key in (first, second):
            ctx.connection.exec_driver_sql(
                "UPDATE idempotency_keys SET result = result WHERE business_id = %s AND key = %s",
                (ctx.business_id, key),
            )
            if key == first and len(tries) == 0:
                tries.append(1)
                meet.wait()
        return {}

    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(
                bahi.run, business, SYSTEM, f"lock:{a}", lock_both, first=a, second=b, tries=[]
            )
            for a, b in (("1", "2"), ("2", "1"))
        ]
        assert [run.result() for run in runs] == [{}, {}]


def test_an_answer_has_the_same_types_for_all_who_ask(bahi: Bahi, business: int) -> None:
    first = bahi.run(business, SYSTEM, "k", do_step, amount=5)
    again = bahi.run(business, SYSTEM, "k", do_step, amount=5)
    assert first["lines"] == again["lines"] == [5, 5]


def test_listeners_belong_to_the_command(database: Database, clock: Clock, business: int) -> None:
    def shout(ctx: Context) -> None:
        if any(event.kind == "step.done" for event in ctx.events):
            ctx.tell("utter_heard", to=journal_steps.SOMEBODY)

    def stumble(ctx: Context) -> None:
        raise Conflict("stumbled")

    Bahi(database, clock, listeners=(shout,)).run(business, SYSTEM, "1", do_step, amount=5)
    assert effects(database, business) == (1, 2, 1)
    with pytest.raises(Conflict):
        Bahi(database, clock, listeners=(stumble,)).run(business, SYSTEM, "2", do_step, amount=5)
    assert effects(database, business) == (1, 2, 1)
