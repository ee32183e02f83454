"""Statuses in any order lead to the same end."""

from __future__ import annotations

from itertools import permutations
from uuid import uuid4

import pytest

from erp_core.notifications.deliveries import Delivery, deliveries_of, furthest, record_deliveries
from erp_core.runtime import Bahi


@pytest.mark.parametrize(
    ("statuses", "end"),
    [
        (("accepted", "sent", "delivered", "read"), "read"),
        (("sent", "failed"), "failed"),
        (("failed", "delivered"), "delivered"),
        (("read", "played", "sent"), "played"),
    ],
)
def test_the_furthest_status_counts_in_whatever_order_they_come(
    bahi: Bahi, business: int, statuses: tuple[str, ...], end: str
) -> None:
    for order in permutations(statuses):
        message = uuid4()
        for status in order:
            _note(bahi, business, Delivery(message, status))
        assert _known(bahi, business, message).status == end


def test_price_and_error_stay_with_the_status_that_told_them(bahi: Bahi, business: int) -> None:
    message = uuid4()
    _note(bahi, business, Delivery(message, "read"))
    _note(
        bahi,
        business,
        Delivery(message, "sent", pricing_category="service", pricing_type="regular"),
        Delivery(message, "failed", error_code=131026),
    )
    assert _known(bahi, business, message) == Delivery(message, "read", None, "service", "regular")


def test_unknown_statuses_are_passed_over_and_one_message_is_written_once() -> None:
    message, other = uuid4(), uuid4()
    news = [Delivery(message, s) for s in ("sent", "warped", "delivered", "sent")]
    merged = furthest([*news, Delivery(other, "warped")])
    assert merged == [Delivery(message, "delivered")]


def _note(bahi: Bahi, business: int, *news: Delivery) -> None:
    with bahi.read(business) as reader:
        record_deliveries(reader.connection, business, news, now=reader.now)


def _known(bahi: Bahi, business: int, message: object) -> Delivery:
    with bahi.read(business) as reader:
        return deliveries_of(reader, [message])[message]  # type: ignore[list-item,index]
