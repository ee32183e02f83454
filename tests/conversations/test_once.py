"""What happens once stays once: a turn that runs again, a button that is tapped late."""

from __future__ import annotations

from functools import wraps
from typing import Any

import pytest
from harness import Output, Talk

from erp_core.journal.context import Context
from erp_core.purchases import service as purchases


def _press_and_crash(talk: Talk, who: str, title: str) -> tuple[Output, Output]:
    """Tap; then lose the session as it was after the turn, and run the same message again."""
    store, chat = _session(talk, who)
    before = store[chat]
    first = talk.tap(who, title)
    store[chat] = before
    second = talk.tap_again(who, title)
    return first, second


def test_an_order_whose_turn_runs_again_is_booked_once(talk: Talk) -> None:
    text = "[Ravi](customer_name) ko [2](quantity) [iPhone 15](product_name)"
    talk.say("owner", text, "order_create")

    first, second = _press_and_crash(talk, "owner", "✅ Haan")

    assert first.text == second.text
    assert [order["number"] for order in talk.show()["orders"]] == ["ORD-2026-00001"]
    assert len(talk.told()) == 1


def test_a_payment_whose_turn_runs_again_is_noted_once(talk: Talk) -> None:
    text = "[Gupta](customer_name) ne [500](amount) [cash](payment_method) diye"
    talk.say("owner", text, "payment_record")

    first, second = _press_and_crash(talk, "owner", "✅ Haan")

    assert first.text == second.text
    assert [payment["amount"] for payment in talk.show()["payments"]] == ["500.00"]


def test_a_bill_that_the_version_before_has_written_is_told_when_its_turn_runs_again(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = purchases.record_bill

    @wraps(record)
    def record_as_before(ctx: Context, **arguments: Any) -> dict[str, Any]:
        done = record(ctx, **arguments)
        return {name: value for name, value in done.items() if name != "credit_until"}

    text = "[Metro Traders](customer_name) se [10](quantity) [Maggi](product_name) kharida"
    talk.say("owner", f"{text} [11](amount) ke bhav se udhaar", "inventory_update")
    store, chat = _session(talk, "owner")
    before = store[chat]
    monkeypatch.setattr(purchases, "record_bill", record_as_before)
    talk.tap("owner", "✅ Haan")
    monkeypatch.undo()
    store[chat] = before

    again = talk.tap_again("owner", "✅ Haan")

    assert "Metro Traders" in again.text
    assert "₹110" in again.text
    assert [one["stock"] for one in talk.show()["products"] if "Maggi" in one["name"]] == ["106"]


def test_the_button_of_a_former_draft_does_not_confirm_the_next(talk: Talk) -> None:
    talk.say("owner", "[Ravi](customer_name) [2](quantity) [maggi](product_name)", "order_create")
    talk.tap("owner", "❌ Nahi")
    talk.person("owner").tapped["old"] = {"title": "✅ Haan", "payload": _yes_of_last(talk)}
    talk.say("owner", "[Gupta](customer_name) [5](quantity) [maggi](product_name)", "order_create")

    reply = talk.tap_again("owner", "old")

    assert "purana button" in reply.text
    assert "Gupta Traders" in reply.text
    assert talk.show()["orders"] == []


def test_an_accept_button_does_not_confirm_a_draft_that_is_open(talk: Talk) -> None:
    talk.say("Ravi Kumar", "[2](quantity) [maggi](product_name) chahiye", "order_create")
    talk.tap("Ravi Kumar", "✅ Haan")
    talk.say("owner", "[Gupta](customer_name) ko [500](amount) udhaar", "khata_credit")
    talk.told()

    reply = talk.tap("owner", "✅ Accept")

    facts = talk.show()
    assert [order["status"] for order in facts["orders"]] == ["confirmed"]
    assert "ORD-2026-00001" in reply.text
    assert "Gupta Traders" in reply.text
    balances = {one["name"]: one["balance"] for one in facts["customers"]}
    assert balances["Gupta Traders"] == "12500.00"


def test_a_customer_cannot_press_the_shops_buttons(talk: Talk) -> None:
    talk.say("Ravi Kumar", "[2](quantity) [maggi](product_name) chahiye", "order_create")
    talk.tap("Ravi Kumar", "✅ Haan")
    talk.told()
    talk.person("Ravi Kumar").buttons = talk.person("owner").buttons

    talk.tap("Ravi Kumar", "✅ Accept")

    assert [order["status"] for order in talk.show()["orders"]] == ["pending"]


def _session(talk: Talk, who: str) -> tuple[dict[str, Any], str]:
    """Where the sessions are, and which is somebody's."""
    store: dict[str, Any] = talk.agent.tracker_store._tracker_store.store
    return store, f"{talk.business_id}:{talk.person(who).chat}"


def _yes_of_last(talk: Talk) -> str:
    return next(one["payload"] for one in talk.person("owner").buttons if "Haan" in one["title"])
