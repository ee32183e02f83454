"""Goods as those see them who do not run the shop: can it be had, and what does it cost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity
from actions.invoicing.taxes import ruling_of
from actions.lexicon import only, says, where, words
from actions.match import (
    Found,
    ask_which_product,
    choice_buttons,
    chosen_id,
    family_in_text,
    just_spoken_of,
    product_in_text,
    product_named,
    product_option,
    products_in_text,
    recent,
    remember,
    unit_word,
)
from actions.reading.said import subject
from actions.talk.unsure import everyday_words
from erp_core.catalogue import queries as catalogue
from erp_core.catalogue.queries import Product
from erp_core.inventory import queries as inventory
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.matching import CERTAIN
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import parse_unit
from erp_core.parties.queries import business
from erp_core.tax.rules import charges_tax

OFFERED, FAMILY = "offered", "family"
"""Several goods that were told of, as they are kept among what was spoken of, and the one name
under which they were asked for."""
LEAST = Decimal("0.001")
"""Of which there is anything at all, there is this much."""
LONGEST_LIST = 50
SHORTEST_KIND = 3
LONGEST_NAME = 3
LONGEST_QUESTION = 5
"""Words of a question that need not say that it is one: "bhai charger hai"."""


def tell_availability(turn: Turn) -> list[EventType]:
    """For whoever does not run the shop: is it there, and what does it cost."""
    with turn.read() as reader:
        products = _asked_about(turn, reader)
        tell_rows(turn, reader, products)
        beyond = _asks_beyond(turn, reader, products)
    if beyond:
        from actions.parties.customer_requests import refer_to_shop

        refer_to_shop(turn, "utter_shop_knows")
    return told_of(turn, products)


def told_of(turn: Turn, products: Sequence[Product]) -> list[EventType]:
    """What keeps the goods that were just told of."""
    if len(products) < 2:
        return [remember(turn, product=products[0].id)] if products else []
    named = turn.all("product_name")
    said = named[0].value if len(named) == 1 else None
    return [remember(turn, **{OFFERED: " ".join(str(one.id) for one in products), FAMILY: said})]


def _asks_beyond(turn: Turn, reader: Reader, products: Sequence[Product]) -> bool:
    """Whether more is asked of goods than the shop's list can tell: "with fitting", "biryani half",
    "truck ke tyre"; nothing that their names say."""
    if turn.is_user or turn.metadata.get("kind") == "button":
        return False
    if turn.note or not products:
        return bool(turn.note)
    named = {word for one in products for word in words(one.name)}
    said = [one for one in turn.words if one not in named]
    return says(said, "buyers.beyond_price") or _is_of_other(turn, reader)


def _is_of_other(turn: Turn, reader: Reader) -> bool:
    """ "Truck ke tyre": what stands before them is no goods here, nor anybody."""
    goods = turn.first("product_name")
    before = words(turn.text[: goods.start])[-2:] if goods and goods.end else ()
    if len(before) < 2 or not only(before[1:], "belonging") or len(before[0]) < _SHORTEST_KIND:
        return False
    plain = any(only(before[:1], cue) for cue in _OF_NOBODY)
    plain = plain or parse_unit(before[0]) is not None or parse_number(before[0]) is not None
    found = [] if plain else catalogue.find_products(reader, before[0], limit=1)
    return not plain and not (found and found[0].score >= CERTAIN)


_OF_NOBODY = (
    "filler", "pronouns", "me", "the_shop", "asking", "around_goods", "greetings", "people",
    "goods_in_general", "regional.address", "more", "postpositions", "buyers.around_order",
)  # fmt: skip
_SHORTEST_KIND = 4


def tell_compared(turn: Turn) -> bool:
    """ "Maggi aur parle-g me se kaunsa sasta hai": tell of each; whether several are compared."""
    if not says(turn.words, "buyers.chooses") or not says(turn.words, "buyers.qualities"):
        return False
    with turn.read() as reader:
        named = [product_named(reader, one.value).one for one in turn.all("product_name")]
        found = [*(one for one in named if one), *products_in_text(turn, reader)]
        products = list({one.id: one for one in found}.values())
        if len(products) > 1:
            tell_rows(turn, reader, products)
    return len(products) > 1


def tell_rows(turn: Turn, reader: Reader, products: Sequence[Product]) -> None:
    rows = [
        turn.line(
            "line_available" if inventory.stock(reader, one.id).has(LEAST) else "line_sold_out",
            product=one.name,
            price=_price_words(turn, reader, one),
            unit=unit_word(turn, one.unit),
        )
        for one in products
    ]
    if rows:
        turn.say("utter_availability", rows="\n".join(rows))


def _price_words(turn: Turn, reader: Reader, product: Product) -> str:
    """The price, and that tax comes on top of it where it does."""
    price, shop = inr(product.price_paise), business(reader)
    if shop.prices_include_tax or not charges_tax(shop):
        return price
    taxed = ruling_of(reader, product, turn.today).rate
    return turn.line("word_price_and_gst", price=price) if taxed else price


def sells(turn: Turn) -> bool:
    """Whether somebody asks in plain words whether goods can be had: "do you sell iphone"."""
    short = len(turn.words) <= LONGEST_QUESTION and says(turn.words, "is_there")
    short = short and not says(turn.words, "stock.damage")
    return bool(says(turn.words, "do_you_sell") or short) and names_goods(turn)


def names_goods(turn: Turn) -> bool:
    """Whether goods of the shop stand in a message, with an entity or without."""
    with turn.read() as reader:
        return bool(product_in_text(turn, reader) or family_in_text(turn, reader))


def _asked_about(turn: Turn, reader: Reader) -> list[Product]:
    """The products that somebody asks about; none when that had to be asked first."""
    tapped, said = chosen_id(turn), turn.value("product_name") or subject(turn)
    if says(turn.words, "lists_rates") and not tapped and not turn.value("product_name"):
        return tell_rates(turn, reader)
    fitting = None if tapped else _made_for(turn, reader)
    spoken_of = fitting or (None if tapped or said else product_in_text(turn, reader))
    if spoken_of:
        others = _unmarked(turn, reader) if not fitting and _lists_prices(turn) else []
        return _all_named(turn, reader, others) if len(others) > 1 else [spoken_of]
    if not tapped and not said and (family := family_in_text(turn, reader)):
        return family
    before = recent(turn, "product")
    if tapped:
        return [catalogue.product(reader, tapped)]
    others = _unmarked(turn, reader) if said and _lists_prices(turn) else []
    if others or len(turn.all("product_name")) > 1:
        return _all_named(turn, reader, others)
    if said:
        found = product_named(reader, said)
        if found.one or (found.options and not found.guesses):
            _tell_unknown_kind(turn, found)
            return [found.one] if found.one else list(found.options)
        if says(turn.words, "lists_rates"):
            return tell_rates(turn, reader)  # "rate list bhejo mithai ki" names a kind of goods
        ask_which_product(turn, found, "price_query")
        return []
    looks_on = says(turn.words, "what_else")
    if before and turn.metadata.get("kind") != "button" and not looks_on:
        return [catalogue.product(reader, before)]
    options = [product_option(turn, one) for one in catalogue.all_products(reader, limit=10)]
    if options:
        turn.say("utter_what_we_sell", choices=choice_buttons(options, "price_query"))
    else:
        turn.say("utter_no_products")
    return []


def _tell_unknown_kind(turn: Turn, found: Found) -> None:
    """ "Snake plant milega kya", of which the plant alone was marked: there is none of that kind,
    only the others."""
    goods, known = turn.first("product_name"), everyday_words()
    if goods is None or not goods.end or found.one:
        return
    before = turn.text[: goods.start].split()[-1:]
    kind = "".join(words(before[0])) if before else ""
    if len(kind) > SHORTEST_KIND and kind.isalpha() and kind not in known:
        turn.say("utter_not_sold_here", said=f"{before[0]} {goods.value}")


def _made_for(turn: Turn, reader: Reader) -> Product | None:
    """The cover of "iphone ke liye cover hai", which is asked for, and no iPhone."""
    cue = where(turn.words, "buyers.made_for")
    if cue is None or not cue[0] > 0 or cue[1] == len(turn.words):
        return None
    return product_in_text(replace(turn, text=" ".join(turn.words[cue[1] :])), reader)


def tell_rates(turn: Turn, reader: Reader) -> list[Product]:
    """The list of rates, as far as a message holds it."""
    rows = [
        turn.line(
            "line_price",
            product=one.name,
            price=_price_words(turn, reader, one),
            unit=unit_word(turn, one.unit),
        )
        for one in catalogue.all_products(reader, limit=LONGEST_LIST)
    ]
    turn.say("utter_prices" if rows else "utter_no_products", rows="\n".join(rows))
    return []


def _lists_prices(turn: Turn) -> bool:
    asks = turn.intent == "price_query" or says(turn.words, "asks_price")
    return asks and turn.first("quantity") is None and not says(turn.words, "discount")


def _unmarked(turn: Turn, reader: Reader) -> list[str]:
    """Goods of a list whose prices are asked that nothing marks: the bed and the table of "almirah,
    bed, study table ke rate"."""
    names: list[str] = []
    for start, end in _parts_of_list(turn.text):
        marked = any(one.start < end and start < one.end for one in turn.all("product_name"))
        if not marked and (said := _goods_of(turn.text[start:end], reader)):
            names.append(said)
    return names


