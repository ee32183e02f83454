"""What must stand behind the cells of returns: documents that add up to them, head by head."""

from __future__ import annotations

from erp_core.reports.gst.behind import (
    advances_behind,
    behind_gstr1,
    behind_gstr3b,
    codes_behind,
    nil_behind,
    small_behind,
)
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.parts import sum_of


def sum_behind(documents):
    """(taxable, cgst, sgst, igst, cess) of what stands behind a cell."""
    return sum_of((one.part, 1) for one in documents)[1:]


def adds_up(reader, month):
    """Every cell of GSTR-1 and GSTR-3B of a month is the sum of the documents behind it."""
    _adds_up_1(gstr1(reader, month))
    found = gstr3b(reader, month)
    cells = {cell: sum_behind(every) for cell, every in behind_gstr3b(reader, found).items()}
    assert cells["3.1(a)"] == found.taxable[1:]
    assert cells["3.1(b)"] == found.zero_rated[1:]
    assert cells["3.1(c)"] == (found.nil, 0, 0, 0, 0)
    assert cells["3.1(d)"] == found.reverse_charge[1:]
    for place, part in found.inter_unregistered.items():
        assert cells.pop(f"3.2 {place}") == part[1:]
    assert not [cell for cell, part in cells.items() if cell.startswith("3.2") and any(part)]
    others = found.available.plus(found.input_reverse, -1)
    for cell, part in (
        ("4(A)(3)", found.input_reverse),
        ("4(A)(5)", others),
        ("4(B)(1)", found.given_back),
        ("4(B)(2)", found.reversed),
        ("4(D)(1)", found.reclaimed),
        ("5.1", found.interest.plus(found.late_fee)),
    ):
        assert cells[cell][1:] == part[2:], cell
    for cell, inter in (("5 Inter", True), ("5 Intra", False)):
        assert cells[cell][0] == found.exempt_inward.get(inter, 0)


def _adds_up_1(found):
    cells = behind_gstr1(found)
    assert sum_behind(cells["7"]) == sum_of((part, 1) for part in found.b2cs.values())[1:]
    assert sum_behind(cells["8"])[0] == sum(found.nil.values())
    received, adjusted = advances_behind(found)
    for table, documents in (
        (found.b2cs, small_behind(found)),
        (found.advances, received),
        (found.adjusted, adjusted),
    ):
        for key, part in table.items():
            assert sum_behind(documents[key]) == part[1:]
    for kind, paise in found.nil.items():
        assert sum_behind(nil_behind(found)[kind])[0] == paise
    for registered, codes in ((True, found.hsn_b2b), (False, found.hsn_b2c)):
        documents = codes_behind(found, registered=registered)
        for one in codes:
            sold = documents[one.hsn, one.uqc, one.rate]
            assert sum(each.quantity for each in sold) == one.quantity
            assert sum_behind(each.document for each in sold) == one.part[1:]
