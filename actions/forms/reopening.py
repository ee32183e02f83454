"""What was just written is put right on the card that it was written by: it is opened again with
what is said in the place of something on it, and a yes writes it instead of the former."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.context import Turn
from actions.forms.draft import OF_THE_TURN, Draft
from erp_core.kernel.money import inr

_OF_THE_FIRST = frozenset({"others", "aside", "instead", "order"})
"""What a card holds that is none of it once it is written."""


def as_written(turn: Turn, draft: Draft, entry_id: str, paise: int) -> dict[str, Any]:
    """A card as it was agreed to, and what was written by it on which day."""
    left_out = OF_THE_TURN | _OF_THE_FIRST
    kept = {key: value for key, value in draft.data.items() if key not in left_out}
    on = draft["on"] or turn.today.isoformat()
    return {"form": draft.form, "data": kept, "id": entry_id, "amount": paise, "on": on}


def noted_anew(turn: Turn, wrong_id: str, right_id: str | None, paise: int) -> str | None:
    """What is noted of what was written last, now that another sum stands in its place; None where
    nothing does, or something else was put right."""
    noted = (turn.slots.get("recent") or {}).get("written")
    last: dict[str, Any] = json.loads(noted) if noted else {}
    together = last.get("together") or [last.get("id")]
    if right_id is None or wrong_id not in together:
        return None
    ids = [right_id if one == wrong_id else one for one in together]
    anew = {"id": right_id, "amount": paise}
    cards = [
        {**one, **anew, "data": {**one["data"], "amount": paise}} if one["id"] == wrong_id else one
        for one in last.get("cards", ())
    ]
    beside = {"together": ids} if len(ids) > 1 else {}
    return json.dumps({**last, "id": right_id, "paise": paise, "cards": cards, **beside})


def reopened(turn: Turn) -> Draft | None:
    """The card of what was just written, with what a message changes on it; None where it changes
    nothing."""
    noted = (turn.slots.get("recent") or {}).get("written")
    last: dict[str, Any] = json.loads(noted) if noted and turn.is_user else {}
    opened = (_opened(turn, card, last["said"]) for card in last.get("cards", ()))
    return next((one for one in opened if one), None)


def _opened(turn: Turn, card: Mapping[str, Any], said: Mapping[str, Any]) -> Draft | None:
    from actions.forms.form import FORMS

    draft = Draft(turn.new_id(), card["form"], deepcopy(card["data"]))
    draft["instead"] = {**said, "id": card["id"], "amount": card["amount"]}
    if card["on"] != turn.today.isoformat():
        draft["on"] = card["on"]
    quiet = replace(turn, dispatcher=CollectingDispatcher())
    return draft if FORMS[draft.form]().puts_right(quiet, draft) else None


def instead_words(turn: Turn, draft: Draft) -> str:
    """Of what a card stands in the place, if of anything."""
    wrong = draft["instead"]
    return turn.line("line_instead", amount=inr(wrong["amount"])) if wrong else ""


def form_reopened(turn: Turn) -> str | None:
    """The form whose card a message puts right."""
    card = reopened(turn)
    return card.form if card else None
