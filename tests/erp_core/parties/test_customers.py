"""Adding, changing and finding customers."""

from __future__ import annotations

from uuid import UUID

import pytest

from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.matching import CERTAIN, EXACT
from erp_core.parties import queries, service

PEOPLE = {
    "Ravi Kumar": "919123456789",
    "Gupta Traders": "919123456701",
    "Ramesh Sharma": "919123456702",
    "Sharma Traders": "919123456703",
    "Imran Shaikh": "919123456704",
    "Didi": None,
}


@pytest.fixture
def people(ctx):
    for name, phone in PEOPLE.items():
        service.add_customer(ctx, name=name, phone=phone)


def found(ctx, text, floor=CERTAIN):
    return {one.item.name for one in queries.find_customers(ctx, text) if one.score >= floor}


def test_a_customer_is_added_and_read(ctx):
    added = service.add_customer(
        ctx, name="  Mohan   Lal ", phone="98765 43210", gstin="27aapfu0939f1zv", address="Pune"
    )
    customer = queries.customer(ctx, UUID(added["customer_id"]))
    assert added["name"] == customer.name == "Mohan Lal"
    assert (customer.phone, customer.gstin, customer.state, customer.address) == (
        "919876543210",
        "27AAPFU0939F1ZV",
        "27",
        "Pune",
    )
    assert queries.customer_by_phone(ctx, "+91 98765-43210") == customer
    assert queries.customer_by_phone(ctx, "98765") is None


@pytest.mark.parametrize(
    "text",
    ["9876543210", "+91 98765 43210", "919876543210", "09876543210", "0091 98765 43210"],
)
def test_a_phone_number_has_one_form(ctx, text):
    service.add_customer(ctx, name="Mohan", phone=text)
    assert queries.customer_by_phone(ctx, "9876543210").phone == "919876543210"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"phone": "12345"}, "bad_phone"),
        ({"phone": "abc"}, "bad_phone"),
        ({"name": "  "}, "bad_name"),
        ({"name": "x" * 200}, "bad_name"),
        ({"gstin": "27AAPFU"}, "bad_gstin"),
        ({"state": "Goa"}, "bad_state"),
        ({"language": "tamil"}, "bad_language"),
    ],
)
def test_what_cannot_be_read_is_refused(ctx, wrong, code):
    with pytest.raises(Invalid, match=code):
        service.add_customer(ctx, **{"name": "Mohan", **wrong})


def test_a_phone_number_belongs_to_one_person(ctx):
    first = service.add_customer(ctx, name="Mohan", phone="9876543210")
    with pytest.raises(Conflict) as refused:
        service.add_customer(ctx, name="Sohan", phone="+919876543210")
    assert refused.value.code == "phone_taken"
    assert refused.value.facts == {"party_kind": "customer", "party_id": first["customer_id"]}


def test_events_hold_no_name_and_no_number(ctx):
    service.add_customer(ctx, name="Mohan Lal", phone="9876543210")
    written = " ".join(f"{event.kind} {dict(event.payload)}" for event in ctx.events)
    assert "Mohan" not in written
    assert "98765" not in written


def test_details_change(ctx):
    customer_id = UUID(service.add_customer(ctx, name="Mohan", phone="9876543210")["customer_id"])
    changed = service.change_customer(
        ctx, customer_id=customer_id, name="Mohan Lal", phone="9876543211", state="7"
    )
    assert changed["changed"] == ["name", "state", "phone"]
    customer = queries.customer(ctx, customer_id)
    assert (customer.name, customer.phone, customer.state) == ("Mohan Lal", "919876543211", "07")
    assert queries.customer_by_phone(ctx, "9876543210") is None
    assert found(ctx, "mohan lal") == {"Mohan Lal"}


