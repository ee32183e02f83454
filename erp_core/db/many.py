"""Conditions over very many ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, any_, bindparam, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

IDS = postgresql.ARRAY(postgresql.UUID(as_uuid=True))


def one_of(column: Any, ids: Collection[UUID]) -> ColumnElement[Boolean]:
    """Whether a column holds one of some ids, given as one array: in_ makes a parameter of each,
    which takes longer than the query when they are the bills of a month."""
    found: ColumnElement[Boolean] = column == any_(literal(list(ids), IDS))
    return found


def one_of_given(column: Any, name: str) -> ColumnElement[Boolean]:
    """The same for a Statement, whose ids are a parameter of this name: a list."""
    found: ColumnElement[Boolean] = column == any_(bindparam(name, type_=IDS))
    return found
