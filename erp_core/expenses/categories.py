"""What shops spend money on, with the words that people say for it, in any script.

Words are compared in their folded form, so one spelling of each is enough. `input_credit` is False
where GST that was paid cannot be set off (CGST Act, section 17(5)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from erp_core.kernel.errors import Invalid
from erp_core.kernel.spelling import fold
from erp_core.ledger import chart


@dataclass(frozen=True)
class Category:
    """A kind of expense. `account` is where it is posted: what is for oneself is drawn, and
    equipment is owned and written down from year to year, which spends nothing yet."""

    code: str
    words: str
    input_credit: bool = True

    @property
    def account(self) -> str:
        return _NOT_SPENT.get(self.code) or chart.expense_account(self.code)


OTHER = "other"
PERSONAL = "personal"
EQUIPMENT = "equipment"
"""Capital goods."""
_NOT_SPENT = {PERSONAL: chart.DRAWINGS, EQUIPMENT: chart.FIXED_ASSETS}

CATEGORIES = {
    category.code: category
    for category in (
        Category(
            "rent",
            "rent, kiraya, किराया, dukaan ka kiraya, dukaan ka bhada, dukan ka bhada, "
            "godown, godam, गोदाम, lease, pagdi",
        ),
        Category(
            "electricity",
            "bijli, बिजली, light bill, electricity, electric, current bill, light ka "
            "bill, genset, generator, inverter, bulb, tubelight, meter bill",
        ),
        Category(
            "water",
            "water, paani ka bill, water bill, tanker, bisleri jar, camper, पानी का बिल, jal",
        ),
        Category(
            "salary",
            "salary, tankha, tankhwah, तनख्वाह, सैलरी, pagar, vetan, वेतन, wages, majdoori, "
            "mazdoori, मजदूरी, bonus, advance staff, dihadi, labour, overtime, staff",
        ),
        Category(
            "food",
            "chai, चाय, tea, chai paani, चाय पानी, nashta, नाश्ता, samosa, khana, khane, खाना, "
            "lunch, dinner, breakfast, snacks, coffee, biscuit, mithai, मिठाई, cold "
            "drink, juice, tiffin, hotel khana, swiggy, zomato, party, pizza",
            input_credit=False,
        ),
        Category(
            "ingredients",
            "rasoi ka saman, रसोई का सामान, gas cylinder, गैस सिलेंडर, lpg",
        ),
        Category(
            "fuel",
            "petrol, पेट्रोल, diesel, डीजल, cng, fuel, tel bharwaya, gaadi ka tel, petrol "
            "pump, bike ka tel",
        ),
        Category(
            "transport",
            "transport, bhaada, gaadi bhada, गाड़ी भाड़ा, tempo, टेम्पो, truck, freight, "
            "cartage, courier, कूरियर, delivery, dtdc, porter, dunzo, auto, rickshaw, "
            "रिक्शा, thela, loading, unloading, hamali, hammali, hamaali, palledari, palledar, "
            "पल्लेदारी, हमाली, maal bhada, dhulai, speed post, parcel, bhada",
        ),
        Category(
            "travel",
            "train, ticket, टिकट, bus, flight, hotel, taxi, ola, uber, cab, toll, fastag, "
            "parking, yatra",
        ),
        Category(
            "phone_internet",
            "recharge, रिचार्ज, mobile bill, phone bill, internet, wifi, broadband, jio, "
            "airtel, data pack, dth, sim",
        ),
        Category(
            "stationery",
            "stationery, stationary, स्टेशनरी, pen, paper, copy, register, bill book, "
            "printing, printout, xerox, photocopy, cartridge, ink, toner, stamp, file, envelope, "
            "chapai",
        ),
        Category(
            "packing",
            "packing, पैकिंग, polythene, polybag, thaili, थैली, carry bag, carton, tape, "
            "packaging, bubble wrap, khokha, gatta, rassi, sutli",
        ),
        Category(
            "repairs",
            "repair, repairing, रिपेयर, maintenance, marammat, मरम्मत, service, mistri, "
            "मिस्त्री, plumber, electrician, carpenter, puncture, ac service, painting, "
            "paint, welding, theek karaya",
        ),
        Category(
            "cleaning",
            "cleaning, safai, सफाई, jhadu, झाड़ू, phenyl, sweeper, kachra, dustbin, "
            "pocha, harpic, soap",
        ),
        Category(
            "advertising",
            "advertising, advertisement, ad, ads, facebook ads, google ads, banner, "
            "hoarding, pamphlet, poster, flex, visiting card, marketing, prachar, प्रचार, "
            "board",
        ),
        Category(
            "bank_charges",
            "bank charge, bank charges, interest, byaj, ब्याज, emi, loan, processing fee, "
            "cheque bounce, swipe machine, pos charge, commission",
        ),
        Category(
            "taxes_fees",
            "tax, property tax, mandi tax, mandi shulk, licence, license, लाइसेंस, fssai, "
            "registration fee, nagar nigam, challan, चालान, penalty, late fee, gumasta, "
            "shop act, fine",
        ),
        Category(
            "professional_fees",
            "ca fee, ca fees, accountant, munim, मुनीम, lawyer, vakil, वकील, consultant, "
            "audit, gst return fee, legal",
        ),
        Category(
            "software",
            "software, app, subscription, tally, domain, hosting, antivirus, licence key, cloud",
        ),
        Category(
            EQUIPMENT,
            "computer, laptop, printer, fridge, freezer, fan, pankha, पंखा, counter, "
            "furniture, chair, kursi, कुर्सी, table, almari, अलमारी, rack, weighing "
            "machine, kaanta, tarazu, camera, cctv, machine, tools",
        ),
        # Of life, health and vehicles no credit is allowed; of what the shop trades in, it is.
        Category("insurance", "insurance, bima, बीमा, policy, premium, lic", input_credit=False),
        Category(
            "shop_insurance",
            "shop insurance, dukaan insurance, dukaan ka bima, दुकान का बीमा, stock insurance, "
            "stock ka bima, maal ka bima, माल का बीमा, godown insurance, godown ka bima, "
            "fire insurance, fire policy, aag ka bima, burglary insurance, chori ka bima, "
            "transit insurance, marine insurance, shopkeeper insurance, shopkeeper policy",
        ),
        Category(
            "donation",
            "donation, chanda, चंदा, daan, दान, pooja, puja, पूजा, prasad, mandir, diwali "
            "gift, dakshina, havan, agarbatti, phool, mala",
            input_credit=False,
        ),
        Category(
            "medical",
            "medicine, dawai, दवाई, doctor, hospital, first aid, checkup, medical",
            input_credit=False,
        ),
        Category(
            PERSONAL,
            "ghar, घर, ghar kharch, ghar ka kharcha, personal, school fee, school fees, "
            "niji, निजी, family, bachche, bachcho, bete, beti, biwi, patni, "
            "cigarette, cigar, sigret, paan, gutka, movie, shaadi",
            input_credit=False,
        ),
        # "Kirana" stands here so that it is no slip for "kiraya", the rent; "mandi" for "mandir".
        Category(
            OTHER,
            "misc, miscellaneous, other, kharcha, futkar, फुटकर, kirana, किराना, mandi, मंडी",
        ),
    )
}

_ALIKE = 0.8
_LONG_ENOUGH = 5
"""A word of so many letters that is so much like a known one counts as a slip of the finger."""


def category(code: str) -> Category:
    """The category with a code. Raises Invalid("bad_category")."""
    if code not in CATEGORIES:
        raise Invalid("bad_category")
    return CATEGORIES[code]


def guess_category(item: str | None) -> str:
    """The code of the category that an item most likely belongs to; "other" when nothing tells.

    The phrase with the most words wins ("paani ka bill" over "bill"), then the longest one. What is
    said after equipment was bought for it: "computer repair", "printer paper".
    """
    words = fold(item or "").split()
    phrases = _phrases()
    places = {phrase: at for phrase in phrases if (at := _place(words, phrase)) is not None}
    best = _longest(places)
    if best and phrases[best] == EQUIPMENT:
        for_it = [one for one in places if places[one] > places[best] and phrases[one] != EQUIPMENT]
        best = _longest(for_it) or best
    return phrases[best] if best else _guess_misspelt(words)


def _longest(found: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    return max(found, key=lambda phrase: (len(phrase), len("".join(phrase))), default=None)


def _guess_misspelt(words: list[str]) -> str:
    singles = {phrase[0]: code for phrase, code in _phrases().items() if len(phrase) == 1}
    spelt = {word for phrase in _phrases() for word in phrase}
    for word in words:
        if word in spelt:
            continue
        near = process.extractOne(
            word, list(singles), scorer=Levenshtein.normalized_similarity, score_cutoff=_ALIKE
        )
        if near and len(word) >= _LONG_ENOUGH:
            return singles[near[0]]
    return OTHER


def _place(words: list[str], phrase: tuple[str, ...]) -> int | None:
    """Where a phrase begins among words, None where it is not said."""
    size = len(phrase)
    starts = (at for at in range(len(words) - size + 1) if tuple(words[at : at + size]) == phrase)
    return next(starts, None)


@lru_cache(maxsize=1)
def _phrases() -> dict[tuple[str, ...], str]:
    return {
        tuple(fold(phrase).split()): one.code
        for one in CATEGORIES.values()
        for phrase in one.words.split(",")
    }
