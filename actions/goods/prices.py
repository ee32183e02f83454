"""A new rate for a product: what it shall be, from when, and the yes that changes it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS, number_of, paise_of, unit_in
from actions.forms.asking import register
from actions.forms.belonging import brings_goods
from actions.forms.beside import Outcome
from actions.forms.choices import ask_choice
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import MODIFY_FORM, ORDER_FORM, PRICE_FORM, STOCK_FORM
from actions.forms.product import settle_product
from actions.forms.writing import Write
from actions.goods import prices_together
from actions.goods.beside_the_rate import (
    tells_costs_alone,
    without_cost,
    without_former,
    without_level,
)
from actions.goods.lines import asks_for_more
from actions.goods.rate_steps import refuses_step, sets_selling_rate, step_of, with_amount
from actions.goods.settling import choose_product
from actions.invoicing.taxes import said_of_tax, tell_rate
from actions.lexicon import only, says, words
from actions.match import (
    recent,
    remember,
    unit_word,
)
from actions.orders import wishes
from actions.reading.money import in_paise, written
from actions.reading.parts import part_of, parts_with, said_in, without
from actions.reading.said import bare_text, denied_entities, pieces_between, subject
from actions.reading.when import ends_later, says_today, starts_later
from actions.wording import day
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue import repricing, service
from erp_core.catalogue.queries import Product
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission


@register
class PriceForm(Form):
    """A new rate for a product."""

    form = PRICE_FORM
    slots = ("price_product", "price_amount", "price_confirmed")
    intents = frozenset({"price_update"})
    near = frozenset({"product_add", "order_modify"})
    permission = Permission.CHANGE_PRICE
    about_goods = True

    def elsewhere(self, turn: Turn) -> str | None:
        """ "Chini 4 kilo kar do" says how much, and nothing of a rate; "a dozen jeans for Mehta at
        1700" are sold."""
        if turn.is_user and turn.first("customer_name") and _counts_or_measures(turn):
            return ORDER_FORM
        if wishes.counts_own(turn):
            return MODIFY_FORM
        unit, amount = turn.first("unit"), turn.first("amount")
        measured = unit is not None and unit_in(unit) is not None and turn.first("quantity")
        if turn.is_user and measured and amount is None and not says(turn.words, "asks_price"):
            done = (turn.slots.get("recent") or {}).get("did")
            return MODIFY_FORM if done == "order" else STOCK_FORM
        counts = turn.first("quantity") and says(turn.words, "asks_stock")
        if turn.is_user and counts and amount is None and not says(turn.words, "asks_price"):
            return STOCK_FORM
        return super().elsewhere(turn)

    def _handle(self, turn: Turn, draft: Draft) -> Outcome:
        """ "Aaj se hi" is a yes, where it was asked whether it may be at once."""
        if draft["since"] and draft.pending is None and _agrees_to_today(turn):
            return self._handle_yes(turn, draft)
        return super()._handle(turn, draft)

    def _is_of_another(self, turn: Turn) -> bool:
        """Goods that came, with their cost, are no new rate."""
        return brings_goods(turn) or super()._is_of_another(turn)

    def _is_other(self, turn: Turn) -> bool:
        """ "2 maggi 1 surf cash" counts goods, and says no rate of them."""
        return _counts_goods(turn) or super()._is_other(turn)

    def welcomes(self, turn: Turn) -> bool:
        """What goods cost the shop is no rate of theirs, and neither is their GST."""
        if turn.is_user and _says_tax_alone(turn) and tell_rate(turn) is not None:
            return False
        of_cost = says(turn.words, "cost_of_goods") and not sets_selling_rate(turn)
        if turn.is_user and (of_cost or tells_costs_alone(turn)):
            turn.say("utter_cost_comes_with_goods")
            return False
        return super().welcomes(turn)

    def puts_right(self, turn: Turn, draft: Draft) -> bool:
        """ "Tel rehne do", of several that are on the card."""
        return prices_together.leaves_out(turn, draft)

    def begins_another(self, turn: Turn, draft: Draft) -> bool:
        """ "Lux 38 ka kar do", while the new rate of other goods is to be agreed to."""
        if not (draft["price"] and draft["lines"] and draft["lines"][0].get("id")):
            return False
        goods = turn.all("product_name")
        sums = turn.all("amount") or turn.all("quantity")
        others = [one for one in goods if not _is_said(draft, one.value)]
        corrects = any(says(turn.words, one) for one in ("negation", "in_place_of", "undoing.slip"))
        return len(goods) == len(others) == len(sums) == 1 and not corrects

    def take(self, turn: Turn, draft: Draft) -> bool:
        """The product, and the last rate that was said: "10 ki jagah 12" means 12."""
        if until := ends_later(turn):
            turn.say("utter_not_in_it", said=turn.text[slice(*until)])
            turn = without(turn, *until)
        taken = _take_start(turn, draft)
        turn = without_former(without_cost(without_level(turn)))
        if prices_together.corrects(turn, draft):
            return True
        turn = with_amount(_first_product(prices_together.take(turn, draft)))
        named = [one for one in denied_entities(turn) if one.name == "product_name"]
        if named:
            if draft["lines"] and not _is_said(draft, named[-1].value):
                draft["price"] = draft["step"] = None
            draft["lines"], taken = [{"said": named[-1].value}], True
        if draft.replying and refuses_step(turn):
            return True
        price = _rate_in(turn, goods_named=bool(named))
        if price:
            way = step_of(turn)
            draft["price"], draft["step"], taken = (None if way else price), way, True
            draft["anew"] = True
            if way:
                draft["step_by"] = price
        if not taken and not draft["lines"]:
            said = bare_text(turn) if draft.replying else subject(turn)
            if said:
                draft["lines"], taken = [{"said": said}], True
        return prices_together.take_family(turn, draft) or taken

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Find the product."""
        lines = draft["lines"] or []
        before = recent(turn, "product")
        if not lines and before and (draft["price"] or draft["step"]):
            draft["lines"] = lines = [{"said": "", **_line_of(catalogue.product(reader, before))}]
        prices_together.settle_family(reader, draft)
        if lines and not lines[0].get("id"):
            settle_product(turn, reader, draft, lines[0], 0, may_add=False)
        prices_together.settle(turn, reader, draft)
        if draft["step"] and lines and lines[0].get("id"):
            now = catalogue.product(reader, UUID(lines[0]["id"])).price_paise
            price = prices_together.stepped(now, draft)
            draft["step"], draft["price"] = None, price or None
            if not price:
                turn.say("utter_rate_below_zero")
        priced = draft["price"] and lines and lines[0].get("id") and not draft["beside"]
        if priced and not draft.pending:
            _tell_if_so_already(turn, reader, draft)

    def choose(self, turn: Turn, draft: Draft, value: str) -> None:
        """Which product."""
        choose_product(turn, draft, value)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        line = (draft["lines"] or [{}])[0]
        return {
            "price_product": line.get("id"),
            "price_amount": draft["price"],
            "price_confirmed": draft["confirmed"],
        }

    def ask_pending(self, turn: Turn, reader: Reader, draft: Draft) -> None:  # noqa: ARG002
        """Which product."""
        ask_choice(turn, draft, draft.pending or {})

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Product, rate, yes."""
        if slot == "price_product":
            turn.say("utter_ask_price_product")
            return
        line = draft["lines"][0]
        now = catalogue.product(reader, UUID(line["id"]))
        facts: dict[str, Any] = {
            "product": now.name,
            "before": inr(now.price_paise),
            "unit": unit_word(turn, now.unit),
        }
        if slot == "price_amount":
            turn.say("utter_ask_price_amount", **facts)
        elif draft["beside"]:
            prices_together.ask(turn, reader, draft)
        else:
            after = inr(draft["price"])
            if repricing.is_far_off(now.price_paise, draft["price"]):
                turn.say("utter_rate_far_off")
            response = "utter_confirm_price"
            if draft["since"]:
                response += "_today"
                facts["since"] = day(date.fromisoformat(draft["since"]))
            turn.say(response, after=after, draft_id=draft.stamp, **facts)


