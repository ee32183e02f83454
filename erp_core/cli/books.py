"""`bahi books …`: export the books, close and open them, write what has no bill, sell equipment."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from uuid import UUID

from erp_core.cli.shops import Refused, shop_command
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import inr, parse_rupees
from erp_core.payments.methods import METHODS

if TYPE_CHECKING:
    from erp_core.runtime import Bahi

FORMATS = ("beancount", "hledger", "tally")
TILLS = ("CASH", "BANK", "UPI_CLEARING", "CARD_CLEARING", "GATEWAY_CLEARING", "CHEQUES_IN_HAND")
KINDS = (
    "capital", "drawings", "opening", "loan_taken", "loan_repaid", "other_income", "bank_charges",
    "asset_bought", "gst_paid", "depreciation",
)  # fmt: skip

SENTENCES = {
    "bad_period": "The last day comes before the first.",
    "lock_in_future": "Only days that are past can be closed.",
    "already_locked": "The books are closed up to {until} already.",
    "not_locked": "Those days are not closed.",
    "period_locked": "The books are closed up to {until}: nothing can be written on {on}.",
    "bad_amount": "That is not an amount in rupees.",
    "bad_account": "Money cannot go from an account to the same one.",
    "date_in_future": "That date has not come yet.",
    "voucher": "There is no voucher with that id.",
    "already_reversed": "That voucher is undone already.",
    "equipment_code_unknown": "Nobody knows the HSN code of {item}: say --hsn.",
    "equipment_rate_unknown": "The rate of goods under {hsn} is not known: say --rate.",
    "used_vehicle": "A used vehicle without input credit is taxed on the margin: that bill is not "
    "made here.",
    "bad_rate": "A rate is a number of per cent, such as 18.",
}


def add_to(commands: Any) -> None:
    """Add the commands to the parser."""
    books = commands.add_parser("books", help="export the books, close them, write vouchers")
    actions = books.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_export(actions)
    _add_closing(actions)
    _add_vouchers(actions)
    _add_equipment(actions)
    undo = shop_command(actions, "reverse", _reverse, "undo a voucher by its opposite")
    undo.add_argument("voucher", type=UUID, metavar="VOUCHER_ID")
    undo.add_argument("--reason", required=True, metavar="CODE")


def _add_export(actions: Any) -> None:
    export = shop_command(
        actions, "export", _export, "write the books for beancount, hledger or Tally"
    )
    export.add_argument("--format", choices=FORMATS, required=True)
    export.add_argument("--from", dest="start", type=date.fromisoformat, metavar="YYYY-MM-DD")
    export.add_argument("--to", dest="end", type=date.fromisoformat, metavar="YYYY-MM-DD")
    export.add_argument("--output", type=Path, metavar="FILE", help="instead of printing")


def _add_closing(actions: Any) -> None:
    lock = shop_command(actions, "lock", _lock, "close the books up to and with a day")
    lock.add_argument("until", type=date.fromisoformat, metavar="YYYY-MM-DD")

    reopen = shop_command(actions, "reopen", _reopen, "open closed books again")
    reopen.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD")
    reopen.add_argument("--reason", required=True, metavar="CODE")


def _add_vouchers(actions: Any) -> None:
    voucher = shop_command(
        actions, "voucher", _voucher, "write capital, drawings, a loan and the like"
    )
    voucher.add_argument("kind", choices=KINDS)
    voucher.add_argument("amount", metavar="RUPEES")
    voucher.add_argument("--account", choices=TILLS, default="CASH")
    voucher.add_argument("--on", type=date.fromisoformat, metavar="YYYY-MM-DD")

    move = shop_command(
        actions, "transfer", _transfer, "move money between cash, bank and what comes there"
    )
    move.add_argument("amount", metavar="RUPEES")
    move.add_argument("source", choices=TILLS)
    move.add_argument("target", choices=TILLS)
    move.add_argument("--on", type=date.fromisoformat, metavar="YYYY-MM-DD")


def _add_equipment(actions: Any) -> None:
    shop_command(actions, "equipment", _equipment, "list the equipment that a shop has bought")
    sell = shop_command(actions, "sell-equipment", _sell_equipment, "bill equipment and sell it")
    sell.add_argument("item", metavar="WORDS", help="such as 'LG fridge'")
    sell.add_argument("amount", metavar="RUPEES", help="all that the buyer pays")
    sell.add_argument("--to", metavar="CUSTOMER", help="nobody by name without it")
    sell.add_argument("--method", choices=METHODS, help="how it is paid; owed without it")
    sell.add_argument("--hsn", metavar="CODE")
    sell.add_argument("--rate", metavar="PERCENT")


def _export(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.reports.exports import export

    with bahi.read(business_id, SYSTEM) as reader, _opened(options.output) as file:
        for piece in export(reader, options.format, start=options.start, end=options.end):
            file.write(piece)
    if options.output:
        print(f"{options.output} holds the books.")
    return 0


def _lock(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.ledger.periods import lock_books

    _run(bahi, business_id, lock_books, until=options.until)
    print(f"The books are closed up to {options.until}.")
    return 0


def _reopen(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.ledger.periods import reopen_books

    done = _run(bahi, business_id, reopen_books, until=options.until, reason=options.reason)
    until = done["locked_until"]
    print(f"The books are closed up to {until}." if until else "The books are open.")
    return 0


def _voucher(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.ledger.vouchers import write_voucher

    done = _run(
        bahi,
        business_id,
        write_voucher,
        kind=options.kind,
        amount_paise=parse_rupees(options.amount),
        account=options.account,
        on=options.on,
    )
    return _written(done)


def _transfer(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.ledger.vouchers import transfer

    done = _run(
        bahi,
        business_id,
        transfer,
        amount_paise=parse_rupees(options.amount),
        source=options.source,
        target=options.target,
        on=options.on,
    )
    return _written(done)


def _equipment(bahi: Bahi, business_id: int, _: argparse.Namespace) -> int:
    from erp_core.invoicing.equipment import owned

    with bahi.read(business_id) as reader:
        for one in owned(reader):
            print(f"{one.bought_on}\t{one.item}\t{inr(one.cost)}\t{inr(one.book_value)}")
    return 0


def _sell_equipment(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.invoicing import vouchers
    from erp_core.invoicing.equipment import sell_equipment
    from erp_core.portals import einvoicing
    from erp_core.runtime import Bahi
    from erp_core.tax.gst import parse_rate

    # A bill has its e-invoice and a payment its voucher, whoever makes them.
    shop = Bahi(bahi.database, bahi.clock, listeners=(vouchers.after, einvoicing.after))
    done = _run(
        shop,
        business_id,
        sell_equipment,
        expense_id=_meant(shop, business_id, options.item),
        customer_id=_buyer(shop, business_id, options.to),
        amount_paise=parse_rupees(options.amount),
        method=options.method,
        hsn=options.hsn,
        rate=parse_rate(options.rate) if options.rate else None,
    )
    print(
        f"{done['number']}: {done['item']} is sold for {inr(done['total'])}, "
        f"GST {inr(done['tax'])} in it; it was worth {inr(done['book_value'])} in the books."
    )
    if done["credit_back"]:
        print(f"Input credit of {inr(done['credit_back'])} goes back (section 18(6)).")
    print(f"{'Loss' if done['profit'] < 0 else 'Profit'}: {inr(abs(done['profit']))}.")
    return 0


def _meant(bahi: Bahi, business_id: int, said: str) -> UUID:
    from erp_core.invoicing.equipment import named

    with bahi.read(business_id) as reader:
        found = named(reader, said)
    if not found:
        raise Refused("The shop has bought no such equipment, or has sold it.")
    if len(found) > 1:
        items = ", ".join(one.item for one in found)
        raise Refused(f"Several are meant: {items}. Say more words.")
    return found[0].expense_id


def _buyer(bahi: Bahi, business_id: int, name: str | None) -> UUID:
    from erp_core.kernel.matching import CERTAIN, EXACT
    from erp_core.parties.queries import find_customers
    from erp_core.parties.service import walk_in

    if name is None:
        return UUID(_run(bahi, business_id, walk_in)["customer_id"])
    with bahi.read(business_id) as reader:
        known = find_customers(reader, name)
    found = [one for one in known if one.score >= EXACT]
    found = found or [one for one in known if one.score >= CERTAIN]
    if not found:
        raise Refused("The shop has no customer of that name.")
    if len(found) > 1:
        names = ", ".join(one.item.name for one in found)
        raise Refused(
            f"Several customers are meant: {names}. Say more of the name, or the phone number."
        )
    return found[0].item.id


def _reverse(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.ledger.vouchers import reverse_voucher

    _run(bahi, business_id, reverse_voucher, voucher_id=options.voucher, reason=options.reason)
    print(f"{options.voucher} is undone.")
    return 0


def _run(bahi: Bahi, business_id: int, command: Any, **arguments: Any) -> Any:
    return bahi.run(business_id, SYSTEM, f"cli:{new_id()}", command, **arguments)


def _written(done: Any) -> int:
    print(f"{done['voucher_id']}: {done['kind']} of {inr(done['amount'])} is written.")
    return 0


@contextlib.contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
    else:
        with path.open("w", encoding="utf-8") as file:
            yield file
