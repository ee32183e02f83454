"""Tally: masters and vouchers as its XML import takes them. A debit is an amount below zero.

Stock is kept at cost by Bahi, so it travels as a plain current asset: Tally refuses vouchers on
ledgers of its own group Stock-in-Hand. Cash and bank move by receipt, payment or contra alone
there; money that is still on its way to the bank travels as a journal voucher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.sax.saxutils import escape

from erp_core.kernel.money import rupees
from erp_core.ledger import chart
from erp_core.reports.exports.source import EARLIER, Books, Leaf, Posted

GROUPS = {"Stock-in-Hand": "Current Assets"}
TILLS = (chart.CASH, chart.BANK)
TYPES = {
    "invoice": "Sales",
    "credit_note": "Credit Note",
    "debit_note": "Debit Note",
    "purchase": "Purchase",
}


def lines(source: Books) -> Iterator[str]:
    """One envelope: first the ledgers, then the vouchers."""
    names = _unique_names(source)
    company = _text(source.business.name)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield "<ENVELOPE><HEADER><TALLYREQUEST>Import Data</TALLYREQUEST></HEADER><BODY><IMPORTDATA>\n"
    yield "<REQUESTDESC><REPORTNAME>All Masters</REPORTNAME><STATICVARIABLES>"
    yield f"<SVCURRENTCOMPANY>{company}</SVCURRENTCOMPANY></STATICVARIABLES></REQUESTDESC>\n"
    yield '<REQUESTDATA>\n<TALLYMESSAGE xmlns:UDF="TallyUDF">\n'
    for leaf in source.leaves:
        gstin = source.party_gstins.get(leaf.party_id) if leaf.party_id else None
        yield _master(leaf, names[leaf], source.opening.get(leaf, 0), gstin)
    yield "</TALLYMESSAGE>\n"
    for entry in source.entries():
        yield _voucher(entry, names)
    yield "</REQUESTDATA></IMPORTDATA></BODY></ENVELOPE>\n"


def _unique_names(source: Books) -> dict[Leaf, str]:
    """Tally knows ledgers by name alone, in capitals or not."""
    wanted = {leaf: _name(source, leaf) for leaf in source.leaves}
    often = Counter(name.casefold() for name in wanted.values())
    return {
        leaf: f"{name} ({leaf.party_id.hex[-6:]})"
        if leaf.party_id and often[name.casefold()] > 1
        else name
        for leaf, name in wanted.items()
    }


def _name(source: Books, leaf: Leaf) -> str:
    if leaf == EARLIER:
        return "Profit of earlier years"
    if leaf.party_id:
        return " ".join(source.party_names.get(leaf.party_id, "").split()) or "Party"
    return chart.account(leaf.code).name


def _master(leaf: Leaf, name: str, opening: int, gstin: str | None) -> str:
    group = "Capital Account" if leaf == EARLIER else chart.account(leaf.code).group
    parent = _text(GROUPS.get(group, group))
    balance = f"<OPENINGBALANCE>{rupees(-opening)}</OPENINGBALANCE>" if opening else ""
    registered = f"<PARTYGSTIN>{gstin}</PARTYGSTIN>" if gstin else ""
    return (
        f'<LEDGER NAME="{_text(name)}" ACTION="Create"><NAME.LIST><NAME>{_text(name)}</NAME>'
        f"</NAME.LIST><PARENT>{parent}</PARENT>{registered}{balance}</LEDGER>\n"
    )


def _voucher(entry: Posted, names: dict[Leaf, str]) -> str:
    kind = voucher_type(entry)
    told = entry.told
    number = f"<VOUCHERNUMBER>{_text(told.number)}</VOUCHERNUMBER>" if told.number else ""
    party = next((names[leaf] for leaf, _ in entry.postings if leaf.party_id), None)
    body = "".join(_line(names[leaf], paise) for leaf, paise in entry.postings)
    return (
        '<TALLYMESSAGE xmlns:UDF="TallyUDF">'
        f'<VOUCHER REMOTEID="{entry.id}" VCHTYPE="{kind}" ACTION="Create">'
        f"<DATE>{entry.on:%Y%m%d}</DATE><VOUCHERTYPENAME>{kind}</VOUCHERTYPENAME>{number}"
        + (f"<PARTYLEDGERNAME>{_text(party)}</PARTYLEDGERNAME>" if party else "")
        + f"<NARRATION>{_text(entry.words)}</NARRATION>\n{body}</VOUCHER></TALLYMESSAGE>\n"
    )


def voucher_type(entry: Posted) -> str:
    """Which of Tally's voucher types an entry is."""
    if entry.kind in TYPES:
        return TYPES[entry.kind]
    to_till = any(leaf.code in TILLS and paise > 0 for leaf, paise in entry.postings)
    from_till = any(leaf.code in TILLS and paise < 0 for leaf, paise in entry.postings)
    if to_till and from_till:
        return "Contra"
    return "Receipt" if to_till else "Payment" if from_till else "Journal"


def _line(name: str, paise: int) -> str:
    positive = "Yes" if paise > 0 else "No"
    return (
        f"<ALLLEDGERENTRIES.LIST><LEDGERNAME>{_text(name)}</LEDGERNAME>"
        f"<ISDEEMEDPOSITIVE>{positive}</ISDEEMEDPOSITIVE><AMOUNT>{rupees(-paise)}</AMOUNT>"
        "</ALLLEDGERENTRIES.LIST>\n"
    )


def _text(text: str) -> str:
    """Escaped; XML has no room for control characters at all."""
    return escape("".join(one for one in text if one >= " "), {'"': "&quot;"})
