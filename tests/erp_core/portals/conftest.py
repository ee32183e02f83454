"""A shop above the threshold, connected to a stand-in of the government's portals."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest

from erp_core.adapters import eway, irp, nic
from erp_core.inventory.service import add_stocked_product
from erp_core.invoicing.service import invoice_order
from erp_core.journal.jobs import run_due
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Unavailable
from erp_core.orders.service import create_order
from erp_core.parties.service import add_customer, add_user
from erp_core.portals import due, einvoicing, profile
from erp_core.portals import eway as eway_bills
from erp_core.runtime import Bahi, default_listeners
from simulator.gst_portal import Server, World

SECRET_KEY = "an installation's own secret"
BUYER = "29AAGCB7383J1Z4"
CRORE = 1_00_00_000_00


class Moving(Clock):
    """A clock that a test moves on."""

    def forward(self, **delta):
        self._shift += timedelta(**delta)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def stand_in(world):
    server = Server(world)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(database, business, world, stand_in):
    """The shop with its clock; the portal goes by the same one."""
    clock = Moving.starting("2026-11-20T12:00:00")
    world.now = clock.now
    bahi = Bahi(database, clock, listeners=default_listeners())
    keys = iter(range(10**6))

    def run(command, /, *, actor=SYSTEM, **arguments):
        return bahi.run(business, actor, f"p:{next(keys)}", command, **arguments)

    account = nic.Account("27AAPFU0939F1ZV", "sharma", "a password", "client", "secret")
    run(profile.connect, portal="irp", sealed=account.sealed(SECRET_KEY, business).hex())
    run(profile.set_profile, turnover_paise=6 * CRORE)
    owner = run(add_user, name="S", phone="919876500001", role="owner")
    phone = run(
        add_stocked_product,
        name="iPhone 15",
        price_paise=79_900_00,
        hsn="851713",
        gst_rate="18",
        stock=Decimal(1000),
    )
    buyer = run(
        add_customer,
        name="Bengal Retail",
        phone="919123456700",
        gstin=BUYER,
        address="14, Brigade Road, Bengaluru 560025",
    )
    buyer_id = UUID(buyer["customer_id"])
    actor = Actor("user", UUID(owner["user_id"]), "owner")

    def bill(customer_id=buyer_id, quantity="2", product=phone["product_id"]):
        lines = [{"product_id": product, "quantity": quantity}]
        order = run(create_order, customer_id=customer_id, lines=lines)
        order_id = UUID(order["order_id"])
        return UUID(run(invoice_order, actor=actor, order_id=order_id)["invoice_id"])

    handlers = {
        **einvoicing.handlers(irp.opener(SECRET_KEY, stand_in.address)),
        due.JOB: due.do,
        **eway_bills.handlers(eway.opener(SECRET_KEY, stand_in.address)),
    }

    def work():
        """Do the due jobs of this shop; how often the portal could not be reached."""
        away = []

        def only_mine(handler):
            def do(job):
                if job.business_id == business:
                    try:
                        handler(job)
                    except Unavailable:
                        away.append(job.job.id)
                        raise

            return do

        run_due(bahi, {kind: only_mine(handler) for kind, handler in handlers.items()})
        return len(away)

    nic._tokens.clear()
    return SimpleNamespace(
        bahi=bahi, business=business, clock=clock, world=world, run=run, owner=actor,
        phone=phone["product_id"], buyer=buyer_id, bill=bill, work=work,
        read=lambda: bahi.read(business),
    )  # fmt: skip
