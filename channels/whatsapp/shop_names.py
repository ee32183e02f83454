"""What a shop calls its goods and people, kept at hand for reading its messages."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from erp_core.catalogue.queries import product_names
from erp_core.journal.context import Reader
from erp_core.kernel.known_names import KnownNames
from erp_core.kernel.latest import Latest
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

    @property
    def count(self) -> int:
        """How many names it is of."""
        return sum(map(len, self.indexes))


class ShopNames:
    """Names by shop; blocking, so call it in a thread."""

    def __init__(self) -> None:
        self._kept: Latest[int, _Kept] = Latest(MOST_NAMES, weight=lambda kept: kept.count)

    def of(self, reader: Reader) -> KnownNames:
        """The names of the reader's business as they were at most FRESH seconds ago."""
        now = time.monotonic()
        kept = self._kept.get(reader.business_id)
        if kept is not None and now - kept.seen < FRESH:
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
        self._kept.keep(reader.business_id, _Kept(indexes, names, now))
        return names
