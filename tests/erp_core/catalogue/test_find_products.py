"""Finding products by what people call them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
import yaml

from erp_core.catalogue import queries, service
from erp_core.kernel.errors import Conflict
from erp_core.kernel.matching import CERTAIN, EXACT, bears

NAMES = [
    "iPhone 15",
    "iPhone 15 Pro",
    "Samsung Galaxy M34",
    "boAt Rockerz earphones",
    "USB-C charger 20W",
    "Maggi",
    "Maggi Atta 70g",
    "Parle-G",
    "Chini",
    "Toor dal",
    "Amul butter 100g",
    "Amul butter 500g",
]


@pytest.fixture
def shelf(ctx) -> dict[str, UUID]:
    return {
        name: UUID(service.add_product(ctx, name=name, price_paise=1_00)["product_id"])
        for name in NAMES
    }


def surely(ctx, text):
    return sorted(one.name for one in queries.family(ctx, text))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("iphone 15", ["iPhone 15"]),
        ("iPhone15", ["iPhone 15"]),
        ("आईफोन 15", ["iPhone 15"]),
        ("iphon 15", ["iPhone 15"]),
        ("iphn 15", ["iPhone 15"]),
        ("iphn", ["iPhone 15", "iPhone 15 Pro"]),
        ("ip15", ["iPhone 15"]),
        ("ip15 pro", ["iPhone 15 Pro"]),
        ("sgm34", ["Samsung Galaxy M34"]),
        ("ab 500", ["Amul butter 500g"]),
        ("ip16", []),
        ("chni", ["Chini"]),
        ("mggi", ["Maggi", "Maggi Atta 70g"]),
        ("parle-g packets", ["Parle-G"]),
        ("iphone", ["iPhone 15", "iPhone 15 Pro"]),
        ("iphone pro", ["iPhone 15 Pro"]),
        ("ifone 15 pro", ["iPhone 15 Pro"]),
        ("iphone wala", ["iPhone 15", "iPhone 15 Pro"]),
        ("maggi", ["Maggi"]),
        ("maggi atta", ["Maggi Atta 70g"]),
        ("maggie", ["Maggi", "Maggi Atta 70g"]),
        ("मैगी", ["Maggi"]),
        ("parle g", ["Parle-G"]),
        ("parleg", ["Parle-G"]),
        ("चीनी", ["Chini"]),
        ("cheeni", ["Chini"]),
        ("toor daal", ["Toor dal"]),
        ("amul butter", ["Amul butter 100g", "Amul butter 500g"]),
        ("amul butter 100 g", ["Amul butter 100g"]),
        ("charger", ["USB-C charger 20W"]),
        ("earphone", ["boAt Rockerz earphones"]),
        ("galaxy m34", ["Samsung Galaxy M34"]),
        ("galaxy m32", []),
        ("iphone 14", []),
        ("nokia", []),
        ("", []),
        ("??", []),
    ],
)
def test_what_is_surely_meant(ctx, shelf, said, meant):
    assert surely(ctx, said) == sorted(meant)


@pytest.mark.parametrize(
    ("said", "suggested"),
    [
        ("iphone 14", "iPhone 15"),
        ("iphone 15 por", "iPhone 15 Pro"),
        ("galaxy m32", "Samsung Galaxy M34"),
        ("amul milk", "Amul butter 100g"),
    ],
)
def test_what_looks_alike_is_suggested(ctx, shelf, said, suggested):
    matches = queries.find_products(ctx, said)
    assert suggested in [match.item.name for match in matches]
    assert all(match.score < CERTAIN for match in matches)


def test_nothing_alike_is_nothing(ctx, shelf):
    assert queries.find_products(ctx, "nokia 3310") == []


def test_an_sku_names_its_product(ctx, shelf):
    service.add_product(ctx, name="Dove sabun", price_paise=45_00, sku="DV-1")
    matches = queries.find_products(ctx, "dv-1")
    assert [(one.item.name, one.score) for one in matches] == [("Dove sabun", EXACT)]


def test_an_alias_is_a_name_too(ctx, shelf):
    service.add_alias(ctx, product_id=shelf["Chini"], alias="Shakkar")
    service.add_alias(ctx, product_id=shelf["Chini"], alias="shakkar")
    assert surely(ctx, "शक्कर") == ["Chini"]
    assert surely(ctx, "shakar") == ["Chini"]
    assert queries.aliases_of(ctx, shelf["Chini"]) == ["Shakkar"]
    with pytest.raises(Conflict) as refused:
        service.add_alias(ctx, product_id=shelf["Maggi"], alias="Shakkar")
    assert refused.value.facts == {"product_id": str(shelf["Chini"])}


def test_what_is_no_longer_sold_is_not_found(ctx, shelf):
    service.change_product(ctx, product_id=shelf["iPhone 15"], active=False)
    assert surely(ctx, "iphone") == ["iPhone 15 Pro"]
    assert surely(ctx, "iphone 15") == ["iPhone 15 Pro"]
    assert queries.product(ctx, shelf["iPhone 15"]).name == "iPhone 15"


def test_no_more_than_asked_for(ctx, shelf):
    assert len(queries.find_products(ctx, "amul", limit=1)) == 1


def test_another_shops_products_are_not_there(database, clock, ctx, shelf):
    from erp_core.journal.context import Reader
    from erp_core.kernel.actor import SYSTEM
    from erp_core.parties.bootstrap import NewBusiness, register_business

    other = register_business(database, clock, NewBusiness("Other", "99999", "27"))
    ctx.connection.exec_driver_sql("COMMIT")
    with database.tenant(other) as connection:
        reader = Reader(connection, other, SYSTEM, clock.now())
        assert queries.find_products(reader, "iphone") == []
        assert queries.all_products(reader) == []
        assert queries.products_by_id(reader, list(shelf.values())) == {}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("iphone 15 black 128", "iPhone 15 128GB Black"),
        ("kala iphone 15 128", "iPhone 15 128GB Black"),
        ("काला आईफोन 128", "iPhone 15 128GB Black"),
        ("128 wala safed iphone", "iPhone 15 128GB White"),
        ("blue lux", "Lux Neela 100g"),
        ("lux badi", "Lux Large"),
    ],
)
def test_brand_size_and_colour_in_any_order(ctx, said, meant):
    names = ("iPhone 15 128GB Black", "iPhone 15 256GB Black", "iPhone 15 128GB White")
    for name in (*names, "Lux Neela 100g", "Lux Large", "Lux 100g"):
        service.add_product(ctx, name=name, price_paise=100)
    found = queries.find_products(ctx, said)
    assert [one.item.name for one in found if one.score >= CERTAIN] == [meant]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("थर्मामीटर", ["Thermometer"]),
        ("क्रोसिन सिरप", ["Crocin syrup"]),
        ("सिरिंज", ["Syringe 5ml"]),
        ("ओआरएस", ["ORS packet"]),
        ("लक्स साबुन", ["Lux soap 100g"]),
        ("पारले जी", ["Parle-G 80g"]),
        ("कॉटन साड़ी", ["Cotton saree"]),
        ("टी शर्ट", ["T-shirt"]),
        ("टीशर्ट", ["T-shirt"]),
        ("थम्स अप", ["Thums Up 600ml"]),
        ("सैनिटरी पैड", ["Sanitary pads"]),
        ("आईफोन पंद्रह", ["iPhone 15"]),
        ("डिज़ाइनर शर्ट", ["Designer shirt"]),
        ("वेज बिरयानी", ["Veg biryani"]),
        ("पंक्चर", ["Puncture repair"]),
        ("व्हील अलाइनमेंट", ["Wheel alignment"]),
        ("टायर", ["CEAT tyre 2.75-18", "MRF tyre 90/100-10"]),
        ("सीएट टायर", ["CEAT tyre 2.75-18"]),
        ("ट्यूब", ["Bike tube"]),
        ("दलिया", []),
        ("चीनी", []),
        ("बीस", []),
        ("तीन सौ", []),
    ],
)
def test_english_names_are_heard_in_devanagari(ctx, said, meant):
    goods = ("Thermometer", "Crocin syrup", "Syringe 5ml", "ORS packet", "Lux soap 100g")
    others = ("Thums Up 600ml", "Sanitary pads", "iPhone 15", "Charger 20W")
    clothes = ("Cotton saree", "T-shirt", "Designer shirt", "Cotton shirt")
    work = ("Puncture repair", "Wheel alignment", "CEAT tyre 2.75-18", "MRF tyre 90/100-10")
    for name in (*goods, *clothes, *work, "Bike tube", "Dolo 650"):
        service.add_product(ctx, name=name, price_paise=1_00)
    for name in ("Parle-G 80g", "Veg biryani", "Chicken biryani", *others):
        service.add_product(ctx, name=name, price_paise=1_00)
    assert surely(ctx, said) == meant


IN_DEVANAGARI = yaml.safe_load(Path(__file__).with_name("in_devanagari.yml").read_text("utf-8"))


@pytest.mark.parametrize("trade", IN_DEVANAGARI)
def test_each_trade_s_goods_are_found_as_they_are_written_in_devanagari(ctx, trade):
    goods = IN_DEVANAGARI[trade]
    for name in goods:
        service.add_product(ctx, name=name, price_paise=1_00)
    found = {said: surely(ctx, said) for name in goods for said in goods[name]}
    assert found == {said: [name] for name in goods for said in goods[name]}


@pytest.mark.parametrize("said", ["कितना", "प्लाज़ो", "पांच सौ", "मैदा", "दाल", "कल", "उधार", "मीना"])
def test_what_only_shares_consonants_with_a_name_is_not_heard_as_it(ctx, said):
    for name in ("Cotton shirt", "NGK spark plug", "Harpic 500ml", "Lux soap", "Coal", "Redmi"):
        service.add_product(ctx, name=name, price_paise=1_00)
    assert surely(ctx, said) == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("powerbank", ["Power bank 10000"]),
        ("coco peat", ["Cocopeat block"]),
        ("facewash himalaya", ["Himalaya face wash"]),
        ("screen repairing", ["Screen repair"]),
        ("regmal", ["Sand paper"]),
        ("bank", ["Power bank 10000"]),
    ],
)
def test_a_name_may_be_written_apart_or_as_one_word(ctx, said, meant):
    for name in ("Power bank 10000", "Cocopeat block", "Himalaya face wash", "Screen repair"):
        service.add_product(ctx, name=name, price_paise=1_00)
    service.add_product(ctx, name="Sand paper", price_paise=1_00)
    assert surely(ctx, said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("burger buns", "Burger bun"), ("buns", "Burger bun"), ("pens", "Blue pen"), ("lens", None)],
)
def test_short_words_have_an_english_plural(ctx, said, meant):
    for name in ("Burger bun", "Blue pen", "Glass"):
        service.add_product(ctx, name=name, price_paise=1_00)
    assert surely(ctx, said) == ([meant] if meant else [])


def test_a_short_word_that_begins_otherwise_is_no_guess(ctx):
    service.add_product(ctx, name="boAt Rockerz earphones", price_paise=1_00)
    assert queries.find_products(ctx, "oats") == []
    assert [one.item.name for one in queries.find_products(ctx, "bota")] == [
        "boAt Rockerz earphones"
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("sarson ka tel", ["Fortune mustard oil 1L"]),
        ("सरसों का तेल", ["Fortune mustard oil 1L"]),
        ("chai patti", ["Tata tea 250g"]),
        ("tuar dal", ["Toor dal"]),
        ("अरहर", ["Toor dal"]),
        ("chocolate", []),
        ("colgat", ["Colgate 100g"]),
    ],
)
def test_a_grocer_s_goods_go_by_hindi_names(ctx, said, meant):
    for name in ("Fortune mustard oil 1L", "Tata tea 250g", "Toor dal", "Chini", "Colgate 100g"):
        service.add_product(ctx, name=name, price_paise=1_00)
    assert surely(ctx, said) == meant


@pytest.mark.parametrize(("said", "meant"), [("tshrt", ["T-shirt"]), ("tsht", [])])
def test_words_that_were_run_together_in_haste_are_one_name(ctx, said, meant):
    for name in ("T-shirt", "Cotton shirt", "Jeans"):
        service.add_product(ctx, name=name, price_paise=1_00)
    assert surely(ctx, said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("kil", "Nails 2 inch"),
        ("hathoda", "Hammer"),
        ("taar", "Finolex wire"),
        ("कलम", "Cello pen"),
    ],
)
def test_goods_of_many_trades_are_found_by_their_other_name(ctx, said, meant):
    for name in ("Nails 2 inch", "Hammer", "Finolex wire", "Cello pen", "Ultratech cement"):
        service.add_product(ctx, name=name, price_paise=1_00)
    assert surely(ctx, said) == [meant]


NURSERY = (
    "Money plant",
    "Rose plant red",
    "Rose plant yellow",
    "Ceramic pot 6 inch",
    "Ceramic pot 10 inch",
    "Plastic gamla 8 inch",
    "Vermicompost",
    "Lawn grass",
    "Gardener visit",
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("lal gulab", ["Rose plant red"]),
        ("gulab peela", ["Rose plant yellow"]),
        ("पीले गुलाब", ["Rose plant yellow"]),
        ("गुलाब लाल वाले", ["Rose plant red"]),
        ("gulab ke paudhe", ["Rose plant red", "Rose plant yellow"]),
        ("खाद", ["Vermicompost"]),
        ("mali", ["Gardener visit"]),
        ("ghaas", ["Lawn grass"]),
        ("gamla", ["Plastic gamla 8 inch"]),
        ("ceramic gamla", ["Ceramic pot 6 inch", "Ceramic pot 10 inch"]),
        ("bade ceramic pot", ["Ceramic pot 10 inch"]),
        ("बड़ा सिरेमिक गमला", ["Ceramic pot 10 inch"]),
        ("chhota ceramic pot", ["Ceramic pot 6 inch"]),
        ("bada gamla", ["Plastic gamla 8 inch"]),
        ("snake plant", []),
    ],
)
def test_goods_are_told_by_colour_and_size_in_either_language(ctx, said, meant):
    for name in NURSERY:
        service.add_product(ctx, name=name, price_paise=1_00)
    assert sorted(surely(ctx, said)) == sorted(meant)


def test_a_size_that_a_name_denies_is_not_taken_for_it(ctx):
    service.add_product(ctx, name="Lux small", price_paise=1_00)
    assert surely(ctx, "bada lux") == []


def test_a_name_that_bears_the_word_comes_before_what_means_the_same(ctx):
    for name in ("Paint brush", "Rang goli"):
        service.add_product(ctx, name=name, price_paise=1_00)
    assert surely(ctx, "rang") == ["Rang goli"]


@pytest.mark.parametrize(
    ("name", "said", "stands"),
    [
        ("Photocopy A4", "xerox", True),
        ("Camphor 50g", "कपूर", True),
        ("Colour print A4", "colour printout", True),
        ("USB-C charger 20W", "recharge", False),
        ("Ray-Ban aviator", "aviator case", False),
    ],
)
def test_a_name_bears_what_was_said_by_its_sound_or_another_word(name, said, stands):
    assert bears(name, said) is stands