def test_an_unknown_customer_is_not_found(ctx):
    with pytest.raises(NotFound, match="customer"):
        queries.customer(ctx, new_id())
    with pytest.raises(NotFound, match="customer"):
        service.change_customer(ctx, customer_id=new_id(), name="Nobody")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Ravi", {"Ravi Kumar"}),
        ("ravi bhai", {"Ravi Kumar"}),
        ("Ravi ji", {"Ravi Kumar"}),
        ("Mr. Ravi Kumar", {"Ravi Kumar"}),
        ("रवि कुमार जी", {"Ravi Kumar"}),
        ("गुप्ता जी", {"Gupta Traders"}),
        ("guptaa saab", {"Gupta Traders"}),
        ("Sharma sahab", {"Ramesh Sharma", "Sharma Traders"}),
        ("sharma treders", {"Sharma Traders"}),
        ("shaikh bhai", {"Imran Shaikh"}),
        ("sheikh", {"Imran Shaikh"}),
        ("didi", {"Didi"}),
        ("Mukesh", set()),
        ("6789", {"Ravi Kumar"}),
        ("9123456701", {"Gupta Traders"}),
        ("+91 91234 56702", {"Ramesh Sharma"}),
    ],
)
def test_people_are_found_as_people_call_them(ctx, people, said, meant):
    assert found(ctx, said) == meant


def test_an_exact_name_leaves_out_the_others(ctx, people):
    service.add_customer(ctx, name="Sharma")
    matches = queries.find_customers(ctx, "Sharma ji")
    assert [(one.item.name, one.score) for one in matches] == [("Sharma", EXACT)]


def test_a_misspelt_name_is_only_a_suggestion(ctx, people):
    matches = queries.find_customers(ctx, "Gupta Medical")
    assert [one.item.name for one in matches] == ["Gupta Traders"]
    assert matches[0].score < CERTAIN


def test_a_customer_sees_itself_alone(ctx, acting, people):
    ravi = queries.customer_by_phone(ctx, "9123456789")
    gupta = queries.customer_by_phone(ctx, "9123456701")
    as_ravi = acting("customer", ravi.id)
    assert queries.customer(as_ravi, ravi.id) == ravi
    with pytest.raises(Forbidden):
        queries.customer(as_ravi, gupta.id)
    with pytest.raises(Forbidden):
        queries.find_customers(as_ravi, "gupta")
    with pytest.raises(Forbidden):
        queries.all_customers(as_ravi)


def test_a_customer_does_not_take_another_phone(ctx, acting, people):
    ravi = queries.customer_by_phone(ctx, "9123456789")
    with pytest.raises(Forbidden):
        service.change_customer(
            acting("customer", ravi.id), customer_id=ravi.id, phone="9000000001"
        )


def test_a_guest_becomes_a_customer(ctx, acting):
    added = service.register(
        acting("guest"), name="Naya Grahak", kind="phone", value="919000000009"
    )
    actor = queries.identify(ctx, kind="phone", value="919000000009")
    assert (actor.kind, str(actor.id)) == ("customer", added["customer_id"])
    with pytest.raises(Conflict, match="phone_taken"):
        service.register(acting("guest"), name="Again", kind="phone", value="919000000009")


def test_a_guest_known_only_by_a_scoped_id_becomes_a_customer(ctx, acting):
    added = service.register(acting("guest"), name="Naya", kind="bsuid", value="IN.1234")
    customer = queries.customer(ctx, UUID(added["customer_id"]))
    assert customer.phone is None
    assert queries.identify(ctx, kind="bsuid", value="IN.1234").id == customer.id


def test_vendors_are_found_too(ctx):
    added = service.add_vendor(ctx, name="Metro Distributors", phone="9000000010")
    assert queries.vendor(ctx, UUID(added["vendor_id"])).name == "Metro Distributors"
    assert [one.item.name for one in queries.find_vendors(ctx, "metro")] == ["Metro Distributors"]
    assert queries.identify(ctx, kind="phone", value="919000000010") is None


def test_sales_over_the_counter_are_one_customers(ctx):
    first, second = service.walk_in(ctx), service.walk_in(ctx)
    assert first == second
    assert queries.customer(ctx, UUID(first["customer_id"])).name == service.WALK_IN
    assert [one.name for one in queries.all_customers(ctx)] == [service.WALK_IN]
