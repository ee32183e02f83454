"""The full table of who may do what, written out once more so that no change is silent."""

from __future__ import annotations

from uuid import UUID

import pytest

from erp_core.kernel.errors import Forbidden
from erp_core.parties.permissions import MATRIX, Permission, allowed, require

STANDINGS = ("owner", "manager", "staff", "viewer", "customer", "guest", "system")
TABLE = """
                      owner manager staff viewer customer guest system
view_catalogue          x      x      x     x       x       x     x
view_stock              x      x      x     x       .       .     x
view_costs              x      x      .     .       .       .     x
adjust_stock            x      x      x     .       .       .     x
add_product             x      x      .     .       .       .     x
change_price            x      x      .     .       .       .     x
view_orders             x      x      x     x       x       .     x
create_order            x      x      x     .       x       .     x
modify_order            x      x      x     .       x       .     x
change_order_status     x      x      x     .       .       .     x
cancel_order            x      x      x     .       x       .     x
view_customers          x      x      x     x       x       .     x
add_customer            x      x      x     .       .       .     x
change_customer         x      x      x     .       x       .     x
add_vendor              x      x      .     .       .       .     x
record_purchase         x      x      .     .       .       .     x
pay_vendor              x      x      .     .       .       .     x
view_purchases          x      x      .     x       .       .     x
register                .      .      .     .       .       x     x
view_balance            x      x      x     x       x       .     x
view_all_balances       x      x      x     x       .       .     x
give_credit             x      x      x     .       .       .     x
record_payment          x      x      x     .       .       .     x
request_payment         x      x      x     .       x       .     x
claim_payment           .      .      .     .       x       .     .
view_payments           x      x      x     x       x       .     x
view_invoices           x      x      x     x       x       .     x
create_invoice          x      x      x     .       .       .     x
share_invoice           x      x      x     .       x       .     x
cancel_invoice          x      x      .     .       .       .     x
log_expense             x      x      x     .       .       .     x
view_expenses           x      x      .     x       .       .     x
view_reports            x      x      .     x       .       .     x
view_ledger             x      x      .     x       .       .     x
write_vouchers          x      x      .     .       .       .     x
forgive_debt            x      .      .     .       .       .     x
close_books             x      .      .     .       .       .     x
name_price              x      x      .     .       .       .     x
change_language         x      x      x     x       x       x     x
link_identity           .      .      .     .       .       .     x
manage_users            x      .      .     .       .       .     x
change_business         x      .      .     .       .       .     x
forgive_debt            x      .      .     .       .       .     x
"""


def rows():
    head, *lines = TABLE.strip().splitlines()
    for line in lines:
        name, *marks = line.split()
        for standing, mark in zip(head.split(), marks, strict=True):
            yield Permission(name), standing, mark == "x"


def test_the_table_covers_every_permission_and_everybody():
    assert {permission for permission, _, _ in rows()} == set(Permission) == set(MATRIX)
    assert {standing for _, standing, _ in rows()} == set(STANDINGS)


@pytest.mark.parametrize(("permission", "standing", "may"), rows())
def test_who_may_do_what(acting, permission, standing, may):
    customer = UUID(int=5)
    ctx = acting(standing, customer if standing == "customer" else None)
    assert allowed(standing, permission) == may
    if may:
        require(ctx, permission, customer_id=customer)
    else:
        with pytest.raises(Forbidden) as refused:
            require(ctx, permission, customer_id=customer)
        assert refused.value.facts == {"permission": permission.value}


@pytest.mark.parametrize("permission", [one for one in Permission if allowed("customer", one)])
def test_a_customer_reaches_no_further_than_itself(acting, permission):
    ctx = acting("customer", UUID(int=5))
    if permission in (Permission.VIEW_CATALOGUE, Permission.CHANGE_LANGUAGE):
        require(ctx, permission)
        return
    for somebody in (UUID(int=6), None):
        with pytest.raises(Forbidden):
            require(ctx, permission, customer_id=somebody)