def _says_tax_alone(turn: Turn) -> bool:
    """ "Charger ka gst 18 kar do": all numbers are of the tax."""
    tax = said_of_tax(turn.text)
    numbers = [one for one in tax.without(turn.entities) if one.name in NUMBERS]
    return tax.rate is not None and not numbers


def _is_said(draft: Draft, said: str) -> bool:
    """Whether the goods that are named may be those of the draft: its rate is theirs alone."""
    line = draft["lines"][0]
    return bool({*words(line.get("name") or ""), *words(line.get("said") or "")} & {*words(said)})


def _tell_if_so_already(turn: Turn, reader: Reader, draft: Draft) -> None:
    """A rate that is so already is not written again."""
    now = catalogue.product(reader, UUID(draft["lines"][0]["id"]))
    if now.price_paise != draft["price"]:
        return
    unit = unit_word(turn, now.unit)
    turn.say("utter_rate_is_already", product=now.name, price=inr(now.price_paise), unit=unit)
    draft.pending = {"kind": "closed"}


def _agrees_to_today(turn: Turn) -> bool:
    """ "Haan aaj se hi kar do"."""
    beside = [word for piece in pieces_between(turn) for word in words(piece)]
    others = any(one.name != "date" for one in turn.entities)
    if others or not says_today(turn) or says(turn.words, "negation") or not turn.may_write:
        return False
    return only(beside, "agrees_to_now")