def _goods_of(part: str, reader: Reader) -> str | None:
    """The goods that a part of a list names; what fills a message may be their name: a car."""
    for around in (_AROUND_PRICE, ("filler", *_AROUND_PRICE)):
        row = [one for one in part.split() if not _is_one_of(one, around)]
        said = " ".join(row).strip(" .?!")
        found = product_named(reader, said) if said else None
        if found and not found.guesses and (found.one or found.options):
            return said
    return None


def tell_named(turn: Turn) -> list[EventType] | None:
    """Tell of goods that are named and asked for, whatever the question was taken for: "money
    plant aur tulsi ka kitna"."""
    of_goods = {one.name for one in turn.entities} == {"product_name"}
    asks = of_goods and any(says(turn.words, one) for one in _ASKED_FOR)
    if says(turn.words, "own_dues") or says(turn.words, "dues.account"):
        return None
    return tell_availability(turn) if asks else None


def tell_unmarked(turn: Turn) -> list[EventType] | None:
    """Tell of goods that nothing marks and whose name is all that is asked: "ghanti hai kya",
    "टायर चाहिए", "गमले कौन कौन से हैं"."""
    asks = any(says(turn.words, one) for one in _ASKED_FOR)
    if turn.entities or len(turn.words) > LONGEST_QUESTION:
        return None
    if not asks and (turn.is_user or not turn.text or len(turn.words) > LONGEST_NAME):
        return None
    with turn.read() as reader:
        said = _goods_of(turn.text, reader) or _unknown_goods(turn)
    if said is None:
        return None
    return tell_availability(replace(turn, entities=[Entity("product_name", said, start=0, end=0)]))


