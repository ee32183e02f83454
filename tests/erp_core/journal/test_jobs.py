"""Jobs that commands plan are done once each, whoever runs them and whoever dies meanwhile."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import job_steps
import pytest
from sqlalchemy import BigInteger, cast, select

from erp_core.journal import retention
from erp_core.journal.jobs import NotYet, run_due
from erp_core.journal.models import idempotency_keys, jobs, journal_events
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Invalid, Unavailable
from erp_core.runtime import Bahi

HERE = Path(__file__).parent


@pytest.fixture
def now_bahi(database) -> Bahi:
    return Bahi(database, Clock())


@pytest.fixture
def plan(now_bahi, business):
    def plan_jobs(count=1, kind="first", **due):
        def planned(ctx):
            for number in range(count):
                ctx.later(kind, due_at=ctx.now + timedelta(**due), amount=number)
            return {}

        now_bahi.run(business, SYSTEM, f"plan:{count}:{kind}:{due}", planned)

    return plan_jobs


def _amounts(bahi, business):
    with bahi.read(business) as reader:
        rows = reader.connection.execute(
            select(journal_events.c.payload).where(
                journal_events.c.business_id == business, journal_events.c.kind == "step.done"
            )
        )
        return sorted(
            int(text.split('"amount":')[1].split("}")[0].split(",")[0]) for (text,) in rows
        )


def _statuses(bahi, business, kind="first"):
    with bahi.read(business) as reader:
        rows = reader.connection.execute(
            select(jobs.c.status, jobs.c.attempts, jobs.c.error_code)
            .where(jobs.c.business_id == business, jobs.c.kind == kind)
            .order_by(jobs.c.id)
        )
        return [tuple(row) for row in rows]


def test_eight_runners_at_once_do_each_job_once(now_bahi, business, plan):
    plan(30)
    handlers = {"first": job_steps.step, "step": lambda _work: None}
    with ThreadPoolExecutor(8) as pool:
        for _ in range(4):
            list(pool.map(lambda _: run_due(now_bahi, handlers), range(8)))
    assert _amounts(now_bahi, business) == list(range(30))
    assert _statuses(now_bahi, business) == [("done", 0, None)] * 30


def test_a_runner_killed_between_effect_and_mark_leaves_one_effect(now_bahi, business, plan):
    plan(1)
    died = subprocess.run(
        [sys.executable, str(HERE / "job_steps.py"), now_bahi.database.url],
        cwd=HERE.parents[2],
        env={"PYTHONPATH": f"{HERE}:{HERE.parents[2]}"},
        check=False,
    )
    assert died.returncode == -9
    assert (_amounts(now_bahi, business), _statuses(now_bahi, business)) == (
        [0],
        [("waiting", 0, None)],
    )
    for _ in range(2):
        run_due(now_bahi, {"first": job_steps.step, "step": lambda _work: None})
    assert _amounts(now_bahi, business) == [0]
    assert _statuses(now_bahi, business) == [("done", 0, None)]


def test_a_job_is_not_done_before_its_time(now_bahi, business, plan):
    plan(1, hours=1)
    run_due(now_bahi, {"first": job_steps.step})
    assert _statuses(now_bahi, business) == [("waiting", 0, None)]


def test_a_job_that_fails_waits_longer_each_time_and_is_given_up(now_bahi, business, plan):
    plan(1)

    def failing(_work):
        raise Invalid("bad_amount")

    later = Bahi(now_bahi.database, Clock())
    for number in range(10):
        later.clock = Clock(datetime.now(timezone.utc) + timedelta(hours=number))
        run_due(later, {"first": failing})
    assert _statuses(now_bahi, business) == [("failed", 8, "bad_amount")]


def test_an_outage_is_waited_for_however_long(now_bahi, business, plan):
    plan(1)

    def unreachable(_work):
        raise Unavailable("gateway_unreachable")

    later = Bahi(now_bahi.database, Clock())
    for number in range(12):
        later.clock = Clock(datetime.now(timezone.utc) + timedelta(hours=2 * number))
        run_due(later, {"first": unreachable})
    assert _statuses(now_bahi, business) == [("waiting", 12, "gateway_unreachable")]


def test_not_yet_is_no_failure(now_bahi, business, plan):
    plan(1)

    def too_early(work):
        raise NotYet(work.now + timedelta(hours=3))

    run_due(now_bahi, {"first": too_early})
    assert _statuses(now_bahi, business) == [("waiting", 0, None)]
    run_due(now_bahi, {"first": job_steps.step_and_die})  # would kill this process, were it due


def test_an_unknown_kind_is_told_and_does_not_stop_the_others(now_bahi, business, plan):
    plan(1, kind="nobody_knows")
    plan(1)
    run_due(now_bahi, {"first": job_steps.step, "step": lambda _work: None})
    assert _statuses(now_bahi, business, "nobody_knows") == [("waiting", 1, "KeyError")]
    assert _statuses(now_bahi, business) == [("done", 0, None)]


def test_a_figure_that_nothing_holds_does_not_stop_the_others(now_bahi, business, plan):
    def huge(ctx):
        ctx.connection.execute(select(cast(10**30, BigInteger)))

    plan(1, kind="huge")
    plan(1, kind="endless")
    plan(1)
    handlers = {
        "huge": lambda work: work.run(huge),
        "endless": lambda _work: date.min - timedelta(days=1),
        "first": job_steps.step,
        "step": lambda _work: None,
    }
    run_due(now_bahi, handlers)
    assert _statuses(now_bahi, business, "huge") == [("waiting", 1, "DataError")]
    assert _statuses(now_bahi, business, "endless") == [("waiting", 1, "OverflowError")]
    assert _statuses(now_bahi, business) == [("done", 0, None)]


def test_results_are_stored_so_that_only_their_key_reads_them(now_bahi, business):
    def named(_ctx):
        return {"name": "Ravi Kumar", "total": 5}

    assert now_bahi.run(business, SYSTEM, "wamid.A:1", named) == {"name": "Ravi Kumar", "total": 5}
    with now_bahi.read(business) as reader:
        stored = reader.connection.execute(
            select(idempotency_keys.c.result).where(idempotency_keys.c.business_id == business)
        ).scalar_one()
    assert "Ravi" not in stored
    assert "total" not in stored
    assert now_bahi.run(business, SYSTEM, "wamid.A:1", named) == {"name": "Ravi Kumar", "total": 5}


def test_old_keys_go_and_young_ones_stay(now_bahi, database, business):
    old = Bahi(database, Clock(datetime.now(timezone.utc) - timedelta(days=31)))
    old.run(business, SYSTEM, "old", lambda _ctx: {})
    now_bahi.run(business, SYSTEM, "young", lambda _ctx: {})
    assert retention.tidy(database, business, now=now_bahi.clock.now()) == 1
    with now_bahi.read(business) as reader:
        assert len(reader.connection.execute(_keys(business)).all()) == 1


def test_tidying_happens_once_a_day_whoever_comes(now_bahi, database, business):
    old = Bahi(database, Clock(datetime.now(timezone.utc) - timedelta(days=31)))
    old.run(business, SYSTEM, "old", lambda _ctx: {})
    with ThreadPoolExecutor(4) as pool:
        gone = list(
            pool.map(
                lambda _: retention.tidy_if_due(database, now_bahi.clock, lambda: [business]),
                range(4),
            )
        )
    assert sorted(gone) == [0, 0, 0, 1]
    assert retention.tidy_if_due(database, now_bahi.clock, lambda: [business]) == 0
    tomorrow = Clock(datetime.now(timezone.utc) + timedelta(days=1, minutes=1))
    later = Bahi(database, tomorrow)
    later.run(business, SYSTEM, "young", lambda _ctx: {})
    assert retention.tidy_if_due(database, tomorrow, lambda: [business]) == 0


def _keys(business):
    return select(idempotency_keys.c.key).where(idempotency_keys.c.business_id == business)


def test_what_is_away_holds_up_nobody_else(now_bahi, business, plan, database, clock):
    from erp_core.parties.bootstrap import NewBusiness, register_business

    plan(5)
    other = register_business(database, clock, NewBusiness("Other", f"o{business}", "27"))

    def planned(ctx):
        ctx.later("first", due_at=ctx.now, amount=77)
        return {}

    now_bahi.run(other, SYSTEM, "plan", planned)
    tries = []

    def away_here(work):
        if work.business_id == business:
            tries.append(work.job.id)
            raise Unavailable("gateway_unreachable")
        job_steps.step(work)

    run_due(now_bahi, {"first": away_here})
    assert (len(tries), _amounts(now_bahi, other)) == (1, [77])
