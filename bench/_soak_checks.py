"""What must hold of a shop after any trade: each check gives what is wrong, in words."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import text

from erp_core.inventory.queries import stock_value
from erp_core.journal.chain import first_bad_seq
from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.portals.periods import SET_OFF, filed, month_of
from erp_core.reports import books
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr3b_json

SERIES = {
    "invoices": "SELECT number FROM invoices WHERE business_id = :b",
    "notes": "SELECT number FROM notes WHERE business_id = :b",
    "vouchers": "SELECT number FROM papers WHERE business_id = :b",
    "purchase orders": "SELECT number FROM purchase_orders WHERE business_id = :b",
    "our numbers on purchases": "SELECT number FROM purchase_bills WHERE business_id = :b"
    " AND kind IN ('self_invoice', 'debit_note')"
    " UNION ALL SELECT self_invoice FROM reverse_charges"
    " WHERE business_id = :b AND self_invoice IS NOT NULL",
    "payment vouchers": "SELECT number FROM reverse_charges WHERE business_id = :b",
    "orders": "SELECT number FROM orders WHERE business_id = :b",
}

SAME = {
    "stock that its movements do not explain": """
        SELECT count(*) FROM stock_levels s FULL JOIN (
          SELECT product_id, sum(delta) AS moved, sum(value_paise) AS worth FROM stock_movements
          WHERE business_id = :b GROUP BY 1) m USING (product_id)
        WHERE coalesce(s.business_id, :b) = :b
          AND (coalesce(on_hand, 0) <> coalesce(moved, 0)
               OR coalesce(value_paise, 0) <> coalesce(worth, 0))""",
    "stock below zero": """
        SELECT count(*) FROM stock_movements WHERE business_id = :b AND on_hand_after < 0""",
    "stock that was promised to nobody, or twice": """
        SELECT count(*) FROM stock_levels s LEFT JOIN (
          SELECT l.product_id, sum(l.quantity) AS promised
          FROM orders o JOIN order_lines l ON l.business_id = o.business_id AND l.order_id = o.id
          WHERE o.business_id = :b AND o.status IN ('confirmed', 'processing', 'ready')
          GROUP BY 1) p USING (product_id)
        WHERE s.business_id = :b AND s.reserved <> coalesce(promised, 0)""",
    "orders that took other goods than they name": """
        SELECT count(*) FROM (
          SELECT o.id, l.product_id, l.quantity FROM orders o
          JOIN order_lines l ON l.business_id = o.business_id AND l.order_id = o.id
          WHERE o.business_id = :b AND o.status IN ('shipped', 'delivered')) wanted
        FULL JOIN (
          SELECT source_id AS id, product_id, -sum(delta) AS quantity FROM stock_movements
          WHERE business_id = :b AND source_kind = 'order' GROUP BY 1, 2 HAVING sum(delta) <> 0
        ) gone USING (id, product_id)
        WHERE wanted.quantity IS DISTINCT FROM gone.quantity""",
    "batches or places that hold more than there is": """
        SELECT count(*) FROM stock_levels s WHERE business_id = :b AND (
          on_hand < (SELECT coalesce(sum(quantity), 0) FROM stock_batches
                     WHERE business_id = :b AND product_id = s.product_id)
          OR on_hand < (SELECT coalesce(sum(on_hand), 0) FROM location_levels
                        WHERE business_id = :b AND product_id = s.product_id))""",
    "sums of days that their postings do not make": """
        SELECT count(*) FROM ledger_days d FULL JOIN (
          SELECT account, on_date, sum(greatest(paise, 0)) AS debit,
                 sum(greatest(-paise, 0)) AS credit
          FROM ledger_postings WHERE business_id = :b GROUP BY 1, 2) p USING (account, on_date)
        WHERE coalesce(d.business_id, :b) = :b
          AND (debit_paise IS DISTINCT FROM debit OR credit_paise IS DISTINCT FROM credit)""",
    "balances of parties that their postings do not make": """
        SELECT count(*) FROM ledger_parties s FULL JOIN (
          SELECT account, party_id, sum(paise) AS paise FROM ledger_postings
          WHERE business_id = :b AND party_id IS NOT NULL GROUP BY 1, 2) p
        USING (account, party_id)
        WHERE coalesce(s.business_id, :b) = :b AND s.paise IS DISTINCT FROM p.paise""",
    "entries that do not balance": """
        SELECT count(*) FROM (SELECT entry_id FROM ledger_postings WHERE business_id = :b
                              GROUP BY 1 HAVING sum(paise) <> 0) one""",
    "customers whose debts and advances are not their balance": """
        SELECT count(*) FROM (
          SELECT party_id AS id, paise FROM ledger_parties
          WHERE business_id = :b AND account = 'RECEIVABLE' AND paise <> 0) owed
        FULL JOIN (
          SELECT id, sum(paise) AS paise FROM (
            SELECT customer_id AS id, open_paise AS paise FROM receivables WHERE business_id = :b
            UNION ALL
            SELECT customer_id, -advance_paise FROM payments WHERE business_id = :b) parts
          GROUP BY 1 HAVING sum(paise) <> 0) found USING (id)
        WHERE owed.paise IS DISTINCT FROM found.paise""",
    "payments whose parts are not their amount": """
        SELECT count(*) FROM payments p WHERE business_id = :b AND
          (CASE WHEN status = 'standing' THEN amount_paise ELSE 0 END) - advance_paise <>
          (SELECT coalesce(sum(paise), 0) FROM allocations
           WHERE business_id = :b AND payment_id = p.id)""",
    "money that waits beside a debt of the same customer": """
        SELECT count(*) FROM customers c WHERE business_id = :b
          AND EXISTS (SELECT FROM receivables WHERE business_id = :b AND customer_id = c.id
                      AND open_paise > 0)
          AND EXISTS (SELECT FROM payments WHERE business_id = :b AND customer_id = c.id
                      AND advance_paise > 0)""",
    "orders with two bills that stand": """
        SELECT count(*) FROM (SELECT order_id FROM invoices
          WHERE business_id = :b AND status = 'issued' AND order_id IS NOT NULL
          GROUP BY 1 HAVING count(*) > 1) one""",
    "bills credited beyond their amount": """
        SELECT count(*) FROM invoices i WHERE business_id = :b AND total_paise <
          (SELECT coalesce(sum(total_paise), 0) FROM notes
           WHERE business_id = :b AND invoice_id = i.id AND kind = 'credit_note')""",
    "sales of equipment that are not undone with their bills": """
        SELECT count(*) FROM equipment_sales s
        JOIN invoices i ON i.business_id = :b AND i.id = s.invoice_id
        WHERE s.business_id = :b AND s.undone <>
          (i.status = 'cancelled' OR i.total_paise <=
            (SELECT coalesce(sum(total_paise), 0) FROM notes
             WHERE business_id = :b AND invoice_id = i.id AND kind = 'credit_note'))""",
    "equipment that is sold and whose purchase is taken back": """
        SELECT count(*) FROM equipment_sales s
        JOIN expenses e ON e.business_id = :b AND e.id = s.expense_id
        JOIN ledger_entries l ON l.business_id = :b AND l.reverses = e.entry_id
        WHERE s.business_id = :b AND NOT s.undone""",
    "commands without a result": """
        SELECT count(*) FROM idempotency_keys WHERE business_id = :b AND result IS NULL""",
}
"""Each query counts what is wrong."""


def faults(reader: Reader) -> Iterator[str]:
    """Whatever does not hold."""
    for name, query in SAME.items():
        wrong = reader.connection.execute(text(query), {"b": reader.business_id}).scalar_one()
        if wrong:
            yield f"{wrong} {name}"
    for check in CHECKS:
        yield from check(reader)


def changed(reader: Reader, told: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Of returns, as they were told when they were filed, those that tell something else now; what
    was undone meanwhile counts no more."""
    standing = {period: at.isoformat() for period, at in filed(reader).items()}
    for period, at, before in told:
        month = date.fromisoformat(f"{period}-01")
        if standing.get(period) == at and gstr3b_json("", gstr3b(reader, month)).decode() != before:
            yield f"the return of {period} changed after it was filed"


