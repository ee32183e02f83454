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

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from bench._servers import ROOT, own_stores, report, say
from erp_core.db import migrate as migrations
from erp_core.db.engine import Database, sqlalchemy_url
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
from erp_core.reports.gst import portal_files, workbooks
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.paper import Wanted, paper
from erp_core.reports.queries import summary
from erp_core.runtime import Bahi, default_listeners

TODAY = date(2026, 11, 20)
YEARS = 10
GOODS, CUSTOMERS = 50, 50
CUSTOMERS_OF_YEARS, PRODUCTS_OF_YEARS = 2000, 300
SELLERS_GSTIN, BUYERS_GSTIN = "27AAPFU0939F1ZV", "27AAACR5055K1Z7"
LOCK = ROOT / "bench" / "tryton.lock"
TRYTON = ROOT / ".cache" / "tryton"
TICKS = os.sysconf("SC_CLK_TCK")

FILL = {
    "bigint": "0",
    "integer": "0",
    "smallint": "0",
    "text": "''",
    "boolean": "false",
    "date": f"DATE '{TODAY}'",
    "timestamp with time zone": f"TIMESTAMPTZ '{TODAY}'",
    "numeric": "0",
    "uuid": "md5('nobody')::uuid",
}


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
        new = NewBusiness("Shop", "bench", "27", gstin="27AAPFU0939F1ZV")
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
    _fill(url, business, invoices)
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
    }
    for kind in ("profit_loss", "balance_sheet", "trial_balance", "day_book", "cash_book",
                 "statement", "ageing", "stock", "forecast"):  # fmt: skip
        wanted = Wanted(kind, year, TODAY, party_id=buyer)
        asked[f"{kind} as PDF"] = lambda r, w=wanted: paper_pdf.draw(paper(r, w, "english"))  # type: ignore[misc]
    return asked


def _id(kind: str, number: int) -> UUID:
    return UUID(md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())


