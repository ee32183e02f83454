"""What a command told or planned is handed out once, is not forgotten, and waits its turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from erp_core.db.engine import Database
from erp_core.journal import outbox as protocol
from erp_core.journal.context import Context, Recipient
from erp_core.journal.models import due_work, jobs, outbox
from erp_core.journal.outbox import JOBS, MAX_ATTEMPTS, OUTBOX, Due
from erp_core.kernel.actor import SYSTEM
from erp_core.runtime import Bahi

RAVI = Recipient("customer", UUID(int=7))
HOUR = timedelta(hours=1)


def tell(ctx: Context, *, number: int, priority: int = 1, hours: int = 0) -> dict[str, Any]:
    ctx.tell(
        "utter_told",
        to=RAVI,
        facts={"number": number},
        attachment={"kind": "invoice", "id": str(UUID(int=number))},
        priority=priority,
        due_at=ctx.now + hours * HOUR,
    )
    return {}


def hand_on(ctx: Context, *, said: str) -> dict[str, Any]:
    ctx.tell("utter_told", to=RAVI, facts={"number": 1}, said=said)
    return {}


def plan(
    ctx: Context, *, number: int, unique_key: str | None = None, hours: int = 0
) -> dict[str, Any]:
    ctx.later("remind", due_at=ctx.now + hours * HOUR, unique_key=unique_key, number=number)
    return {}


def test_a_business_with_something_to_tell_is_due(bahi: Bahi, business: int) -> None:
    assert _due(bahi, OUTBOX) == []
    bahi.run(business, SYSTEM, "1", tell, number=1)
    assert [(due.business_id, due.queue) for due in _due(bahi, OUTBOX)] == [(business, OUTBOX)]
    assert _due(bahi, JOBS) == []


def test_a_telling_comes_out_as_it_went_in(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1, priority=0)
    with bahi.database.tenant(business) as connection:
        (row,) = protocol.claim_outbox(connection, business, now=bahi.clock.now())
    assert (row.response, row.to, row.facts) == ("utter_told", RAVI, {"number": 1})
    assert row.attachment == {"kind": "invoice", "id": str(UUID(int=1))}
    assert (row.priority, row.attempts) == (0, 0)


def test_what_somebody_wrote_is_kept_until_it_leaves(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", hand_on, said="doodh kharab tha")
    (row,) = _claimed(bahi, business)
    assert row.facts == {"number": 1, "said": "doodh kharab tha"}
    (due,) = _due(bahi, OUTBOX)
    _dispatch(bahi, due)
    assert _kept(bahi, business) == [("dispatched", '{"number":1}', None)]


def test_what_somebody_wrote_goes_with_a_telling_given_up(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", hand_on, said="doodh kharab tha")
    (row,) = _claimed(bahi, business)
    now = bahi.clock.now()
    for attempts, status, said in (
        (MAX_ATTEMPTS - 2, "waiting", "doodh kharab tha"),
        (MAX_ATTEMPTS - 1, "failed", None),
    ):
        with bahi.database.tenant(business) as connection:
            protocol.put_off(connection, OUTBOX, business, row.id, attempts=attempts, now=now)
        assert _kept(bahi, business) == [(status, '{"number":1}', said)]


def test_a_telling_that_left_can_keep_no_words(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", hand_on, said="doodh kharab tha")
    with pytest.raises(IntegrityError), bahi.database.tenant(business) as connection:
        connection.execute(update(outbox).values(status="dispatched"))


def test_what_is_urgent_and_what_is_old_comes_first(bahi: Bahi, business: int) -> None:
    for number, priority in ((1, 2), (2, 1), (3, 0), (4, 1)):
        bahi.run(business, SYSTEM, str(number), tell, number=number, priority=priority)
    assert [row.facts["number"] for row in _claimed(bahi, business)] == [3, 2, 4, 1]


def test_dispatched_tellings_are_not_handed_out_again(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1)
    (due,) = _due(bahi, OUTBOX)
    _dispatch(bahi, due)
    assert (_claimed(bahi, business), _due(bahi, OUTBOX)) == ([], [])


def test_a_telling_for_later_waits(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1, hours=1)
    now = bahi.clock.now()
    assert _due(bahi, OUTBOX, now=now) == []
    assert [due.business_id for due in _due(bahi, OUTBOX, now=now + HOUR)] == [business]
    assert [row.facts["number"] for row in _claimed(bahi, business, now=now + HOUR)] == [1]


def test_when_what_is_due_is_done_the_note_waits_for_the_rest(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1)
    bahi.run(business, SYSTEM, "2", tell, number=2, hours=1)
    (due,) = _due(bahi, OUTBOX)
    _dispatch(bahi, due)
    assert _due(bahi, OUTBOX) == []
    assert len(_due(bahi, OUTBOX, now=bahi.clock.now() + HOUR)) == 1


def test_an_earlier_telling_moves_the_note_forward(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1, hours=1)
    bahi.run(business, SYSTEM, "2", tell, number=2)
    assert len(_due(bahi, OUTBOX)) == 1
    assert [row.facts["number"] for row in _claimed(bahi, business)] == [2]


def test_rows_that_a_dispatcher_holds_are_not_handed_to_another(bahi: Bahi, business: int) -> None:
    for number in range(5):
        bahi.run(business, SYSTEM, str(number), tell, number=number)
    with ExitStack() as stack:
        first, second = (stack.enter_context(bahi.database.tenant(business)) for _ in range(2))
        now = bahi.clock.now()
        held = protocol.claim_outbox(first, business, now=now, limit=2)
        others = protocol.claim_outbox(second, business, now=now, limit=10)
        assert [row.facts["number"] for row in held] == [0, 1]
        assert [row.facts["number"] for row in others] == [2, 3, 4]


def test_four_dispatchers_hand_out_each_telling_once(bahi: Bahi, business: int) -> None:
    for number in range(60):
        bahi.run(business, SYSTEM, str(number), tell, number=number)

    def work(_: int) -> list[int]:
        handed_out: list[int] = []
        while dues := _due(bahi, OUTBOX):
            for due in dues:
                handed_out += _dispatch(bahi, due, limit=5)
        return handed_out

    with ThreadPoolExecutor(4) as pool:
        handed_out = [number for part in pool.map(work, range(4)) for number in part]
    assert sorted(handed_out) == list(range(60))


def test_nothing_is_forgotten_while_commands_and_dispatchers_race(
    bahi: Bahi, business: int
) -> None:
    """In the end nothing waits without a note that says so."""

    def speak(writer: int) -> list[int]:
        for step in range(30):
            bahi.run(business, SYSTEM, f"{writer}:{step}", tell, number=writer * 100 + step)
        return []

    def listen(_: int) -> list[int]:
        handed_out: list[int] = []
        for _ in range(60):
            for due in _due(bahi, OUTBOX):
                handed_out += _dispatch(bahi, due, limit=3)
        return handed_out

    with ThreadPoolExecutor(5) as pool:
        speakers = [pool.submit(speak, writer) for writer in range(3)]
        listeners = [pool.submit(listen, number) for number in range(2)]
        for speaker in speakers:
            speaker.result()
        handed_out = [number for listener in listeners for number in listener.result()]
    while dues := _due(bahi, OUTBOX):
        handed_out += _dispatch(bahi, dues[0])
    assert sorted(handed_out) == sorted(w * 100 + step for w in range(3) for step in range(30))


def test_a_telling_that_comes_while_the_last_is_handed_out_keeps_the_note(
    bahi: Bahi, business: int
) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1)
    (due,) = _due(bahi, OUTBOX)
    with bahi.database.tenant(business) as connection:
        rows = protocol.claim_outbox(connection, business, now=bahi.clock.now())
        protocol.mark_dispatched(connection, business, [row.id for row in rows])
        bahi.run(business, SYSTEM, "2", tell, number=2)
        protocol.settle(connection, due)
    assert len(_due(bahi, OUTBOX)) == 1
    assert [row.facts["number"] for row in _claimed(bahi, business)] == [2]


def test_a_slow_dispatcher_does_not_clear_a_note_made_anew(bahi: Bahi, business: int) -> None:
    """Its note was cleared by a quicker one; the next telling's note only looks like it."""
    bahi.run(business, SYSTEM, "1", tell, number=1)
    (seen_long_ago,) = _due(bahi, OUTBOX)
    _dispatch(bahi, seen_long_ago)
    bahi.run(business, SYSTEM, "2", tell, number=2)
    with bahi.database.tenant(business) as connection:
        note = connection.execute(
            select(due_work.c.generation).where(due_work.c.tenant == business)
        ).scalar_one()
    assert note != seen_long_ago.generation


