"""What a customer takes along on credit leaves the stock, after a while in which slips are told."""

from __future__ import annotations

import pytest
from harness import Talk

from erp_core.journal.jobs import run_due
from erp_core.orders import handing_over

TAKEN = "[Ravi](customer_name) [2](quantity) [maggi](product_name) le gaya udhaar"
GIVEN = "[Ravi](customer_name) ko [2](quantity) [maggi](product_name) udhaar di"
BILLED = "[Ravi](customer_name) ka [2](quantity) [maggi](product_name) ka bill banao"


def _maggi(talk: Talk) -> tuple[str, str]:
    shown = next(one for one in talk.show()["products"] if one["name"] == "Maggi")
    return shown["stock"], shown["reserved"]


def _a_while_later(talk: Talk) -> None:
    talk.bahi.clock._shift += handing_over.AFTER
    run_due(talk.bahi, {handing_over.JOB: handing_over.do})


@pytest.mark.parametrize("said", [TAKEN, GIVEN])
def test_goods_taken_on_credit_leave_the_stock(talk: Talk, said: str) -> None:
    talk.say("owner", said, "order_create")
    talk.say("owner", "haan", "affirm")
    assert _maggi(talk) == ("96", "2")
    _a_while_later(talk)
    assert _maggi(talk) == ("94", "0")
    assert talk.show()["orders"][0]["status"] == "delivered"


def test_what_is_put_right_meanwhile_leaves_as_it_is_right(talk: Talk) -> None:
    talk.say("owner", GIVEN, "order_create")
    talk.say("owner", "haan", "affirm")
    talk.say("owner", "nahi [3](quantity) thi", "order_modify")
    talk.say("owner", "haan", "affirm")
    _a_while_later(talk)
    assert _maggi(talk) == ("93", "0")


def test_what_was_taken_back_meanwhile_stays(talk: Talk) -> None:
    talk.say("owner", GIVEN, "order_create")
    talk.say("owner", "haan", "affirm")
    talk.say("owner", "abhi jo likha wo hata do", "deny")
    talk.say("owner", "haan", "affirm")
    _a_while_later(talk)
    assert _maggi(talk)[0] == "96"
    assert talk.show()["orders"][0]["status"] != "delivered"


def test_a_bill_alone_hands_nothing_over(talk: Talk) -> None:
    talk.say("owner", BILLED, "invoice_generate")
    talk.say("owner", "haan", "affirm")
    _a_while_later(talk)
    assert _maggi(talk) == ("96", "2")
