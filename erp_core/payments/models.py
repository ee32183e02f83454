"""Tables of the khata.

A receivable is one debt: an invoice, credit given, an opening balance. A payment settles debts
through allocations. `open_paise` and `advance_paise` are what allocations leave; both are changed
only while the customer's row is locked, together with the allocation that explains the change.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    LargeBinary,
    Text,
    text,
)

from erp_core.db.schema import (
    counted_column,
    global_table,
    id_column,
    moment_column,
    paise_column,
    tenant_index,
    tenant_reference,
    tenant_table,
)

receivables = tenant_table(
    "receivables",
    id_column("customer_id"),
    Column("source_kind", Text, nullable=False),
    id_column("source_id"),
    paise_column("amount_paise"),
    paise_column("open_paise"),
    counted_column("forgiven_paise"),
    Column("on_date", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("note_code", Text),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint("open_paise BETWEEN 0 AND amount_paise", name="open"),
    CheckConstraint("forgiven_paise >= 0", name="forgiven"),
    CheckConstraint("status IN ('standing', 'void')", name="status"),
    CheckConstraint(
        "source_kind IN ('invoice', 'khata_credit', 'opening', 'refund', 'charge', 'dispute')",
        name="source_kind",
    ),
    tenant_reference("customers", "customer_id"),
    tenant_index("source_kind", "source_id", unique=True, name="uq_receivables_source"),
    tenant_index(
        "customer_id",
        "on_date",
        name="ix_receivables_open",
        postgresql_where=text("open_paise > 0"),
    ),
)

payments = tenant_table(
    "payments",
    id_column("customer_id"),
    paise_column("amount_paise"),
    paise_column("advance_paise"),
    Column("method", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    id_column("receivable_id", nullable=True),
    Column("status", Text, nullable=False, server_default=text("'standing'")),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint("advance_paise BETWEEN 0 AND amount_paise", name="advance"),
    CheckConstraint("status IN ('standing', 'bounced', 'taken_back')", name="status"),
    CheckConstraint(
        "method IN ('cash', 'upi', 'card', 'cheque', 'bank_transfer', 'gateway', 'opening')",
        name="method",
    ),
    tenant_reference("customers", "customer_id"),
    tenant_reference("receivables", "receivable_id"),
    tenant_index(
        "on_date",
        name="ix_payments_day",
        postgresql_include=["method", "status", "amount_paise"],
    ),
    tenant_index("customer_id", "on_date"),
    tenant_index(
        "customer_id",
        name="ix_payments_advance",
        postgresql_where=text("advance_paise > 0"),
    ),
)

allocations = tenant_table(
    "allocations",
    id_column("payment_id"),
    id_column("receivable_id"),
    paise_column("paise"),
    moment_column("created_at"),
    CheckConstraint("paise <> 0", name="paise"),
    tenant_reference("payments", "payment_id"),
    tenant_reference("receivables", "receivable_id"),
    tenant_index("payment_id"),
    tenant_index("receivable_id"),
    append_only=True,
)

outside_references = tenant_table(
    "outside_references",
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    id_column("entity_id"),
    moment_column("created_at"),
    CheckConstraint(
        "kind IN ('utr', 'razorpay_payment', 'razorpay_refund', 'razorpay_dispute',"
        " 'razorpay_settlement')",
        name="kind",
    ),
    tenant_index("entity_id"),
    key=("kind", "reference"),
    append_only=True,
)
"""What was booked for a thing that has a name outside. Its key is what makes one journal effect of
however many notices of the thing."""

gateway_accounts = tenant_table(
    "gateway_accounts",
    Column("provider", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("account_ref", Text),
    Column("configuration", Text),
    Column("sealed", LargeBinary, nullable=False),
    moment_column("former_until", nullable=True),
    moment_column("changed_at"),
    key=("provider",),
)
"""The business's own account with a payment gateway; `sealed` holds its secrets, encrypted;
`configuration` is the name under which WhatsApp knows the account, where it does."""

gateway_directory = global_table(
    "gateway_directory",
    Column("provider", Text, primary_key=True),
    Column("account_ref", Text, primary_key=True),
    Column("tenant", BigInteger, nullable=False),
)
"""Whose account a notice is about. It only says whose secret must have signed the notice."""

payment_links = tenant_table(
    "payment_links",
    id_column("customer_id"),
    id_column("receivable_id", nullable=True),
    Column("reference", Text, nullable=False),
    paise_column("amount_paise"),
    paise_column("paid_paise"),
    Column("provider_ref", Text),
    Column("url", Text),
    Column("status", Text, nullable=False),
    moment_column("expires_at"),
    moment_column("created_at"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint(
        "status IN ('creating', 'open', 'partial', 'paid', 'expired', 'cancelled', 'failed')",
        name="status",
    ),
    tenant_reference("customers", "customer_id"),
    tenant_reference("receivables", "receivable_id"),
    tenant_index("reference", unique=True),
    tenant_index("provider_ref", unique=True),
    tenant_index("customer_id", "created_at"),
)

disputes = tenant_table(
    "disputes",
    Column("provider_ref", Text, nullable=False),
    id_column("payment_id"),
    paise_column("amount_paise"),
    Column("status", Text, nullable=False),
    moment_column("changed_at"),
    CheckConstraint(
        "status IN ('open', 'under_review', 'action_required', 'won', 'lost', 'closed')",
        name="status",
    ),
    tenant_reference("payments", "payment_id"),
    tenant_index("payment_id"),
    key=("provider_ref",),
)

reminder_plans = tenant_table(
    "reminder_plans",
    Column("active", Boolean, nullable=False),
    Column("first_after_days", Integer, nullable=False),
    Column("every_days", Integer, nullable=False),
    Column("polite", Integer, nullable=False),
    Column("hour", Integer, nullable=False),
    moment_column("changed_at"),
    CheckConstraint("first_after_days BETWEEN 0 AND 365", name="first_after_days"),
    CheckConstraint("every_days BETWEEN 1 AND 90", name="every_days"),
    CheckConstraint("polite BETWEEN 0 AND 20", name="polite"),
    CheckConstraint("hour BETWEEN 9 AND 19", name="hour"),
    key=(),
)
"""When the shop reminds: so many days after the debt, then every so many; the first `polite` ones
in a friendly tone, those after it firm. No hour of the night can be stored."""

reminder_marks = tenant_table(
    "reminder_marks",
    id_column("customer_id"),
    Column("sent", Integer, nullable=False),
    Column("last_on", Date),
    Column("hold", Text),
    CheckConstraint("hold IN ('disputed', 'spared')", name="hold"),
    tenant_reference("customers", "customer_id"),
    key=("customer_id",),
)
"""How often a customer was reminded since the khata was last clear, and why not at all."""

promises = tenant_table(
    "promises",
    id_column("customer_id"),
    paise_column("amount_paise", nullable=True),
    Column("due_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("told_by", Text, nullable=False),
    Column("of_cheque", Boolean, nullable=False, server_default="false"),
    moment_column("created_at"),
    CheckConstraint("status IN ('open', 'kept', 'broken', 'replaced')", name="status"),
    CheckConstraint("told_by IN ('user', 'customer')", name="told_by"),
    tenant_reference("customers", "customer_id"),
    tenant_index(
        "customer_id",
        unique=True,
        name="uq_promises_open",
        postgresql_where=text("status = 'open' AND NOT of_cheque"),
    ),
    tenant_index(
        "customer_id",
        name="ix_promises_cheques",
        postgresql_where=text("status = 'open' AND of_cheque"),
    ),
    tenant_index("status", "due_on"),
)
