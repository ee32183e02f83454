"""Who may do what, as data. Every command and every revealing query asks here first."""

from __future__ import annotations

from enum import Enum
from uuid import UUID

from erp_core.journal.context import Reader
from erp_core.kernel.errors import Forbidden


class Permission(str, Enum):
    """One thing that somebody may or may not do."""

    VIEW_CATALOGUE = "view_catalogue"
    VIEW_STOCK = "view_stock"
    VIEW_COSTS = "view_costs"
    ADJUST_STOCK = "adjust_stock"
    ADD_PRODUCT = "add_product"
    CHANGE_PRICE = "change_price"
    NAME_PRICE = "name_price"
    VIEW_ORDERS = "view_orders"
    CREATE_ORDER = "create_order"
    MODIFY_ORDER = "modify_order"
    CHANGE_ORDER_STATUS = "change_order_status"
    CANCEL_ORDER = "cancel_order"
    VIEW_CUSTOMERS = "view_customers"
    ADD_CUSTOMER = "add_customer"
    CHANGE_CUSTOMER = "change_customer"
    ADD_VENDOR = "add_vendor"
    RECORD_PURCHASE = "record_purchase"
    PAY_VENDOR = "pay_vendor"
    VIEW_PURCHASES = "view_purchases"
    REGISTER = "register"
    VIEW_BALANCE = "view_balance"
    VIEW_ALL_BALANCES = "view_all_balances"
    GIVE_CREDIT = "give_credit"
    RECORD_PAYMENT = "record_payment"
    REQUEST_PAYMENT = "request_payment"
    CLAIM_PAYMENT = "claim_payment"
    VIEW_PAYMENTS = "view_payments"
    VIEW_INVOICES = "view_invoices"
    CREATE_INVOICE = "create_invoice"
    SHARE_INVOICE = "share_invoice"
    CANCEL_INVOICE = "cancel_invoice"
    LOG_EXPENSE = "log_expense"
    VIEW_EXPENSES = "view_expenses"
    VIEW_REPORTS = "view_reports"
    VIEW_LEDGER = "view_ledger"
    WRITE_VOUCHERS = "write_vouchers"
    FORGIVE_DEBT = "forgive_debt"
    CLOSE_BOOKS = "close_books"
    CHANGE_LANGUAGE = "change_language"
    LINK_IDENTITY = "link_identity"
    MANAGE_USERS = "manage_users"
    CHANGE_BUSINESS = "change_business"


_OWNER = frozenset({"owner", "system"})
_MANAGERS = _OWNER | {"manager"}
_STAFF = _MANAGERS | {"staff"}
_USERS = _STAFF | {"viewer"}
_USERS_AND_CUSTOMER = _USERS | {"customer"}
_STAFF_AND_CUSTOMER = _STAFF | {"customer"}
_EVERYBODY = _USERS_AND_CUSTOMER | {"guest"}

MATRIX: dict[Permission, frozenset[str]] = {
    Permission.VIEW_CATALOGUE: _EVERYBODY,
    Permission.VIEW_STOCK: _USERS,
    Permission.VIEW_COSTS: _MANAGERS,
    Permission.ADJUST_STOCK: _STAFF,
    Permission.ADD_PRODUCT: _MANAGERS,
    Permission.CHANGE_PRICE: _MANAGERS,
    Permission.NAME_PRICE: _MANAGERS,
    Permission.VIEW_ORDERS: _USERS_AND_CUSTOMER,
    Permission.CREATE_ORDER: _STAFF_AND_CUSTOMER,
    Permission.MODIFY_ORDER: _STAFF_AND_CUSTOMER,
    Permission.CHANGE_ORDER_STATUS: _STAFF,
    Permission.CANCEL_ORDER: _STAFF_AND_CUSTOMER,
    Permission.VIEW_CUSTOMERS: _USERS_AND_CUSTOMER,
    Permission.ADD_CUSTOMER: _STAFF,
    Permission.CHANGE_CUSTOMER: _STAFF_AND_CUSTOMER,
    Permission.ADD_VENDOR: _MANAGERS,
    Permission.RECORD_PURCHASE: _MANAGERS,
    Permission.PAY_VENDOR: _MANAGERS,
    Permission.VIEW_PURCHASES: _MANAGERS | {"viewer"},
    Permission.REGISTER: frozenset({"guest", "system"}),
    Permission.VIEW_BALANCE: _USERS_AND_CUSTOMER,
    Permission.VIEW_ALL_BALANCES: _USERS,
    Permission.GIVE_CREDIT: _STAFF,
    Permission.RECORD_PAYMENT: _STAFF,
    Permission.REQUEST_PAYMENT: _STAFF_AND_CUSTOMER,
    Permission.CLAIM_PAYMENT: frozenset({"customer"}),
    Permission.VIEW_PAYMENTS: _USERS_AND_CUSTOMER,
    Permission.VIEW_INVOICES: _USERS_AND_CUSTOMER,
    Permission.CREATE_INVOICE: _STAFF,
    Permission.SHARE_INVOICE: _STAFF_AND_CUSTOMER,
    Permission.CANCEL_INVOICE: _MANAGERS,
    Permission.LOG_EXPENSE: _STAFF,
    Permission.VIEW_EXPENSES: _MANAGERS | {"viewer"},
    Permission.VIEW_REPORTS: _MANAGERS | {"viewer"},
    Permission.VIEW_LEDGER: _MANAGERS | {"viewer"},
    Permission.WRITE_VOUCHERS: _MANAGERS,
    Permission.FORGIVE_DEBT: _OWNER,
    Permission.CLOSE_BOOKS: _OWNER,
    Permission.CHANGE_LANGUAGE: _EVERYBODY,
    Permission.LINK_IDENTITY: frozenset({"system"}),
    Permission.MANAGE_USERS: _OWNER,
    Permission.CHANGE_BUSINESS: _OWNER,
}
"""By role of a user, or kind of anybody else. A customer's permissions reach no further than the
customer's own affairs: pass `customer_id` to `require` wherever the affairs are somebody's."""


def allowed(standing: str, permission: Permission) -> bool:
    """Whether a role ("manager") or a kind of actor ("customer") has a permission."""
    return standing in MATRIX[permission]


def require(reader: Reader, permission: Permission, *, customer_id: UUID | None = None) -> None:
    """Refuse unless the actor has the permission; a customer has it for one customer only: itself.

    For a permission that customers share with users, leaving `customer_id` out means everybody's
    affairs, which no customer may see. Raises Forbidden("not_allowed").
    """
    actor = reader.actor
    if not allowed(actor.standing, permission):
        raise Forbidden("not_allowed", permission=permission.value)
    if actor.kind == "customer" and permission not in _NOBODYS and customer_id != actor.id:
        raise Forbidden("not_allowed", permission=permission.value)


def reach(reader: Reader, permission: Permission, customer_id: UUID | None = None) -> UUID | None:
    """Whose affairs a list shows: a customer's own, else those of whom was asked for, if anybody.

    Raises Forbidden("not_allowed") when a customer asks for another's.
    """
    asks = reader.actor
    own = asks.id if asks.kind == "customer" and customer_id is None else customer_id
    require(reader, permission, customer_id=own)
    return own


_NOBODYS = frozenset({Permission.VIEW_CATALOGUE, Permission.CHANGE_LANGUAGE})
"""Permissions over things that belong to no single customer."""
