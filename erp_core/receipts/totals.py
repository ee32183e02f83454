"""The total of a bill and its tax by head: candidates, and the sums that must come out.

A figure speaks for itself only when it is called the total and something else on the bill says the
same: the items' sum, a subtotal with its taxes, what was handed over less the change. What has only
one witness is asked.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from erp_core.receipts import figures
from erp_core.receipts.bill import Field, Line
from erp_core.receipts.layout import Page, Row

TAXES = ("cgst", "sgst", "igst", "cess")
LABEL_WEIGHT = {"grand_total": 3.0, "total": 2.5, "tender": 0.5, "sub_total": 0.3}
PROOF_WEIGHT = {"sum": 1.5, "change": 1.5, "round": 1.0, "product": 1.0, "items": 0.7}
LEARNT = 2.0
"""How much the word of the model counts, beside a label: 2.5."""

PAID = 0.6
"""For what was handed over less the change, whether it stands on the bill or not."""

PAID_EXACTLY = 0.8
"""More for what was handed over when no change came back."""
RUPEE = 100
LARGEST_ROUNDING = 60
"""Paise by which a bill may be rounded."""

_REVERSE_CHARGE = re.compile(
    r"(?:reverse\s*charge|\brcm\b|रिवर्स\s*चार्ज)"
    r"(?:(?!(?<!/)(?<!/\s)(?:\bno?\b|नहीं))\D){0,30}?(?:\b(?:yes|y)\b|हाँ|हां)(?!\s*/)",
    re.I,
)
"""Said of the bill itself; "Y/N" alone says nothing, and what follows a "no" is said of something
else."""

MOST = 50_000_000_00
MOST_FACTORS = 12


@dataclass
class Found:
    """What one page says of its sums, by what they are called."""

    labelled: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    every: Counter[int] = field(default_factory=Counter)
    clear: dict[int, float] = field(default_factory=dict)
    learnt: dict[int, float] = field(default_factory=dict)
    rounded: list[int] = field(default_factory=list)
    """What is called rounded, and too much to be a rounding."""

    def first(self, kind: str) -> int | None:
        values = self.labelled.get(kind)
        return values[0] if values else None


@dataclass
class Candidate:
    """A figure that may be the total, and who says so."""

    paise: int
    score: float = 0.0
    pages: set[int] = field(default_factory=set)
    labelled: set[int] = field(default_factory=set)
    proofs: set[str] = field(default_factory=set)
    clear: float = 0.0


def found_on(page: Page) -> Found:
    """The labelled figures of a page."""
    found = Found()
    for at, row in enumerate(page.rows):
        found.every.update(abs(paise) for paise in row.amounts)
        if row.amounts and (likely := page.likely(at, "total")):
            paise = row.amounts[-1]
            found.learnt[paise] = max(likely, found.learnt.get(paise, 0.0))
        kind = row.kind
        if kind is None:
            continue
        values = _values_of(row, kind, page.rows[at + 1] if at + 1 < len(page.rows) else None)
        if kind == "round" and values and abs(values[-1]) > LARGEST_ROUNDING:
            kind = "total"
            found.rounded.append(values[-1])
        if values:
            found.labelled[kind].append(values[-1])
            clear = row.words[-1].confidence
            found.clear[values[-1]] = max(clear, found.clear.get(values[-1], 0.0))
    return found


def _values_of(row: Row, kind: str, below: Row | None) -> list[int]:
    """The figures of a labelled row; a label alone may have its figure in the row below."""
    if row.amounts:
        return [] if _is_of_a_table(row, kind) else row.amounts
    torn = figures.torn_amounts(row.text)
    if torn:
        return torn[-1:]
    if kind in ("total", "grand_total"):
        whole = figures.whole_amounts(row.text)
        if whole:
            return whole[-1:]
        if below is not None and not below.label and len(below.amounts) == 1:
            return below.amounts
    return []


def _is_of_a_table(row: Row, kind: str) -> bool:
    """Whether a row called the total adds up columns: of worth and, last, its tax."""
    amounts = row.amounts
    return kind in ("total", "grand_total") and len(amounts) > 1 and 2 * amounts[-1] < amounts[0]


def total(pages: Sequence[Page], lines: Sequence[Line]) -> tuple[Field[int], Found]:
    """The total and the sums of the page that speaks for it best."""
    founds = [found_on(page) for page in pages]
    candidates: dict[int, Candidate] = {}
    for at, found in enumerate(founds):
        for candidate in _of_page(at, found, lines):
            known = candidates.setdefault(candidate.paise, Candidate(candidate.paise))
            known.score += candidate.score
            known.pages |= candidate.pages
            known.labelled |= candidate.labelled
            known.proofs |= candidate.proofs
            known.clear = max(known.clear, found.clear.get(candidate.paise, 0.0))
    if not candidates:
        return Field(None, 0.0, ask=True), Found()
    ranked = sorted(candidates.values(), key=lambda c: (c.score, c.paise), reverse=True)
    best = ranked[0]
    runner_up = ranked[1].score if len(ranked) > 1 else 0.0
    confidence = confidence_of(best, runner_up)
    rounds = any(found.labelled.get("round") for found in founds)
    if any(_only_rounded(best, other, rounds=rounds) for other in ranked[1:]):
        confidence = min(confidence, NOT_SURE)
    speaking = max(
        founds, key=lambda f: (best.paise in f.every, len(f.labelled), sum(f.every.values()))
    )
    return Field(best.paise, confidence, ask=confidence < SURE), speaking


def _only_rounded(best: Candidate, other: Candidate, *, rounds: bool) -> bool:
    """Whether both may be the total, the one before and the other after it was rounded.

    They stand in one reading then; what another reading has in its place is a slip. On a bill that
    rounds, what its sums prove needs no label to be the other one.
    """
    rival = bool(other.labelled & best.pages) or (rounds and not best.proofs & {"sum", "change"})
    return rival and abs(best.paise - other.paise) <= LARGEST_ROUNDING


SURE = 0.9
NOT_SURE = 0.8
"""At most, for what a single reading calls the total, or what no reading saw clearly."""

CLEAR = 0.8


def confidence_of(best: Candidate, runner_up: float) -> float:
    """How sure the best candidate is, from its witnesses and its lead."""
    lead = (best.score - runner_up) / max(best.score, 0.1)
    witnesses = len(best.proofs) + (len(best.pages) > 1) + (len(best.labelled) > 1)
    sure = 0.35 + 0.13 * min(witnesses, 4) + 0.12 * min(1.0, lead * 1.5)
    if not best.labelled:
        sure -= 0.3
    if "sum" in best.proofs or "change" in best.proofs:
        sure += 0.15
    elif best.proofs & {"items", "product"}:
        sure += 0.1
    if len(best.labelled) < 2 or best.clear < CLEAR:
        sure = min(sure, NOT_SURE)
    return round(min(0.99, max(0.0, sure)), 2)


def _of_page(at: int, found: Found, lines: Sequence[Line]) -> Iterable[Candidate]:
    """The figures of a page that may be the total, by all that the page says of them."""
    page = _Candidates(at, found)
    page.called_the_total()
    page.paid()
    page.proven(lines)
    page.repeated()
    page.largest()
    page.learnt()
    page.rounded()
    page.called_a_subtotal()
    return page.by_value.values()


class _Candidates:
    """The candidates of one page; each method adds what one kind of evidence says of them."""

    def __init__(self, at: int, found: Found) -> None:
        self._at = at
        self._found = found
        self.by_value: dict[int, Candidate] = {}

    def _candidate(self, paise: int) -> Candidate:
        return self.by_value.setdefault(paise, Candidate(paise, pages={self._at}))

    def called_the_total(self) -> None:
        labelled = self._found.labelled
        for kind, weight in LABEL_WEIGHT.items():
            for paise in labelled.get(kind, ()):
                if 0 < paise <= MOST:
                    one = self._candidate(paise)
                    one.score += weight
                    if kind == "tender" and not labelled.get("change"):
                        one.score += PAID_EXACTLY
                    if kind in ("total", "grand_total"):
                        one.labelled.add(self._at)

    def paid(self) -> None:
        for paise in _paid(self._found):
            self._candidate(paise).score += PAID

    def proven(self, lines: Sequence[Line]) -> None:
        for paise, name in _proven(self._found, lines):
            if 0 < paise <= MOST and (paise in self._found.every or paise in self.by_value):
                one = self._candidate(paise)
                if name not in one.proofs:
                    one.score += PROOF_WEIGHT[name]
                one.proofs.add(name)

    def repeated(self) -> None:
        for paise, count in self._found.every.items():
            if paise in self.by_value:
                if count > 1:
                    self.by_value[paise].score += 0.4 * min(count - 1, 2)
                    self.by_value[paise].proofs.add("twice")
            elif 0 < paise <= MOST:
                self._candidate(paise).score += 0.1 * min(count, 3)

    def largest(self) -> None:
        """The largest figure, but for what was only handed over or came back."""
        labelled = self._found.labelled
        spent = {*labelled.get("tender", ()), *labelled.get("change", ())}
        spent -= {*labelled.get("total", ()), *labelled.get("grand_total", ())}
        rest = [paise for paise in self._found.every if paise not in spent and paise <= MOST]
        if rest and max(rest) > 0:
            self._candidate(max(rest)).score += 0.5

    def learnt(self) -> None:
        for paise, likely in self._found.learnt.items():
            if 0 < paise <= MOST:
                self._candidate(paise).score += LEARNT * likely

    def rounded(self) -> None:
        """What is paid after the rounding takes over what speaks for the sum before it."""
        for before, after in _roundings(self._found):
            if before in self.by_value:
                self._candidate(after).score += self.by_value[before].score
                self._lower(before)

    def called_a_subtotal(self) -> None:
        """What is called a subtotal is none, once something larger is called the total."""
        largest = max((one.paise for one in self.by_value.values() if one.labelled), default=0)
        for paise in self._found.labelled.get("sub_total", ()):
            if paise in self.by_value and paise < largest:
                self._lower(paise)

    def _lower(self, paise: int) -> None:
        self.by_value[paise].score = min(self.by_value[paise].score, 1.0)


def _proven(found: Found, lines: Sequence[Line]) -> Iterable[tuple[int, str]]:
    """Totals that follow from other figures of the page."""
    tax = sum(values[0] for kind in (*TAXES, "other_tax") if (values := found.labelled.get(kind)))
    heads = _completed({kind: found.first(kind) for kind in TAXES})
    head_tax = sum(paise for paise in heads.values() if paise)
    rounding = found.first("round") or 0
    in_all = found.first("tax_total") or 0
    for base in set(found.labelled.get("sub_total", ())):
        for taxes in {tax, head_tax, in_all}:
            if taxes:
                yield base + taxes + rounding, "sum"
                yield base + taxes - abs(rounding), "sum"
                yield rounded(base + taxes), "sum"
        if rounding and abs(rounding) <= LARGEST_ROUNDING:
            yield base + rounding, "round"
            yield base - abs(rounding), "round"
    if rounding and abs(rounding) <= LARGEST_ROUNDING:
        for before in (*found.labelled.get("grand_total", ()), *found.labelled.get("total", ())):
            for after in (before + rounding, before + abs(rounding), before - abs(rounding)):
                if after in found.every and after % 5 == 0 and before % 5:
                    yield after, "sum"
    for paise in _paid(found):
        yield paise, "change"
    if not lines:
        yield from _products(found)
    amounts = [line.amount_paise for line in lines if line.amount_paise]
    if amounts and len(amounts) == len(lines):
        whole = sum(amounts)
        yield whole, "items"
        yield whole + tax + rounding, "items"
        yield rounded(whole), "items"
        yield rounded(whole + head_tax), "items"


def _paid(found: Found) -> list[int]:
    """What was handed over less what came back."""
    return [
        tender - change
        for tender in found.labelled.get("tender", ())
        for change in found.labelled.get("change", ())
        if 0 <= change < tender <= MOST
    ]


def _roundings(found: Found) -> Iterable[tuple[int, int]]:
    """What a bill calls its total, and what is to be paid after the rounding that it names."""
    totals = {*found.labelled.get("total", ()), *found.labelled.get("grand_total", ())}
    for after in found.rounded:
        yield from ((before, after) for before in totals if _is_rounding(before, after))
    off = abs(found.first("round") or 0)
    if not 0 < off <= LARGEST_ROUNDING:
        return
    for before in totals:
        afters = [after for after in (before + off, before - off) if after % 5 == 0]
        seen = [after for after in afters if after in found.every] or afters
        if before % 5 and len(seen) == 1 and seen[0] > 0:
            yield before, seen[0]


def _is_rounding(before: int, after: int) -> bool:
    """Whether a sum is another to the nearest 5 or 10 paise, half rupee or rupee."""
    return before != after and any(
        after % unit == 0 and 2 * abs(before - after) <= unit for unit in (5, 10, 50, 100)
    )


def _products(found: Found) -> Iterable[tuple[int, str]]:
    """Rate × quantity, on a slip of one item that stands in no columns: a petrol pump's."""
    figures_there = sorted(paise for paise in found.every if paise > RUPEE)[:MOST_FACTORS]
    totals = {*found.labelled.get("total", ()), *found.labelled.get("grand_total", ())}
    for at, rate in enumerate(figures_there):
        for quantity in figures_there[at:]:
            for paise in totals:
                if abs(rate * quantity - paise * RUPEE) <= RUPEE:
                    yield paise, "product"