def numbers(reader: Reader) -> dict[str, list[int]]:
    """The serials of each series of numbers, as they were given."""
    found: dict[str, list[int]] = defaultdict(list)
    for query in SERIES.values():
        for number in reader.connection.execute(text(query), {"b": reader.business_id}).scalars():
            series, _, serial = str(number).rpartition("-")
            found[series].append(int(serial))
    return found


def _gapless(reader: Reader) -> Iterator[str]:
    for series, serials in numbers(reader).items():
        if sorted(serials) != list(range(1, len(serials) + 1)):
            missing = set(range(1, max(serials) + 1)) - set(serials)
            yield f"series {series}: {len(serials)} numbers, missing {sorted(missing)[:5]}"


def _balanced(reader: Reader) -> Iterator[str]:
    if sum(one.debit - one.credit for one in ledger.trial_balance(reader)):
        yield "the trial balance does not balance"
    sheet = books.balance_sheet(reader, reader.today)
    if sheet.total_assets != sheet.total_liabilities + sheet.net_worth:
        yield "the balance sheet does not balance"
    if stock_value(reader) != ledger.balance_of(reader, chart.INVENTORY):
        yield "the stock's value is not the account's"


def _taxes_tie(reader: Reader) -> Iterator[str]:
    for month in _months(reader):
        found = gstr3b(reader, month)
        if found.difference:
            yield f"GSTR of {month:%Y-%m} differs from the books by {found.difference} paise"