def test_a_refused_telling_is_tried_ever_later_and_then_given_up(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1)
    now = bahi.clock.now()
    pauses = []
    for _ in range(MAX_ATTEMPTS):
        with bahi.database.tenant(business) as connection:
            (row,) = protocol.claim_outbox(connection, business, now=now)
            protocol.put_off(connection, OUTBOX, business, row.id, attempts=row.attempts, now=now)
            assert protocol.claim_outbox(connection, business, now=now) == []
            (stored,) = connection.execute(
                select(outbox.c.status, outbox.c.due_at).where(outbox.c.business_id == business)
            ).all()
        pauses.append((stored.due_at - now).total_seconds())
        now = stored.due_at
    assert pauses == [5 * 2**attempt for attempt in range(MAX_ATTEMPTS)]
    assert stored.status == "failed"
    assert _claimed(bahi, business, now=now + HOUR) == []


def test_a_job_comes_out_as_it_went_in_and_is_done_once(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", plan, number=1)
    (due,) = _due(bahi, JOBS)
    with bahi.database.tenant(business) as connection:
        (job,) = protocol.claim_jobs(connection, business, now=bahi.clock.now())
        assert (job.kind, job.arguments, job.attempts) == ("remind", {"number": 1}, 0)
        protocol.mark_done(connection, business, [job.id])
        protocol.settle(connection, due)
    assert _due(bahi, JOBS) == []


def test_a_job_with_a_unique_key_is_planned_once(bahi: Bahi, business: int) -> None:
    for number in (1, 2):
        bahi.run(business, SYSTEM, str(number), plan, number=number, unique_key="daily:2026-11-20")
    bahi.run(business, SYSTEM, "3", plan, number=3)
    bahi.run(business, SYSTEM, "4", plan, number=4)
    with bahi.database.tenant(business) as connection:
        planned = connection.execute(
            select(jobs.c.unique_key).where(jobs.c.business_id == business)
        ).scalars()
        assert sorted(map(str, planned)) == ["None", "None", "daily:2026-11-20"]


def test_the_note_of_who_has_work_holds_nothing_else(database: Database) -> None:
    assert [column.name for column in due_work.columns] == [
        "tenant",
        "queue",
        "due_at",
        "generation",
    ]


def test_a_dispatcher_needs_no_tenant_to_see_who_is_due(bahi: Bahi, business: int) -> None:
    bahi.run(business, SYSTEM, "1", tell, number=1)
    with bahi.database.plain() as connection:
        assert connection.execute(select(outbox.c.id)).all() == []
        assert len(protocol.due_businesses(connection, OUTBOX, now=bahi.clock.now())) == 1


def _due(bahi: Bahi, queue: str, *, now: datetime | None = None) -> list[Due]:
    with bahi.database.plain() as connection:
        return protocol.due_businesses(connection, queue, now=now or bahi.clock.now())


def _claimed(bahi: Bahi, business: int, *, now: datetime | None = None) -> list[Any]:
    with bahi.database.tenant(business) as connection:
        return protocol.claim_outbox(connection, business, now=now or bahi.clock.now())


def _dispatch(bahi: Bahi, due: Due, *, limit: int = 100) -> list[int]:
    with bahi.database.tenant(due.business_id) as connection:
        rows = _claim(connection, due, bahi.clock.now(), limit)
        protocol.mark_dispatched(connection, due.business_id, [row.id for row in rows])
        protocol.settle(connection, due)
    return [row.facts["number"] for row in rows]


def _claim(connection: Connection, due: Due, now: datetime, limit: int) -> list[Any]:
    return protocol.claim_outbox(connection, due.business_id, now=now, limit=limit)


def _kept(bahi: Bahi, business: int) -> list[tuple[str, str, str | None]]:
    with bahi.database.tenant(business) as connection:
        kept = connection.execute(select(outbox.c.status, outbox.c.facts, outbox.c.said))
        return [tuple(row) for row in kept]
