"""Selling beside Tryton 8.0, and reports out of ten years of trade.

Order → confirm → invoice → post: both sell the same two taxed lines, in turns, on one PostgreSQL.
What counts is sales per second of processor time, the server's included: that is what one core can
do, and does not depend on who else is using the machine. Tryton is installed from the package
registry into an environment of its own; its sales are not shipped and pass no network.

Then a shop with --invoices bills in ten years is asked for every report, as a chat does: first the
figures, then the file.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from bench._servers import ROOT, own_stores, report, say
from bench._ten_years import SELLERS_GSTIN, TODAY, YEARS, fill
from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing.service import invoice_order
from erp_core.journal.context import Reader
from erp_core.kernel import memory
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.ledger import chart
from erp_core.orders.service import create_order
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer
from erp_core.payments import queries as payments
from erp_core.purchases import reordering
from erp_core.reports import books, charts, forecast, paper_pdf, registers
from erp_core.reports.gst import behind, portal_files, workbooks
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.paper import Wanted, paper
from erp_core.reports.queries import summary
from erp_core.runtime import Bahi, default_listeners

GOODS, CUSTOMERS = 50, 50
LOCK = ROOT / "bench" / "tryton.lock"
TRYTON = ROOT / ".cache" / "tryton"
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print one JSON object on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each side in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true", help="without Tryton")
    parser.add_argument("--quick", action="store_true", help="a smoke test; proves nothing")
    options = parser.parse_args()
    if options.quick:
        options.invoices = 2000
        options.seconds, options.rounds, options.no_peer = 1.0, 1, True
    result: dict[str, Any] = {"bench": "books"}
    with own_stores(redis=False) as (_, stores):
        url, pid = stores.urls["database_url"], next(iter(stores.pids.values()))
        assert pid
        migrations.migrate(url, today=TODAY)
        result |= _selling(url, pid, options)
        result |= _reports(url, options.invoices)
    report(result)


def _selling(url: str, server: int, options: argparse.Namespace) -> dict[str, Any]:
    database = Database(url)
    ours = _Ours(database)
    rates: dict[str, list[tuple[float, float]]] = {"bahi": [], "tryton": []}
    with _tryton(url, peer=not options.no_peer) as peer:
        for number in range(options.rounds):
            rates["bahi"].append(_measured(server, os.getpid(), ours.sell_for, options.seconds))
            if peer:
                rates["tryton"].append(
                    _measured(server, peer.pid, lambda s: _ask(peer, s), options.seconds)
                )
            say(f"round {number + 1}: {rates}")
    database.close()
    found: dict[str, Any] = {}
    for side, measured in rates.items():
        if measured:
            per_core = statistics.median(rate for rate, _ in measured)
            found[f"{side}_sales_per_core_second"] = round(per_core, 2)
            found[f"{side}_sales_per_second"] = round(
                statistics.median(rate for _, rate in measured), 2
            )
    if rates["tryton"]:
        ratio = found["bahi_sales_per_core_second"] / found["tryton_sales_per_core_second"]
        found["times_tryton"] = round(ratio, 1)
    return found


def _measured(
    server: int, client: int, sell_for: Callable[[float], int], seconds: float
) -> tuple[float, float]:
    """(sales per second of processor time, sales per second)."""
    before, start = _busy(server) + _busy(client), time.perf_counter()
    sales = sell_for(seconds)
    spent = _busy(server) + _busy(client) - before
    return sales / spent, sales / (time.perf_counter() - start)


def _busy(pid: int) -> float:
    """Processor seconds of a process and its children, the gone ones too."""
    total = 0
    pids = [pid, *_children(pid)]
    for one in pids:
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(fields[11]) + int(fields[12])
        if one == pid:
            total += int(fields[13]) + int(fields[14])
    return total / TICKS


def _children(pid: int) -> list[int]:
    if pid == os.getpid():
        return []
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


class _Ours:
    """Bahi's side: the commands that a chat runs, listeners and journal included."""

    def __init__(self, database: Database) -> None:
        self.bahi = Bahi(
            database, Clock.starting(f"{TODAY}T12:00:00"), listeners=default_listeners()
        )
        new = NewBusiness("Shop", "bench", "27", gstin=SELLERS_GSTIN)
        self.business = register_business(database, self.bahi.clock, new)
        self.commands = 0
        self.luck = random.Random(1)
        self.goods = [
            UUID(
                self._run(
                    add_stocked_product,
                    name=f"Thing {number}",
                    price_paise=79_90,
                    gst_rate="18",
                    hsn="8517",
                    stock=Decimal(1_000_000),
                    cost_paise=50_00,
                )["product_id"]
            )
            for number in range(GOODS)
        ]
        self.customers = [
            UUID(self._run(add_customer, name=f"Customer {number}", state="27")["customer_id"])
            for number in range(CUSTOMERS)
        ]

    def sell_for(self, seconds: float) -> int:
        start, sales = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            lines = [
                {"product_id": one, "quantity": Decimal(2)}
                for one in self.luck.sample(self.goods, 2)
            ]
            buyer = self.luck.choice(self.customers)
            order = self._run(create_order, customer_id=buyer, lines=lines)
            self._run(invoice_order, order_id=UUID(order["order_id"]))
            sales += 1
        return sales

    def _run(self, command: Any, **arguments: Any) -> Any:
        self.commands += 1
        return self.bahi.run(self.business, SYSTEM, f"b{self.commands}", command, **arguments)