def _settled_whole(reader: Reader) -> Iterator[str]:
    """What returns have set off is what was owed at the end of the last month that is filed, as the
    books say now."""
    for period in sorted(filed(reader))[-1:]:
        _, end = month_of(date.fromisoformat(f"{period}-01"))
        moved = ledger.account_balances(reader, until=end)
        paid = ledger.moved_by(reader, SET_OFF, start=end + timedelta(days=1))
        for code in chart.OUTPUT_TAX.values():
            left = moved.get(code, 0) + paid.get(code, 0)
            if left < 0 or (left and paid.get(code)):
                yield f"{left} of {code} was booked into {period} after it was filed"


def _months(reader: Reader) -> list[date]:
    rows = reader.connection.execute(
        text(
            "SELECT DISTINCT date_trunc('month', on_date)::date FROM invoices"
            " WHERE business_id = :b"
        ),
        {"b": reader.business_id},
    )
    return [row[0] for row in rows]


def _chained(reader: Reader) -> Iterator[str]:
    bad = first_bad_seq(reader.connection, reader.business_id)
    if bad is not None:
        yield f"the journal is broken at {bad}"


def _locks_held(reader: Reader) -> Iterator[str]:
    """In the journal's order: nothing was posted into days that were closed by then."""
    closed = ""
    for kind, payload in reader.connection.execute(
        text(
            "SELECT kind, payload FROM journal_events WHERE business_id = :b"
            " AND kind IN ('books.locked', 'ledger.posted') ORDER BY seq"
        ),
        {"b": reader.business_id},
    ):
        facts = json.loads(payload)
        if kind == "books.locked":
            closed = facts["locked_until"] or ""
        elif facts["on"] <= closed:
            yield f"posted on {facts['on']} after {closed} was closed"


CHECKS: tuple[Callable[[Reader], Iterator[str]], ...] = (
    _gapless,
    _balanced,
    _taxes_tie,
    _settled_whole,
    _chained,
    _locks_held,
)