def _fill(url: str, business: int, invoices: int) -> None:
    """Ten years of bills, nearly all of them paid, goods handed over, written by SQL."""
    back = f"(({invoices} - n)::bigint * {365 * YEARS} / {invoices})::int"
    on = f"(DATE '{TODAY}' - {back})"
    at = f"({on}::timestamptz + interval '6 hours')"
    buyer = f"md5('customer' || n % {CUSTOMERS_OF_YEARS})::uuid"
    goods = f"md5('product' || n % {PRODUCTS_OF_YEARS})::uuid"
    paid_on = f"least({on} + (n::bigint * 7919 % 40)::int, DATE '{TODAY}' + 1)"
    unpaid = f"({paid_on} > DATE '{TODAY}')"
    total, taxable, tax = (
        "(11800 + n % 977 * 118)",
        "(10000 + n % 977 * 100)",
        "(900 + n % 977 * 9)",
    )

    def entry(kind: str, day: str, source: str, where: str = "true") -> dict[str, str]:
        return {
            "id": f"md5('{kind}' || n)::uuid", "kind": f"'{kind}'", "on_date": day,
            "recorded_at": at, "source_kind": f"'{source}'",
            "source_id": f"md5('{source}' || n)::uuid", "where": where,
        }  # fmt: skip

    def posting(kind: str, day: str, place: int, account: str, paise: str, **more: str) -> Any:
        return "ledger_postings", {
            "entry_id": f"md5('{kind}' || n)::uuid", "position": str(place), "on_date": day,
            "account": f"'{account}'", "paise": paise, **more,
        }  # fmt: skip

    fy = f"to_char({on} - interval '3 months', 'YY') || to_char({on} + interval '9 months', 'YY')"
    rows: list[tuple[str, dict[str, str]]] = [
        ("orders", {"id": "md5('order' || n)::uuid", "number": "'O' || n", "customer_id": buyer,
                    "status": "'delivered'", "ordered_on": on, "created_at": at,
                    "taxable_paise": taxable, "cgst_paise": tax, "sgst_paise": tax,
                    "total_paise": total}),
        ("order_lines", {"order_id": "md5('order' || n)::uuid", "product_id": goods,
                         "ordered_on": on, "quantity": "1", "taxable_paise": taxable}),
        ("invoices", {"id": "md5('invoice' || n)::uuid", "serial": "n", "financial_year": fy,
                      "number": f"'INV27' || {fy} || lpad(n::text, 7, '0')",
                      "kind": "'tax_invoice'", "status": "'issued'", "customer_id": buyer,
                      "supplier_state": "'27'", "place_of_supply": "'27'",
                      "customer_gstin": f"CASE WHEN n % 5 = 0 THEN '{BUYERS_GSTIN}' END",
                      "on_date": on, "created_at": at, "taxable_paise": taxable,
                      "cgst_paise": tax, "sgst_paise": tax, "total_paise": total}),
        ("invoice_lines", {"invoice_id": "md5('invoice' || n)::uuid", "position": "1",
                           "product_id": goods, "name": f"'product ' || n % {PRODUCTS_OF_YEARS}",
                           "hsn": "'8517'", "unit": "'piece'", "quantity": "1", "rate": "1800",
                           "unit_price_paise": taxable, "taxable_paise": taxable,
                           "cgst_paise": tax, "sgst_paise": tax}),
        ("receivables", {"id": "md5('debt' || n)::uuid", "customer_id": buyer,
                         "source_kind": "'invoice'", "source_id": "md5('invoice' || n)::uuid",
                         "amount_paise": total, "on_date": on, "status": "'standing'",
                         "open_paise": f"CASE WHEN {unpaid} THEN {total} ELSE 0 END"}),
        ("payments", {"id": "md5('payment' || n)::uuid", "customer_id": buyer,
                      "amount_paise": total, "method": "'cash'", "on_date": paid_on,
                      "created_at": at, "where": f"NOT {unpaid}"}),
        ("stock_movements", {"id": "md5('movement' || n)::uuid", "product_id": goods,
                             "moved_at": at, "reason": "'sold'", "delta": "-1",
                             "on_hand_after": "10", "value_paise": f"-({taxable} * 4 / 5)",
                             "source_kind": "'order'", "source_id": "md5('order' || n)::uuid"}),
        ("ledger_entries", entry("invoice", on, "invoice")),
        ("ledger_entries", entry("stock_issue", on, "order")),
        ("ledger_entries", entry("payment", paid_on, "payment", f"NOT {unpaid}")),
        posting("invoice", on, 0, "RECEIVABLE", total, party_id=buyer),
        posting("invoice", on, 1, "SALES", f"-{taxable}"),
        posting("invoice", on, 2, "OUTPUT_CGST", f"-{tax}"),
        posting("invoice", on, 3, "OUTPUT_SGST", f"-{tax}"),
        posting("stock_issue", on, 0, "COGS", f"{taxable} * 4 / 5"),
        posting("stock_issue", on, 1, "INVENTORY", f"-({taxable} * 4 / 5)"),
        posting("payment", paid_on, 0, "CASH", total, where=f"NOT {unpaid}"),
        posting("payment", paid_on, 1, "RECEIVABLE", f"-{total}", party_id=buyer,
                where=f"NOT {unpaid}"),
    ]  # fmt: skip
    engine = create_engine(sqlalchemy_url(url), future=True)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("SET synchronous_commit = off"))
        connection.execute(text("SET work_mem = '256MB'"))
        for number, (table, kind) in enumerate(
            (("customers", "customer"), ("products", "product"), ("stock_levels", "product"))
        ):
            count = CUSTOMERS_OF_YEARS if number == 0 else PRODUCTS_OF_YEARS
            one = f"md5('{kind}' || n)::uuid"
            columns = {
                "id": one,
                "product_id": one,
                "name": f"'{kind} ' || n",
                "search_key": f"'{kind} ' || n",
                "sku": "'S' || n",
                "sku_key": "'S' || n",
                "unit": "'piece'",
                "active": "true",
                "on_hand": "10",
                "value_paise": "100000",
            }
            _insert(connection, table, business, columns, 0, count - 1)
        for table, columns in rows:
            _insert(connection, table, business, columns, 1, invoices)
        for statement in (
            "INSERT INTO ledger_days SELECT business_id, account, on_date,"
            " coalesce(sum(paise) FILTER (WHERE paise > 0), 0),"
            " coalesce(-sum(paise) FILTER (WHERE paise < 0), 0)"
            " FROM ledger_postings WHERE business_id = :b GROUP BY 1, 2, 3",
            "INSERT INTO ledger_parties SELECT business_id, account, party_id, sum(paise)"
            " FROM ledger_postings WHERE business_id = :b AND party_id IS NOT NULL"
            " GROUP BY 1, 2, 3",
        ):
            connection.execute(text(statement), {"b": business})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _insert(
    connection: Connection, table: str, business: int, given: dict[str, str], first: int, last: int
) -> None:
    """Rows n = first..last; a column that must have a value and is not given gets an empty one."""
    values = {"business_id": str(business)}
    for name, kind, nullable, default in connection.execute(
        text(
            "SELECT column_name, data_type, is_nullable = 'YES', column_default IS NOT NULL"
            " FROM information_schema.columns WHERE table_name = :t AND table_schema = 'public'"
        ),
        {"t": table},
    ):
        if name in given:
            values[name] = given[name]
        elif name != "business_id" and not nullable and not default:
            values[name] = FILL[kind]
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
        f" FROM generate_series({first}, {last}) n WHERE {given.get('where', 'true')}".replace(
            "%", "%%"
        )
    )


if __name__ == "__main__":
    main()
