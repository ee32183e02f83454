"""A shop on the command line: named by its WhatsApp number's id, told nothing of what is done."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from erp_core.kernel.errors import Unavailable
from erp_core.kernel.settings import Settings

if TYPE_CHECKING:
    from erp_core.runtime import Bahi

ShopCommand = Callable[["Bahi", int, argparse.Namespace], int]
"""(Bahi, the shop's business id, the options) -> the exit code."""


class Refused(Exception):
    """A command that cannot be done; the text is one sentence for the person at the keyboard."""


def shop_command(
    actions: Any, name: str, run: ShopCommand, summary: str
) -> argparse.ArgumentParser:
    """Add a command about one shop; its first argument names the shop."""
    parser: argparse.ArgumentParser = actions.add_parser(name, help=summary)
    parser.add_argument("number", metavar="PHONE_NUMBER_ID")

    def in_shop(options: argparse.Namespace) -> int:
        with open_bahi() as bahi:
            return run(bahi, business_of(bahi, options.number), options)

    parser.set_defaults(run=in_shop)
    return parser


@contextmanager
def open_bahi() -> Iterator[Bahi]:
    """Bahi without listeners: what an operator does is told to nobody."""
    from erp_core.db.engine import Database, UnsafeRole
    from erp_core.kernel.clock import Clock
    from erp_core.runtime import Bahi

    settings = Settings.load()
    clock = Clock.starting(settings.now)
    if not settings.database_url:
        raise Unavailable("database_not_running")
    try:
        database = Database(settings.database_url, pool_size=1)
    except UnsafeRole as error:
        raise Refused(f"The database's role is not safe: {error}.") from None
    try:
        yield Bahi(database, clock)
    finally:
        database.close()


def business_of(bahi: Bahi, number: str) -> int:
    """The business id behind a phone number id. Raises Refused when no shop has it."""
    business_id = bahi.business_for_number(number)
    if business_id is None:
        raise Refused(f"No shop has the phone number id {number}: `bahi shop list` names them all.")
    return business_id
