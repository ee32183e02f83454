"""Products: adding one, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.base import REPLIES, Reply, say_error
from actions.context import Turn
from actions.entities import Entity, number_of, paise_of, unit_in
from actions.forms.asking import register
from actions.forms.beside import Outcome
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.forms.names import ORDER_FORM, PAYMENT_FORM, PRODUCT_FORM
from actions.forms.writing import Write
from actions.goods.availability import tell_availability, tell_rates
from actions.goods.beside_the_rate import COST, apart_from_rate, without_level
from actions.goods.new_goods import (
    rate_behind_name,
    with_count_behind,
    with_rates,
    with_size_told,
)
from actions.goods.stock_questions import stock_rows
from actions.invoicing.explaining_tax import asks_how_taxed, explain
from actions.invoicing.paid_beside import paid_beside
from actions.invoicing.taxes import (
    Choice,
    Said,
    option_rows,
    options_for,
    packing_in,
    packing_told,
    parse_choice,
    ruling_of,
    said_of_tax,
    settled,
    take_tapped_rate,
    tax_line,
)
from actions.lexicon import only, says, words
from actions.match import (
    ask_which_product,
    chosen_id,
    customer_in,
    payload_of,
    product_named,
    recent,
    remember,
    unit_word,
)
from actions.orders.noted import as_order
from actions.orders.status import OrderQuestion, asks_total
from actions.payments.taking_back import PRICE, kind_written, last_written
from actions.phrasebook import Button
from actions.reading.counted import count_asked
from actions.reading.money import in_paise
from actions.reading.parts import part_of, parts_with, split_by
from actions.reading.said import bare_text, denied_entities, pieces_between, subject
from actions.several import Wish
from actions.wording import phone_for
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.codes import is_service
from erp_core.catalogue.queries import Product
from erp_core.inventory import queries as inventory
from erp_core.inventory.service import add_stocked_product
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import Span, clauses
from erp_core.kernel.errors import Invalid
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import parse_unit, plain
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business
from erp_core.tax.gst import parse_rate
from erp_core.tax.rates import lawful
from erp_core.tax.rules import charges_tax


def _tell_not_sent(turn: Turn, reader: Reader) -> None:
    """Of "price list bhejo Meena ko": that the list went to nobody but who asked."""
    buyer = customer_in(turn, reader) if turn.first("customer_name") else None
    if buyer is not None:
        phone = phone_for(turn, buyer.phone)
        turn.say("utter_words_to_customer_not_passed_on", name=buyer.name, phone=phone)


def _asks_of_buyer(turn: Turn) -> bool:
    """ "Shwetha ne aakhri baar kya liya aur kitne ka" asks for no rate."""
    if turn.first("product_name") or not says(turn.words, "took") or chosen_id(turn):
        return False
    with turn.read() as reader:
        return customer_in(turn, reader) is not None


class PriceQuestion(Reply):
    """What something costs."""

    action = "action_price_query"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """The rate with its tax; of a family, every rate."""
        done = take_tapped_rate(turn)
        if done is not None:
            return done
        if asks_how_taxed(turn):
            return explain(turn)
        if asks_total(turn):
            return OrderQuestion().for_user(turn)
        if _asks_of_buyer(turn):
            return REPLIES["action_customer_query"]().for_user(turn)
        with turn.read() as reader:
            tapped, said = chosen_id(turn), turn.value("product_name") or subject(turn)
            before = recent(turn, "product")
            if tapped:
                return self._tell(turn, [catalogue.product(reader, tapped)])
            named = turn.all("product_name")
            if len(named) > 1 and (several := _all_named(reader, [one.value for one in named])):
                return self._tell(turn, several)
            if not said and says(turn.words, "lists_rates"):
                tell_rates(turn, reader)
                _tell_not_sent(turn, reader)
                return None
            if said:
                found = product_named(reader, said, spoken_of=before)
                if found.one or (found.options and not found.guesses):
                    return self._tell(turn, [found.one] if found.one else list(found.options))
                ask_which_product(turn, found, "price_query")
            elif before and not says(turn.words, "stock.all"):
                return self._tell(turn, [catalogue.product(reader, before)])
            else:
                turn.say("utter_price_of_what")
        return None

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """The rate, and whether it can be had; "kitne ka hua" after an order is its total."""
        if asks_total(turn):
            return OrderQuestion().for_customer(turn)
        return tell_availability(turn)

    def for_guest(self, turn: Turn) -> list[EventType]:
        """As a customer."""
        return tell_availability(turn)

    def _tell(self, turn: Turn, products: list[Product]) -> list[EventType]:
        with turn.read() as reader:
            taxed = charges_tax(business(reader))
            rates = [ruling_of(reader, one, turn.today).rate if taxed else None for one in products]
        rows = [
            turn.line(
                "line_price_taxed" if rate else "line_price",
                product=one.name,
                price=inr(one.price_paise),
                unit=unit_word(turn, one.unit),
                rate=percent(rate or 0),
            )
            for one, rate in zip(products, rates, strict=True)
        ]
        turn.say("utter_prices", rows="\n".join(rows))
        if len(products) == 1:
            _tell_of_count(turn, products[0])
            _tell_former(turn, products[0])
        if says(turn.words, "asks_stock"):
            with turn.read() as reader:
                stocks = inventory.stock_list(reader, [one.id for one in products])
            turn.say("utter_stock_list", rows=stock_rows(turn, stocks))
        one = len(products) == 1
        return [remember(turn, product=products[0].id, asked="price_query")] if one else []


def _tell_former(turn: Turn, product: Product) -> None:
    """ "Pehle kitne ka tha", right after the rate was changed: the rate before."""
    last = last_written(turn) if says(turn.words, "undoing.formerly") else None
    if last and kind_written(last) == PRICE and last["id"] == str(product.id):
        turn.say("utter_price_before", before=inr(int(last["said"]["before"])))


def _tell_of_count(turn: Turn, product: Product) -> None:
    """ "1 dozen maggi kitne ke": what they come to, beside the rate of one."""
    count = count_asked(turn, product)
    if count is not None and count != 1:
        turn.say(
            "utter_price_of_count",
            count=plain(count),
            unit=unit_word(turn, product.unit, count),
            price=inr(product.price_of(count)),
        )


def _name_in_words(turn: Turn) -> str | None:
    """The name in "naya item poori bhaji 80 rupaye", though no entity says so."""
    if turn.intent != "product_add" or not turn.entities:
        return None
    pieces = ([w for w in one.split() if not _says_no_name(w)] for one in pieces_between(turn))
    name = " ".join(max(pieces, key=len))
    return None if only(words(name), "more") or all(map(parse_unit, name.split())) else name


def _says_no_name(word: str) -> bool:
    said = words(word)
    cues = (
        *("filler", "stock.add", "money_words", "rate_words", "price.up", "no_item"),
        *("there_behind", "stock.made"),
    )
    return not said or any(only(said, cue) for cue in cues)


def _each_with_number(turn: Turn) -> list[Span]:
    """ "Tawa 350 aur lohia 20 piece": where several new goods are named, each with a number of its
    own, one may tell its rate and another how many there are."""
    spans = parts_with(turn, "product_name")
    parts = [part_of(turn, span) for span in spans]
    alone = all(len(one.all("product_name")) == 1 for one in parts)
    numbers = all(one.first("amount") or one.first("quantity") for one in parts)
    return spans if len(spans) > 1 and alone and numbers else []


def _is_stock(count: Entity, draft: Draft, said: Sequence[Entity]) -> bool:
    """Whether a number is how many there are of new goods: their rate is known, or a unit stands
    behind it."""
    return bool(draft["price"]) or any(
        one.name == "unit" and 0 <= one.start - count.end <= 1 for one in said
    )


def _all_named(reader: Reader, names: list[str]) -> list[Product]:
    """The products of several names, each once; none when any of them is not sure."""
    products: dict[UUID, Product] = {}
    for name in names:
        found = product_named(reader, name)
        if found.guesses or not (found.one or found.options):
            return []
        for one in [found.one] if found.one else found.options:
            products[one.id] = one
    return list(products.values())


_MOST_TAX = 100


@register
class ProductForm(Form):
    """A new product: its name, its rate, and what else was said of it."""

    form = PRODUCT_FORM
    slots = ("product_title", "product_price", "product_confirmed")
    intents = frozenset({"product_add"})
    near = frozenset({"price_update", "inventory_update"})
    permission = Permission.ADD_PRODUCT
    about_goods = True

    def elsewhere(self, turn: Turn) -> str | None:
        """A customer, a number and goods are an order."""
        return ORDER_FORM if as_order(turn) else super().elsewhere(turn)

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """ "Naya item rope 120, aur Raju ne 500 diye": what is told of somebody besides is no rate;
        money that came is asked about afterwards."""
        paid = paid_beside(turn)
        start = self._of_somebody(turn)
        if paid:
            super()._begin_parts(paid[0], draft)
            self._wait_behind(turn, draft, [Wish(paid[1], PAYMENT_FORM)])
        elif start:
            super()._begin_parts(part_of(turn, (0, start)), draft)
            turn.say("utter_not_in_it", said=turn.text[start:].strip())
        else:
            super()._begin_parts(turn, draft)

    def _of_somebody(self, turn: Turn) -> int:
        """Where a clause behind the new goods and their rate begins that names somebody; 0 where
        there is none."""
        for start, _ in clauses(turn.text)[1:]:
            goods, told = part_of(turn, (0, start)), part_of(turn, (start, len(turn.text)))
            named = told.first("customer_name") or told.first("person")
            if named and goods.first("product_name") and goods.first("amount"):
                return start
        return 0

    def parts(self, turn: Turn) -> list[Turn]:
        """ "Palazzo 650 and stole 250" are two products."""
        turn = with_rates(with_size_told(turn))
        bare, cost = apart_from_rate(turn, COST)
        tax = said_of_tax(bare.text)
        untaxed = replace(bare, entities=tax.without(bare.entities), text=_blanked(bare, tax))
        spans = _each_with_number(untaxed) or parts_with(untaxed, "amount")
        named = [part_of(untaxed, span) for span in spans]
        in_a_row = split_by(bare, "product_name", "amount") if len(spans) == 1 else []
        if len(in_a_row) > 1 and cost is None:
            return in_a_row
        if len(spans) < 2 or not all(
            one.first("product_name") or _name_in_words(one) for one in named
        ):
            return [turn]
        parts = [part_of(bare, span) for span in spans]
        if cost is not None:
            turn.say("utter_not_in_it", said=turn.text[cost.start : cost.end])
        return parts

    def take(self, turn: Turn, draft: Draft) -> bool:
        """Name, rate, unit, opening stock, what it costs, and its GST."""
        turn = with_size_told(without_level(turn))
        turn, cost = apart_from_rate(with_count_behind(turn), COST)
        draft["cost"] = (paise_of(cost) if cost else None) or draft["cost"]
        if (rate := self._rate_asked_for(turn, draft)) is not None:
            self._take_tax(turn, draft, rate=rate, hsn=None)
            return True
        tax = said_of_tax(turn.text)
        if tax.rate or tax.hsn:
            self._take_tax(turn, draft, rate=tax.rate, hsn=tax.hsn)
            turn = replace(turn, entities=tax.without(turn.entities), text=_blanked(turn, tax))
        return self._take(turn, draft) or bool(tax.spans or cost)

    def settle(self, turn: Turn, reader: Reader, draft: Draft) -> None:
        """Suggest what tax goods of this name bear; what nobody knows is left open."""
        name = draft["name"]
        if not name or draft["tax_of"] == name or draft["tax_said"]:
            return
        taxed = charges_tax(business(reader))
        found = settled(name, turn.today, packing_in(turn.words)) if taxed else None
        draft["tax_of"] = name
        draft["tax"] = _tax_of_dish(reader, draft) or (found.value if found else None)

    def _take_tax(self, turn: Turn, draft: Draft, *, rate: str | None, hsn: str | None) -> None:
        if rate is not None and not lawful(parse_rate(rate), turn.today, hsn):
            say_error(turn, Invalid("unlawful_rate", rate=rate))
            rate = None
        if rate is None and hsn is None:
            return
        before = product_tax(draft)
        known = rate if rate is not None else before.rate if hsn is None else None
        draft["tax"] = f"{known or ''}:{hsn or before.hsn or ''}"
        draft["tax_said"] = True

    def _rate_asked_for(self, turn: Turn, draft: Draft) -> str | None:
        """ "18", where all that is not known yet is the tax, and goods could bear so much."""
        if not draft["price"] or draft["tax_of"] != draft["name"] or product_tax(draft).rate:
            return None
        number = parse_amount(turn.text.strip().removesuffix("%").strip())
        if number is None or number != int(number) or number > _MOST_TAX:
            return None
        with turn.read() as reader:
            taxed = charges_tax(business(reader))
        rate = plain(number)
        return rate if taxed and lawful(parse_rate(rate), turn.today) else None

    def _handle_tap(self, turn: Turn, draft: Draft) -> Outcome:
        """A tapped rate changes the draft."""
        if turn.value("act") == "gst" and turn.value("choice"):
            draft["tax"], draft["tax_said"] = turn.value("choice"), True
            draft["confirmed"], draft.pending = None, None
            return Outcome.TAKEN
        return super()._handle_tap(turn, draft)

    def ask_edit(self, turn: Turn, draft: Draft) -> None:
        """What shall be changed; the rates of GST to tap."""
        turn.say("utter_edit_product_form", choices=self._rates(turn, draft))

    def _rates(self, turn: Turn, draft: Draft) -> list[Button]:
        with turn.read() as reader:
            if not charges_tax(business(reader)):
                return []

        def payload(value: str) -> str:
            return payload_of("affirm", draft=draft.stamp, choice=value, act="gst")

        return option_rows(turn, options_for(draft["name"] or "", turn.today), payload)[:7]

    def _take(self, turn: Turn, draft: Draft) -> bool:
        taken = False
        kept = [each for one in denied_entities(turn) for each in rate_behind_name(turn, one)]
        for entity in kept:
            if entity.name == "product_name":
                draft["name"], taken = _with_size(turn.text, entity), True
            elif _is_size(entity):
                continue
            elif entity.name in ("amount", "quantity") and _counts_stock(turn.text, entity, kept):
                number = number_of(entity)
                draft["stock"], taken = str(number) if number else None, True
            elif entity.name == "amount" and paise_of(entity):
                draft["price"], taken = paise_of(entity), True
            elif entity.name == "unit" and unit_in(entity):
                draft["unit"], taken = unit_in(entity), True
            elif entity.name == "quantity" and draft["name"] and _is_stock(entity, draft, kept):
                number = number_of(entity)
                draft["stock"], taken = str(number) if number else None, True
        if draft["name"] is None and (said := _name_in_words(turn)):
            draft["name"], taken = said, True
        if not taken and not draft["name"]:
            draft["name"] = bare_text(turn) if draft.replying else None
            taken = draft["name"] is not None
        elif any(_is_size(one) for one in kept):
            return taken
        elif not taken or (draft["price"] is None and draft.replying):
            counted = turn.first("quantity")
            rupees = number_of(counted) if counted else parse_amount(turn.text.strip())
            if rupees is not None and rupees > 0:
                draft["price"], taken = in_paise(rupees), True
        return taken

    def _is_other(self, turn: Turn) -> bool:
        """Stock or a rate of other goods is not about the product that is being added."""
        draft, said = Draft.of(turn.slots), turn.value("product_name")
        if draft and draft["price"] and not said and said_of_tax(turn.text).rate:
            return False
        named = draft["name"] if draft and turn.intent in self.near else None
        if named and said and not set(words(said)) <= set(words(named)):
            return True
        return super()._is_other(turn)

    def filled(self, draft: Draft) -> dict[str, Any]:
        """The slots."""
        return {
            "product_title": draft["name"],
            "product_price": draft["price"],
            "product_confirmed": draft["confirmed"],
        }

    def ask(self, turn: Turn, reader: Reader, draft: Draft, slot: str) -> None:
        """Name, rate, yes."""
        if slot == "product_title":
            turn.say("utter_ask_product_title")
        elif slot == "product_price":
            turn.say("utter_ask_product_price", product=draft["name"])
        else:
            tax = product_tax(draft)
            taxed = charges_tax(business(reader))
            line = tax_line(turn, tax.hsn, tax.rate, turn.today, tax.packing)
            dish = is_service(tax.hsn)
            gst = f"\n{line}" if taxed or (tax.hsn and not dish) else ""
            unit = unit_word(turn, draft["unit"] or "piece")
            if draft["cost"]:
                cost = inr(draft["cost"])
                turn.say("utter_stock_cost", product=draft["name"], cost=cost, unit=unit)
            turn.say(
                "utter_confirm_dish" if dish else "utter_confirm_product",
                product=draft["name"],
                price=inr(draft["price"]),
                unit=unit,
                stock=plain(Decimal(draft["stock"] or 0)),
                gst=gst,
                draft_id=draft.stamp,
                choices=self._rates(turn, draft) if taxed and tax.rate is None else None,
            )


def _tax_of_dish(reader: Reader, draft: Draft) -> str | None:
    """The rate and code of a dish of a restaurant; what is weighed, or is in stock, is none."""
    served = catalogue.food_served(reader)
    if served is None or draft["stock"] or draft["cost"] or (draft["unit"] or "piece") != "piece":
        return None
    hsn, rate = served
    return f"{plain(Decimal(rate) / 100)}:{hsn}"


def product_tax(draft: Draft) -> Choice:
    """What the draft says of the tax of its goods, as far as that is known."""
    return parse_choice(draft["tax"] or "")


def _blanked(turn: Turn, tax: Said) -> str:
    """The message without what it says of tax, everything else in its place."""
    text = turn.text
    for start, end in tax.spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


class WriteProduct(Write):
    """Put the product in the catalogue."""

    action = "action_product_add"
    writes = ProductForm

    def write(self, turn: Turn, draft: Draft) -> list[EventType]:
        """Write it and offer to note its stock."""
        tax = product_tax(draft)
        added = turn.run(
            add_stocked_product,
            key=f"draft:{draft.id}",
            name=draft["name"],
            price_paise=draft["price"],
            unit=draft["unit"] or "piece",
            cost_paise=draft["cost"],
            hsn=tax.hsn,
            gst_rate=tax.rate,
            packing=tax.packing or packing_told(tax.hsn, tax.rate, turn.today),
            stock=Decimal(draft["stock"]) if draft["stock"] else None,
        )
        added_so = "utter_product_added_with_stock" if draft["stock"] else "utter_product_added"
        turn.say(
            "utter_dish_added" if is_service(tax.hsn) else added_so,
            stock=plain(Decimal(draft["stock"] or 0)),
            product=draft["name"],
            price=inr(added["price"]),
            unit=unit_word(turn, added["unit"]),
            sku=added["sku"],
        )
        return [remember(turn, product=added["product_id"])]


_SIZE = re.compile(r"\d+(?:[.,]\d+)?\s?(?:l|ltr|litre|ml|g|gm|gms|kg|w|mm|cm|inch|gb|tb)", re.I)
_STOCK_BEFORE = re.compile(
    r"(?:stock|stok|stk|qty|quantity|maal|स्टॉक|माल)\s*(?:hai|me|=|:|है)?\s*$", re.I
)


def _is_size(entity: Entity) -> bool:
    """Whether a number is the size in a name, "1L", and neither money nor a count."""
    return entity.name in ("amount", "quantity") and _SIZE.fullmatch(entity.value) is not None


def _with_size(text: str, name: Entity) -> str:
    found = _SIZE.match(text[name.end :].lstrip()) if name.end else None
    rest = text[name.end :].lstrip()[found.end() :][:1] if found else ""
    return f"{name.value} {found[0]}" if found and not rest.isalnum() else name.value


def _counts_stock(text: str, entity: Entity, kept: Sequence[Entity]) -> bool:
    """Whether "stock" stands before a number, or a unit, or that they are there, behind it beside a
    rate: "mrp 999 stock 10", "35 ka 20 piece", "58 mrp, 20 rakhe hain"."""
    if entity.end > 0 and _STOCK_BEFORE.search(text[: entity.start]):
        return True
    beside = [one for one in kept if one.name == "amount" and one is not entity]
    behind = text[entity.end :].split()[:1] if entity.end else []
    there = behind and (parse_unit(behind[0].strip(",.")) or says(words(behind[0]), "there_behind"))
    return bool(beside and there)


def percent(basis_points: int) -> str:
    """A GST rate as people write it: 1800 → "18"."""
    return plain(Decimal(basis_points) / 100)
