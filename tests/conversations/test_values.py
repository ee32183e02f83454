"""Dialogues carry what the pipeline makes of entities, so that they fail where a message would."""

from __future__ import annotations

from harness import annotated, parsed, read_values

TODAY = "2026-11-20"


def test_a_dialogue_names_days_as_periods_and_numbers_in_figures() -> None:
    text, entities = annotated("[kal](date) [Ravi](customer_name) ne [paanch sau](amount) diye")
    parse_data = read_values(parsed("payment_record", text, entities), today=TODAY)
    values = {one["entity"]: one.get("normalized") for one in parse_data["entities"]}
    day = {"start": "2026-11-19", "end": "2026-11-19"}
    assert values == {"date": day, "customer_name": None, "amount": "500"}
    assert parse_data["intent"] == {"name": "payment_record", "confidence": 1.0}


def test_a_number_alone_has_no_intent() -> None:
    parse_data = read_values(parsed("order_create", "3", []), today=TODAY)
    assert parse_data["intent"]["name"] == "nlu_fallback"
    assert [(one["entity"], one["value"]) for one in parse_data["entities"]] == [("quantity", "3")]
