"""A shop's own names, found in what somebody wrote."""

from __future__ import annotations

from erp_core.kernel.known_names import KnownNames, now_shown, shown
from erp_core.kernel.spelling import fold

SHOP = KnownNames(
    {
        "goods": ["Cadbury Dairy Milk 50g", "चीनी", "Maggi"],
        "people": ["Sharma General Store", "Ravi"],
    }
)


def marked(text: str) -> dict[str, list[str]]:
    words = fold(text).split()
    found = zip(words, SHOP.marks(words), strict=True)
    return {word: marks for word, marks in found if marks}


def test_a_whole_name_is_found_in_any_spelling() -> None:
    assert marked("10 kilo CHEENI do") == {"chini": ["goods:whole", "goods:first"]}
    assert marked("मैगी है क्या") == {"magi": ["goods:whole", "goods:first"]}


def test_words_of_a_longer_name_are_found_together() -> None:
    assert marked("do dairy milk dena") == {
        "dairi": ["goods:part2", "goods:first"],
        "milk": ["goods:part2", "goods:next"],
    }
    assert marked("sharma ko bhejo") == {"sarma": ["people:part1", "people:first"]}


def test_words_of_different_names_do_not_join() -> None:
    assert marked("ravi maggi") == {
        "ravi": ["people:whole", "people:first"],
        "magi": ["goods:whole", "goods:first"],
    }


def test_nothing_known_marks_nothing() -> None:
    assert KnownNames({}).marks(["magi"]) == [[]]
    assert SHOP.marks([]) == []


def test_names_are_shown_only_for_a_while() -> None:
    assert now_shown() is None
    with shown(SHOP):
        assert now_shown() is SHOP
        with shown(None):
            assert now_shown() is None
        assert now_shown() is SHOP
    assert now_shown() is None
