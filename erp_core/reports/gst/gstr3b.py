"""What GSTR-3B of a month comes to. Amounts are paise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from erp_core.catalogue.queries import products_by_id
from erp_core.invoicing import equipment
from erp_core.journal.context import Reader
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.portals import apportioning, blocked_credit, late, told_later
from erp_core.portals.apportioning import Apportioned
from erp_core.portals.late import INTEREST
from erp_core.portals.periods import COST, SET_OFF, month_of
from erp_core.purchases.lost_goods import given_back
from erp_core.purchases.queries import Bill, bills_between
from erp_core.purchases.reversing import RECLAIMED, REVERSED, moved_between
from erp_core.reports.gst.filing import is_zero_rated, parts_of
from erp_core.reports.gst.gstr1 import Gstr1, gstr1
from erp_core.reports.gst.parts import Part, of_purchase, sum_of, under_reverse_charge
from erp_core.tax.hsn import is_exempt
from erp_core.tax.rules import EXPORTS


@dataclass(frozen=True)
class Gstr3b:
    """What GSTR-3B comes to; `difference` is by how much the tax differs from the books.

    `input_tax` is all that was set off, reversals taken off, and with what was written late of
    months that were filed (told_later.py); `input_reverse` the part of it paid
    under reverse charge; `reverse_charge` is what the business owes on its purchases (3.1(d)).
    """

    month: date
    taxable: Part
    zero_rated: Part
    nil: int
    inter_unregistered: Mapping[str, Part]
    input_tax: Part
    difference: int
    reverse_charge: Part = field(default_factory=lambda: Part(0))
    input_reverse: Part = field(default_factory=lambda: Part(0))
    reversed: Part = field(default_factory=lambda: Part(0))
    """Credit of bills unpaid for 180 days (rule 37), which is taken again when they are paid."""
    reclaimed: Part = field(default_factory=lambda: Part(0))
    lost: Part = field(default_factory=lambda: Part(0))
    """Credit of goods that were lost or taken for oneself (section 17(5)), and of equipment that
    was sold for less than is left of it (section 18(6)), given back for good."""
    blocked: Part = field(default_factory=lambda: Part(0))
    """The tax of expenses without credit that suppliers have filed (section 17(5))."""
    apportioned: Mapping[str, Part] = field(default_factory=dict)
    """Credit that goes back since something is sold without tax, by the entry that stands for it
    (periods.COST); below zero where a year gets some of it again."""
    reckoned: Apportioned = field(default_factory=Apportioned)
    """How that comes about as the books stand."""
    interest: Part = field(default_factory=lambda: Part(0))
    """Table 5.1: what is paid with this return for a delay, and the fee of one that was late."""
    late_fee: Part = field(default_factory=lambda: Part(0))
    exempt_inward: Mapping[bool, int] = field(default_factory=dict)
    """Table 5: goods bought that bear no tax, by whether they came from another state."""
    sold: Gstr1 = field(default_factory=lambda: Gstr1("", date.min))
    """What the supplies are read from."""

    @property
    def available(self) -> Part:
        """Table 4(A): all credit of the month before reversals, what is taken again in it."""
        return self.input_tax.plus(self.reversed).plus(self.given_back)

    @property
    def given_back(self) -> Part:
        """Table 4(B)(1): what never comes back of the credit (section 17(5), rules 42 and 43)."""
        shares = sum_of((part, 1) for part in self.apportioned.values())
        known = self.lost.plus(self.blocked)
        return known.plus(Part(0, *(max(0, paise) for paise in shares[1:])))


def gstr3b(reader: Reader, month: date) -> Gstr3b:
    """What GSTR-3B of the month comes to, and whether the ledger's tax accounts agree."""
    found = gstr1(reader, month)
    start, end = month_of(month)
    zero = [one for one in found.one_by_one if is_zero_rated(one.document)]
    zero_taxed = sum_of((part, one.sign) for one in zero for part in one.parts if part.rate)
    bought = under_reverse_charge(reader, start, end)
    reverse = sum_of((of_purchase(one), one.sign) for one in bought)
    owed = found.liability.tax + reverse.tax
    moved = _moved(reader, start, end)
    booked = -sum(moved[account] for account in chart.OUTPUT_TAX.values())
    credit = moved_between(reader, start, end)
    reckoned = apportioning.apportioned(reader, start)
    shares = {
        kind: Part(0, **heads)
        for kind, heads in apportioning.given_back(reader, start, reckoned).items()
    }
    return Gstr3b(
        month=start,
        taxable=found.liability.plus(zero_taxed, -1),
        zero_rated=sum_of((part, one.sign) for one in zero for part in one.parts),
        nil=sum(found.nil.values()),
        inter_unregistered=_inter_unregistered(found),
        input_tax=_input_tax(reader, start, moved, shares),
        apportioned=shares,
        reckoned=reckoned,
        difference=owed - booked,
        reverse_charge=reverse,
        input_reverse=sum_of((of_purchase(one), one.sign) for one in bought if one.input_credit),
        reversed=Part(0, **credit.get(REVERSED, {})),
        reclaimed=Part(0, **credit.get(RECLAIMED, {})),
        lost=Part(0, **given_back(reader, start, end)).plus(
            Part(0, **equipment.given_back(reader, start, end))
        ),
        blocked=Part(0, **blocked_credit.total(blocked_credit.blocked_between(reader, start, end))),
        interest=_told(reader, end, INTEREST),
        late_fee=_told(reader, end, late.LATE_FEE),
        exempt_inward=_exempt_inward(reader, start, end),
        sold=found,
    )


