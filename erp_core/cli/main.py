"""`bahi …`: every command prints what it did, or one sentence on what is wrong."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, OperationalError

from erp_core.cli import books, gst, model, money, nlu, ocr
from erp_core.cli.shops import Refused, business_of, open_bahi, shop_command
from erp_core.kernel.errors import BahiError, Unavailable
from erp_core.kernel.settings import Settings
from erp_core.model_store import NoSuchModel

if TYPE_CHECKING:
    from erp_core.runtime import Bahi

SENTENCES = {
    "database_not_running": "No database is running: start `make run`, or set DATABASE_URL.",
    "database_unreachable": "The database cannot be reached: check DATABASE_URL and that it runs.",
    "database_not_migrated": "The database has no tables yet: run `bahi migrate` first.",
    "wrong_database_url": "DATABASE_URL must begin with postgresql://.",
    "database_role_missing_rights": "The database's user may not create roles: set "
    "DATABASE_ADMIN_URL to the URL of one that may.",
    "bad_logo": "That is no picture of at most 5 MB.",
    "bad_time": "BAHI_NOW is not a time such as 2026-11-20T10:00:00+05:30.",
}

UNDEFINED_TABLE = "42P01"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (Refused, NoSuchModel) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except BahiError as error:
        print(_sentence(error), file=sys.stderr)
        return 1
    except DBAPIError as error:
        unmigrated = getattr(error.orig, "pgcode", None) == UNDEFINED_TABLE
        known = "database_not_migrated" if unmigrated else "database_unreachable"
        if not unmigrated and not isinstance(error, OperationalError):
            raise
        print(SENTENCES[known], file=sys.stderr)
        return 1
    return code


def _sentence(error: BahiError) -> str:
    known = {**SENTENCES, **books.SENTENCES, **gst.SENTENCES, **money.SENTENCES}.get(error.code)
    return known.format(**error.facts) if known else f"That failed: {error.code}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bahi", description="The command line of Bahi.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    migrate = commands.add_parser("migrate", help="create or update the database's tables")
    migrate.set_defaults(run=_migrate)

    shop = commands.add_parser("shop", help="load and look at shops")
    actions = shop.add_subparsers(title="commands", required=True, metavar="COMMAND")
    load = actions.add_parser("load", help="create or update a shop from a YAML file")
    load.add_argument("file", type=Path, metavar="FILE.yml")
    load.set_defaults(run=_shop_load)
    show = shop_command(actions, "show", _shop_show, "print the facts of a shop")
    show.add_argument("--json", action="store_true", help="as JSON (the default, and only, form)")
    logo = shop_command(actions, "logo", _shop_logo, "put a picture on a shop's papers")
    logo.add_argument("file", type=Path, metavar="FILE")
    names = actions.add_parser("list", help="list the shops")
    names.set_defaults(run=_shop_list)

    journal = commands.add_parser("journal", help="check the journals")
    actions = journal.add_subparsers(title="commands", required=True, metavar="COMMAND")
    verify = actions.add_parser("verify", help="name the first event that was tampered with")
    verify.add_argument("number", nargs="?", metavar="PHONE_NUMBER_ID")
    verify.set_defaults(run=_journal_verify)

    model.add_to(commands)
    books.add_to(commands)
    money.add_to(commands)
    gst.add_to(commands)
    nlu.add_to(commands)
    ocr.add_to(commands)
    return parser


def _migrate(_: argparse.Namespace) -> int:
    from erp_core import runtime

    runtime.migrate(Settings.load())
    print("The database is up to date.")
    return 0


def _shop_load(options: argparse.Namespace) -> int:
    from erp_core.cli import shop_file, shop_load

    try:
        shop, warnings = shop_file.read(options.file)
    except shop_file.BadFile as error:
        raise Refused(str(error)) from None
    with open_bahi() as bahi:
        try:
            loaded = shop_load.load(bahi, shop)
        except BahiError as error:
            if isinstance(error, Unavailable):
                raise
            raise Refused(shop_load.sentence(error)) from None
    for warning in (*warnings, *shop_load.warnings(loaded)):
        print(f"{options.file}: {warning}", file=sys.stderr)
    print(f"{shop.business.name} ({shop.business.phone_number_id}): {shop_load.summary(loaded)}.")
    return 0


def _shop_show(bahi: Bahi, business_id: int, _: argparse.Namespace) -> int:
    from erp_core.cli import shop_show

    with bahi.read(business_id) as reader:
        facts = shop_show.facts(reader)
    print(json.dumps(facts, ensure_ascii=False, indent=2))
    return 0


def _shop_logo(bahi: Bahi, business_id: int, options: argparse.Namespace) -> int:
    from erp_core.invoicing.dress import set_logo
    from erp_core.kernel.actor import SYSTEM
    from erp_core.kernel.ids import new_id

    try:
        picture = options.file.read_bytes()
    except OSError as error:
        raise Refused(f"{options.file} cannot be read: {error.strerror}.") from None
    done = bahi.run(business_id, SYSTEM, f"logo:{new_id()}", set_logo, image_hex=picture.hex())
    print(f"{options.number}: the logo is {done['width']} by {done['height']} pixels.")
    return 0


def _shop_list(_: argparse.Namespace) -> int:
    from erp_core.parties.queries import business

    with open_bahi() as bahi:
        for number, business_id in _all_businesses(bahi):
            with bahi.read(business_id) as reader:
                print(f"{number}\t{business(reader).name}")
    return 0


def _journal_verify(options: argparse.Namespace) -> int:
    from erp_core.journal.chain import first_bad_seq

    bad = 0
    with open_bahi() as bahi:
        found = (
            [(options.number, business_of(bahi, options.number))]
            if options.number
            else _all_businesses(bahi)
        )
        for number, business_id in found:
            with bahi.database.tenant(business_id) as connection:
                seq = first_bad_seq(connection, business_id)
            if seq is None:
                print(f"{number}: every event is as it was written.")
            else:
                bad += 1
                print(f"{number}: event {seq} is not what was written.")
    return 1 if bad else 0


def _all_businesses(bahi: Bahi) -> list[tuple[str, int]]:
    from erp_core.parties.bootstrap import all_numbers

    return all_numbers(bahi.database)
