"""Whatever happens with a customer's money, in whatever order, the khata and the ledger agree."""

from __future__ import annotations

import itertools
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.models import ledger_postings
from erp_core.parties.service import add_customer
from erp_core.payments import gateway, queries, returns, service
from erp_core.payments.models import payments, receivables

_numbers = itertools.count(1)
amounts = st.integers(1, 500_00)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("credit"), amounts),
        st.tuples(st.just("pay"), amounts, st.sampled_from(["cash", "upi", "cheque"])),
        st.tuples(st.just("bounce"), st.integers(0, 5), st.sampled_from([0, 350_00])),
        st.tuples(st.just("refund"), amounts),
        st.tuples(st.just("online"), amounts, st.integers(0, 4)),
        st.tuples(st.just("online_refund"), amounts, st.integers(0, 4)),
        st.tuples(st.just("lost"), amounts, st.integers(0, 4)),
    ),
    max_size=14,
)


class Khata:
    """A customer, and what it should owe by plain arithmetic."""

    def __init__(self, bahi, business):
        self._bahi, self._business = bahi, business
        self._place = next(_numbers)
        phone = f"9198{self._place:08d}"
        added = self._run(add_customer, name=f"Customer {self._place}", phone=phone)
        self.customer = UUID(added["customer_id"])
        planned = self._run(gateway.plan_link, customer_id=self.customer, amount_paise=1_000_00)
        self._reference = UUID(planned["link_id"]).hex
        self.owes = 0
        self._cheques, self._online, self._seen = [], {}, set()

    def _run(self, command, **arguments):
        key = f"random:{next(_numbers)}"
        return self._bahi.run(self._business, SYSTEM, key, command, **arguments)

    def credit(self, paise):
        self._run(service.give_credit, customer_id=self.customer, amount_paise=paise)
        self.owes += paise

    def pay(self, paise, method):
        done = self._run(
            service.record_payment, customer_id=self.customer, amount_paise=paise, method=method
        )
        self.owes -= paise
        if method == "cheque":
            self._cheques.append((UUID(done["payment_id"]), paise))

    def bounce(self, which, charge):
        if not self._cheques:
            return
        payment_id, paise = self._cheques[which % len(self._cheques)]
        try:
            self._run(returns.bounce_cheque, payment_id=payment_id, charge_paise=charge)
        except Conflict:
            assert payment_id in self._seen
            return
        self._seen.add(payment_id)
        self.owes += paise + charge

    def refund(self, paise):
        self._run(
            returns.refund_customer, customer_id=self.customer, amount_paise=paise, method="cash"
        )
        self.owes += paise

    def online(self, paise, which):
        name = f"pay_{self._place}_{which}"
        if name not in self._online:
            self._online[name] = paise
            self.owes -= paise
        self._notice(payment=self._taken(name))

    def online_refund(self, paise, which):
        self._movement("refund", paise, which, "processed")

    def lost(self, paise, which):
        self._movement("dispute", paise, which, "lost")

    def _movement(self, kind, paise, which, status):
        name, ref = f"pay_{self._place}_{which}", f"{kind}_{self._place}_{which}"
        entity = {
            "ref": ref, "payment_ref": name, "amount": paise, "currency": "INR", "status": status,
        }  # fmt: skip
        known = name in self._online
        self._notice(**{kind: entity, "payment": self._taken(name) if known else None})
        if known and ref not in self._seen:
            self._seen.add(ref)
            self.owes += paise

    def _taken(self, name):
        return gateway.Taken(name, self._online[name], "INR", True, 1, self._reference).facts()

    def _notice(self, **parts):
        self._run(gateway.take_notice, event="any", **parts)


@given(steps)
@settings(max_examples=40)
def test_the_khata_is_what_arithmetic_says(bahi, business, happened):
    khata = Khata(bahi, business)
    for name, *arguments in happened:
        getattr(khata, name)(*arguments)
    with bahi.read(business) as reader:
        assert queries.balance(reader, khata.customer) == khata.owes
        still_open = _sum(reader, receivables.c.open_paise, receivables, khata.customer)
        held = _sum(reader, payments.c.advance_paise, payments, khata.customer)
        assert still_open - held == khata.owes
        assert not (still_open and held), "money and debt side by side"
        whole = reader.connection.execute(
            select(func.coalesce(func.sum(ledger_postings.c.paise), 0)).where(
                ledger_postings.c.business_id == business
            )
        ).scalar_one()
        assert whole == 0
        assert ledger.balance_of(reader, chart.RECEIVABLE, khata.customer) == khata.owes


def _sum(reader, column, table, customer_id):
    return int(
        reader.connection.execute(
            select(func.coalesce(func.sum(column), 0)).where(
                table.c.business_id == reader.business_id, table.c.customer_id == customer_id
            )
        ).scalar_one()
    )
