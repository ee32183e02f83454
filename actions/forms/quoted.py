"""An answer to the question of another draft than the one in hand: one that was quoted, say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import EventType, SlotSet

from actions.context import Turn
from actions.forms.beside import Outcome
from actions.forms.draft import Draft, what_of
from actions.reading.quoting import tells_past
from actions.waiting import SLOT, put_aside, taken_out

if TYPE_CHECKING:
    from actions.forms.form import Form

PASSED: list[EventType] = []
"""No events of a form: Rasa gives the message to whom it is for."""


def answer_to_another(
    form: Form, turn: Turn, draft: Draft, asked: str | None, forms: dict[str, type[Form]]
) -> list[EventType] | None:
    """What comes of it: the draft that waited is answered, and the one in hand waits instead; or it
    is told that the question is past; or a yes or no passes on, to the order that is quoted, say.
    None when no other question is answered."""
    if asked is None:
        return PASSED if _answers_what_is_quoted(turn) else None
    if asked == draft.id:
        return None
    found = taken_out(turn, asked)
    if found is not None and found[0]["form"] in forms:
        return _answered(form, turn, draft, (forms[found[0]["form"]](), *found))
    return form.keep(turn, draft) if tells_past(turn) else None


def taken_up(
    form: Form,
    turn: Turn,
    draft: Draft,
    wanted: str,
    forms: dict[str, type[Form]],
    *,
    first: bool,
) -> list[EventType] | None:
    """A draft that waits is asked now, and the one in hand waits for it: next, or last."""
    found = taken_out(turn, wanted)
    if found is None:
        return None
    its_form, other, waiting = forms[found[0]["form"]](), Draft(**found[0]), found[1]
    turn = replace(turn, slots={**turn.slots, SLOT: waiting})
    return _exchanged(form, turn, draft, (its_form, other), first=first)


def _exchanged(
    form: Form, turn: Turn, draft: Draft, taken: tuple[Form, Draft], *, first: bool
) -> list[EventType]:
    """One draft is asked, and the one in hand waits."""
    its_form, other = taken
    turn.say("utter_former_kept", what=what_of(turn, draft))
    left = form.close() if its_form.form != form.form else []
    aside = put_aside(turn, [draft.kept()], first=first)
    return [*left, *its_form.keep(turn, other), *aside]


def _answers_what_is_quoted(turn: Turn) -> bool:
    """Whether a mere yes or no came to a message that asked nothing for any draft."""
    return bool(turn.quoted) and turn.intent in ("affirm", "deny") and not turn.entities


def _answered(
    form: Form,
    turn: Turn,
    draft: Draft,
    taken: tuple[Form, dict[str, Any], list[dict[str, Any]]],
) -> list[EventType] | None:
    its_form, kept, others = taken
    other = Draft(**kept)
    waiting = {**turn.slots, SLOT: others}
    outcome = its_form.hear(replace(turn, slots={**waiting, "draft": kept}), other)
    if outcome is Outcome.DROPPED:
        return [SlotSet(SLOT, others or None), *form.keep(turn, draft)]
    if outcome is not Outcome.TAKEN:
        return None
    return _exchanged(form, replace(turn, slots=waiting), draft, (its_form, other), first=True)
