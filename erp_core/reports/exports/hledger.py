"""hledger: accounts as people read them, and balances asserted at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from erp_core.kernel.money import rupees
from erp_core.ledger import chart
from erp_core.reports.exports.beancount import ROOTS
from erp_core.reports.exports.source import EARLIER, Books, Leaf, Posted

_MARKS = re.compile(r"[;|:()\[\]{}*!=@\"\x00-\x1f\x7f]+")
"""What means something in a journal, or would end an account's name."""


def lines(source: Books) -> Iterator[str]:
    """A journal that `hledger check` accepts."""
    names = {leaf: account(source, leaf) for leaf in source.leaves}
    yield f"; {_plain(source.business.name)}\n"
    yield "commodity 1000.00 INR\n"
    for leaf in source.leaves:
        yield f"account {names[leaf]}\n"
    if source.opening and source.start:
        yield f"\n{source.start} * Opening balances\n"
        yield from _postings(source.opening.items(), names)
    for entry in source.entries():
        yield _transaction(entry, names)
    if source.closing:
        yield f"\n{source.end} * Balances at the end\n"
        for leaf, paise in source.closing.items():
            yield f"    {names[leaf]}  0.00 INR = {rupees(paise)} INR\n"


def account(source: Books, leaf: Leaf) -> str:
    """ "Assets:Sundry debtors:Ravi Kumar 1f3a…": a party's id keeps two of one name apart."""
    if leaf == EARLIER:
        return "Equity:Profit of earlier years"
    known = chart.account(leaf.code)
    head = f"{ROOTS[known.kind]}:{_plain(known.name)}"
    if leaf.code.startswith(f"{chart.EXPENSE}:"):
        head = f"{ROOTS[known.kind]}:Overheads:{_plain(known.name)}"
    if leaf.party_id is None:
        return head
    name = _plain(source.party_names.get(leaf.party_id, ""))
    return f"{head}:{name} {leaf.party_id.hex[-12:]}".replace(": ", ":")


def _transaction(entry: Posted, names: dict[Leaf, str]) -> str:
    told = entry.told
    code = f" ({_plain(told.number)})" if told.number else ""
    payee = ", ".join(_plain(part) for part in (told.party, entry.words) if part)
    body = "".join(_postings(entry.postings, names))
    return f"\n{entry.on} *{code} {payee}  ; entry: {entry.id}\n{body}"


def _postings(postings: Iterable[tuple[Leaf, int]], names: dict[Leaf, str]) -> Iterator[str]:
    for leaf, paise in postings:
        yield f"    {names[leaf]}  {rupees(paise)} INR\n"


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())
