"""The customer whom a draft is for: taken from a message, found, chosen or added."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import Entity, without_denied
from actions.forms.choices import NEW, pend_choice
from actions.forms.draft import Draft, start_over
from actions.lexicon import only, says, words
from actions.match import customer_in_text, customer_named, customer_option, just_spoken_of, recent
from actions.orders.tables import seat
from actions.reading.parts import one_at_a_time
from actions.reading.said import bare_text, pieces_between
from erp_core.journal.context import Reader
from erp_core.parties import queries, service
from erp_core.parties.names import person_key
from erp_core.parties.permissions import Permission

MOST_WORDS_BEHIND = 2
"""So many words behind a marked name may belong to it."""

LONGEST_NAME = 4
"""Words of a name that no entity marks."""

_NO_NAME = ("asking", "wanting", "of_the_shop", "remove", "bill_words", "discount", "cancel")
"""Words that stand in nobody's name."""


def settle_customer(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Find the customer whom the draft names."""
    said = draft["customer_said"]
    if draft["customer"] or not said or draft.pending:
        return
    found = customer_named(reader, said)
    if found.one:
        set_customer(draft, found.one.id, found.one.name)
        return
    if found.guesses:
        seat(turn, reader, draft, said)
    options = [customer_option(turn, one) for one in found.options]
    pend_choice(draft, found, options, field="customer", may_add=turn.may(Permission.ADD_CUSTOMER))


def set_customer(draft: Draft, customer_id: Any, name: str) -> None:
    """The draft is for this customer."""
    draft["customer"] = {"id": str(customer_id), "name": name}
    draft["customer_said"] = None


def choose_customer(turn: Turn, draft: Draft, value: str) -> None:
    """Take the chosen customer, or add the one that was named."""
    pending = draft["answering"]
    if value == NEW:
        number = draft.data.pop("number_said", None)
        _add_customer(turn, draft, name=pending["said"], **({"phone": number} if number else {}))
        return
    for option in pending["options"]:
        if option["id"] == value:
            set_customer(draft, option["id"], option["name"])


def take_customer(turn: Turn, draft: Draft, *, asked: bool) -> bool:
    """Take a customer's name from a message; `asked`: a short text may be the name itself."""
    if instead := _named_instead(turn):
        draft["customer_said"], draft["customer"] = instead, None
        return True
    names = _whole_names(turn, without_denied(turn.text, turn.all("customer_name")))
    if len({person_key(one.value) for one in names}) > 1 and not says(turn.words, "negation"):
        one_at_a_time(turn, [one.value for one in names])
        return True
    if not names and _gives_number(turn, draft):
        return True
    named = names or turn.all("customer_phone")
    said = named[-1].value if named else None
    nameless = says(turn.words, "of_a_person") and turn.is_user
    if said is None and asked and not nameless and not turn.entities and may_be_name(turn):
        said = bare_text(turn)
    if said is None and draft["customer"] is None and not draft["customer_said"] and turn.is_user:
        with turn.read() as reader:
            spoken_of = customer_in_text(turn, reader)
        if spoken_of:
            set_customer(draft, spoken_of.id, spoken_of.name)
            return True
    if said is None and draft["customer"] is None and _is_spoken_of(turn):
        before = recent(turn, "customer")
        if before:
            draft["customer_said"] = None
            draft["customer"] = {"id": str(before), "name": customer_name(turn, before)}
            return True
    if said is None:
        return False
    draft["customer_said"], draft["customer"] = said, None
    if names:
        draft["number_said"] = turn.value("customer_phone")
    return True


def _named_instead(turn: Turn) -> str | None:
    """The customer of "Meena nahi Pushpa", "not Meena, Pushpa": whoever stands behind the one that
    is refused, where nothing else is said."""
    refused = turn.all("customer_name")
    if not turn.is_user or len(turn.entities) != 1 or len(refused) != 1:
        return None
    before = words(turn.text[: refused[0].start])
    behind = words(turn.text[refused[0].end :])
    if behind and only(behind[:1], "negation"):
        behind = behind[1:]
    elif not (before and only(before, "negation")):
        return None
    name = " ".join(one for one in behind if not only([one], "filler"))
    with turn.read() as reader:
        found = customer_named(reader, name) if name else None
    return name if found and (found.one or (found.options and not found.guesses)) else None


def _is_spoken_of(turn: Turn) -> bool:
    """ "Usko 2 maggi do"; "aur 2 maggi le gayi", right after somebody was spoken of."""
    took = says(turn.words, "took_along") and not says(turn.words, "shoppers")
    return says(turn.words, "same_person") or (took and just_spoken_of(turn, "customer"))


def begins_anew(turn: Turn, draft: Draft) -> bool:
    """Whether the same kind of work begins for somebody else; then the draft is emptied, and it
    is said, so that nothing of one customer is written to another."""
    said = turn.value("customer_name")
    if not (said and draft.replying) or turn.intent in ("affirm", "deny"):
        return False
    if not draft["customer"]:
        other = draft["amount"] and not draft["customer_said"] and turn.first("amount")
        if other:
            start_over(turn, draft)
        return bool(other)
    if is_part_of(said, draft["customer"]["name"]):
        return False
    rest = words(" ".join(pieces_between(turn)))
    around = ("filler", "had_been", "undoing.sorry", "pronouns")
    name_alone = all(one.name == "customer_name" for one in turn.entities) and all(
        any(only([word], cue) for cue in around) for word in rest
    )
    if name_alone or says(turn.words, "negation"):
        return False
    start_over(turn, draft)
    return True


def is_part_of(said: str, name: str) -> bool:
    """Whether all words said are of a name: "Ravi", "Ravi ji" and "Kumar" of "Ravi Kumar"."""
    return set(person_key(said).split()) <= set(person_key(name).split())


def customer_name(turn: Turn, customer_id: UUID) -> str:
    """A customer's name."""
    with turn.read() as reader:
        return queries.customer(reader, customer_id).name


def may_be_name(turn: Turn) -> bool:
    """Whether a text that was not understood can be somebody's name."""
    if len(turn.words) > LONGEST_NAME or any(sign in turn.text for sign in "?%"):
        return False
    if turn.is_sure and turn.intent in ("goodbye", "greeting"):
        return False
    return not any(says(turn.words, cue) for cue in _NO_NAME)


def _gives_number(turn: Turn, draft: Draft) -> bool:
    """A number alone, after a name that nobody has here: it is that of whoever was named."""
    asked, number = draft["asked"] or {}, turn.value("customer_phone")
    if number is None or asked.get("field") != "customer" or not asked.get("may_add"):
        return False
    with turn.read() as reader:
        if customer_named(reader, number).one:
            return False
    _add_customer(turn, draft, name=asked["said"], phone=number)
    return True


def _add_customer(turn: Turn, draft: Draft, **known: str) -> None:
    added = turn.run(service.add_customer, key=f"draft:{draft.id}:customer", **known)
    set_customer(draft, added["customer_id"], added["name"])
    turn.say("utter_customer_added_short", name=added["name"])


def _whole_names(turn: Turn, names: list[Entity]) -> list[Entity]:
    """Names together with the words behind them that are the rest of a customer's name.

    "Mohan" cut from "mohan lal 2000" would be another customer.
    """
    return [_whole_name(turn, one) for one in names] if turn.is_user else names


def _whole_name(turn: Turn, name: Entity) -> Entity:
    next_entity = min((e.start for e in turn.entities if e.start >= name.end), default=None)
    rest = turn.text[name.end : next_entity].split()[:MOST_WORDS_BEHIND]
    if not name.end or not rest or only(words(rest[0]), "filler"):
        return name
    with turn.read() as reader:
        for count in range(len(rest), 0, -1):
            longer = " ".join([name.value, *rest[:count]])
            found = customer_named(reader, longer).one
            if found and is_part_of(longer, found.name):
                return replace(name, value=longer)
    return name
