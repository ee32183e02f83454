"""The journal shows any change of any stored byte, and names the first number that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from erp_core.db.engine import Database
from erp_core.journal.chain import NOTHING, canonical, first_bad_seq
from erp_core.journal.context import Context
from erp_core.journal.models import journal_events, journal_heads
from erp_core.kernel.actor import Actor
from erp_core.runtime import Bahi

OWNER = Actor("user", UUID(int=1), "owner")
EVENTS = 7


def note(ctx: Context, *, amount: int) -> dict[str, Any]:
    ctx.record("note.made", entity=UUID(int=amount), amount=amount, unit="किलो")
    return {}


@pytest.fixture
def journal(bahi: Bahi, business: int) -> int:
    """A business with the genesis event and six more."""
    for amount in range(2, EVENTS + 1):
        bahi.run(business, OWNER, f"note:{amount}", note, amount=amount)
    return business


def test_an_untouched_journal_is_whole(database: Database, journal: int) -> None:
    with database.tenant(journal) as connection:
        assert first_bad_seq(connection, journal) is None


def test_an_empty_journal_is_whole(database: Database, business: int) -> None:
    with database.tenant(business) as connection:
        assert first_bad_seq(connection, business) is None


def test_a_business_without_a_journal_is_bad_from_the_start(database: Database) -> None:
    with database.tenant(999_999) as connection:
        assert first_bad_seq(connection, 999_999) == 1


def test_every_changed_byte_is_found(superuser: Connection, journal: int) -> None:
    event = _event(superuser, journal, 4)
    tried = 0
    for column, value in _changes(event):
        with superuser.begin_nested() as change:
            _set(superuser, journal, 4, column, value)
            assert first_bad_seq(superuser, journal) == 4, column
            change.rollback()
        tried += 1
    assert tried > 32 + len(event["payload"]) + len(event["kind"])
    assert first_bad_seq(superuser, journal) is None


@pytest.mark.parametrize("seq", range(1, EVENTS + 1))
def test_a_change_is_named_by_its_own_number(superuser: Connection, journal: int, seq: int) -> None:
    _set(superuser, journal, seq, "payload", canonical({"amount": 1_000_000}))
    assert first_bad_seq(superuser, journal) == seq


def test_the_first_of_several_is_named(superuser: Connection, journal: int) -> None:
    for seq in (6, 3, 5):
        _set(superuser, journal, seq, "kind", "note.forged")
    assert first_bad_seq(superuser, journal) == 3


@pytest.mark.parametrize("seq", range(1, EVENTS + 1))
def test_a_removed_event_is_found(superuser: Connection, journal: int, seq: int) -> None:
    superuser.execute(delete(journal_events).where(*_at(journal, seq)))
    assert first_bad_seq(superuser, journal) == seq


@pytest.mark.parametrize("kept", range(EVENTS))
def test_a_cut_tail_is_found(superuser: Connection, journal: int, kept: int) -> None:
    superuser.execute(
        delete(journal_events).where(
            journal_events.c.business_id == journal, journal_events.c.seq > kept
        )
    )
    assert first_bad_seq(superuser, journal) == kept + 1


def test_two_events_that_changed_places_are_found(superuser: Connection, journal: int) -> None:
    _set(superuser, journal, 3, "seq", 100)
    _set(superuser, journal, 4, "seq", 3)
    _set(superuser, journal, 100, "seq", 4)
    assert first_bad_seq(superuser, journal) == 3


@pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(seconds=-1)])
def test_a_second_event_with_a_number_is_found(
    superuser: Connection, journal: int, later: timedelta
) -> None:
    """The primary key must hold the month too, so the table alone would let this through."""
    event = _event(superuser, journal, EVENTS)
    superuser.execute(
        insert(journal_events).values({**event, "recorded_at": event["recorded_at"] + later})
    )
    assert first_bad_seq(superuser, journal) == EVENTS


def test_an_event_before_the_first_is_found(superuser: Connection, journal: int) -> None:
    superuser.execute(insert(journal_events).values({**_event(superuser, journal, 1), "seq": 0}))
    assert first_bad_seq(superuser, journal) == 0


def test_an_event_moved_to_another_business_is_found(
    superuser: Connection, journal: int, bahi: Bahi
) -> None:
    """The hash holds the business: the same event elsewhere is another event."""
    superuser.execute(
        update(journal_events).where(*_at(journal, 5)).values(business_id=journal + 1_000_000)
    )
    assert first_bad_seq(superuser, journal) == 5


def test_a_head_that_claims_less_is_found(superuser: Connection, journal: int) -> None:
    _set_head(superuser, journal, seq=4, hash=_event(superuser, journal, 4)["hash"])
    assert first_bad_seq(superuser, journal) == 5


def test_a_head_that_claims_more_is_found(superuser: Connection, journal: int) -> None:
    _set_head(superuser, journal, seq=EVENTS + 1)
    assert first_bad_seq(superuser, journal) == EVENTS + 1


def test_every_changed_byte_of_the_head_is_found(superuser: Connection, journal: int) -> None:
    head = superuser.execute(
        select(journal_heads.c.hash).where(journal_heads.c.business_id == journal)
    ).scalar_one()
    for forged in _flipped_bytes(bytes(head)):
        _set_head(superuser, journal, hash=forged)
        assert first_bad_seq(superuser, journal) == EVENTS
    _set_head(superuser, journal, hash=NOTHING)
    assert first_bad_seq(superuser, journal) == EVENTS


def test_a_removed_head_is_found(superuser: Connection, journal: int) -> None:
    superuser.execute(delete(journal_heads).where(journal_heads.c.business_id == journal))
    assert first_bad_seq(superuser, journal) == EVENTS + 1


def test_a_long_journal_is_read_in_batches(
    database: Database, bahi: Bahi, business: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erp_core.journal.chain.VERIFY_BATCH", 2)

    def notes(ctx: Context) -> dict[str, Any]:
        for amount in range(9):
            ctx.record("note.made", amount=amount)
        return {}

    bahi.run(business, OWNER, "many", notes)
    with database.tenant(business) as connection:
        assert first_bad_seq(connection, business) is None


def test_eight_writers_at_once_leave_no_fork(bahi: Bahi, business: int) -> None:
    writers, each = 8, 25
    start = Barrier(writers)

    def write(writer: int) -> None:
        start.wait()
        for step in range(each):
            bahi.run(business, OWNER, f"{writer}:{step}", note, amount=writer * each + step + 1)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    with bahi.read(business) as reader:
        assert first_bad_seq(reader.connection, business) is None
        numbers = reader.connection.execute(
            select(journal_events.c.seq)
            .where(journal_events.c.business_id == business)
            .order_by(journal_events.c.seq)
        ).scalars()
        assert list(numbers) == list(range(1, 1 + writers * each + 1))


def _changes(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every byte of every column, one at a time."""
    for column in ("kind", "actor_kind", "payload"):
        for text in _flipped_characters(event[column]):
            yield column, text
    for forged in _flipped_bytes(event["hash"]):
        yield "hash", forged
    for column in ("actor_id", "entity"):
        for forged in _flipped_bytes(event[column].bytes):
            yield column, UUID(bytes=forged)
        yield column, None
    for shift in (1, -1, 10**6, -(10**6) * 86400 * 31):
        yield "recorded_at", event["recorded_at"] + timedelta(microseconds=shift)


def _flipped_characters(text: str) -> Iterator[str]:
    for place, character in enumerate(text):
        yield text[:place] + chr(ord(character) ^ 1) + text[place + 1 :]
    yield text[:-1]
    yield text + " "


def _flipped_bytes(value: bytes) -> Iterator[bytes]:
    for place, byte in enumerate(value):
        yield value[:place] + bytes([byte ^ 1]) + value[place + 1 :]


def _at(business: int, seq: int) -> tuple[Any, Any]:
    return journal_events.c.business_id == business, journal_events.c.seq == seq


def _event(connection: Connection, business: int, seq: int) -> dict[str, Any]:
    row = connection.execute(select(journal_events).where(*_at(business, seq))).one()
    return {**row._mapping, "hash": bytes(row.hash)}


def _set(connection: Connection, business: int, seq: int, column: str, value: Any) -> None:
    connection.execute(update(journal_events).where(*_at(business, seq)).values({column: value}))


def _set_head(connection: Connection, business: int, **values: Any) -> None:
    connection.execute(
        update(journal_heads).where(journal_heads.c.business_id == business).values(values)
    )
