"""GSTINs are checked by form, state and check character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.in_ import gstin as stdnum_gstin

from erp_core.kernel.errors import Invalid
from erp_core.tax import gstin
from erp_core.tax.states import RETIRED, STATES

normal = st.builds(
    lambda state, pan, entity: f"{state}{pan}{entity}Z",
    st.sampled_from(sorted(set(STATES) - {"38", "96", "97"})),
    st.from_regex(r"[A-Z]{3}[ABCFGHLJPT][A-Z](?!0000)[0-9]{4}[A-Z]", fullmatch=True),
    st.sampled_from("123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)


@pytest.mark.parametrize("text", ["27AAPFU0939F1ZV", " 27aapfu0939f1zv ", "27 AAPFU 0939F 1ZV"])
def test_a_gstin_is_brought_to_its_form(text):
    assert gstin.checked(text) == "27AAPFU0939F1ZV"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "form"),
        ("27AAPFU0939F1Z", "form"),
        ("27AAPFU0939F1ZVX", "form"),
        ("27AAPFU09395AZV", "form"),
        ("39AAPFU0939F1ZV", "state"),
        ("27AAPFU0939F1ZW", "check_character"),
        ("29AAPFU0939F1ZV", "check_character"),
        ("02AMBPG7773M002", "form"),
    ],
)
def test_what_is_no_gstin_is_refused_with_a_reason(text, reason):
    with pytest.raises(Invalid, match="bad_gstin") as error:
        gstin.checked(text)
    assert error.value.facts == {"reason": reason}
    assert not gstin.is_valid(text)


@given(normal)
def test_one_character_completes_a_gstin(first_fourteen):
    good = [c for c in gstin.ALPHABET if gstin.is_valid(first_fourteen + c)]
    assert good == [gstin.check_character(first_fourteen)]


@given(normal)
def test_an_independent_checker_agrees(first_fourteen):
    for last in gstin.ALPHABET:
        number = first_fourteen + last
        assert gstin.is_valid(number) == stdnum_gstin.is_valid(number), number


@given(normal, st.integers(0, 13), st.sampled_from(gstin.ALPHABET))
def test_a_wrong_character_never_passes_as_the_number_meant(first_fourteen, place, wrong):
    number = first_fourteen + gstin.check_character(first_fourteen)
    changed = number[:place] + wrong + number[place + 1 :]
    if changed != number and gstin.is_valid(changed):
        # Doubling in base 36 maps no two characters to one value: a single slip is always caught.
        pytest.fail(f"{changed} passes for {number}")


@pytest.mark.parametrize(
    ("first_fourteen", "kind"),
    [
        ("27AAPFU0939F1Z", "normal"),
        ("27PUNE09390F1Z", "government"),
        ("27PUNE09390F1D", "deductor"),
        ("27AAPFU0939F1C", "collector"),
        ("2721USA00001NR", "non_resident"),
        ("9917USA00001OS", "online_service"),
        ("0717USA00001UN", "united_nations"),
    ],
)
def test_registrations_of_every_kind(first_fourteen, kind):
    candidates = [first_fourteen + last for last in gstin.ALPHABET]
    assert kind in {gstin.kind_of(candidate) for candidate in candidates}


def test_the_state_of_a_retired_code_is_the_one_that_took_over():
    assert gstin.state_of("27AAPFU0939F1ZV") == "27"
    assert [gstin.state_of(code + "AAPFU0939F1ZV") for code in RETIRED] == ["26", "37"]