def _input_tax(
    reader: Reader, start: date, moved: Mapping[str, int], shares: Mapping[str, Part]
) -> Part:
    """All that was set off, with what is told here of months that were filed."""
    told = told_later.shifted(reader, start)
    set_off = {
        head: moved[account] + told.told_here[head] - told.told_after[head]
        for head, account in chart.INPUT_TAX.items()
    }
    return Part(0, **set_off).plus(sum_of((part, 1) for part in shares.values()), -1)


def _inter_unregistered(found: Gstr1) -> dict[str, Part]:
    """Table 3.2: to whoever is not registered in other states, by place."""
    inter: dict[str, Part] = {}

    def add(place: str, part: Part) -> None:
        inter[place] = inter.get(place, Part(0)).plus(part)

    for (kind, place, _), part in found.b2cs.items():
        if kind == "INTER":
            add(place, part)
    for one in (*found.b2cl, *found.notes_unregistered):
        if one.document.treatment not in EXPORTS:
            taxed = sum_of((part, one.sign) for part in one.parts if part.rate)
            add(one.document.place_of_supply, taxed)
    for change in found.amended:
        for document, sign in ((change.before, -1), (change.after, 1)):
            if document.inter_state and not document.customer_gstin:
                shifted = sum_of((part, sign) for part in parts_of(document) if part.rate)
                add(document.place_of_supply, shifted)
    return inter


def _told(reader: Reader, end: date, kind: str) -> Part:
    """What was paid late and is paid for with the return of a period."""
    told = late.written(reader, told_in=f"{end:%Y-%m}")
    return sum_of((Part(0, **one.heads), 1) for one in told if one.kind == kind)


def _exempt_inward(reader: Reader, start: date, end: date) -> dict[bool, int]:
    found: dict[bool, int] = defaultdict(int)
    for bill, paise in exempt_bought(reader, start, end):
        found[bill.inter_state] += paise
    return dict(found)


def exempt_bought(reader: Reader, start: date, end: date) -> list[tuple[Bill, int]]:
    """Bills with what they hold of goods that bear no tax. What somebody unregistered sells bears
    none, but that alone does not make it exempt."""
    bills = bills_between(reader, start, end)
    goods = products_by_id(reader, list({line.product_id for one in bills for line in one.lines}))
    found = [
        (
            one,
            sum(
                one.sign * line.taxable
                for line in one.lines
                if not line.tax
                and (one.supplier_gstin or is_exempt(goods[line.product_id], one.on))
            ),
        )
        for one in bills
    ]
    return [(bill, paise) for bill, paise in found if paise]


def _moved(reader: Reader, start: date, end: date) -> dict[str, int]:
    """What moved in the tax accounts but for the payment of the tax, and the shares that are told
    of a month and not of a day: debits above zero."""
    accounts = (*chart.OUTPUT_TAX.values(), *chart.INPUT_TAX.values())
    turned = ledger.turnover(reader, start=start, until=end, accounts=accounts)
    paid = ledger.moved_by(reader, SET_OFF, *COST, start=start, until=end)
    return {
        code: debit - credit - paid.get(code, 0)
        for code, (debit, credit) in ((code, turned.get(code, (0, 0))) for code in accounts)
    }
