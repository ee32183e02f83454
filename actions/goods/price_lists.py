"""A list of rates that was read from a picture: what would change, what is new, and writing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.match import product_named
from actions.phrasebook import Button
from actions.pictures.pages import (
    drop_button,
    first_of,
    page_button,
    reading_of,
    rows_of,
    say_illegible,
)
from actions.pictures.photos import PAGE_NEW, PAGE_PRICES
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue import service as prices
from erp_core.inventory.service import add_stocked_product
from erp_core.kernel.errors import BahiError
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission


def show_prices(turn: Turn) -> None:
    """Every rate that would change, from what to what; what is new; what cannot be read."""
    changed, same, new, unsure, illegible = [], 0, [], [], 0
    seen = set()
    with turn.read() as reader:
        for row in rows_of(turn):
            found = product_named(reader, row.text)
            if not (row.clear or found.one):
                illegible += 1
            elif not row.sure or row.paise is None:
                unsure.append(row.text)
            elif found.one is None and not found.options:
                new.append([row.text, row.paise, row.unit])
            elif found.one is None or found.one.id in seen:
                # What looks like a name of the shop's may be that name misread: no new goods.
                unsure.append(f"{row.text} {inr(row.paise)}")
            else:
                seen.add(found.one.id)
                changed += [(found.one, row.paise)] if found.one.price_paise != row.paise else []
                same += found.one.price_paise == row.paise
    say_illegible(turn, illegible)
    rows = [
        turn.line(
            "line_price_step", product=one.name, before=inr(one.price_paise), after=inr(paise)
        )
        for one, paise in changed
    ]
    turn.say(
        "utter_prices_read" if rows else "utter_prices_nothing_changes",
        rows="\n".join(rows),
        same=turn.line("line_prices_same", count=same) if same else "",
        new=turn.line("line_prices_new", rows=_new_rows(new)) if new else "",
        unsure=turn.line("line_prices_unsure", rows=first_of(turn, unsure)) if unsure else "",
        choices=_price_buttons(turn, [[str(one.id), paise] for one, paise in changed], new),
    )


def _new_rows(new: Sequence[Sequence[Any]]) -> str:
    """All of them: they are added with one tap."""
    return ", ".join(f"{text} {inr(paise)}" for text, paise, _ in new)


def _price_buttons(turn: Turn, changed: list[list[Any]], new: list[list[Any]]) -> list[Button]:
    source, buttons = reading_of(turn).get("source"), []
    if changed:
        title = turn.line("button_page_prices", count=len(changed))
        buttons.append(
            page_button(PAGE_PRICES, {"source": source, "prices": changed, "new": new}, title)
        )
    if new and turn.may(Permission.ADD_PRODUCT):
        title = turn.line("button_page_new", count=len(new))
        choice = {"source": source, "new": new}
        buttons.append(page_button(PAGE_NEW, choice, title))
    if buttons:
        buttons.append(drop_button(turn))
    return buttons


def write_prices(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    """Change the rates; what is new can be added next."""
    done = turn.run(
        prices.change_prices,
        key=f"slip:{told['source']}:prices",
        prices=[{"product_id": product, "price_paise": paise} for product, paise in told["prices"]],
    )
    with turn.read() as reader:
        ids = [UUID(one["product_id"]) for one in done["changes"]]
        named = catalogue.products_by_id(reader, ids)
    rows = [
        turn.line(
            "line_price_step",
            product=named[UUID(one["product_id"])].name,
            before=inr(one["before"]),
            after=inr(one["after"]),
        )
        for one in done["changes"]
    ]
    new = told.get("new") or []
    choices = []
    if new and turn.may(Permission.ADD_PRODUCT):
        title = turn.line("button_page_new", count=len(new))
        choice = {"source": told["source"], "new": new}
        choices = [page_button(PAGE_NEW, choice, title)]
    turn.say("utter_prices_changed", rows="\n".join(rows), choices=choices)
    return []


def write_new(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    """Add the goods of a list that the shop has not had; what it has by now is left as it is."""
    added, left = [], []
    for at, (name, paise, unit) in enumerate(told["new"]):
        try:
            turn.run(
                add_stocked_product,
                key=f"slip:{told['source']}:new:{at}",
                name=name,
                price_paise=paise,
                unit=unit or "piece",
                gst_rate=None,
            )
            added.append(f"{name} {inr(paise)}")
        except BahiError as error:
            if error.code not in ("product_exists", "bad_name", "sku_taken"):
                raise
            left.append(name)
    if added:
        turn.say("utter_products_added", rows=", ".join(added), count=len(added))
    if left:
        turn.say("utter_products_not_added", rows=", ".join(left))
    return []
