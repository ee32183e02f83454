"""What Bahi tells people on its own: each response of the domain, and the facts that it may use.

A fact is an id, an amount in paise, a quantity as a string, or a count. When a message is sent, the
sender puts the name or number beside an id (`customer_id` → {customer}, `product_id` → {product},
`order_id` → {order}, `invoice_id` → {invoice}) and writes amounts as rupees; `ways` are pairs of
paise and the way in which they were paid.
"""

from __future__ import annotations

from collections.abc import Mapping

ORDER_CONFIRMED = "utter_notify_order_confirmed"
ORDER_CHANGED = "utter_notify_order_changed"
ORDER_READY = "utter_notify_order_ready"
ORDER_SHIPPED = "utter_notify_order_shipped"
ORDER_DELIVERED = "utter_notify_order_delivered"
ORDER_CANCELLED = "utter_notify_order_cancelled"
INVOICE_SHARED = "utter_invoice_shared"
INVOICE_CANCELLED = "utter_notify_invoice_cancelled"
PAYMENT_RECEIVED = "utter_notify_payment_received"
RECEIVED_IN_WAYS = "utter_notify_payment_received_in_ways"
CREDIT_GIVEN = "utter_notify_credit_given"
REMINDER = "utter_payment_reminder"
FIRM_REMINDER = "utter_payment_reminder_firm"
PAYMENT_LINK = "utter_payment_link"
PAYMENT_DETAILS = "utter_payment_details"
RECEIPT = "utter_receipt"
CHEQUE_BOUNCED = "utter_notify_cheque_bounced"
REFUNDED = "utter_notify_refunded"
CLAIM_REFUSED = "utter_notify_claim_refused"

NEW_ORDER = "utter_notify_new_order"
ORDER_CHANGED_BY_CUSTOMER = "utter_notify_order_changed_by_customer"
ORDER_NOTED = "utter_notify_order_noted"
ORDER_CANCELLED_BY_CUSTOMER = "utter_notify_order_cancelled_by_customer"
NEW_CUSTOMER = "utter_notify_new_customer"
NEW_NAMESAKE = "utter_notify_new_namesake"
PAYMENT_RECORDED = "utter_notify_payment_recorded"
RECORDED_IN_WAYS = "utter_notify_payment_recorded_in_ways"
PAYMENT_CLAIMED = "utter_notify_payment_claimed"
PAYMENT_CLAIMED_SOMEHOW = "utter_notify_payment_claimed_somehow"
LOW_STOCK = "utter_notify_low_stock"
LOW_STOCKS = "utter_notify_low_stocks"
REMINDED = "utter_notify_reminded"
PROMISED = "utter_notify_promised"
PROMISED_PART = "utter_notify_promised_part"
PROMISE_BROKEN = "utter_notify_promise_broken"
DISPUTED = "utter_notify_disputed"
PAID_ONLINE = "utter_notify_payment_online"
PAID_TWICE = "utter_notify_paid_twice"
GATEWAY_REFUND = "utter_notify_gateway_refund"
CHARGEBACK = "utter_notify_chargeback"
CHARGEBACK_LOST = "utter_notify_chargeback_lost"
WRONG_CURRENCY = "utter_notify_wrong_currency"
BANK_IMPORTED = "utter_bank_imported"
BAD_STATEMENT = "utter_error_bad_statement"
EINVOICE_DONE = "utter_notify_einvoice_done"
EINVOICE_DELAYED = "utter_notify_einvoice_delayed"
EINVOICE_REFUSED = "utter_notify_einvoice_refused"
EINVOICE_CANCELLED = "utter_notify_einvoice_cancelled"
EINVOICE_CREDITED = "utter_notify_einvoice_credited"
EINVOICE_KEPT = "utter_notify_einvoice_kept"
EINVOICE_DEADLINE = "utter_notify_einvoice_deadline"
EWAY_DONE = "utter_notify_eway_done"
EWAY_DELAYED = "utter_notify_eway_delayed"
EWAY_REFUSED = "utter_notify_eway_refused"
EWAY_CANCELLED = "utter_notify_eway_cancelled"
RETURN_DUE = "utter_notify_return_due"
GSTR2B_READ = "utter_notify_gstr2b"
BAD_GSTR2B = "utter_error_bad_gstr2b"

_ORDER = ("order_id", "order_number", "total")

