"""Table 13 of GSTR-1: the documents that were issued, series by series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from erp_core.invoicing.notes import Note
from erp_core.invoicing.numbering import written
from erp_core.invoicing.queries import Invoice

OTHERS = {"self_invoice": 2, "receipt_voucher": 6, "payment_voucher": 7, "refund_voucher": 8}
"""Their numbers among the kinds of documents of Table 13."""


@dataclass(frozen=True)
class Range:
    """Documents of one kind in one series: the first and last number, and how many."""

    kind: int
    first: str
    last: str
    count: int
    cancelled: int
    missing: tuple[str, ...] = ()


def ranges(
    every: Sequence[Invoice], noted: Sequence[Note], given: Sequence[tuple[str, str]]
) -> Iterable[Range]:
    """Table 13, with the numbers that should be in a series and are not."""
    groups: dict[tuple[int, str], list[tuple[str, bool]]] = defaultdict(list)
    for one in every:
        groups[1, one.number[:-5]].append((one.number, one.status == "cancelled"))
    for note in noted:
        groups[5 if note.kind == "credit_note" else 4, note.number[:-5]].append(
            (note.number, False)
        )
    for document, number in given:
        groups[OTHERS[document], number[:-5]].append((number, False))
    for (kind, _), members in sorted(groups.items()):
        numbers = sorted(number for number, _ in members)
        cancelled = sum(gone for _, gone in members)
        yield Range(kind, numbers[0], numbers[-1], len(numbers), cancelled, _missing(numbers))


def _missing(numbers: Sequence[str]) -> tuple[str, ...]:
    series, first = numbers[0].rsplit("-", 1) if "-" in numbers[0] else ("", "")
    if not series or not first.isdigit() or "-" not in series:
        return ()
    head, year = series.rsplit("-", 1)
    present = set(numbers)
    last = int(numbers[-1].rsplit("-", 1)[1])
    every = (written(head, year, serial) for serial in range(int(first), last + 1))
    return tuple(number for number in every if number not in present)[:20]