def rounded(paise: int) -> int:
    """To the nearest rupee, as most bills are."""
    return (paise + RUPEE // 2) // RUPEE * RUPEE


# Tax by head


@dataclass(frozen=True)
class Taxes:
    """What the state is owed on a bill."""

    taxable: Field[int]
    cgst: Field[int]
    sgst: Field[int]
    igst: Field[int]
    cess: Field[int]


def taxes(page: Found, pages: Sequence[Page], total_paise: int | None) -> Taxes:
    """Tax by head, asked wherever the heads and the total do not come out."""
    founds = [page, *(found_on(one) for one in pages)]
    heads: dict[str, int | None] = {}
    for kind in TAXES:
        heads[kind] = _agreed(found.labelled.get(kind, ()) for found in founds)
    heads = _completed(heads)
    bases = [base for found in founds for base in found.labelled.get("sub_total", ())]
    rounding = page.first("round") or 0
    tax = sum(value for value in heads.values() if value)
    taxable = next((base for base in bases if _adds_up(base, tax, rounding, total_paise)), None)
    proven = taxable is not None and tax > 0
    if taxable is None and tax and total_paise and 0 < tax < total_paise:
        taxable = _by_rate(total_paise, tax, bases)
        proven = taxable is not None and taxable in bases
    if taxable is None and bases and tax:
        taxable = bases[0]
    equal = heads["cgst"] == heads["sgst"]
    sure = proven and equal

    def of(kind: str) -> Field[int]:
        value = heads[kind]
        if value is None:
            return Field()
        return Field(value, 0.95 if sure else 0.4, ask=not sure)

    shown = Field[int]() if taxable is None else Field(taxable, 0.95 if sure else 0.4, ask=not sure)
    return Taxes(shown, of("cgst"), of("sgst"), of("igst"), of("cess"))


def under_reverse_charge(pages: Sequence[Page]) -> bool:
    """Whether a bill says that its buyer owes the tax."""
    return any(_REVERSE_CHARGE.search(row.text) for page in pages for row in page.rows)


def heads_clash(*, cgst: int, sgst: int, igst: int, seller: str | None, place: str | None) -> bool:
    """Whether tax by these heads cannot be: IGST beside CGST, or heads that the states forbid.

    `seller` and `place` are codes of states, place that of the buyer's GSTIN or of the shop: within
    one state CGST and SGST are due, across states IGST (IGST Act, sections 7 and 8).
    """
    within, across = bool(cgst or sgst), bool(igst)
    if within and across:
        return True
    if seller is None or place is None:
        return False
    return within if seller != place else across


def asked(taxes: Taxes) -> Taxes:
    """The same, every head to be asked."""

    def doubted(head: Field[int]) -> Field[int]:
        if head.value is None:
            return head
        return Field(head.value, min(head.confidence, CLASHING), ask=True)

    return Taxes(
        *(doubted(head) for head in (taxes.taxable, taxes.cgst, taxes.sgst, taxes.igst, taxes.cess))
    )


CLASHING = 0.4


def _agreed(readings: Iterable[Sequence[int]]) -> int | None:
    votes = Counter(value for values in readings for value in dict.fromkeys(values) if value >= 0)
    return votes.most_common(1)[0][0] if votes else None


def _completed(heads: dict[str, int | None]) -> dict[str, int | None]:
    """Of CGST and SGST one is as much as the other: a lost one is known by its twin."""
    if heads["cgst"] is None and heads["sgst"] is not None:
        return {**heads, "cgst": heads["sgst"]}
    if heads["sgst"] is None and heads["cgst"] is not None:
        return {**heads, "sgst": heads["cgst"]}
    return heads


def _adds_up(base: int, tax: int, rounding: int, total_paise: int | None) -> bool:
    if total_paise is None:
        return False
    exact = base + tax
    return total_paise in (exact, exact + rounding, exact - abs(rounding), rounded(exact))


def _by_rate(total_paise: int, tax: int, bases: Sequence[int]) -> int | None:
    """What is left of the total without its tax, as printed if it is printed."""
    left = total_paise - tax
    return next((base for base in bases if abs(base - left) <= LARGEST_ROUNDING), left)
