"""What is not understood is kept for review only with consent, and never with a name or number."""

from __future__ import annotations

import pytest
from harness import Talk

from erp_core.kernel.actor import SYSTEM
from erp_core.reviews import service
from erp_core.reviews.queries import Review, waiting

STRANGE = "Ravi bhai ko 12 maggi ka zubinmehta bhej dena 9876543210"


def kept(talk: Talk) -> list[Review]:
    with talk.bahi.read(talk.business_id, SYSTEM) as reader:
        return waiting(reader)


@pytest.fixture
def consenting(talk: Talk) -> Talk:
    talk.bahi.run(talk.business_id, SYSTEM, "consent", service.consent, keeps=True)
    return talk


def test_by_default_nothing_is_kept(talk: Talk) -> None:
    talk.say("owner", STRANGE, "nlu_fallback")
    talk.say("Ravi Kumar", STRANGE, "order_create", sure=0.4)
    assert kept(talk) == []


def test_with_consent_it_is_kept_masked(consenting: Talk) -> None:
    consenting.say("owner", STRANGE, "nlu_fallback")
    assert [one.masked for one in kept(consenting)] == [
        "NAME bhai ko 00 maggi ka NAME bhej dena 0000000000"
    ]


def test_what_is_surely_understood_is_not(consenting: Talk) -> None:
    consenting.say("owner", "[Ravi](customer_name) ka khata", "khata_query")
    consenting.say("guest", "hello", "greeting", sure=0.9)
    assert kept(consenting) == []


def test_a_weak_guess_is_kept_once_with_what_was_guessed(consenting: Talk) -> None:
    consenting.say(
        "owner",
        "[Ravi](customer_name) ko [2](quantity) [maggi](product_name)",
        "order_create",
        sure=0.41,
    )
    assert [(one.masked, one.intent, one.per_mille) for one in kept(consenting)] == [
        ("NAME ko 0 maggi", "order_create", 410)
    ]


def test_names_of_the_shops_own_people_never_stay(consenting: Talk) -> None:
    consenting.say("staff", "sharma ravi kumar gupta maggi do", "nlu_fallback")
    assert [one.masked for one in kept(consenting)] == ["NAME maggi do"]
