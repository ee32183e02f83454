"""What row-level security costs: the core queries with 100,000 businesses, with it and without.

Each query runs as the application's role and as one that no policy binds, on the same tenants in
turn. What is timed is the statement alone, as psycopg2 sends it; the frame of the transaction is
the same for both and is given apart.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from typing import Any
from uuid import UUID

from psycopg2.extensions import cursor
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection, Engine

from bench._servers import own_stores, report, say
from erp_core.catalogue.queries import all_products
from erp_core.db import migrate as migrations
from erp_core.db.engine import AS_APP_ROLE, sqlalchemy_url
from erp_core.db.rls import TENANT_SETTING
from erp_core.db.schema import metadata
from erp_core.inventory.queries import stock, stock_list
from erp_core.journal.context import Reader
from erp_core.journal.outbox import claim_outbox
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.matching import search_key
from erp_core.orders.queries import latest_order, order_by_number, orders_between
from erp_core.parties.names import person_key
from erp_core.parties.queries import all_customers, customer_by_phone, identify
from erp_core.payments.queries import balance, balances, payments_between

TODAY = date(2026, 11, 20)
CUSTOMERS, PRODUCTS, ORDERS = 5, 8, 10

BY_TYPE = {
    "BIGINT": "0",
    "INTEGER": "0",
    "TEXT": "''",
    "BOOLEAN": "false",
    "DATE": f"'{TODAY}'",
    "TIMESTAMP WITH TIME ZONE": f"'{TODAY}'",
    "NUMERIC(18, 3)": "0",
    "UUID": "md5('nobody')::uuid",
    "BYTEA": "'\\x00'",
}


def one(kind: str, number: str = "n") -> str:
    """SQL for the id of a business's n-th thing of a kind."""
    return f"md5('{kind}' || b || '-' || {number})::uuid"


def id_of(kind: str, business: int, number: int) -> UUID:
    """The same id, here."""
    from hashlib import md5

    return UUID(md5(f"{kind}{business}-{number}".encode(), usedforsecurity=False).hexdigest())