TO_CUSTOMERS: Mapping[str, tuple[str, ...]] = {
    ORDER_CONFIRMED: _ORDER,
    ORDER_CHANGED: _ORDER,
    ORDER_READY: _ORDER,
    ORDER_SHIPPED: _ORDER,
    ORDER_DELIVERED: _ORDER,
    ORDER_CANCELLED: _ORDER,
    INVOICE_SHARED: ("invoice_id", "invoice_number", "total", "due"),
    INVOICE_CANCELLED: ("invoice_id", "invoice_number", "total"),
    PAYMENT_RECEIVED: ("amount", "balance"),
    RECEIVED_IN_WAYS: ("amount", "ways", "balance"),
    CREDIT_GIVEN: ("amount", "balance"),
    REMINDER: ("customer_id", "due"),
    FIRM_REMINDER: ("customer_id", "due"),
    PAYMENT_LINK: ("customer_id", "due", "link"),
    PAYMENT_DETAILS: ("customer_id", "due"),
    RECEIPT: ("amount",),
    CHEQUE_BOUNCED: ("amount", "balance"),
    REFUNDED: ("amount", "balance"),
    CLAIM_REFUSED: ("balance",),
}
"""To a customer, about its own affairs, when the shop did something."""

TO_THE_SHOP: Mapping[str, tuple[str, ...]] = {
    NEW_ORDER: (*_ORDER, "customer_id", "items"),
    ORDER_CHANGED_BY_CUSTOMER: (*_ORDER, "customer_id"),
    ORDER_NOTED: (*_ORDER, "customer_id"),
    ORDER_CANCELLED_BY_CUSTOMER: (*_ORDER, "customer_id"),
    NEW_CUSTOMER: ("customer_id",),
    NEW_NAMESAKE: ("customer_id",),
    PAYMENT_RECORDED: ("customer_id", "amount", "balance"),
    RECORDED_IN_WAYS: ("customer_id", "amount", "ways", "balance"),
    PAYMENT_CLAIMED: ("customer_id", "amount", "method"),
    PAYMENT_CLAIMED_SOMEHOW: ("customer_id",),
    LOW_STOCK: ("product_id", "available", "reorder_level"),
    LOW_STOCKS: ("count",),
    REMINDED: ("count",),
    PROMISED: ("customer_id", "on", "balance"),
    PROMISED_PART: ("customer_id", "amount", "on", "balance"),
    PROMISE_BROKEN: ("customer_id", "on", "balance"),
    DISPUTED: ("customer_id", "balance"),
    PAID_ONLINE: ("customer_id", "amount", "balance"),
    PAID_TWICE: ("customer_id", "amount"),
    GATEWAY_REFUND: ("customer_id", "amount", "balance"),
    CHARGEBACK: ("customer_id", "amount"),
    CHARGEBACK_LOST: ("customer_id", "amount", "balance"),
    WRONG_CURRENCY: ("customer_id",),
    BAD_STATEMENT: (),
    BANK_IMPORTED: ("lines", "matched", "booked", "amount", "suggested", "open"),
    EINVOICE_DONE: ("invoice_id",),
    EINVOICE_DELAYED: ("invoice_id",),
    EINVOICE_REFUSED: ("invoice_id", "why"),
    EINVOICE_CANCELLED: ("invoice_id",),
    EINVOICE_CREDITED: ("invoice_id", "note"),
    EINVOICE_KEPT: ("invoice_id", "why"),
    EINVOICE_DEADLINE: ("invoice_id", "days"),
    EWAY_DONE: ("invoice_id", "eway", "until"),
    EWAY_DELAYED: ("invoice_id",),
    EWAY_REFUSED: ("invoice_id", "why"),
    EWAY_CANCELLED: ("invoice_id", "eway"),
    RETURN_DUE: ("form", "period", "on", "days", "month", "act"),
    GSTR2B_READ: (
        "period",
        "matched",
        "differs",
        "untaken",
        "missing_2b",
        "missing_books",
        "month",
    ),
    BAD_GSTR2B: (),
}
"""To the owners and managers. NEW_ORDER carries buttons in the domain that accept or reject it by
`order_id`; `items` is how many products it has."""

TELLINGS: Mapping[str, tuple[str, ...]] = {**TO_CUSTOMERS, **TO_THE_SHOP}
