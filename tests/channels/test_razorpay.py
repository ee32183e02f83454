"""A customer is sent a link, pays it, and the shop hears of it: real processes, signed notices."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fake_graph import FakeGraph
from redis import Redis as BlockingRedis
from running_bahi import Running, until

from channels.whatsapp import keys
from channels.whatsapp.crypto import Vault
from channels.whatsapp.inbox import Inbox
from channels.whatsapp.messages import Sender
from erp_core.adapters.razorpay import Secrets
from erp_core.invoicing.service import request_payment
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.settings import Settings
from erp_core.parties.queries import business as shop_of
from erp_core.parties.service import add_customer
from erp_core.payments import gateway, queries, service
from erp_core.runtime import Bahi
from simulator.razorpay import Server, World, post

pytestmark = pytest.mark.processes


@pytest.fixture
def stand_in(business: int) -> Any:
    server = Server(World(account=f"acc_{business}"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_a_link_is_sent_paid_and_booked_by_the_running_shop(
    running: Running, stand_in: Server, bahi: Bahi, business: int
) -> None:
    world = stand_in.world
    customer_id = _shop_with_a_debtor(running, bahi, business, world)
    running.start("gateway")
    running.start("sender", RAZORPAY_API_URL=stand_in.address, BAHI_NOW="2026-11-20T12:00:00")
    until(lambda: _alive(running))
    (link,) = until(lambda: list(world.links))
    world.webhook = f"http://127.0.0.1:{running.port}/webhooks/razorpay"
    world.mood.repeats = 3
    world.pay(link, 200_00)
    assert world.answers == [200] * 6
    assert _balance(bahi, business, customer_id) == 300_00
    event_id, body, signature = world.notices[0]
    for forged in ((event_id, body + b" ", signature), ("evt_new", body, "0" * 64)):
        assert post(world.webhook, forged) == 400
    assert post(f"{world.webhook}/nobodys-number", world.notices[0]) == 400
    assert _balance(bahi, business, customer_id) == 300_00


def test_a_request_to_pay_inside_the_chat_leaves_as_one_message(
    running: Running, stand_in: Server, bahi: Bahi, business: int, graph: FakeGraph
) -> None:
    _shop_with_a_debtor(running, bahi, business, stand_in.world, configuration="sharma-razorpay")
    running.start("sender", BAHI_NOW="2026-11-20T12:00:00")
    redis = BlockingRedis.from_url(running.environment["REDIS_URL"])
    inbox = Inbox(redis, Vault("secret-key"))  # type: ignore[arg-type]
    with bahi.read(business) as reader:
        number = shop_of(reader).phone_number_id
    for pair in inbox.pairs_of(number, Sender(phone="919123456789")):
        redis.set(keys.window(pair), "1", ex=60)
    (message,) = until(lambda: list(graph.messages))
    asked = message["interactive"]
    assert (asked["type"], asked["action"]["name"]) == ("order_details", "review_and_pay")
    assert asked["action"]["parameters"]["total_amount"] == {"value": 500_00, "offset": 100}
    assert "₹500" in asked["body"]["text"]


def _shop_with_a_debtor(
    running: Running, bahi: Bahi, business: int, world: World, *, configuration: str | None = None
) -> Any:
    from uuid import UUID

    secret_key = Settings.load(running.environment).secret_key
    sealed = Secrets(world.keys[1], world.secret).sealed(secret_key, business)
    bahi.run(
        business, SYSTEM, "connect", gateway.connect,
        key_id=world.keys[0], sealed=sealed.hex(), account_ref=world.account, rotated=False,
        configuration=configuration,
    )  # fmt: skip
    added = bahi.run(business, SYSTEM, "ravi", add_customer, name="Ravi", phone="919123456789")
    customer_id = UUID(added["customer_id"])
    owed = {"customer_id": customer_id, "amount_paise": 500_00}
    bahi.run(business, SYSTEM, "owes", service.give_credit, **owed)
    bahi.run(business, SYSTEM, "ask", request_payment, customer_ids=[str(customer_id)])
    return customer_id


def _alive(running: Running) -> bool:
    try:
        return running.get("/healthz")[0] == 200
    except OSError:
        return False


def _balance(bahi: Bahi, business: int, customer_id: Any) -> int:
    with bahi.read(business) as reader:
        return queries.balance(reader, customer_id)
