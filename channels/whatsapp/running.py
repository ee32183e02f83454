"""What every process of the channel begins and ends with."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from channels.whatsapp.store import settings_with_stores
from erp_core.kernel.errors import Unavailable
from erp_core.kernel.settings import Settings

if TYPE_CHECKING:
    from erp_core.runtime import Bahi

logger = logging.getLogger(__name__)


def settings_or_end() -> Settings:
    """The settings with the stores that they name; without them the process ends."""
    try:
        return settings_with_stores()
    except Unavailable as error:
        sys.exit(error.code)


async def open_bahi(settings: Settings, *, pool_size: int) -> Bahi:
    """The business, once its database answers."""
    # The reader has no use for it, and is lighter by a third without.
    from erp_core.runtime import Bahi

    while True:
        try:
            return Bahi.open(settings, pool_size=pool_size)
        except Unavailable as error:
            logger.warning("waiting for the database: %s", error.code)
            await asyncio.sleep(1)


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Let what runs end by itself when it is told to."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
