"""GSTINs: their forms and their check character (Luhn, modulus 36)."""

from __future__ import annotations

import re
from string import ascii_uppercase, digits

from erp_core.kernel.errors import Invalid
from erp_core.tax import states

ALPHABET = digits + ascii_uppercase

FORMS = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "normal": r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABD-J][0-9A-Z]",
        "government": r"[0-9]{2}[A-Z]{4}[0-9]{5}[A-Z][0-9]Z[0-9]",
        "deductor": r"[0-9]{2}[A-Z]{4}[A-Z0-9][0-9]{4}[A-Z][1-9A-Z]D[0-9A-Z]",
        "collector": r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]C[0-9A-Z]",
        "non_resident": r"[0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]",
        "online_service": r"99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]",
        "united_nations": r"[0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[A-Z0-9]",
    }.items()
}
IN_TEXT = re.compile(r"\b\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]{3}\b", re.IGNORECASE)
"""What people write for a GSTIN within a message, right or wrong."""

PAN = re.compile(r"[A-Z]{5}[0-9]{4}[A-Z]")


def checked(text: str) -> str:
    """The GSTIN in upper case and without spaces.

    Raises Invalid("bad_gstin") with the reason "form", "state" or "check_character".
    """
    gstin = "".join(text.split()).upper()
    kind = kind_of(gstin)
    if kind is None:
        raise Invalid("bad_gstin", reason="form")
    if kind in ("normal", "government") and not _known_state(gstin[:2]):
        raise Invalid("bad_gstin", reason="state")
    if gstin[-1] != check_character(gstin[:-1]):
        raise Invalid("bad_gstin", reason="check_character")
    return gstin


def is_valid(text: str) -> bool:
    """Whether this is a GSTIN that could have been issued."""
    try:
        checked(text)
    except Invalid:
        return False
    return True


def kind_of(gstin: str) -> str | None:
    """Which kind of registration a GSTIN has the form of."""
    return next((kind for kind, form in FORMS.items() if form.fullmatch(gstin)), None)


def state_of(gstin: str) -> str:
    """The code of the state in which it is registered."""
    return states.checked(gstin[:2])


def check_character(first_fourteen: str) -> str:
    """The last character of a GSTIN: factors 1, 2, 1, 2 … from the left, in base 36."""
    total = 0
    for index, character in enumerate(first_fourteen):
        product = ALPHABET.index(character) * (1 + index % 2)
        total += product // 36 + product % 36
    return ALPHABET[-total % 36]


def _known_state(code: str) -> bool:
    return states.RETIRED.get(code, code) in states.STATES
