"""What a shop calls its goods and people, kept at hand for reading its messages."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from erp_core.catalogue.queries import product_names
from erp_core.journal.context import Reader
from erp_core.kernel.known_names import KnownNames
from erp_core.kernel.matching import NameIndex
from erp_core.parties.queries import party_names

FRESH = 5.0
"""Seconds in which a changed name may go unheard: it only helps to find names, it decides none."""
MOST_NAMES = 100_000

Indexes = tuple[NameIndex[UUID], ...]


@dataclass
class _Kept:
    indexes: Indexes
    names: KnownNames
    seen: float


class ShopNames:
    """Names by shop; blocking, so call it in a thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._lock = Lock()

    def of(self, reader: Reader) -> KnownNames:
        """The names of the reader's business as they were at most FRESH seconds ago."""
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(reader.business_id)
            if kept is not None and now - kept.seen < FRESH:
                self._kept.move_to_end(reader.business_id)
                return kept.names
        goods = product_names(reader)
        customers, vendors = party_names(reader, "customers"), party_names(reader, "vendors")
        indexes: Indexes = (goods, customers, vendors)
        if kept is not None and all(a is b for a, b in zip(kept.indexes, indexes, strict=True)):
            kept.seen = now
            return kept.names
        names = KnownNames(
            {"product_name": goods.keys(), "customer_name": [*customers.keys(), *vendors.keys()]}
        )
        self._keep(reader.business_id, _Kept(indexes, names, now))
        return names

    def _keep(self, business_id: int, fresh: _Kept) -> None:
        with self._lock:
            self._kept[business_id] = fresh
            self._kept.move_to_end(business_id)
            total = sum(len(index) for kept in self._kept.values() for index in kept.indexes)
            while total > MOST_NAMES and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                total -= sum(len(index) for index in dropped.indexes)
