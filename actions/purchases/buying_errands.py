"""What is told or done at once of buying, whatever form a message would begin."""

from __future__ import annotations

from collections.abc import Callable

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.goods import expiry
from actions.goods.places import lies
from actions.purchases.payables import (
    all_vendors,
    goods_are_theirs,
    loans_left,
    payables,
    undo_payment,
)
from actions.purchases.sending_for import on_its_way, order_all, order_paper, reorder
from actions.purchases.vendor_details import note_vendor

Errand = Callable[[Turn], "list[EventType] | None"]
"""Does what a message asks; None when it asks nothing of the kind."""

ERRANDS: tuple[Errand, ...] = (
    loans_left,
    all_vendors,
    payables,
    note_vendor,
    expiry.expiring,
    on_its_way,
    reorder,
    lies,
)
QUESTIONS: tuple[Errand, ...] = (
    loans_left,
    all_vendors,
    payables,
    expiry.expiring,
    on_its_way,
    reorder,
    lies,
)
"""Those that only ask, and are answered in the middle of a form as well."""
TAPS: dict[str, Errand] = {
    "theirs": goods_are_theirs,
    "unpay": undo_payment,
    "mangwao": order_all,
    "po_paper": order_paper,
    "write_off": expiry.write_off,
}
