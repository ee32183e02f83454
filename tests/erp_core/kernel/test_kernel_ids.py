"""Ids made later sort later, and no two are the same."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

from erp_core.kernel.ids import new_id


def test_an_id_has_version_sevens_layout() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(1000)]
    after = time.time_ns() // 1_000_000
    assert {(value.version, value.variant) for value in made} == {(7, RFC_4122)}
    assert all(before <= value.int >> 80 <= after for value in made)


def test_ids_sort_by_the_time_that_they_were_made() -> None:
    made: list[UUID] = []
    for _ in range(20):
        made.append(new_id())
        time.sleep(0.002)
    assert made == sorted(made)


def test_ids_made_at_once_differ() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id(), range(20_000)))
    assert len(set(made)) == len(made)
