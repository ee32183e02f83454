"""A statement that was sent in the chat is read by a job, and who sent it hears how it went."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from sqlalchemy import select

from erp_core.banking import service
from erp_core.journal.jobs import run_due
from erp_core.journal.models import jobs, outbox
from erp_core.kernel.actor import Actor
from erp_core.kernel.errors import NotFound
from erp_core.parties.service import add_user

CSV = b"Tran Date,CHQNO,PARTICULARS,DR,CR,BAL,SOL\n18-11-2026,,UPI/RAVI KUMAR,,1500.00,1,1\n"


@pytest.fixture
def owner(run) -> Actor:
    added = run(add_user, name="Sharma", phone="919876500001", role="owner")
    return Actor("user", UUID(added["user_id"]), "owner")


def test_it_is_read_and_told(run, bahi, business, ravi, owner):
    run(service.read_later, actor=owner, media="abc")
    handlers = {service.JOB: service.reads({"abc": CSV}.__getitem__)}
    run_due(bahi, handlers)
    run_due(bahi, handlers)
    with bahi.read(business) as reader:
        rows = reader.connection.execute(
            select(outbox.c.response, outbox.c.recipient_id, outbox.c.facts).where(
                outbox.c.business_id == business
            )
        ).all()
    (told,) = rows
    assert (told.response, told.recipient_id) == ("utter_bank_imported", owner.id)
    assert json.loads(told.facts)["suggested"] == 1


@pytest.mark.parametrize("content", [b"not a statement", None])
def test_a_file_that_cannot_be_read_is_told_and_not_tried_again(
    run, bahi, business, owner, content
):
    run(service.read_later, actor=owner, media="abc")

    def load(_media):
        if content is None:
            raise NotFound("media")
        return content

    run_due(bahi, {service.JOB: service.reads(load)})
    with bahi.read(business) as reader:
        status = reader.connection.execute(
            select(jobs.c.status).where(jobs.c.business_id == business)
        ).scalar_one()
        response = reader.connection.execute(
            select(outbox.c.response).where(outbox.c.business_id == business)
        ).scalar_one()
    assert (status, response) == ("done", "utter_error_bad_statement")
