"""Floor 7: everything put together. The one place that knows all modules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from erp_core.db.engine import Database
from erp_core.journal import commands
from erp_core.journal.context import CommandResult, Listener, Reader
from erp_core.journal.jobs import Handler
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Unavailable
from erp_core.kernel.settings import Settings
from erp_core.parties.bootstrap import all_numbers, business_for_number


class Bahi:
    """Bahi on one database: runs commands and opens readers."""

    def __init__(
        self, database: Database, clock: Clock, *, listeners: tuple[Listener, ...] = ()
    ) -> None:
        self.database = database
        self.clock = clock
        self._listeners = listeners
        self._numbers: dict[str, int] = {}

    @classmethod
    def open(cls, settings: Settings, *, pool_size: int = 4) -> Bahi:
        """Connect. Raises Unavailable with what is wrong, or UnsafeRole."""
        if not settings.database_url:
            raise Unavailable("database_not_running")
        database = Database(settings.database_url, pool_size=pool_size)
        return cls(database, Clock.starting(settings.now), listeners=default_listeners())

    def run(
        self,
        business_id: int,
        actor: Actor,
        key: str,
        command: commands.Command,
        /,
        **arguments: Any,
    ) -> CommandResult:
        """Run a command once for its key (journal.commands.run)."""
        return commands.run(
            self.database,
            self.clock,
            business_id=business_id,
            actor=actor,
            key=key,
            command=command,
            arguments=arguments,
            listeners=self._listeners,
        )

    @contextmanager
    def read(self, business_id: int, actor: Actor = SYSTEM) -> Iterator[Reader]:
        """A reader of one business: everything that it reads is of one moment."""
        with self.database.snapshot(business_id) as connection:
            yield Reader(connection, business_id, actor, self.clock.now())

    @contextmanager
    def tend(self, business_id: int) -> Iterator[Reader]:
        """The same for the queues that are emptied as they are read: a row that somebody changed
        meanwhile is waited for and seen, where a reader of one moment would have to give up."""
        with self.database.tenant(business_id) as connection:
            yield Reader(connection, business_id, SYSTEM, self.clock.now())

    def business_for_number(self, phone_number_id: str) -> int | None:
        """Whose WhatsApp number this is; remembered, since a number never changes hands."""
        known = self._numbers.get(phone_number_id)
        if known is None:
            known = business_for_number(self.database, phone_number_id)
            if known is not None:
                self._numbers[phone_number_id] = known
        return known


def default_listeners() -> tuple[Listener, ...]:
    """What listens to every command: notifications, what the portals must hear of, the credit of
    goods that are written off, tax under reverse charge on goods and on services that are taken
    back, bills that are known as goods already, and equipment that comes back."""
    from erp_core.invoicing import equipment, vouchers
    from erp_core.notifications.service import announce
    from erp_core.portals import einvoicing, reverse_charge, reverse_charged_goods
    from erp_core.purchases import known_bills, lost_goods

    return (
        announce, vouchers.after, einvoicing.after, lost_goods.after, reverse_charge.after,
        reverse_charged_goods.after, known_bills.after, equipment.after,
    )  # fmt: skip


def default_handlers(settings: Settings) -> dict[str, Handler]:
    """Who does each kind of job."""
    from erp_core.adapters import eway, irp, razorpay
    from erp_core.orders import handing_over
    from erp_core.payments import gateway, promises, reminders
    from erp_core.portals import due, einvoicing
    from erp_core.portals import eway as eway_bills

    return {
        handing_over.JOB: handing_over.do,
        promises.JOB: promises.do,
        reminders.JOB: reminders.do,
        due.JOB: due.do,
        **gateway.handlers(razorpay.opener(settings.secret_key)),
        **einvoicing.handlers(irp.opener(settings.secret_key)),
        **eway_bills.handlers(eway.opener(settings.secret_key)),
    }


def work_off(bahi: Bahi, handlers: dict[str, Handler]) -> dict[str, int]:
    """Do the jobs that are due, and once a day let go of what is kept no longer. Blocking."""
    from erp_core.journal.jobs import run_due
    from erp_core.journal.retention import tidy_if_due

    counts = run_due(bahi, handlers)
    counts["tidied"] = tidy_if_due(
        bahi.database, bahi.clock, lambda: [tenant for _, tenant in all_numbers(bahi.database)]
    )
    return counts


def migrate(settings: Settings) -> None:
    """Bring the database of the settings up to date."""
    if not settings.database_admin_url:
        raise Unavailable("database_not_running")
    from erp_core.db import migrate as migrations  # Alembic takes a second to import

    today = Clock.starting(settings.now).today()
    migrations.migrate(settings.database_admin_url, today=today)
