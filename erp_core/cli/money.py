"""`bahi razorpay …` and `bahi bank …`: the shop's own account, and its bank's statements."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from erp_core.cli.shops import shop_command
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.errors import Invalid
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import inr
from erp_core.kernel.settings import Settings

if TYPE_CHECKING:
    from erp_core.runtime import Bahi

KEY_SECRET, WEBHOOK_SECRET = "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET"

SENTENCES = {
    "bad_statement": "That is no bank statement that can be read: it needs a CSV or Excel (.xlsx) "
    "file with the columns of HDFC, SBI, ICICI, Axis or Kotak.",
    "bank_line": "No line with that id waits to be accepted.",
    "account_taken": "Another shop has that Razorpay account.",
    "no_razorpay_secrets": f"Set {KEY_SECRET} and {WEBHOOK_SECRET} to the secrets.",
    "gateway_not_connected": "The shop has no Razorpay account yet: `bahi razorpay connect`.",
}


def add_to(commands: Any) -> None:
    """Add the commands to the parser."""
    razorpay = commands.add_parser("razorpay", help="a shop's own Razorpay account")
    actions = razorpay.add_subparsers(title="commands", required=True, metavar="COMMAND")
    connect = shop_command(actions, "connect", _connect, "set or change the account's keys")
    connect.add_argument("--key-id", required=True, metavar="rzp_…")
    connect.add_argument("--account", metavar="acc_…", help="lets /webhooks/razorpay find the shop")
    connect.add_argument(
        "--whatsapp-configuration",
        metavar="NAME",
        help="the account's name in WhatsApp Manager: customers pay inside the chat",
    )
    shop_command(actions, "show", _show, "print which account a shop has")

    bank = commands.add_parser("bank", help="bank statements")
    actions = bank.add_subparsers(title="commands", required=True, metavar="COMMAND")
    importing = shop_command(actions, "import", _import, "read a statement and match its payments")
    importing.add_argument("file", type=Path, metavar="FILE")
    shop_command(actions, "list", _list, "print the lines that wait to be accepted")
    accepting = shop_command(actions, "accept", _accept, "book a line as was suggested")
    accepting.add_argument("line", type=UUID, metavar="LINE_ID")


def _connect(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    done = connect(
        bahi,
        business_id,
        key_id=options.key_id,
        account=options.account,
        configuration=options.whatsapp_configuration,
        environ=os.environ,
    )
    print(f"Razorpay account {done['key_id']} is connected.")
    if not options.account:
        print(f"Give Razorpay the address …/webhooks/razorpay/{options.number} for its webhook.")
    return 0


def connect(
    bahi: Bahi,
    business_id: int,
    *,
    key_id: str,
    account: str | None,
    configuration: str | None,
    environ: Mapping[str, str],
) -> Any:
    """Seal the secrets of the environment and keep them; the former one stays good for a day."""
    from erp_core.adapters.razorpay import Secrets
    from erp_core.payments import gateway

    key_secret, webhook_secret = environ.get(KEY_SECRET), environ.get(WEBHOOK_SECRET)
    if not key_secret or not webhook_secret:
        raise Invalid("no_razorpay_secrets")
    secret_key = Settings.load().secret_key
    with bahi.read(business_id) as reader:
        row = gateway.account(reader)
    former = None
    if row is not None:
        known = Secrets.unsealed(secret_key, business_id, bytes(row.sealed))
        former = known.webhook_secret if known.webhook_secret != webhook_secret else None
    sealed = Secrets(key_secret, webhook_secret, former).sealed(secret_key, business_id)
    return bahi.run(
        business_id,
        SYSTEM,
        f"razorpay-connect:{new_id()}",
        gateway.connect,
        key_id=key_id,
        sealed=sealed.hex(),
        account_ref=account or (row.account_ref if row is not None else None),
        rotated=former is not None,
        configuration=configuration or (row.configuration if row is not None else None),
    )


def _show(bahi: Bahi, business_id: int, _: argparse.Namespace) -> int:
    from erp_core.payments import gateway

    with bahi.read(business_id) as reader:
        row = gateway.account(reader)
    if row is None:
        print(SENTENCES["gateway_not_connected"], file=sys.stderr)
        return 1
    print(f"{row.key_id}\t{row.account_ref or '-'}")
    return 0


def _import(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.banking import formats, service

    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise Invalid("bad_statement") from error
    lines = service.as_facts(formats.read(data))
    key = f"bank-import:{new_id()}:{sha256(data).hexdigest()}"
    done = bahi.run(business_id, SYSTEM, key, service.import_lines, lines=lines)
    print(
        f"{done['lines']} lines, {done['known']} of them known: {done['matched']} matched, "
        f"{done['booked']} booked ({inr(done['amount'])}), {done['suggested']} to accept, "
        f"{done['open']} open."
    )
    return 0


def _list(bahi: Bahi, business_id: int, _: argparse.Namespace) -> int:
    from erp_core.banking.queries import suggestions
    from erp_core.parties.queries import customers_named

    with bahi.read(business_id) as reader:
        found = suggestions(reader, limit=1000)
        names = customers_named(reader, [one.customer_id for one in found])
    for one in found:
        print(f"{one.id}\t{one.on.isoformat()}\t{inr(one.amount)}\t{names[one.customer_id]}")
    return 0


def _accept(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.banking import service

    key = f"bank-accept:{options.line}"
    done = bahi.run(business_id, SYSTEM, key, service.accept, line_id=options.line)
    print(f"{inr(done['amount'])} booked; the customer's balance is {inr(done['balance_after'])}.")
    return 0
