"""What the forms of buying share: from whom goods come, or money goes to."""

from __future__ import annotations

import re

from actions import waiting
from actions.context import Turn
from actions.forms.choices import NEW, pend_choice
from actions.forms.draft import Draft
from actions.forms.form import Form
from actions.lexicon import says
from actions.match import customer_named
from actions.purchases.billed import is_said
from actions.purchases.buying_words import form_for
from actions.purchases.vendors import seller_named, vendor_named
from actions.reading.said import bare_text
from erp_core.journal.context import Reader

_FROM = re.compile(r"^from\s+|\s+(?:se|से)[.!]*$", re.IGNORECASE)

MOST_WORDS_OF_A_NUMBER = 9
"""A longer message about a bill's number asks for something else."""


class BuyingForm(Form):
    """A form that is about a vendor, found by name or new."""

    def _begin_parts(self, turn: Turn, draft: Draft) -> None:
        """Of several vendors the others are told to wait."""
        super()._begin_parts(turn, draft)
        for one in draft["others"]:
            turn.say("utter_wished_next", what=waiting.what_of(turn, one["form"], one["data"]))

    def take_vendor(self, turn: Turn, draft: Draft, *, asked: bool) -> bool:
        """The vendor's name, as an entity or as the answer to the question for it."""
        named = seller_named(turn)
        said = named.value if named else None
        if said is None and asked and _is_one_name(turn):
            said = _answered(turn)
        if said is None:
            return False
        draft["vendor_said"], draft["vendor"] = said, None
        return True

    def settle_vendor(self, reader: Reader, draft: Draft) -> None:
        """Find the vendor; one that nobody is like is new, and is added with the bill."""
        said = draft["vendor_said"]
        if draft["vendor"] or not said or draft.pending:
            return
        found = vendor_named(reader, said)
        buyer = None if found.one else customer_named(reader, said).one
        if buyer:
            set_vendor(draft, None, buyer.name)
            draft["vendor"]["buys_here"] = True
        elif found.one:
            set_vendor(draft, str(found.one.id), found.one.name)
        elif found.options:
            options = [
                {"id": str(one.id), "name": one.name, "description": ""} for one in found.options
            ]
            pend_choice(draft, found, options, field="vendor", may_add=True)
        else:
            set_vendor(draft, None, said)

    def _is_other(self, turn: Turn) -> bool:
        """What the wording gives to this form stays, whatever its intent; to another, leaves."""
        said = is_said(turn.text)
        if said and len(turn.words) <= MOST_WORDS_OF_A_NUMBER:
            return False
        wanted = form_for(turn)
        return wanted != self.form if wanted else super()._is_other(turn)

    def choose_vendor(self, draft: Draft, value: str) -> None:
        """One of those offered, or the one that was named as somebody new."""
        pending = draft["answering"]
        if value == NEW:
            set_vendor(draft, None, pending["said"])
        for option in pending["options"]:
            if option["id"] == value:
                set_vendor(draft, value, option["name"])


def _answered(turn: Turn) -> str | None:
    """The name that answers from whom goods came, "bazaar se"; the market's, where nobody knows."""
    if says(turn.words, "buying.of_nobody"):
        return turn.line("word_market")
    said = bare_text(turn)
    return said and (_FROM.sub("", said).strip() or said)


def _is_one_name(turn: Turn) -> bool:
    """Whether the message is a bare answer, whatever its only words were taken for."""
    if not turn.entities:
        return True
    text, one = turn.text.strip(), turn.entities[0]
    return len(turn.entities) == 1 and one.name == "product_name" and one.value == text


def set_vendor(draft: Draft, vendor_id: str | None, name: str) -> None:
    """The draft is about this vendor; without an id, about one who is new."""
    draft["vendor"], draft["vendor_said"] = {"id": vendor_id, "name": name}, None
