"""What is prepared once answers as SQLAlchemy would, with a pooler before the server or without."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Integer, bindparam, event, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DataError, IntegrityError, NoResultFound

from erp_core.catalogue.models import product_aliases, products
from erp_core.catalogue.service import add_product
from erp_core.db.many import one_of_given
from erp_core.db.statements import ANSWERS, PREPARED, Statement, insertion

NAME = """100% "Pure" Ghee's; $1 %(name)s"""
READ = Statement(
    select(products.c.name, products.c.packs, products.c.price_paise.label("price"))
    .where(products.c.business_id == bindparam("tenant"), one_of_given(products.c.id, "ids"))
    .order_by(products.c.name)
    .limit(5)
)
PARTS = Statement(
    select((bindparam("whole", type_=Integer) / func.unnest(bindparam("parts"))).label("part"))
)
PACK = Statement(
    update(products).where(
        products.c.business_id == bindparam("tenant"), products.c.id == bindparam("one")
    ),
    columns=("packs",),
)
ALIAS = insertion(product_aliases, "business_id", "search_key", "product_id", "alias")
ALIAS_ONCE = Statement(
    upsert(product_aliases).on_conflict_do_nothing(),
    columns=("business_id", "search_key", "product_id", "alias"),
)


@pytest.fixture(params=["direct", "pooler"])
def connection(request, database, business):
    with database.tenant(business) as connection:
        known = connection.connection.info
        direct = known[PREPARED]
        if request.param == "pooler":
            del known[PREPARED]
        yield connection
        known[PREPARED] = direct


@pytest.fixture
def ghee(run):
    return UUID(run(add_product, name=NAME, price_paise=550_00)["product_id"])


def alias(business, ghee, key):
    return {"business_id": business, "search_key": key, "product_id": ghee, "alias": key}


def test_rows_are_named_and_hold_what_was_written(connection, business, ghee):
    assert PACK.run(connection, tenant=business, one=ghee, packs={"box": "24"}) == 1
    assert PACK.run(connection, tenant=business, one=uuid4(), packs={}) == 0
    (row,) = READ.all(connection, tenant=business, ids=[ghee, uuid4()])
    assert (row.name, row.packs, row.price) == (NAME, {"box": "24"}, 550_00)
    assert READ.first(connection, tenant=business, ids=[]) is None
    with pytest.raises(NoResultFound):
        READ.one(connection, tenant=business, ids=[uuid4()])


def test_who_reads_one_moment_asks_each_question_once(database, business, ghee):
    with database.snapshot(business) as connection:
        known = connection.connection.info
        first = READ.all(connection, tenant=business, ids=[ghee])
        first.clear()  # whoever asked may do with its list what it likes
        assert [row.name for row in READ.all(connection, tenant=business, ids=[ghee])] == [NAME]
        assert len(known[ANSWERS]) == 1
        assert READ.first(connection, tenant=business, ids=[ghee]).name == NAME
        assert READ.all(connection, tenant=business, ids=[uuid4()]) == []
        assert len(known[ANSWERS]) == 3
    assert ANSWERS not in known


def test_who_writes_reads_what_was_written(database, business, ghee):
    with database.tenant(business) as connection:
        assert READ.one(connection, tenant=business, ids=[ghee]).packs != {"box": "24"}
        PACK.run(connection, tenant=business, one=ghee, packs={"box": "24"})
        assert READ.one(connection, tenant=business, ids=[ghee]).packs == {"box": "24"}


def test_many_rows_are_inserted_at_once_and_known_ones_left(connection, business, ghee):
    ALIAS.run_many(connection, [alias(business, ghee, key) for key in ("desi", "shuddh")])
    assert ALIAS_ONCE.run(connection, **alias(business, ghee, "desi")) == 0
    assert ALIAS_ONCE.run(connection, **alias(business, ghee, "gai ka")) == 1


def test_an_error_is_sqlalchemys_and_tells_no_names(connection, business, ghee):
    unknown = [alias(business, uuid4(), "secret name")]
    heard = []
    event.listen(
        connection.engine,
        "handle_error",
        lambda context: heard.append(context.original_exception.pgcode),
        once=True,
    )
    with pytest.raises(IntegrityError) as raised, connection.begin_nested():
        ALIAS.run_many(connection, unknown)
    assert raised.value.orig.pgcode == "23503"
    assert "secret name" not in str(raised.value)
    assert heard == ["23503"]


def test_rows_come_one_by_one_and_an_error_among_them_is_sqlalchemys(connection):
    each = PARTS.each(connection, at_once=2, whole=6, parts=[1, 2, 3, 0])
    assert [next(each).part for _ in range(2)] == [6, 3]
    with pytest.raises(DataError) as raised, connection.begin_nested():
        list(each)
    assert raised.value.orig.pgcode == "22012"


def test_another_business_sees_nothing_by_the_same_statement(database, business, ghee):
    with database.tenant(business) as connection:
        assert len(READ.all(connection, tenant=business, ids=[ghee])) == 1
    with database.tenant(business + 1_000_000) as connection:
        assert READ.all(connection, tenant=business, ids=[ghee]) == []