def _take_start(turn: Turn, draft: Draft) -> bool:
    """Take from when the rate shall be so; whether that was said. A rate changes at the yes, and
    whoever wants it later is asked whether it may."""
    later = starts_later(turn)
    if later is None and not (draft["since"] and says_today(turn)):
        return False
    draft["since"] = later.isoformat() if later else None
    return True


COUNTING = frozenset({"order_create", "inventory_update", "invoice_generate"})


def _counts_or_measures(turn: Turn) -> bool:
    return bool(turn.first("quantity") or turn.first("unit"))


def _counts_goods(turn: Turn) -> bool:
    """Whether numbers stand before goods, and so say how many."""
    more = turn.intent == "order_modify" and asks_for_more(turn)
    if not (turn.intent in COUNTING or more) or turn.is_guess or says(turn.words, "asks_price"):
        return False
    return any(
        number.end <= goods.start and not turn.text[number.end : goods.start].strip()
        for number in turn.all("quantity")
        for goods in turn.all("product_name")
    )


class WritePrice(Write):
    """Change the rate."""

    action = "action_price_update"
    writes = PriceForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it."""
        if draft["beside"]:
            return prices_together.write(turn, draft)
        line = draft["lines"][0]
        done = turn.run(
            service.change_price,
            key=f"draft:{draft.id}",
            product_id=UUID(line["id"]),
            price_paise=draft["price"],
        )
        turn.say(
            "utter_price_changed",
            product=line["name"],
            before=inr(done["before"]),
            after=inr(done["after"]),
            unit=unit_word(turn, line["unit"]),
        )
        noted = written(
            "price_update", done["after"], entry_id=line["id"],
            before=str(done["before"]), name=line["name"],
        )  # fmt: skip
        return [remember(turn, product=line["id"], written=noted)]


def _rate_in(turn: Turn, *, goods_named: bool) -> int | None:
    """The last amount, else the last number, else the whole message when it is one."""
    amounts = [paise for one in turn.all("amount") if (paise := paise_of(one))]
    if amounts:
        return amounts[-1]
    numbers = turn.all("quantity")
    rupees = number_of(numbers[-1]) if numbers else None
    if rupees is None and not goods_named:
        rupees = parse_amount(turn.text.strip())
    return in_paise(rupees) if rupees and rupees > 0 else None


def _first_product(turn: Turn) -> Turn:
    """The part of the message about its first product; the others are told back."""
    kept = [one for one in denied_entities(turn) if one.name == "product_name"]
    spans = parts_with(turn, "product_name")
    if len(kept) < 2 or len(spans) < 2:
        return turn
    turn.say("utter_not_in_it", said=said_in(turn, spans[1:]))
    return part_of(turn, spans[0])


def _line_of(product: Product) -> dict[str, Any]:
    return {
        "id": str(product.id),
        "name": product.name,
        "unit": product.unit,
        "price": product.price_paise,
    }
