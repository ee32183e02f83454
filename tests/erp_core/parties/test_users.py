"""Who runs the business, and who it is that writes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.parties import queries, service


@pytest.fixture
def owner(ctx) -> UUID:
    added = service.add_user(ctx, name="Sharma", phone="9876500001", role="owner")
    return UUID(added["user_id"])


def test_a_user_is_known_by_phone(ctx, owner):
    assert queries.identify(ctx, kind="phone", value="919876500001") == Actor(
        "user", owner, "owner"
    )
    assert queries.identify(ctx, kind="phone", value="+91 98765 00001").id == owner
    assert queries.identify(ctx, kind="phone", value="919876599999") is None


def test_one_number_is_a_user_or_a_customer(ctx, owner):
    with pytest.raises(Conflict) as refused:
        service.add_customer(ctx, name="Sharma", phone="9876500001")
    assert refused.value.facts["party_kind"] == "user"


def test_only_the_owner_manages_users(acting, owner):
    for standing in ("manager", "staff", "viewer", "customer", "guest"):
        with pytest.raises(Forbidden):
            service.add_user(acting(standing), name="X", phone="9876500002", role="staff")


def test_a_role_is_one_of_four(ctx):
    with pytest.raises(Invalid, match="bad_role"):
        service.add_user(ctx, name="X", phone="9876500002", role="king")


def test_roles_change_and_access_ends(ctx, owner):
    meena = UUID(service.add_user(ctx, name="Meena", phone="9876500002", role="staff")["user_id"])
    service.change_user(ctx, user_id=meena, role="manager")
    assert queries.identify(ctx, kind="phone", value="919876500002").role == "manager"
    service.change_user(ctx, user_id=meena, active=False)
    assert queries.identify(ctx, kind="phone", value="919876500002") is None
    assert [one.name for one in queries.all_users(ctx)] == ["Sharma"]
    assert [one.name for one in queries.all_users(ctx, active_only=False)] == ["Sharma", "Meena"]


def test_a_shop_keeps_an_owner(ctx, owner):
    for change in ({"role": "staff"}, {"active": False}):
        with pytest.raises(Conflict, match="last_owner"):
            service.change_user(ctx, user_id=owner, **change)
    service.add_user(ctx, name="Kavita", phone="9876500003", role="owner")
    service.change_user(ctx, user_id=owner, role="staff")
    assert queries.user(ctx, owner).role == "staff"


def test_everybody_is_answered_in_a_language_of_choice(ctx, acting, owner):
    sharma = Actor("user", owner, "owner")
    assert queries.language_of(ctx, sharma) == "hinglish"
    service.change_language(acting("owner", owner), language="hindi")
    assert queries.language_of(ctx, sharma) == "hindi"
    assert queries.language_of(ctx, Actor("guest")) == "hinglish"
    assert service.change_language(acting("guest"), language="english") == {"language": "english"}
    with pytest.raises(Invalid, match="bad_language"):
        service.change_language(ctx, language="tamil")


def test_nobody_chooses_for_somebody_else(ctx, acting, owner):
    ravi = UUID(service.add_customer(ctx, name="Ravi")["customer_id"])
    with pytest.raises(Forbidden):
        service.change_language(
            acting("customer", ravi), language="hindi", party=Actor("user", owner)
        )


def test_a_scoped_id_is_learned_beside_a_phone(ctx, owner):
    learned = service.learn_identity(ctx, known=("phone", "919876500001"), new=("bsuid", "IN.99"))
    assert learned == {"party_kind": "user", "party_id": str(owner), "new": True}
    assert queries.identify(ctx, kind="bsuid", value="IN.99").id == owner
    again = service.learn_identity(ctx, known=("phone", "919876500001"), new=("bsuid", "IN.99"))
    assert again["new"] is False
    reached = {"phone": "919876500001", "bsuid": "IN.99"}
    assert queries.identities_of(ctx, "user", [owner, uuid4()]) == {owner: reached}


def test_who_changed_the_number_stays_the_same_person(ctx):
    ravi = UUID(service.add_customer(ctx, name="Ravi", phone="9123456789")["customer_id"])
    service.learn_identity(ctx, known=("phone", "919123456789"), new=("bsuid", "IN.1"))
    service.learn_identity(ctx, known=("bsuid", "IN.1"), new=("bsuid", "IN.2"))
    service.learn_identity(ctx, known=("bsuid", "IN.2"), new=("phone", "919123450000"))
    assert queries.identify(ctx, kind="phone", value="919123450000").id == ravi
    assert queries.identify(ctx, kind="phone", value="919123456789") is None
    assert queries.customer(ctx, ravi).phone == "919123450000"


def test_identities_are_linked_by_the_channel_alone(ctx, acting, owner):
    for standing in ("owner", "customer", "guest"):
        with pytest.raises(Forbidden):
            service.learn_identity(
                acting(standing), known=("phone", "919876500001"), new=("bsuid", "IN.99")
            )
    with pytest.raises(NotFound, match="identity"):
        service.learn_identity(ctx, known=("phone", "919999999999"), new=("bsuid", "IN.99"))


def test_the_business_itself_changes(ctx, acting):
    changed = service.change_business(ctx, name="Sharma & Sons", prices_include_tax=True)
    assert changed == {"changed": ["name", "prices_include_tax"]}
    business = queries.business(ctx)
    assert (business.name, business.prices_include_tax) == ("Sharma & Sons", True)
    with pytest.raises(Forbidden):
        service.change_business(acting("manager"), name="Mine now")