ROWS: dict[str, tuple[int, dict[str, str]]] = {
    "businesses": (
        1,
        {
            "id": "b",
            "name": "'Shop ' || b",
            "phone_number_id": "'n' || b",
            "state": "'27'",
            "language": "'hinglish'",
            "zone": "'Asia/Kolkata'",
        },
    ),
    "customers": (
        CUSTOMERS,
        {
            "id": one("customer"),
            "name": "'Ravi ' || n",
            "search_key": f"'{person_key('Ravi')} ' || n",
        },
    ),
    "identities": (
        CUSTOMERS,
        {
            "kind": "'phone'",
            "value": "'9198' || lpad(n::text, 8, '0')",
            "party_kind": "'customer'",
            "party_id": one("customer"),
        },
    ),
    "products": (
        PRODUCTS,
        {
            "id": one("product"),
            "name": "'iPhone ' || n",
            "search_key": f"'{search_key('iPhone')} ' || n",
            "sku": "'S' || n",
            "sku_key": "'S' || n",
            "unit": "'piece'",
            "price_paise": "7990000",
            "active": "true",
        },
    ),
    "stock_levels": (PRODUCTS, {"product_id": one("product"), "on_hand": "8"}),
    "orders": (
        ORDERS,
        {
            "id": one("order"),
            "number": "'ORD-2026-' || lpad(n::text, 5, '0')",
            "customer_id": one("customer", f"(1 + mod(n, {CUSTOMERS}))"),
            "status": "'confirmed'",
            "supplier_state": "'27'",
            "place_of_supply": "'27'",
            "created_at": f"'{TODAY}'::timestamptz - n * interval '1 hour'",
        },
    ),
    "order_lines": (
        ORDERS,
        {
            "order_id": one("order"),
            "position": "1",
            "product_id": one("product", f"(1 + mod(n, {PRODUCTS}))"),
            "quantity": "2",
            "unit_price_paise": "7990000",
        },
    ),
    "ledger_entries": (ORDERS, {"id": one("entry"), "kind": "'invoice'"}),
    "ledger_postings": (
        ORDERS,
        {
            "entry_id": one("entry"),
            "position": "1",
            "account": "'RECEIVABLE'",
            "party_id": one("customer", f"(1 + mod(n, {CUSTOMERS}))"),
            "paise": "100",
        },
    ),
    "ledger_parties": (
        CUSTOMERS,
        {
            "account": "'RECEIVABLE'",
            "party_id": one("customer"),
            "paise": str(100 * ORDERS // CUSTOMERS),
        },
    ),
    "payments": (
        ORDERS,
        {
            "id": one("payment"),
            "customer_id": one("customer", f"(1 + mod(n, {CUSTOMERS}))"),
            "amount_paise": "100",
            "method": "'cash'",
        },
    ),
    "outbox": (
        2,
        {
            "id": one("telling"),
            "response": "'utter_x'",
            "recipient_kind": "'customer'",
            "recipient_id": one("customer"),
            "facts": "'{}'",
            "status": "'waiting'",
        },
    ),
}


def queries(business: int) -> dict[str, Callable[[Reader], Any]]:
    """The core queries of a turn, on one business."""
    customer = id_of("customer", business, 2)
    product = id_of("product", business, 3)
    now = Clock.starting("2026-11-21").now()
    return {
        "who_writes": lambda r: identify(r, kind="phone", value="919800000002"),
        "customer_by_phone": lambda r: customer_by_phone(r, "9800000002"),
        "all_customers": all_customers,
        "all_products": all_products,
        "stock_of_one": lambda r: stock(r, product),
        "stock_list": stock_list,
        "order_by_number": lambda r: order_by_number(r, "ORD-2026-00004"),
        "latest_order": lambda r: latest_order(r, customer),
        "orders_of_a_day": lambda r: orders_between(r, TODAY, TODAY),
        "balance": lambda r: balance(r, customer),
        "who_owes": balances,
        "payments_of_a_day": lambda r: payments_between(r, TODAY, TODAY),
        "claim_outbox": lambda r: claim_outbox(r.connection, business, now=now),
    }


class Session:
    """One connection, with the time that its statements take."""

    def __init__(self, url: str, *, role: str | None) -> None:
        self.seconds = 0.0
        options: dict[str, Any] = {"options": role} if role else {}
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            future=True,
            pool_size=1,
            connect_args={**options, "cursor_factory": self._timed()},
        )

    def time(self, business: int, query: Callable[[Reader], Any]) -> tuple[float, Any]:
        """Seconds that the query's statements took in a transaction of a tenant, and its answer."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                f"SELECT set_config('{TENANT_SETTING}', %s, true)", (str(business),)
            )
            self.seconds = 0.0
            answer = query(Reader(connection, business, SYSTEM, Clock().now()))
            return self.seconds, answer

    def _timed(self) -> type[cursor]:
        session = self

        class Timed(cursor):
            def execute(self, query: Any, given: Any = None) -> None:
                began = time.perf_counter()
                super().execute(query, given)
                session.seconds += time.perf_counter() - began

        return Timed


def fill(connection: Connection, businesses: int) -> int:
    """Rows for so many businesses, made by the server itself; how many there are."""
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    total = 0
    for name, (each, given) in ROWS.items():
        values = _values(name, given)
        connection.exec_driver_sql(
            f"INSERT INTO {name} ({', '.join(values)}) OVERRIDING SYSTEM VALUE "
            f"SELECT {', '.join(values.values())} "
            f"FROM generate_series(1, {businesses}) b, generate_series(1, {each}) n"
        )
        total += businesses * each
        say(f"  {name}: {businesses * each:,} rows")
    return total


def measure(url: str, *, businesses: int, samples: int, seed: int) -> dict[str, Any]:
    """Every query on random tenants, with and without policies in turn."""
    bound, free = Session(url, role=AS_APP_ROLE), Session(url, role=None)
    chance = random.Random(seed)
    results: dict[str, Any] = {}
    for name in queries(1):
        times: dict[str, list[float]] = {"rls": [], "plain": []}
        for number in range(samples + samples // 5):
            business = chance.randint(1, businesses)
            query = queries(business)[name]
            order = [("rls", bound), ("plain", free)]
            answers = []
            for mode, session in order if number % 2 else reversed(order):
                seconds, answer = session.time(business, query)
                answers.append(answer)
                if number >= samples // 5:
                    times[mode].append(seconds)
            if answers[0] != answers[1] or not answers[0]:
                raise RuntimeError(f"{name} does not give the same with and without policies")
        rls, plain = (statistics.median(times[mode]) * 1e6 for mode in ("rls", "plain"))
        results[name] = {
            "rls_us": round(rls, 1),
            "plain_us": round(plain, 1),
            "overhead_percent": round((rls / plain - 1) * 100, 1),
        }
        say(f"  {name}: {results[name]}")
    return results


def main() -> None:
    arguments = _arguments()
    with ExitStack() as stack:
        _, stores = stack.enter_context(own_stores(redis=False))
        url = stores.urls["database_url"]
        migrations.migrate(url, today=TODAY)
        engine = create_engine(sqlalchemy_url(url), future=True)
        began = time.perf_counter()
        with engine.begin() as connection:
            rows = fill(connection, arguments.businesses)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        filled = time.perf_counter() - began
        engine.dispose()
        results = measure(
            url, businesses=arguments.businesses, samples=arguments.samples, seed=arguments.seed
        )
    overheads = [one["overhead_percent"] for one in results.values()]
    ratio = sum(one["rls_us"] for one in results.values()) / sum(
        one["plain_us"] for one in results.values()
    )
    report(
        {
            "bench": "tenancy",
            "businesses": arguments.businesses,
            "rows": rows,
            "fill_seconds": round(filled, 1),
            "samples": arguments.samples,
            "queries": results,
            "overhead_percent": round((ratio - 1) * 100, 1),
            "median_overhead_percent": round(statistics.median(overheads), 1),
            "worst_overhead_percent": max(overheads),
        }
    )


def _values(name: str, given: dict[str, str]) -> dict[str, str]:
    """SQL for each column: what is given, NULL or the default where that may be, else something of
    its type."""
    values = {}
    for column in metadata.tables[name].columns:
        if column.name in given:
            values[column.name] = given[column.name]
        elif column.name == "business_id":
            values[column.name] = "b"
        elif not column.nullable and column.server_default is None:
            values[column.name] = BY_TYPE[_type_name(column.type)]
    return values


def _type_name(kind: Any) -> str:
    from sqlalchemy.dialects import postgresql

    return str(kind.compile(dialect=postgresql.dialect()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.tenancy", description=__doc__)
    parser.add_argument("--businesses", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=1_000, help="of each query and mode")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="200 businesses, 20 samples")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.businesses, arguments.samples = 200, 20
    return arguments


if __name__ == "__main__":
    main()
