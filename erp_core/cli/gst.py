"""`bahi gst …`: what a shop says of itself to the portals, its account there, returns and tax."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erp_core.cli.shops import shop_command
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import inr
from erp_core.kernel.settings import Settings

if TYPE_CHECKING:
    from erp_core.journal.context import Reader
    from erp_core.portals.gstr2b import Reconciled
    from erp_core.runtime import Bahi

SECRETS = {
    "username": "GST_PORTAL_USERNAME",
    "password": "GST_PORTAL_PASSWORD",
    "client_id": "GST_PORTAL_CLIENT_ID",
    "client_secret": "GST_PORTAL_CLIENT_SECRET",
}
CRORE = 1_00_00_000_00

SENTENCES = {
    "no_portal_secrets": f"Set {', '.join(SECRETS.values())} to what the portal gave the shop.",
    "no_gstin": "The shop has no GSTIN: the portals know only who is registered.",
    "bad_trade": "A trade is trader, manufacturer, food or services.",
    "bad_crore": "The turnover is a number of crore rupees, such as 6 or 12.5.",
    "bad_gstr2b": "That is no GSTR-2B: it needs the JSON file that the portal lets you download.",
    "gstr2b_of_other": "That GSTR-2B is of another GSTIN.",
    "invoice": "The shop has no bill of that number.",
    "not_an_export": "Only a bill of goods that went abroad has a shipping bill.",
    "bad_shipping_bill": "A shipping bill has 3 to 7 digits, and a port code 6 characters.",
    "bad_shipping_date": "Its date is not before that of the bill, and not after today.",
    "amendment_too_late": "The time to amend that bill is over (section 37(3)).",
    "other_scheme": "CMP-08 and GSTR-4 are for shops under composition; "
    "the others file GSTR-1 and GSTR-3B.",
    "no_output": "An Excel file needs --output FILE.",
    "period_not_over": "That period is not over yet.",
    "already_settled": "The tax of that period is settled already; `bahi books reverse` undoes it.",
    "bills_being_cancelled": "The e-invoice portal has still to let go of {numbers}.",
    "date_in_future": "That date has not come yet.",
    "period_locked": "The books are closed up to {until}: nothing can be written on {on}.",
}


def add_to(commands: Any) -> None:
    """Add the commands to the parser."""
    gst = commands.add_parser(
        "gst", help="returns (GSTR-1, GSTR-3B, CMP-08, GSTR-4), GSTR-2B, e-invoices"
    )
    actions = gst.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_profile(actions)
    shop_command(actions, "connect", _connect, "keep the shop's account with the portals, sealed")
    _add_documents(actions)
    _add_returns(actions)
    statement = shop_command(actions, "2b", _gstr2b, "set a GSTR-2B file against the books")
    statement.add_argument("file", type=Path, metavar="FILE")


def _add_profile(actions: Any) -> None:
    profile = shop_command(actions, "profile", _profile, "say a shop's turnover, and how it files")
    profile.add_argument(
        "--turnover-crore",
        metavar="CRORE",
        help="the largest of a financial year since 2017-18; e-invoices depend on it",
    )
    filing = profile.add_mutually_exclusive_group()
    filing.add_argument("--quarterly", action="store_true", default=None)
    filing.add_argument("--monthly", dest="quarterly", action="store_false", default=None)
    profile.add_argument("--reminders", choices=("on", "off"), help="of returns that are due")
    profile.add_argument(
        "--trade",
        metavar="trader|manufacturer|food|services",
        help="what the shop does; under composition its share of the turnover hangs on it",
    )
    profile.add_argument(
        "--private-use",
        choices=("yes", "no"),
        help="whether some of what the shop spends serves no business (rule 42)",
    )


def _add_documents(actions: Any) -> None:
    invoice = shop_command(
        actions, "inv01", _inv01, "print a bill as the e-invoice portal takes it"
    )
    invoice.add_argument("bill", metavar="BILL")
    shipped = shop_command(
        actions, "shipping-bill", _shipping_bill, "write the shipping bill of an export"
    )
    shipped.add_argument("bill", metavar="BILL")
    shipped.add_argument("shipping_bill", metavar="NUMBER")
    shipped.add_argument("port", metavar="PORT", help="its code, such as INNSA1")
    shipped.add_argument("on", type=date.fromisoformat, metavar="YYYY-MM-DD")


def _add_returns(actions: Any) -> None:
    for form, summary in FORMS.items():
        made = shop_command(actions, form, _return_file, summary)
        made.add_argument("month", type=_month, metavar="YYYY-MM")
        made.add_argument("--excel", action="store_true", help="for people, not for the portal")
        made.add_argument("--output", type=Path, metavar="FILE")
        made.set_defaults(form=form)
    pay = shop_command(
        actions, "pay", _pay, "write that the tax of a month, or a quarter, is set off and paid"
    )
    pay.add_argument("month", type=_month, metavar="YYYY-MM")
    pay.add_argument("--account", choices=("BANK", "CASH"), default="BANK")
    pay.add_argument("--on", type=date.fromisoformat, metavar="YYYY-MM-DD")


def _month(text: str) -> date:
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 (a month has no zone)


FORMS = {
    "gstr1": "print GSTR-1 of a month as the portal takes it",
    "gstr3b": "print what GSTR-3B of a month comes to",
    "cmp08": "print CMP-08 of the quarter that a month lies in",
    "gstr4": "print GSTR-4 of the financial year that a month lies in",
}


def _return_file(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.parties.queries import business
    from erp_core.purchases.reversing import review_credit
    from erp_core.reports.gst.composition import is_under_composition

    if options.form == "gstr3b":
        bahi.run(business_id, SYSTEM, f"gst-credit:{new_id()}", review_credit)
    with bahi.read(business_id) as reader:
        if business(reader).gstin is None:
            raise Invalid("no_gstin")
        if is_under_composition(reader) != (options.form in ("cmp08", "gstr4")):
            raise Invalid("other_scheme")
        content = _content(reader, options.form, options.month, excel=options.excel)
    if options.output:
        options.output.write_bytes(content)
    elif options.excel:
        raise Invalid("no_output")
    else:
        print(content.decode())
    return 0


def _content(reader: Reader, form: str, month: date, *, excel: bool) -> bytes:
    from erp_core.parties.queries import business
    from erp_core.reports.gst import behind, portal_files, workbooks
    from erp_core.reports.gst.composition import cmp08, gstr4
    from erp_core.reports.gst.gstr1 import gstr1
    from erp_core.reports.gst.gstr3b import gstr3b

    if form == "cmp08":
        quarter = cmp08(reader, month)
        if excel:
            return workbooks.cmp08_excel(quarter, behind.behind_cmp08(reader, quarter))
        return portal_files.cmp08_json(quarter)
    if form == "gstr4":
        year = gstr4(reader, month)
        return (workbooks.gstr4_excel if excel else portal_files.gstr4_json)(year)
    if form == "gstr3b":
        found = gstr3b(reader, month)
        if excel:
            return workbooks.gstr3b_excel(found, behind.behind_gstr3b(reader, found))
        return portal_files.gstr3b_json(business(reader).gstin or "", found)
    sold = gstr1(reader, month)
    return (workbooks.gstr1_excel if excel else portal_files.gstr1_json)(sold)


def _pay(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.portals.settling import settle_return

    done = bahi.run(
        business_id,
        SYSTEM,
        f"gst-pay:{new_id()}",
        settle_return,
        month=options.month,
        account=options.account,
        on=options.on,
    )
    print(
        f"{done['period']}: {inr(done['owed'])} of tax, {inr(done['credit'])} of it set off, "
        f"{inr(done['cash'] + done['dues'])} in cash, of which {inr(done['paid'])} was paid in now."
    )
    if done["interest"] or done["late_fee"]:
        print(
            f"It was {done['days']} days late: {inr(done['interest'])} of interest, "
            f"{inr(done['late_fee'])} of late fee; {inr(done['next'])} of it goes with the next "
            "return."
        )
    return 0


def _profile(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.portals.profile import set_profile

    done = bahi.run(
        business_id,
        SYSTEM,
        f"gst-profile:{new_id()}",
        set_profile,
        turnover_paise=_crore(options.turnover_crore),
        quarterly=options.quarterly,
        reminds=None if options.reminders is None else options.reminders == "on",
        trade=options.trade,
        private_use=None if options.private_use is None else options.private_use == "yes",
    )
    turnover = "not said" if done["turnover"] is None else inr(done["turnover"])
    filing = "quarterly" if done["quarterly"] else "monthly"
    reminders = "on" if done["reminds"] else "off"
    trade = f"; {done['trade']}" if done["trade"] else ""
    print(f"Turnover {turnover}; files {filing}; reminders {reminders}{trade}.")
    return 0


def _crore(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        paise = Decimal(text) * CRORE
    except InvalidOperation:
        raise Invalid("bad_crore") from None
    if not paise.is_finite() or paise < 0:
        raise Invalid("bad_crore")
    return int(paise)


def _connect(bahi: Bahi, business_id: int, _: argparse.Namespace) -> int:
    connect(bahi, business_id, os.environ)
    print("The account is kept.")
    return 0


def connect(bahi: Bahi, business_id: int, environ: Mapping[str, str]) -> Any:
    """Seal the secrets of the environment and keep them."""
    from erp_core.adapters.nic import Account
    from erp_core.parties.queries import business
    from erp_core.portals import profile

    given = {name: environ.get(variable, "") for name, variable in SECRETS.items()}
    if not all(given.values()):
        raise Invalid("no_portal_secrets")
    with bahi.read(business_id) as reader:
        gstin = business(reader).gstin
    if gstin is None:
        raise Invalid("no_gstin")
    sealed = Account(gstin, **given).sealed(Settings.load().secret_key, business_id)
    key = f"gst-connect:{new_id()}"
    return bahi.run(business_id, SYSTEM, key, profile.connect, portal="irp", sealed=sealed.hex())


def _inv01(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.invoicing.queries import invoice_by_number
    from erp_core.portals import inv01

    with bahi.read(business_id) as reader:
        found = invoice_by_number(reader, options.bill)
    if found is None:
        raise NotFound("invoice")
    content = inv01.payload(found)
    print(json.dumps([content], ensure_ascii=False, indent=1))
    return 0 if not inv01.faults(content) else 1


def _shipping_bill(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.invoicing.queries import invoice_by_number
    from erp_core.portals.shipping import write_shipping_bill

    with bahi.read(business_id) as reader:
        found = invoice_by_number(reader, options.bill)
    if found is None:
        raise NotFound("invoice")
    done = bahi.run(
        business_id,
        SYSTEM,
        f"shipping-bill:{new_id()}",
        write_shipping_bill,
        invoice_id=found.id,
        number=options.shipping_bill,
        port=options.port,
        shipped_on=options.on,
    )
    where = "as an amendment (table 9A)" if done["filed"] else "with the bill (table 6A)"
    print(f"It goes into GSTR-1 of {done['on'][:7]} {where}.")
    return 0


def _gstr2b(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.portals import gstr2b

    try:
        statement = gstr2b.read(options.file.read_bytes())
    except OSError as error:
        raise Invalid("bad_gstr2b") from error
    key = f"gstr2b:{new_id()}"
    facts = gstr2b.as_facts(statement)
    bahi.run(business_id, SYSTEM, key, gstr2b.import_statement, **facts)
    with bahi.read(business_id) as reader:
        found = gstr2b.reconcile(reader, statement.period)
    for line in report(found):
        print(line)
    return 0


def report(found: Reconciled) -> list[str]:
    """The reconciliation in plain words, one line for each thing to look at."""
    head = (
        f"GSTR-2B of {found.period:%m-%Y}: {len(found.matched)} agree "
        f"({inr(found.credit_paise)} of credit), {len(found.differs)} differ, "
        f"{len(found.untaken)} are in the books without credit, "
        f"{len(found.missing_2b)} are not in 2B, {len(found.missing_books)} are not in the books."
    )
    lines = [head]
    lines += [
        f"differs\t{book.supplier}\t{line.number}\t2B {inr(line.tax_paise)}\t"
        f"books {inr(book.tax_paise)}"
        for line, book in found.differs
    ]
    lines += [
        f"no credit in 2B\t{book.supplier}\t{line.number}\tbooks {inr(book.credit_paise)}"
        for line, book in found.refused
    ]
    lines += [
        f"not in 2B\t{book.supplier}\t{book.number or '-'}\tbooks {inr(book.tax_paise)}"
        for book in found.missing_2b
    ]
    lines += [
        f"not in the books\t{line.supplier_name or '-'}\t{line.number}\t2B {inr(line.tax_paise)}"
        for line in found.missing_books
    ]
    lines += [
        f"credit {'too late' if book.late else 'not taken'}\t{book.supplier}\t{line.number}\t"
        f"2B {inr(line.tax_paise)}\tbooks {inr(book.tax_paise)}"
        for line, book in found.untaken
    ]
    return lines
