"""Ten years of a shop's bills, written by SQL: commands would take days for a million of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from erp_core.db.engine import sqlalchemy_url

TODAY = date(2026, 11, 20)
YEARS = 10
CUSTOMERS, PRODUCTS = 2000, 300
SELLERS_GSTIN = "27AAPFU0939F1ZV"
BUYERS_GSTIN = "27AAACR5055K1Z7"
"""Of every fifth bill."""

EMPTY = {
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

SUMS = (
    "INSERT INTO ledger_days SELECT business_id, account, on_date,"
    " coalesce(sum(paise) FILTER (WHERE paise > 0), 0),"
    " coalesce(-sum(paise) FILTER (WHERE paise < 0), 0)"
    " FROM ledger_postings WHERE business_id = :b GROUP BY 1, 2, 3",
    "INSERT INTO ledger_parties SELECT business_id, account, party_id, sum(paise)"
    " FROM ledger_postings WHERE business_id = :b AND party_id IS NOT NULL"
    " GROUP BY 1, 2, 3",
)
"""What the ledger keeps besides its postings."""

Columns = dict[str, str]
"""Expressions of n, the number of a row, by column; "where" tells which rows there are."""


def fill(url: str, business: int, invoices: int) -> None:
    """Ten years of bills, nearly all of them paid, goods handed over."""
    engine = create_engine(sqlalchemy_url(url), future=True)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("SET synchronous_commit = off"))
        connection.execute(text("SET work_mem = '256MB'"))
        for table, kind, count in (
            ("customers", "customer", CUSTOMERS),
            ("products", "product", PRODUCTS),
            ("stock_levels", "product", PRODUCTS),
        ):
            _insert(connection, table, business, _named(kind), 0, count - 1)
        for table, columns in _bills(invoices):
            _insert(connection, table, business, columns, 1, invoices)
        for statement in SUMS:
            connection.execute(text(statement), {"b": business})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _named(kind: str) -> Columns:
    one = f"md5('{kind}' || n)::uuid"
    return {
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


def _bills(invoices: int) -> list[tuple[str, Columns]]:
    """The rows of each bill with all that goes with it, by table."""
    back = f"(({invoices} - n)::bigint * {365 * YEARS} / {invoices})::int"
    on = f"(DATE '{TODAY}' - {back})"
    at = f"({on}::timestamptz + interval '6 hours')"
    buyer = f"md5('customer' || n % {CUSTOMERS})::uuid"
    goods = f"md5('product' || n % {PRODUCTS})::uuid"
    paid_on = f"least({on} + (n::bigint * 7919 % 40)::int, DATE '{TODAY}' + 1)"
    unpaid = f"({paid_on} > DATE '{TODAY}')"
    total, taxable, tax = (
        "(11800 + n % 977 * 118)",
        "(10000 + n % 977 * 100)",
        "(900 + n % 977 * 9)",
    )

    def entry(kind: str, day: str, source: str, where: str = "true") -> Columns:
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
    return [
        ("orders", {"id": "md5('order' || n)::uuid", "number": "'O' || n", "customer_id": buyer,
                    "status": "'delivered'", "ordered_on": on, "created_at": at,
                    "taxable_paise": taxable, "cgst_paise": tax, "sgst_paise": tax,
                    "total_paise": total}),
        ("order_lines", {"order_id": "md5('order' || n)::uuid", "product_id": goods,
                         "ordered_on": on, "quantity": "1", "taxable_paise": taxable}),
        ("invoices", {"id": "md5('invoice' || n)::uuid", "serial": "n", "financial_year": fy,
                      "number": f"'INV27' || {fy} || lpad(n::text, 7, '0')",
                      "kind": "'tax_invoice'", "status": "'issued'", "customer_id": buyer,
                      "supplier_gstin": f"'{SELLERS_GSTIN}'",
                      "supplier_state": "'27'", "place_of_supply": "'27'",
                      "customer_gstin": f"CASE WHEN n % 5 = 0 THEN '{BUYERS_GSTIN}' END",
                      "on_date": on, "created_at": at, "taxable_paise": taxable,
                      "cgst_paise": tax, "sgst_paise": tax, "total_paise": total}),
        ("invoice_lines", {"invoice_id": "md5('invoice' || n)::uuid", "position": "1",
                           "product_id": goods, "name": f"'product ' || n % {PRODUCTS}",
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


def _insert(
    connection: Connection, table: str, business: int, given: Columns, first: int, last: int
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
            values[name] = EMPTY[kind]
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
        f" FROM generate_series({first}, {last}) n WHERE {given.get('where', 'true')}".replace(
            "%", "%%"
        )
    )
