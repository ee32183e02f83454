"""Values kept by weight: never more than there is room for, the latest used last to go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from erp_core.kernel.latest import Latest

MOST = 10


def latest() -> Latest[str, list[int]]:
    return Latest(MOST, weight=len)


def test_what_was_used_longest_ago_goes_first() -> None:
    kept = latest()
    kept.keep("a", [1] * 4)
    kept.keep("b", [2] * 4)
    assert kept.get("a") == [1] * 4
    kept.keep("c", [3] * 4)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ([1] * 4, None, [3] * 4)


def test_a_value_takes_the_place_of_the_one_before() -> None:
    kept = latest()
    for number in range(20):
        kept.keep("a", [number] * 6)
        kept.keep("b", [number] * 4)
    assert (kept.get("a"), kept.get("b")) == ([19] * 6, [19] * 4)


def test_the_last_one_stays_whatever_it_weighs() -> None:
    kept = latest()
    kept.keep("a", [1])
    kept.keep("giant", [2] * 50)
    assert (kept.get("a"), kept.get("giant")) == (None, [2] * 50)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 7))))
def test_never_more_than_there_is_room_for(moves: list[tuple[str, int]]) -> None:
    kept, last = latest(), ""
    for key, size in moves:
        kept.keep(key, [0] * size)
        last = key
    found = {key: value for key in "abcdef" if (value := kept.get(key)) is not None}
    assert sum(map(len, found.values())) == kept.total <= MOST
    assert not moves or last in found
