"""A shop that never rests: sixteen clients trade at once for days of simulated time, then all of it
is checked.

Each client is a process of its own on the same few goods, customers, bills and payments. They do
what a shop does by chat (bench/_soak_clients.py names it), repeat messages, send some twice at the
same time, and are killed now and then in the middle of a command. Others do the jobs that fall due
and read reports meanwhile. Time passes faster than outside: midnights, a month's end and a year's
end come by. At the end the server must not have met one deadlock, and everything in
bench/_soak_checks.py must hold.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2

from bench._servers import milliseconds, own_stores, report, say
from bench._soak_checks import changed, faults, numbers
from bench._soak_clients import Hurried, Shop, look, trade, work
from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.inventory.service import add_stocked_product
from erp_core.journal.context import Context
from erp_core.kernel.actor import SYSTEM
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer, add_user, add_vendor, walk_in
from erp_core.portals import due
from erp_core.portals.profile import profile
from erp_core.runtime import Bahi, default_listeners

STARTS = datetime(2027, 3, 30, 9, 0, tzinfo=timezone.utc)
"""Before the end of a month, a quarter and a year of the books."""

CUSTOMERS, PRODUCTS = 12, 10
RATES, STATES = ("0", "5", "18", "40"), ("27", "27", "29")
VENDORS = (("Metro Traders", "27AAACR5055K1Z7"), ("Bengaluru Mobiles", "29AAACR5055K1Z3"),
           ("Local Sons", None))  # fmt: skip
RUNNERS = 2
KILL_EVERY = 7.0
"""Seconds, in a long run."""

HUNG = 900.0
"""Seconds that a process may take over what it has begun: one that waits for another, which waits
for it, takes for ever; one on a busy machine only long."""


def main() -> None:
    """Trade, check, and print one JSON object on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--days", type=float, default=4.0, help="of simulated time")
    parser.add_argument("--quick", action="store_true", help="some seconds; proves little")
    options = parser.parse_args()
    if options.quick:
        options.minutes, options.clients = 0.25, 6
    result = soak(options.minutes * 60, clients=options.clients, days=options.days)
    report(result)
    raise SystemExit(not result["holds"])


def soak(seconds: float, *, clients: int = 16, days: float = 4.0) -> dict[str, Any]:
    """What came of so many seconds; `holds` says whether all is as it must be."""
    with own_stores(redis=False) as (folder, stores):
        url = stores.urls["database_url"]
        migrations.migrate(url, today=STARTS.date())
        shop = _shop(url, folder)
        say(f"{clients} clients for {seconds:.0f} s, {days:g} days")
        began = time.time()
        clock = Hurried(STARTS, began, days * 86400 / seconds)
        shop = replace(shop, clock=clock, until=began + seconds)
        killed = _run(shop, clients)
        log = _gathered(shop.folder)
        say(f"{sum(log['done'].values())} done, checking")
        wrong, facts = _checked(shop, log.pop("filed"))
    deadlocks = facts.pop("deadlocks")
    holds = not (wrong or deadlocks or log["faults"] or log["torn"])
    return {
        "bench": "soak",
        "seconds": round(seconds),
        "simulated_hours": round(days * 24, 1),
        "clients": clients,
        "killed": killed,
        "commands": sum(log["done"].values()),
        "commands_per_second": round(sum(log["done"].values()) / seconds, 1),
        **facts,
        "deadlocks": deadlocks,
        "wrong": wrong,
        **log,
        "holds": holds,
    }


