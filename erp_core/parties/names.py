"""Names, phone numbers and tax numbers in the one form in which they are stored and compared."""

from __future__ import annotations

import re

import phonenumbers

from erp_core.kernel.errors import Invalid
from erp_core.kernel.matching import FILLERS, search_key
from erp_core.kernel.spelling import fold
from erp_core.kernel.visible import visible

HOME_REGION = "IN"
LONGEST_HOME_NUMBER = 10
LONGEST_NAME = 120

HONORIFICS = frozenset(
    fold(
        """
        ji jee shri shree shrimati smt mr mrs ms dr sir saab sahab saheb sahib madam madamji
        mam maam bhai bhaiya bhaiyya bhaisaab bhaijaan bhaijan didi dada dadi kaka kaki
        chacha chachi uncle aunty auntie anna akka amma beta bhabhi mausi mami mama seth
        sethji babu babuji lala lalaji pandit pandiji panditji masterji ustad miyan begum
        ben behn behen bahen bahan behan bhau मैडम मैडमजी मैम आंटी अंकल भाईसाहब
        """
    ).split()
)
"""Folded. They are how a person is addressed, not what the person is called."""

TITLES = frozenset(
    fold(
        """
        dr doctor डॉक्टर डाक्टर pandit panditji masterji ustad seth sethji lala lalaji maulana maulvi
        hakim vaid vaidya thekedar netaji sarpanch vakil
        kaka kaki chacha chachi uncle aunty auntie dada dadi bhabhi mausi mami आंटी अंकल
        """
    ).split()
)
"""Folded. Those by which somebody may be called without a name: a trade, or kinship."""

_SAME_TITLE = {
    fold(said): fold(title)
    for said, title in (
        ("dr", "doctor"), ("डॉक्टर", "doctor"), ("डाक्टर", "doctor"), ("auntie", "aunty"),
    )
}  # fmt: skip

NO_PLACES = frozenset(
    fold(
        """
        road rd street lane gali nagar colony near opposite opp main market bazar bazaar chowk
        house flat floor plot shop dukan dukaan block sector phase ward building tower complex
        post tehsil dist district village gaon gram pin india the and of ke ka ki pas paas
        first second third ground number no
        """
    ).split()
)
"""Folded. Words of an address that name no place."""

_DOCTOR = re.compile(r"(?<!\S)डॉ\.?(?=\s)")
_SPACES = re.compile(r"\s+")
_GSTIN = re.compile(r"\d{2}[A-Z0-9]{13}")
_STATE = re.compile(r"\d{2}")


SCHEMES = ("regular", "composition")
TREATMENTS = ("sez", "sez_lut", "export", "export_lut", "deemed_export")
"""Supplies that are taxed in their own way: to a special economic zone or abroad, with integrated
tax or under bond or letter of undertaking without (IGST Act, section 16), and deemed exports."""

LONGEST_LICENCE = 80
_FSSAI = re.compile(r"[12]\d{13}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def person_key(name: str) -> str:
    """The key by which people are searched: without honorifics and "wala", unless that is all."""
    return search_key(name, without=HONORIFICS | FILLERS)


def bare_key(name: str) -> str:
    """The key of somebody whose title may be none of the name: "डॉ नेहा जैन"."""
    return search_key(_DOCTOR.sub(" ", name), without=HONORIFICS | TITLES | FILLERS)


def titles_in(name: str) -> frozenset[str]:
    """What somebody is called by who is named "Pandit Ramesh Shastri": "pandit"."""
    said = search_key(name, without=FILLERS).split()
    bare = (one.removesuffix("ji") if one.removesuffix("ji") in TITLES else one for one in said)
    return frozenset(_SAME_TITLE.get(one, one) for one in bare if one in TITLES)


def title_alone(said: str) -> frozenset[str]:
    """The title that is all of what somebody is called: "pandit ji"; none for a name."""
    named = search_key(said, without=HONORIFICS | TITLES | FILLERS).split()
    return titles_in(said) if set(named) <= HONORIFICS | TITLES | FILLERS else frozenset()


def place_key(address: str | None) -> str:
    """The words of an address by which its people are told apart: "Rampur", "Kothrud"; "" for none.

    House numbers and words such as "road" name no place.
    """
    words = search_key(address, without=NO_PLACES).split() if address else []
    return " ".join(word for word in words if word.isalpha() and word not in NO_PLACES)


def clean_name(name: str) -> str:
    """The name on one line without stray spaces. Raises Invalid("bad_name")."""
    cleaned = _SPACES.sub(" ", visible(name)).strip()
    if not cleaned or len(cleaned) > LONGEST_NAME or not person_key(cleaned):
        raise Invalid("bad_name")
    return cleaned


def normal_phone(text: str) -> str:
    """A phone number as WhatsApp writes it: E.164 digits without the plus ("919876500001").

    Ten digits, or a leading zero, mean an Indian number. Raises Invalid("bad_phone").
    """
    digits = re.sub(r"\D", "", text)
    at_home = len(digits) <= LONGEST_HOME_NUMBER or digits.startswith("0")
    try:
        number = phonenumbers.parse(digits if at_home else f"+{digits}", HOME_REGION)
    except phonenumbers.NumberParseException:
        raise Invalid("bad_phone") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid("bad_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).lstrip("+")


def clean_gstin(text: str) -> str:
    """A GSTIN in capitals; its check digit is the tax module's. Raises Invalid("bad_gstin")."""
    gstin = text.strip().upper()
    if not _GSTIN.fullmatch(gstin):
        raise Invalid("bad_gstin")
    return gstin


def clean_state(code: str) -> str:
    """A GST state code in two digits ("7" → "07"). Raises Invalid("bad_state")."""
    state = code.strip().zfill(2)
    if not _STATE.fullmatch(state) or state == "00":
        raise Invalid("bad_state")
    return state


def clean_colour(text: str) -> str:
    """A colour as "#921c24". Raises Invalid("bad_colour")."""
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise Invalid("bad_colour")
    return colour


def clean_fssai(text: str) -> str:
    """The number of an FSSAI licence, which begins with 1, or registration, with 2: 14 digits.
    Raises Invalid("bad_fssai")."""
    digits = re.sub(r"[\s-]", "", text)
    if not _FSSAI.fullmatch(digits):
        raise Invalid("bad_fssai")
    return digits


def clean_drug_licence(text: str) -> str:
    """Numbers of a licence to sell drugs as they are written on it (forms 20 and 21, or 20B and
    21B), with a comma between two. Raises Invalid("bad_drug_licence")."""
    cleaned = ", ".join(_SPACES.sub(" ", one).strip() for one in visible(text).upper().split(","))
    if not 0 < len(cleaned) <= LONGEST_LICENCE or not any(one.isdigit() for one in cleaned):
        raise Invalid("bad_drug_licence")
    return cleaned


def clean_scheme(text: str) -> str:
    """How a registered business pays GST. Raises Invalid("bad_scheme")."""
    if text not in SCHEMES:
        raise Invalid("bad_scheme")
    return text


def clean_treatment(text: str) -> str:
    """How supplies to a customer are taxed. Raises Invalid("bad_treatment")."""
    if text not in TREATMENTS:
        raise Invalid("bad_treatment")
    return text
