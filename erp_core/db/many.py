"""Conditions over very many ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, any_, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement


def one_of(column: Any, ids: Collection[UUID]) -> ColumnElement[Boolean]:
    """Whether a column holds one of some ids, given as one array: in_ makes a parameter of each,
    which takes longer than the query when they are the bills of a month."""
    given = literal(list(ids), postgresql.ARRAY(postgresql.UUID(as_uuid=True)))
    found: ColumnElement[Boolean] = column == any_(given)
    return found
