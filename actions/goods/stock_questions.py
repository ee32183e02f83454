"""Stock: asking for it, and what runs out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType, FollowupAction

from actions.base import REPLIES, Reply
from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.names import STOCK_FORM
from actions.goods import expiry
from actions.goods.availability import tell_availability
from actions.goods.stock_words import change_in
from actions.lexicon import only, says, words
from actions.match import (
    ask_which_product,
    chosen_id,
    family_name,
    goods_in_text,
    just_spoken_of,
    product_named,
    recent,
    remember,
    unit_word,
)
from actions.purchases import sending_for
from actions.reading.counted import count_asked
from actions.reading.said import is_finished, subject
from actions.reports.shop_questions import tell_margin
from actions.talk import not_kept
from actions.talk.questions import question_in
from erp_core.catalogue import queries as catalogue
from erp_core.inventory import queries as inventory
from erp_core.inventory.queries import Stock
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain

ROWS = 20
"""So many rows of a list fit one message with room to spare."""


MOST_PRICES = 5
"""Of so many goods at most the rate is told beside their stock."""


class StockQuestion(Reply):
    """One product, a family, several that were named, or everything."""

    action = "action_inventory_query"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """Tell how much is there, how much of it is promised; what came or went is written."""
        asked = "?" in turn.text and says(turn.words, "asking")
        counted = turn.is_guess and turn.first("quantity") and not asked
        if counted and change_in(turn) not in (None, "set"):
            return [FollowupAction(STOCK_FORM)]
        if turn.first("product_name") and is_finished(turn):
            return [FollowupAction(STOCK_FORM)]
        if (told := tell_margin(turn)) is not None:
            return told
        with turn.read() as reader:
            tapped = chosen_id(turn)
            if tapped:
                return self._one(turn, reader, tapped)
            named = [one for one in turn.all("product_name") if not _means_all(one.value)]
            if len(named) > 1:
                self._several(turn, reader, [one.value for one in named])
                return None
            said = named[0].value if named else subject(turn) or goods_in_text(turn, reader)
            if said:
                return self._named(turn, reader, said)
            spoken_of = _goods_spoken_of(turn)
            if len(spoken_of) == 1:
                return self._one(turn, reader, spoken_of[0])
            if spoken_of:
                rows = stock_rows(turn, inventory.stock_list(reader, spoken_of))
                turn.say("utter_stock_list", rows=rows)
                return None
            self._everything(turn, reader)
        return None

    def for_customer(self, turn: Turn) -> list[EventType]:
        """Tell whether it can be had and for how much; never how much there is."""
        return tell_availability(turn)

    def for_guest(self, turn: Turn) -> list[EventType]:
        """As a customer."""
        return tell_availability(turn)

    def _one(self, turn: Turn, reader: Reader, product_id: UUID) -> list[EventType]:
        product = catalogue.product(reader, product_id)
        if product.is_service:
            turn.say("utter_not_in_stock", product=product.name)
            _tell_prices_too(turn, reader, [product_id])
            return [remember(turn, product=product_id, asked="inventory_query")]
        stock = inventory.stock(reader, product_id)
        count = count_asked(turn, product)
        if count is not None:
            turn.say(
                "utter_stock_enough" if stock.available >= count else "utter_stock_short",
                count=plain(count),
                unit=unit_word(turn, product.unit, count),
            )
        response = "utter_stock_promised" if stock.reserved else "utter_stock_one"
        turn.say(response, **stock_facts(turn, stock))
        if stock.low:
            turn.say("utter_stock_is_low", level=plain(stock.reorder_level or Decimal(0)))
        _tell_prices_too(turn, reader, [product_id])
        return [remember(turn, product=product_id, asked="inventory_query")]

    def _named(self, turn: Turn, reader: Reader, said: str) -> list[EventType] | None:
        found = product_named(reader, said, spoken_of=recent(turn, "product"))
        if found.one:
            return self._one(turn, reader, found.one.id)
        if found.guesses or not found.options:
            ask_which_product(turn, found, "inventory_query")
            return None
        stocks = inventory.stock_list(reader, [one.id for one in found.options])
        turn.say(
            "utter_stock_family", said=family_name(found) or said, rows=stock_rows(turn, stocks)
        )
        _tell_prices_too(turn, reader, [one.id for one in found.options][:MOST_PRICES])
        return None

    def _several(self, turn: Turn, reader: Reader, names: Sequence[str]) -> None:
        ids, unknown = [], []
        for name in names:
            found = product_named(reader, name)
            if found.guesses or not (found.one or found.options):
                unknown.append(name)
            ids += [one.id for one in ([found.one] if found.one else found.options)]
        if ids and len(unknown) < len(names):
            turn.say("utter_stock_list", rows=stock_rows(turn, inventory.stock_list(reader, ids)))
            _tell_prices_too(turn, reader, ids[:MOST_PRICES])
        for name in unknown:
            turn.say("utter_no_such_product", said=name)

    def _everything(self, turn: Turn, reader: Reader) -> None:
        stocks = inventory.stock_list(reader)
        known = catalogue.products_by_id(reader, [one.product_id for one in stocks])
        kept = [one for one in stocks if not known[one.product_id].is_service]
        if not kept:
            turn.say("utter_none_in_stock" if stocks else "utter_no_products")
            return
        stocks = kept
        shown = sorted(stocks, key=lambda one: (not one.low, one.name))[:ROWS]
        turn.say(
            "utter_stock_all" if len(shown) == len(stocks) else "utter_stock_all_part",
            rows=stock_rows(turn, shown),
            count=len(stocks),
            rest=len(stocks) - len(shown),
            low=sum(one.low for one in stocks),
        )


def _means_all(said: str) -> bool:
    """ "Stock of everything please": the model takes it for the name of goods."""
    told = words(said)
    rest = [one for one in told if not only([one], "stock.all")]
    return len(rest) < len(told) and only(rest, "filler")


def _goods_spoken_of(turn: Turn) -> list[UUID]:
    """The goods that "aur bachi kitni hai" is about: those of what is being written, or those that
    were spoken of just before."""
    if says(turn.words, "stock.all") or says(turn.words, "goods_in_general"):
        return []
    left = says(turn.words, "stock.left")
    draft = Draft.of(turn.slots) if left else None
    held = [
        UUID(line["id"]) for line in (draft["lines"] if draft else None) or [] if line.get("id")
    ]
    before = recent(turn, "product")
    if held or before is None:
        return held
    just_now = left and just_spoken_of(turn, "product")
    return [before] if just_now or says(turn.words, "same_person") else []


OF_STOCK = frozenset({"inventory_query", "low_stock_query"})
"""What goods are asked for by."""


class LowStock(Reply):
    """What must be ordered soon."""

    action = "action_low_stock_query"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """List what is at its reorder level or below; what to order, if that is asked; of goods
        that are named, their stock."""
        if sending_for.reorder(turn) is not None:
            return None
        if turn.form and any(one(turn) is not None for one in (expiry.expiring, not_kept.by_kind)):
            return None
        if turn.first("product_name"):
            return StockQuestion().for_user(turn)
        if (asked := question_in(turn, ())) and asked.turn.intent not in OF_STOCK:
            return REPLIES[asked.action]().for_user(asked.turn)
        self._list(turn)
        return None

    def _list(self, turn: Turn) -> None:
        with turn.read() as reader:
            low = inventory.low_stock(reader)
        if not low:
            turn.say("utter_nothing_low")
            return
        rows = [
            {**stock_facts(turn, one), "level": plain(one.reorder_level or Decimal(0))}
            for one in low[:ROWS]
        ]
        turn.say("utter_low_stock", rows=turn.lines("line_low_stock", rows), count=len(low))


def _tell_prices_too(turn: Turn, reader: Reader, ids: Sequence[UUID]) -> None:
    """ "Maggi ka stock kitna hai aur rate?" """
    if not says(turn.words, "asks_price"):
        return
    for product in catalogue.products_by_id(reader, ids).values():
        turn.say(
            "utter_price_too",
            product=product.name,
            price=inr(product.price_paise),
            unit=unit_word(turn, product.unit),
        )


def stock_facts(turn: Turn, stock: Stock) -> dict[str, Any]:
    """A stock as responses put it in."""
    return {
        "product": stock.name,
        "unit": unit_word(turn, stock.unit, stock.on_hand),
        "on_hand": plain(stock.on_hand),
        "reserved": plain(stock.reserved),
        "available": plain(stock.available),
    }


def stock_rows(turn: Turn, stocks: Sequence[Stock]) -> str:
    """Stocks one below the other, those that run out marked."""
    return "\n".join(
        turn.line("line_stock_low" if one.low else "line_stock", **stock_facts(turn, one))
        for one in stocks[:ROWS]
    )