def tell_picked(turn: Turn) -> list[EventType] | None:
    """ "Adult", "mixed wala", of several that a buyer was just told of: what is called so."""
    counted = turn.first("quantity") or turn.first("amount") or turn.first("date")
    silent = turn.is_not_words or turn.slots.get("draft") or not just_spoken_of(turn, OFFERED)
    if silent or counted or len(turn.words) > LONGEST_NAME:
        return None
    said = [one for one in turn.words if not only([one], "filler")]
    told = str((turn.slots.get("recent") or {}).get(OFFERED) or "").split()
    with turn.read() as reader:
        offered = catalogue.products_by_id(reader, [UUID(one) for one in told])
        meant = [one for one in offered.values() if said and set(said) <= set(words(one.name))]
        if len(meant) != 1:
            return None
        tell_rows(turn, reader, meant)
    return [remember(turn, product=meant[0].id)]


def _unknown_goods(turn: Turn) -> str | None:
    """ "रसमलाई मिलती है?": the one word that is asked for, which may be goods that are not here."""
    if turn.is_user or not says(turn.words, "do_you_sell"):
        return None
    around = (*_AROUND_PRICE, "filler", "do_you_sell", "me", "the_shop", "greetings")
    row = [one.strip(" .?!।,") for one in turn.text.split() if not _is_one_of(one, around)]
    strange = [one for one in row if "".join(words(one)) not in everyday_words()]
    return strange[0] if len(row) == len(strange) == 1 else None


def _parts_of_list(text: str) -> Iterator[tuple[int, int]]:
    """Where each part between commas and words that join stands."""
    start = 0
    for one in _WORD_OR_STOP.finditer(text):
        if not one[0][0].isalnum() or only(words(one[0]) or ("-",), "joining"):
            yield start, one.start()
            start = one.end()
    yield start, len(text)


def _is_one_of(word: str, cues: Sequence[str]) -> bool:
    return any(only(words(word) or ("-",), one) for one in cues)


_WORD_OR_STOP = re.compile(r"[,;&+\n]|[^\s,;&+]+")
_ASKED_FOR = ("is_there", "wanting", "shows", "asking")
_AROUND_PRICE = (
    "asking", "rate_words", "asks_price", "postpositions", "telling", "shows", "joining",
    "pronouns", "tense.future", "wanting", "is_there",
)  # fmt: skip


def _all_named(turn: Turn, reader: Reader, others: Sequence[str] = ()) -> list[Product]:
    """What is asked about together; what is not sold here is said."""
    products: list[Product] = []
    unknown = []
    for said in (*(one.value for one in turn.all("product_name")), *others):
        found = product_named(reader, said)
        if found.guesses or not (found.one or found.options):
            unknown.append(said)
        products += [found.one] if found.one else () if found.guesses else found.options
    if unknown:
        turn.say("utter_not_sold_here", said=", ".join(unknown))
    return list({one.id: one for one in products}.values())


def takes_all_told(turn: Turn) -> bool:
    """ "Dono bhej do" of several goods that were just told of."""
    if turn.is_user or turn.is_not_words or not just_spoken_of(turn, OFFERED):
        return False
    if "?" in turn.text or any(says(turn.words, one) for one in ("asking", "asks_price", "cancel")):
        return False
    sent = says(turn.words, "buyers.sends") or says(turn.words, "wanting")
    return sent and says(turn.words, "buyers.of_each") and turn.first("product_name") is None
