"""What is kept for review: with consent, masked, and for a month."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Conflict, Forbidden
from erp_core.reviews import service
from erp_core.reviews.masking import LONGEST, NAME, mask
from erp_core.reviews.queries import keeps, waiting

EVERYDAY = {"ko", "ka", "kilo", "chini", "dena", "को", "चीनी", "k", "rs", "kg", "ne", "diye"}


@pytest.fixture
def ctx(database, business, clock):
    with database.tenant(business) as connection:
        yield Context(connection, business, SYSTEM, clock.now())


def keep(ctx, masked="chini 0 kilo", **more):
    return service.keep(ctx, masked=masked, intent="price_query", per_mille=310, **more)["kept"]


def masked(text: str) -> str:
    return mask(text, is_everyday=lambda word: word.lower() in EVERYDAY)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Ravi Kumar ko 5 kilo chini dena", "NAME ko 0 kilo chini dena"),
        ("शर्मा को ५ kilo चीनी", "NAME को 0 kilo चीनी"),
        ("Zubin-Mehta ne 12k diye, 9876543210", "NAME ne 00k diye, 0000000000"),
        ("ravi@okaxis ko rs500", "NAME ko rs000"),
        ("https://x.in/ravi dena", "NAME dena"),
        ("🙏", ""),
        ("R2D2 ko dena", "NAME ko dena"),
    ],
)
def test_names_and_figures_do_not_stay(said, left):
    assert masked(said) == left


@given(st.text(max_size=2 * LONGEST))
def test_nothing_but_everyday_words_and_zeros_stays(text):
    for word in masked(text).split():
        letters = "".join(" " if one == "0" or not one.isalnum() else one for one in word).split()
        assert all(one == NAME or one.lower() in EVERYDAY for one in letters)


def test_nothing_is_kept_without_consent(ctx):
    assert not keeps(ctx)
    assert keep(ctx) is False
    assert waiting(ctx) == []


def test_what_is_kept_can_be_read_and_forgotten(ctx):
    service.consent(ctx, keeps=True)
    assert keep(ctx) is True
    found = waiting(ctx)
    assert [(one.masked, one.intent, one.per_mille) for one in found] == [
        ("chini 0 kilo", "price_query", 310)
    ]
    assert service.forget(ctx, ids=[found[0].id]) == {"forgotten": 1}
    assert waiting(ctx) == []


def test_after_a_month_it_is_gone(ctx):
    service.consent(ctx, keeps=True)
    keep(ctx, "chini ka 0")
    later = replace(ctx, now=ctx.now + timedelta(days=30))
    assert waiting(later) == []
    keep(later, "chini 0 kg")
    assert [one.masked for one in waiting(ctx)] == ["chini 0 kg"]


def test_who_takes_the_consent_back_leaves_nothing(ctx):
    service.consent(ctx, keeps=True)
    keep(ctx)
    service.consent(ctx, keeps=False)
    assert not keeps(ctx)
    assert waiting(ctx) == []


def test_the_owner_alone_consents(ctx):
    for role in ("manager", "staff", "viewer"):
        with pytest.raises(Forbidden):
            service.consent(replace(ctx, actor=Actor("user", UUID(int=1), role)), keeps=True)


def test_figures_are_never_taken(ctx):
    service.consent(ctx, keeps=True)
    with pytest.raises(Conflict, match="not_masked"):
        keep(ctx, "9876543210 ko dena")
