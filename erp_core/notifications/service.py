"""What to tell whom when something happened.

`announce` listens to every command: it runs inside the command's transaction, after the command, and
writes to the outbox only. Facts are ids, numbers and amounts; names and words come in when it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from erp_core.journal.context import Context, Event

Teller = Callable[[Context, Event], None]

TELLERS: Mapping[str, Teller] = {}


def announce(ctx: Context) -> None:
    """Tell everybody concerned of what this command's events did."""
    for event in tuple(ctx.events):
        teller = TELLERS.get(event.kind)
        if teller:
            teller(ctx, event)
