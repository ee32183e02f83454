"""Beancount: accounts of ASCII words, one currency, balances asserted the day after the last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from erp_core.kernel.money import rupees
from erp_core.kernel.spelling import roman
from erp_core.ledger import chart
from erp_core.reports.exports.source import EARLIER, Books, Leaf, Posted

ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


def lines(source: Books) -> Iterator[str]:
    """A ledger that `bean-check` accepts."""
    names = {leaf: account(source, leaf) for leaf in source.leaves}
    yield f'option "title" "{_quoted(source.business.name)}"\n'
    yield 'option "operating_currency" "INR"\n\n'
    for leaf, first in source.leaves.items():
        yield f"{first} open {names[leaf]} INR\n"
        if leaf.party_id:
            yield f'  name: "{_quoted(source.party_names.get(leaf.party_id, ""))}"\n'
    if source.opening and source.start:
        yield f'\n{source.start} * "Opening balances"\n'
        for leaf, paise in source.opening.items():
            yield f"  {names[leaf]}  {rupees(paise)} INR\n"
    for entry in source.entries():
        yield _transaction(entry, names)
    yield "\n"
    for leaf, paise in source.closing.items():
        yield f"{source.end + timedelta(days=1)} balance {names[leaf]}  {rupees(paise)} INR\n"


def account(source: Books, leaf: Leaf) -> str:
    """ "Assets:Sundry-Debtors:Ravi-Kumar-1F3A…": a party's id keeps two of one name apart."""
    if leaf == EARLIER:
        return "Equity:Profit-Of-Earlier-Years"
    known = chart.account(leaf.code)
    root = ROOTS[known.kind]
    head = f"{root}:{_word(leaf.code.replace(':', '-').replace('_', '-').title())}"
    if leaf.party_id is None:
        return head
    name = _word(roman(source.party_names.get(leaf.party_id, "")).title())
    return f"{head}:{name}-{leaf.party_id.hex.upper()[-12:]}"


def _transaction(entry: Posted, names: dict[Leaf, str]) -> str:
    told = entry.told
    narration = ", ".join(part for part in (entry.words, told.number) if part)
    head = f'\n{entry.on} * "{_quoted(told.party or "")}" "{_quoted(narration)}"\n'
    body = "".join(f"  {names[leaf]}  {rupees(paise)} INR\n" for leaf, paise in entry.postings)
    return f'{head}  entry: "{entry.id}"\n{body}'


def _word(text: str) -> str:
    word = _NOT_IN_NAMES.sub("-", text).strip("-")
    return word if word[:1].isupper() or word[:1].isdigit() else f"X{word}"


def _quoted(text: str) -> str:
    return " ".join(text.replace("\\", " ").replace('"', "'").split())
