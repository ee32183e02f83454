"""The facts of a shop as JSON: amounts in rupees and quantities, both as decimal strings."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from erp_core.catalogue.queries import all_products
from erp_core.expenses.queries import expenses_between
from erp_core.inventory.queries import stock_list
from erp_core.invoicing.queries import Invoice, all_invoices
from erp_core.journal.context import Reader
from erp_core.kernel.money import rupees
from erp_core.kernel.quantity import plain
from erp_core.orders.queries import Order, all_orders
from erp_core.parties.queries import all_customers, business
from erp_core.payments.queries import all_balances, payments_between

EVER = (date(1, 1, 1), date(9999, 12, 31))


def facts(reader: Reader) -> dict[str, Any]:
    """Everything, the oldest first."""
    seller = business(reader)
    names = {one.id: one.name for one in all_customers(reader)}
    invoices = all_invoices(reader)
    numbers = {one.id: one.number for one in invoices}
    paid: dict[UUID, str] = {one.id: one.payment_status for one in invoices}
    return {
        "business": {"name": seller.name, "phone_number_id": seller.phone_number_id},
        "products": _products(reader),
        "customers": _customers(reader),
        "orders": [_order(one, paid) for one in all_orders(reader)],
        "invoices": [_invoice(one) for one in invoices],
        "payments": _payments(reader, names, numbers),
        "expenses": _expenses(reader),
        "splits": [],
    }


def _products(reader: Reader) -> list[dict[str, Any]]:
    stock = {one.product_id: one for one in stock_list(reader)}
    return [
        {
            "name": one.name,
            "sku": one.sku,
            "price": rupees(one.price_paise),
            "stock": plain(stock[one.id].on_hand),
            "reserved": plain(stock[one.id].reserved),
            "unit": one.unit,
        }
        for one in all_products(reader, limit=None)
    ]


def _customers(reader: Reader) -> list[dict[str, Any]]:
    balances = all_balances(reader)
    return [
        {"name": one.name, "phone": one.phone, "balance": rupees(balances.get(one.id, 0))}
        for one in all_customers(reader)
    ]


def _order(order: Order, paid: dict[UUID, str]) -> dict[str, Any]:
    return {
        "number": order.number,
        "customer": order.customer,
        "status": order.status,
        "lines": [
            {
                "product": line.product,
                "quantity": plain(line.quantity),
                "unit_price": rupees(line.unit_price_paise),
            }
            for line in order.lines
        ],
        "subtotal": rupees(order.subtotal_paise),
        "tax": rupees(order.tax_paise),
        "total": rupees(order.total_paise),
        "payment_status": _payment_status(order.invoice_id, paid),
    }


def _payment_status(invoice_id: UUID | None, paid: dict[UUID, str]) -> str:
    """An order is paid as far as its invoice is; without one it is owed by nobody yet."""
    return paid.get(invoice_id, "unpaid") if invoice_id else "unpaid"


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "type": invoice.kind,
        "customer": invoice.customer_name,
        "subtotal": rupees(invoice.subtotal_paise),
        "cgst": rupees(invoice.cgst_paise),
        "sgst": rupees(invoice.sgst_paise),
        "igst": rupees(invoice.igst_paise),
        "total": rupees(invoice.total_paise),
        "payment_status": invoice.payment_status,
        "status": invoice.status,
    }


def _payments(
    reader: Reader, names: dict[UUID, str], numbers: dict[UUID, str]
) -> list[dict[str, Any]]:
    return [
        {
            "customer": names.get(one.customer_id),
            "amount": rupees(one.amount),
            "method": one.method,
            "invoice": numbers.get(one.invoice_id) if one.invoice_id else None,
        }
        for one in reversed(payments_between(reader, *EVER))
    ]


def _expenses(reader: Reader) -> list[dict[str, Any]]:
    return [
        {
            "vendor": one.vendor,
            "amount": rupees(one.amount),
            "gst": rupees(one.gst),
            "category": one.category,
            "date": one.on.isoformat(),
            "confirmed": True,  # nothing is written before somebody says yes
        }
        for one in reversed(expenses_between(reader, *EVER))
    ]