@contextmanager
def _tryton(url: str, *, peer: bool) -> Iterator[subprocess.Popen[str] | None]:
    """Tryton with a shop of its own in the same server, ready to sell."""
    if not peer:
        yield None
        return
    _install()
    at = urlsplit(url)
    environment = {
        **os.environ,
        "PGHOST": parse_qs(at.query).get("host", [at.hostname or ""])[0],
        "PGUSER": at.username or "postgres",
        "PGDATABASE": "postgres",
        "DB_NAME": "peer",
        "TRYTOND_DATABASE_URI": "postgresql://",
    }
    say("making a shop in Tryton")
    running = subprocess.Popen(
        [TRYTON / "bin" / "python", ROOT / "bench" / "_tryton_shop.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert running.stdout
        if running.stdout.readline() != "ready\n":
            raise SystemExit("Tryton could not make its shop.")
        yield running
    finally:
        running.kill()
        running.wait()


def _install() -> None:
    """Tryton as bench/tryton.lock has it, once."""
    stamp = TRYTON / "lock"
    if stamp.exists() and stamp.read_text() == LOCK.read_text():
        return
    say("installing Tryton")
    uv = shutil.which("uv") or str(ROOT / ".cache" / "uv" / "bin" / "uv")
    python = str(TRYTON / "bin" / "python")
    shutil.rmtree(TRYTON, ignore_errors=True)
    for command in (
        [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(TRYTON)],
        [uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", str(LOCK)],
    ):
        subprocess.run(command, check=True)
    stamp.write_text(LOCK.read_text())


def _ask(peer: subprocess.Popen[str], seconds: float) -> int:
    assert peer.stdin
    assert peer.stdout
    peer.stdin.write(f"{seconds}\n")
    peer.stdin.flush()
    answer = peer.stdout.readline().split()
    if not answer:
        raise SystemExit("Tryton could not sell.")
    return int(answer[0])


def _reports(url: str, invoices: int) -> dict[str, Any]:
    database = Database(url)
    clock = Clock.starting(f"{TODAY}T12:00:00")
    business = register_business(
        database, clock, NewBusiness("Years", "years", "27", gstin=SELLERS_GSTIN)
    )
    start = time.perf_counter()
    fill(url, business, invoices)
    say(f"{invoices} invoices in {time.perf_counter() - start:.0f} s")
    memory.settle()  # as the processes that answer and send do
    seconds: dict[str, float] = {}
    for name, ask in _questions().items():
        with Bahi(database, clock).read(business) as reader:
            ask(reader)
            times = []
            for _ in range(3):
                start = time.perf_counter()
                ask(reader)
                times.append(time.perf_counter() - start)
            seconds[name] = round(statistics.median(times), 3)
            say(f"{name}: {seconds[name]} s")
    database.close()
    slowest = max(seconds, key=lambda name: seconds[name])
    return {
        "invoices": invoices,
        "report_seconds": seconds,
        "slowest_report": slowest,
        "slowest_report_seconds": seconds[slowest],
    }


def _questions() -> dict[str, Callable[[Reader], Any]]:
    """What a chat asks for, over this year and over all years, and the files that it sends."""
    first, year = TODAY - timedelta(days=365 * YEARS), books.year_start(TODAY)
    buyer = _id("customer", 7)
    asked: dict[str, Callable[[Reader], Any]] = {
        "balance sheet": lambda r: books.balance_sheet(r, TODAY),
        "balance sheet five years ago": lambda r: books.balance_sheet(
            r, TODAY - timedelta(days=5 * 365)
        ),
        "ageing": registers.ageing,
        "who owes": payments.balances,
        "cash": books.money,
        "statement": lambda r: registers.account_book(
            r, chart.RECEIVABLE, first, TODAY, party_id=buyer
        ),
        "forecast": forecast.forecast,
        "day book of today": lambda r: registers.day_book(r, TODAY, TODAY),
        "sales of today": lambda r: summary(r, TODAY, TODAY),
    }
    for span, start in (("this month", TODAY.replace(day=1)), ("this year", year), ("all", first)):
        asked |= {
            f"profit, {span}": lambda r, s=start: books.profit_and_loss(r, s, TODAY),  # type: ignore[misc]
            f"trial balance, {span}": lambda r, s=start: books.trial_balance(r, s, TODAY),  # type: ignore[misc]
            f"cash book, {span}": lambda r, s=start: registers.account_book(  # type: ignore[misc]
                r, chart.CASH, s, TODAY
            ),
            f"day book, {span}": lambda r, s=start: registers.day_book(r, s, TODAY),  # type: ignore[misc]
        }
    for span, start in (
        ("this month", TODAY.replace(day=1)),
        ("this year", year),
        ("five years", TODAY - timedelta(days=5 * 365)),
    ):
        asked[f"sales, {span}"] = lambda r, s=start: summary(r, s, TODAY)  # type: ignore[misc]
    last = TODAY.replace(day=1) - timedelta(days=1)
    asked |= {
        "sales this year as a picture": lambda r: charts.render(
            summary(r, year, TODAY), "sales", "english"
        ),
        "what to order": reordering.suggestions,
        "GSTR-1 of last month": lambda r: gstr1(r, last),
        "GSTR-3B of last month": lambda r: gstr3b(r, last),
        "GSTR-1 as JSON": lambda r: portal_files.gstr1_json(gstr1(r, last)),
        "GSTR-1 as Excel": lambda r: workbooks.gstr1_excel(gstr1(r, last)),
        "GSTR-3B as Excel": lambda r: _gstr3b_excel(r, last),
    }
    for kind in ("profit_loss", "balance_sheet", "trial_balance", "day_book", "cash_book",
                 "statement", "ageing", "stock", "forecast"):  # fmt: skip
        wanted = Wanted(kind, year, TODAY, party_id=buyer)
        asked[f"{kind} as PDF"] = lambda r, w=wanted: paper_pdf.draw(paper(r, w, "english"))  # type: ignore[misc]
    return asked


def _gstr3b_excel(reader: Reader, month: date) -> bytes:
    found = gstr3b(reader, month)
    return workbooks.gstr3b_excel(found, behind.behind_gstr3b(reader, found))


def _id(kind: str, number: int) -> UUID:
    return UUID(md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())


if __name__ == "__main__":
    main()