def _shop(url: str, folder: Path) -> Shop:
    database, clock = Database(url), Hurried(STARTS, time.time(), 0)
    new = NewBusiness("Busy Stores", "soak", "27", gstin="27AAPFU0939F1ZV")
    business = register_business(database, clock, new)
    bahi = Bahi(database, clock, listeners=default_listeners())
    count = 0

    def run(command: Any, **given: Any) -> Any:
        nonlocal count
        count += 1
        return bahi.run(business, SYSTEM, f"shop:{count}", command, **given)

    run(add_user, name="Sharma", phone="919876500001", role="owner")
    customers = tuple(
        UUID(
            run(add_customer, name=f"Buyer {one}", state=("27", "29")[one % 3 == 0])["customer_id"]
        )
        for one in range(CUSTOMERS)
    )
    products = tuple(
        UUID(
            run(
                add_stocked_product,
                name=f"Thing {one}",
                price_paise=99_00 + one * 13,
                cost_paise=55_00,
                gst_rate=RATES[one % len(RATES)],
                hsn="8517",
                stock=Decimal(25),
                reorder_level=Decimal(8),
            )["product_id"]
        )
        for one in range(PRODUCTS)
    )
    vendors = tuple(
        UUID(run(add_vendor, name=name, gstin=gstin)["vendor_id"]) for name, gstin in VENDORS
    )
    counter = UUID(run(walk_in)["customer_id"])
    run(_start)
    database.close()
    logs = folder / "logs"
    logs.mkdir()
    return Shop(url, business, customers, products, vendors, counter, clock, 0, logs)


def _start(ctx: Context) -> dict[str, Any]:
    due.start(ctx, profile(ctx))
    return {}


def _run(shop: Shop, clients: int) -> int:
    """All processes until time is up; how many clients were killed and taken up by another."""
    forked = multiprocessing.get_context("fork")

    def begin(target: Any, *given: Any) -> Any:
        one = forked.Process(target=target, args=(shop, *given), daemon=True)
        one.start()
        return one

    others = [begin(work, number) for number in range(RUNNERS)] + [begin(look)]
    running = [begin(trade, number, 0) for number in range(clients)]
    every = min(KILL_EVERY, (shop.until - time.time()) / 4)
    chance, killed, next_kill = random.Random(1), 0, time.time() + every
    while time.time() < shop.until:
        time.sleep(0.2)
        if next_kill < time.time() < shop.until - every:
            next_kill, killed = time.time() + every, killed + 1
            at = chance.randrange(clients)
            os.kill(running[at].pid, signal.SIGKILL)
            running[at].join()
            running[at] = begin(trade, at, killed)
    end = time.time() + HUNG
    for one in running + others:
        one.join(max(0, end - time.time()))
        if one.is_alive():
            one.kill()
            (shop.folder / f"stuck-{one.pid}.json").write_text(
                json.dumps({"faults": ["a process did not end"]})
            )
    return killed


def _gathered(folder: Path) -> dict[str, Any]:
    sums: dict[str, Counter[str]] = {name: Counter() for name in ("done", "refused", "database")}
    found: list[str] = []
    seconds: list[float] = []
    torn: Counter[str] = Counter()
    filed: list[tuple[str, str, str]] = []
    for path in sorted(folder.glob("*.json")):
        log = json.loads(path.read_text())
        found += log["faults"]
        seconds += log.get("seconds", [])
        filed += log.get("filed", [])
        for name, counts in sums.items():
            if name == "refused" and path.name == "reader.json":
                torn.update(log["refused"])
            else:
                counts.update(log.get(name, {}))
    return {
        **milliseconds(seconds),
        "max_ms": round(max(seconds) * 1e3, 2),
        "done": dict(sums["done"].most_common()),
        "refused": dict(sums["refused"].most_common()),
        "database_errors": dict(sums["database"]),
        "torn": dict(torn),
        "faults": found[:20],
        "filed": filed,
    }


def _checked(shop: Shop, filed: list[tuple[str, str, str]]) -> tuple[list[str], dict[str, Any]]:
    database = Database(shop.url)
    bahi = Bahi(database, shop.clock)
    with bahi.read(shop.business) as reader:
        wrong = [*faults(reader), *changed(reader, filed)]
        facts: dict[str, Any] = {
            "numbers": {series: len(serials) for series, serials in numbers(reader).items()},
            "returns_filed": len(filed),
        }
    database.close()
    with psycopg2.connect(shop.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        facts["deadlocks"] = cursor.fetchone()[0]  # type: ignore[index]
    return wrong, facts


if __name__ == "__main__":
    main()
