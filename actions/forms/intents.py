"""What kind of message an intent is to a form: a question, a write, or an answer."""

from __future__ import annotations

QUESTIONS = frozenset(
    {
        "inventory_query", "price_query", "low_stock_query", "order_status", "invoice_share",
        "payment_status", "customer_query", "khata_query", "report_request", "gst_export",
        "split_balance", "credit_score_query", "data_access", "language_change", "help",
        "human_handoff", "out_of_scope", "greeting", "nlu_fallback",
    }
)  # fmt: skip
"""Intents that a form lets pass to their own rules and then asks again."""

WRITES = frozenset(
    {
        "inventory_update", "product_add", "price_update", "order_create", "order_modify",
        "order_cancel", "invoice_generate", "payment_record", "payment_request", "customer_add",
        "khata_credit", "expense_log",
    }
)  # fmt: skip
"""Intents that start a form of their own."""

NEITHER = frozenset(
    {
        "affirm", "deny", "goodbye", "", "share_expense", "repay_debt", "settle_up", "data_erase",
        "consent_withdraw",
    }
)  # fmt: skip
"""Answers, and what is yet to come."""

OF_COURTESY = frozenset({"greeting", "goodbye"})
"""What names nothing, where it is surely understood."""

OF_FRIENDS = frozenset({"share_expense", "settle_up"})
"""What is shared with others, and is nobody's payment."""

OF_GOODS = frozenset(
    {"inventory_update", "price_update", "product_add", "order_create", "order_modify"}
)
"""Writes of goods."""

OF_AN_ORDER = frozenset({"order_modify", "order_cancel"})
"""Writes of an order that exists."""

MONEY = frozenset({"payment_record", "khata_credit", "expense_log"})
"""Writes of an amount."""

UNSURE = frozenset({"nlu_fallback", "out_of_scope", "goodbye", ""})
"""Intents that a short answer to a question is often taken for."""


def asks(intent: str) -> bool:
    """Whether an intent is a question; one that a designer has added is."""
    return intent in QUESTIONS or intent not in WRITES | NEITHER
