"""Processes are killed in the middle of 500 orders. Afterwards each order exists exactly once and
each message has had its one reply."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import aiohttp
import pytest
from installation import Installation

pytestmark = pytest.mark.processes

NUMBER = "7001"
CLERKS = 50
ORDERS_EACH = 10
ORDERS = CLERKS * ORDERS_EACH
VICTIMS = ("worker", "redis", "sender", "postgres", "gateway", "redis", "worker", "postgres")
ANSWER_SECONDS = 300.0

SHOP: dict[str, Any] = {
    "business": {"name": "Crash Kirana", "phone_number_id": NUMBER, "state": "27"},
    "users": [
        {"name": f"Clerk {i}", "phone": f"9198765{i:05d}", "role": "staff"} for i in range(CLERKS)
    ],
    "products": [
        {"name": "Maggi", "sku": "MAGGI", "price": "14.00", "stock": "10000", "unit": "packet"}
    ],
    "customers": [
        {"name": "Ravi Kumar", "phone": "919123456789", "state": "27", "balance": "0.00"}
    ],
}


def test_every_order_exists_once_and_is_answered_once(installation: Installation) -> None:
    installation.load_shop(SHOP)
    installation.call("/limits", {"window": False, "pair": False, "number": False})

    asyncio.run(_order_while_processes_die(installation))

    facts = installation.show(NUMBER)
    assert len(facts["orders"]) == ORDERS
    assert {order["status"] for order in facts["orders"]} == {"confirmed"}
    assert len({order["number"] for order in facts["orders"]}) == ORDERS
    assert facts["products"][0]["stock"] == "10000"
    assert facts["products"][0]["reserved"] == str(ORDERS)
    installation.bahi("journal", "verify", NUMBER)


async def _order_while_processes_die(installation: Installation) -> None:
    finished = itertools.count(1)
    done = asyncio.Event()
    progress = {"orders": 0}

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def clerk(phone: str) -> None:
            for _ in range(ORDERS_EACH):
                await _order(session, installation, phone)
                progress["orders"] = next(finished)

        killer = asyncio.create_task(_kill_now_and_then(installation, progress, done))
        await asyncio.gather(*(clerk(user["phone"]) for user in SHOP["users"]))
        done.set()
        assert await killer == len(VICTIMS), "the orders were through before all had been killed"


async def _kill_now_and_then(
    installation: Installation, progress: dict[str, int], done: asyncio.Event
) -> int:
    """A process dies each time that another tenth of the orders is through."""
    killed = 0
    for place, victim in enumerate(VICTIMS):
        while progress["orders"] < (place + 1) * ORDERS // 10 and not done.is_set():
            await asyncio.sleep(0.02)
        if done.is_set():
            break
        assert installation.kill(victim), f"no {victim} to kill"
        killed += 1
    return killed


async def _order(session: aiohttp.ClientSession, installation: Installation, phone: str) -> None:
    asked = await _post(
        session, f"{installation.control}/send", {"from": phone, "text": "/order Ravi 1 maggi"}
    )
    question = await _only_reply(session, installation, phone, asked["seq"])
    tapped = await _post(
        session,
        f"{installation.control}/tap",
        {"from": phone, "option": 0, "message_id": question["id"]},
    )
    await _only_reply(session, installation, phone, tapped["seq"])


async def _only_reply(
    session: aiohttp.ClientSession, installation: Installation, phone: str, after: int
) -> dict[str, Any]:
    """The reply that comes, however long it takes; a second one would be an error."""
    url = f"{installation.control}/chats/{NUMBER}/{phone}/messages"
    deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        query = {"after": str(after), "by": "business", "wait": "50"}
        async with session.get(url, params=query) as response:
            messages = (await response.json())["messages"]
        if messages:
            assert len(messages) == 1, "answered more than once"
            reply: dict[str, Any] = messages[0]
            return reply
    raise AssertionError(f"no reply within {ANSWER_SECONDS:.0f} s")


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> dict[str, Any]:
    async with session.post(url, json={"phone_number_id": NUMBER, **body}) as response:
        answer: dict[str, Any] = await response.json()
    assert response.status == 200, answer
    return answer
