"""Choosing among names: which one is meant, or whether what is unknown shall be added."""

from __future__ import annotations

from typing import Any

from actions.context import Turn
from actions.forms.draft import Draft
from actions.lexicon import only, says, words
from actions.match import Found, payload_of
from actions.phrasebook import Button
from erp_core.kernel.spelling import fold, sound

NEW = "new"
"""The choice "none of these: add it"."""

SKIP = "skip"
"""The choice "none of these: leave it out"."""

MOST_ROWS = 10
"""So many rows WhatsApp's list holds."""


def pend_choice(draft: Draft, found: Found, options: list[dict[str, str]], **what: Any) -> None:
    """Ask which of several is meant, or whether what is unknown shall be added. A yes answers what
    is asked of one thing; not whether it is that thing, or to be added."""
    token = f"{len(options)}{what.get('field', '')}{what.get('index', '')}"
    draft.pending = {
        "kind": "choose" if not found.guesses else "unknown",
        "said": found.said,
        "options": options,
        "token": token,
        **what,
    }
    if found.guesses and not options and what.get("may_add"):
        draft.pending["yes"] = NEW
    elif len(options) == 1 and not (found.guesses and what.get("may_add")):
        draft.pending["yes"] = options[0]["id"]
    elif found.guesses and not options and "index" in what and len(draft["lines"] or ()) > 1:
        draft.pending["yes"] = SKIP


def ask_choice(turn: Turn, draft: Draft, pending: dict[str, Any]) -> None:
    """Ask a choice that pend_choice has noted."""
    kind = pending["field"]
    rows = [
        Button(
            title=option["name"],
            payload=choice_payload(draft, pending, option["id"]),
            description=option["description"],
        )
        for option in pending["options"]
    ]
    ways_on = _ways_on(turn, draft, pending)
    rows = rows[: MOST_ROWS - len(ways_on)]
    if pending["kind"] == "choose":
        turn.say(f"utter_which_{kind}", said=pending["said"], choices=[*rows, *ways_on])
        return
    if pending.get("may_add"):
        response = f"utter_unknown_{kind}_or_add" if pending["options"] else f"utter_add_{kind}"
    elif pending["options"]:
        response = f"utter_{kind}_guesses"
    else:
        here = f"utter_no_such_{kind}_here"
        response = here if turn.phrasebook.has(here) else f"utter_no_such_{kind}"
    turn.say(response, said=pending["said"], choices=[*rows, *ways_on])


def _ways_on(turn: Turn, draft: Draft, pending: dict[str, Any]) -> list[Button]:
    """What else can be done with a name than to choose what it means."""
    ways = []
    if pending["kind"] == "unknown" and pending.get("may_add"):
        ways.append((f"utter_add_{pending['field']}_button", NEW))
    if pending["kind"] == "unknown" and "index" in pending and draft["lines"]:
        ways.append(("utter_button_skip_line", SKIP))
    buttons = [
        Button(title=turn.line(title), payload=choice_payload(draft, pending, value))
        for title, value in ways
    ]
    return [*buttons, drop_button(turn, draft)]


def choice_payload(draft: Draft, pending: dict[str, Any], value: str) -> str:
    """What a button means that answers a choice."""
    return payload_of("affirm", draft=draft.stamp, choice=value, act=pending["token"])


def picked_by_words(turn: Turn, draft: Draft) -> str | None:
    """The option that is meant by "pehla wala", "2", or a part of its name."""
    pending = draft.pending or {}
    options = pending.get("options") or []
    if not options:
        return None
    said = turn.words
    for at, cue in enumerate(("first", "second", "third")):
        beside = [word for word in said if not only([word], cue)]
        placed = says(said, cue) and only(beside, "beside_a_place")
        if at < len(options) and placed:
            return str(options[at]["id"])
    wanted = {word for word in said if not only([word], "filler")}
    fitting = [one for one in options if wanted and wanted <= set(words(one["name"]))]
    # "15" after "kaunsa iPhone?" is the iPhone 15, though the 15 Pro holds it too.
    whole = wanted | set(words(pending.get("said") or ""))
    exact = [one for one in fitting if set(words(one["name"])) in (wanted, whole)]
    chosen = exact or fitting
    return str(chosen[0]["id"]) if len(chosen) == 1 else None


def leaves_it_out(turn: Turn, draft: Draft) -> bool:
    """ "Ye chhod do", "iske bina likh do", "baaki likh do": goods that nobody knows are left out,
    and the rest is written."""
    pending = draft.pending or {}
    if _names_and_leaves(turn, draft, pending):
        return True
    asked = pending.get("kind") == "unknown" and "index" in pending
    if not asked or len(draft["lines"] or ()) < 2 or turn.is_not_words:
        return False
    if any(words(one.value) != words(pending["said"]) for one in turn.entities):
        return False
    if says(turn.words, "left_out.without"):
        return True
    beside = [one for one in turn.words if not only([one], "filler")]
    goes_on = says(turn.words, "do_it") or says(turn.words, "wanting")
    if says(turn.words, "changes.rest") and goes_on and not says(turn.words, "remove"):
        return True
    points = any(only([one], "left_out.this") for one in turn.words)
    rest = [one for one in beside if not only([one], "left_out.this")]
    return points and bool(rest) and only(rest, "left_out.leave")


def _names_and_leaves(turn: Turn, draft: Draft, pending: dict[str, Any]) -> bool:
    """ "Bhujia rehne do, sirf soan papdi", where it is asked which bhujia."""
    lines, said = draft["lines"] or (), _heard(pending.get("said") or "")
    choosing = pending.get("field") == "product" and "index" in pending
    if not (said and choosing) or len(lines) < 2 or turn.first("quantity"):
        return False
    others = {one for line in lines for one in _heard(f"{line.get('name') or ''} {line['said']}")}
    named = [_heard(one.value) for one in turn.all("product_name")]
    if not all(one == said or others.issuperset(one) for one in named):
        return False
    row = [sound(fold(one)) for one in turn.words]
    at = next((at for at in range(len(row)) if row[at : at + len(said)] == said), None)
    if at is None or not all(only([one], "filler") for one in turn.words[:at]):
        return False
    behind = turn.words[at + len(said) :][:1]
    return only(behind, "left_out.leave") or only(behind, "negation")


def _heard(said: str) -> list[str]:
    return [sound(fold(one)) for one in words(said)]


def pointed_at(turn: Turn, draft: Draft) -> str | None:
    """The only option that is offered, where "haan wahi" points at it."""
    options = (draft.pending or {}).get("options") or []
    beside = [one for one in turn.words if not only([one], "that_one")]
    points = len(beside) < len(turn.words) and only(beside, "beside_a_place")
    return str(options[0]["id"]) if len(options) == 1 and points and not turn.entities else None


def drop_button(turn: Turn, draft: Draft) -> Button:
    """A button that drops what is being written."""
    title = turn.line("utter_button_drop")
    return Button(title=title, payload=payload_of("deny", draft=draft.stamp))
