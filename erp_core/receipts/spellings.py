"""Names of sellers without the slips that an engine makes in what such names are made of."""

from __future__ import annotations

import re

from rapidfuzz import fuzz, process

TRADES = (
    "agencies", "apparels", "associates", "automobiles", "bakeries", "bakers", "bhandar",
    "bookstore", "bookstores", "brothers", "caterers", "chemist", "chemists", "collection",
    "communication", "communications", "company", "computers", "confectionery", "construction",
    "corporation", "departmental", "distribution", "distributor", "distributors", "electrical",
    "electricals", "electronics", "engineering", "enterprise", "enterprises", "footwear",
    "furniture", "garments", "general", "hardware", "hospital", "hypermarket", "industries",
    "international", "jewellers", "kirana", "limited", "logistics", "marketing", "medical",
    "medicals", "minimarket", "packaging", "petroleum", "pharmacy", "printers", "private",
    "products", "provision", "restaurant", "restoran", "sanitary", "services", "solutions",
    "stationers", "stationery", "supermarket", "supplier", "suppliers", "supplies", "systems",
    "technologies", "textile", "textiles", "trader", "traders", "trading", "transport",
    "wholesale", "wholesalers",
)  # fmt: skip
"""Words that say what a shop deals in: where a word is all but one of these, it is that one."""

ALIKE = 85
SHORTEST = 7
_LOOKS = str.maketrans("01!|5$", "OIIISS")
_WITHIN = re.compile(r"(?<=[A-Z])[01!|5$](?=[A-Z])|(?<=[A-Z]{2})[!|](?=\W|$)")
_FORMS = (
    (re.compile(r"\bS[A-Z]{1,3}(?:\W+)B[HUR][DOB0]\b"), "SDN BHD"),
    (re.compile(r"\bP[VY\\/]+[TIL1]\W+L[TIL1][DO0]\b"), "PVT LTD"),
)
"""Forms of companies, by the letters that are mistaken for theirs."""


def mended(name: str) -> str:
    """A name in which figures between capitals are letters again, and words of trade and forms of
    companies are as they are spelt."""
    name = _WITHIN.sub(lambda found: found[0].translate(_LOOKS), name)
    for form, spelt in _FORMS:
        name = form.sub(spelt, name)
    return " ".join(_mended(word) for word in name.split(" "))


def _mended(word: str) -> str:
    bare = word.strip(".,&()-'")
    if len(bare) < SHORTEST or bare.lower() in TRADES:
        return word
    found = process.extractOne(bare.lower(), TRADES, scorer=fuzz.ratio, score_cutoff=ALIKE)
    if found is None or bare.lower() + "s" == found[0] or bare.lower() == found[0] + "s":
        return word
    meant = found[0].upper() if sum(map(str.isupper, bare)) > len(bare) / 2 else found[0].title()
    return word.replace(bare, meant)
