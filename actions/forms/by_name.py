"""What is said of drafts that wait by their names, or of all at once: "nahi, pehle Meena wala",
"petrol wala cancel", "dono udhaar", "baad me"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from rasa_sdk.events import EventType, SlotSet

from actions.context import Turn
from actions.entities import Entity
from actions.forms.beside import Outcome
from actions.forms.draft import Draft, what_of
from actions.forms.quoted import answer_to_another, taken_up
from actions.goods.said import words_of_goods
from actions.lexicon import names, only, says, where, which, words
from actions.waiting import LEFT, SLOT
from erp_core.parties.names import person_key

if TYPE_CHECKING:
    from actions.forms.form import Form

DROP, FIRST, ALSO, HEAR = "drop", "first", "also", "hear"
"""What is wanted of a draft: that it be left, asked first, agreed to as well, or changed."""

BESIDE = (
    "filler", "waiting.pointing", "waiting.before", "cancel", "plain_no", "as_well", "do_it",
    "remove", "negation", "postpositions", "buyers.agreeing", "joining", "waiting.beside", "wait",
)  # fmt: skip
"""What may stand beside the name of a draft where nothing of it is changed."""


class _Said(NamedTuple):
    """What is said of one of the drafts in hand: its words without those that name it."""

    draft: Draft
    words: tuple[str, ...]
    behind: tuple[str, ...]


def answer_by_name(
    form: Form, turn: Turn, draft: Draft, forms: dict[str, type[Form]]
) -> list[EventType] | None:
    """What comes of it; None where nothing of the kind is said, or nothing waits."""
    waiting = [Draft(**one["draft"]) for one in turn.slots.get(SLOT) or []]
    waiting = [one for one in waiting if not one["sale"] and one.form in forms]
    if not waiting or not turn.is_user or turn.is_not_words or turn.value("draft"):
        return None
    if says(turn.words, "of_all"):
        return _answer_all(form, turn, draft, [(forms[one.form](), one) for one in waiting])
    if _puts_off(turn) and not any(_sale_of(one) == draft.id for one in turn.slots[SLOT]):
        return taken_up(form, turn, draft, waiting[0].id, forms, first=False)
    said = _said_of_each(turn, draft, waiting)
    acts = [(one.draft, _wanted(turn, one, alone=len(said) == 1)) for one in said]
    if not acts or any(act is None for _, act in acts):
        return None
    if len(acts) == 1 and acts[0][0] is not draft and acts[0][1] == HEAR:
        other = acts[0][0]
        heard = replace(turn, intent=_own_intent(forms[other.form], turn))
        return answer_to_another(form, heard, draft, other.id, forms)
    if any(act == HEAR for _, act in acts) or all(one is draft for one, _ in acts):
        return None
    return _each_done(form, turn, draft, acts, forms)


def _own_intent(form: type[Form], turn: Turn) -> str:
    return turn.intent if turn.intent in form.intents else min(form.intents)


def _each_done(
    form: Form,
    turn: Turn,
    draft: Draft,
    acts: Sequence[tuple[Draft, str | None]],
    forms: dict[str, type[Form]],
) -> list[EventType]:
    """Leave what shall be left, and ask first what shall come first."""
    here = next((act for one, act in acts if one is draft), None)
    gone = [one for one, act in acts if act == DROP and one is not draft]
    ahead = [one for one, act in acts if act != DROP and one is not draft]
    for one in gone:
        turn.say("utter_dropped", what=what_of(turn, one))
    turn = _with_waiting(turn, gone, ahead)
    agreed = here in (FIRST, ALSO) or any(act == ALSO for _, act in acts)
    if here == DROP:
        form._drop(turn, draft)
        return [SlotSet(SLOT, turn.slots[SLOT]), *form.close()]
    if agreed or not ahead:
        if agreed:
            form._handle_yes(turn, draft)
        return [SlotSet(SLOT, turn.slots[SLOT]), *form.keep(turn, draft)]
    return taken_up(form, turn, draft, ahead[0].id, forms, first=True) or form.keep(turn, draft)


def _with_waiting(turn: Turn, gone: Sequence[Draft], ahead: Sequence[Draft]) -> Turn:
    """The turn with what still waits, and what shall come next in front."""
    left, next_ones = [one.id for one in gone], [one.id for one in ahead]
    kept: list[dict[str, Any]] = [
        one
        for one in turn.slots[SLOT]
        if one["draft"]["id"] not in left and _sale_of(one) not in left
    ]
    kept.sort(key=lambda one: one["draft"]["id"] not in next_ones)
    return replace(turn, slots={**turn.slots, SLOT: kept or None})


def _sale_of(waiting: Mapping[str, Any]) -> str | None:
    sale: str | None = waiting["draft"]["data"].get("sale")
    return sale


def _answer_all(
    form: Form, turn: Turn, draft: Draft, waiting: Sequence[tuple[Form, Draft]]
) -> list[EventType] | None:
    """ "Dono cancel", "sab likh do", "dono udhaar"."""
    row = [one for one in turn.words if not only([one], "of_all")]
    if turn.first("product_name") or turn.first("amount") or turn.first("quantity"):
        return None
    if turn.method or says(turn.words, "on_khata"):
        return _paid_alike(form, turn, draft, waiting)
    if any(turn.entities) or not all(any(only([one], cue) for cue in BESIDE) for one in row):
        return None
    if says(row, "cancel") or says(row, "remove") or says(row, "negation"):
        for _, one in waiting:
            turn.say("utter_dropped", what=what_of(turn, one))
        form._drop(turn, draft)
        return [SlotSet(SLOT, None), *form.close()]
    if says(row, "buyers.agreeing") or says(row, "do_it"):
        form._handle_yes(turn, draft)
        return form.keep(turn, draft)
    return None


def _paid_alike(
    form: Form, turn: Turn, draft: Draft, waiting: Sequence[tuple[Form, Draft]]
) -> list[EventType] | None:
    """One way of paying for all that is written; None where the draft in hand takes none."""
    found = where(turn.words, "of_all")
    pieces = turn.text.split()
    if found is None or len(pieces) != len(turn.words):
        return None
    text = " ".join(one for one in pieces if not only(words(one), "of_all"))
    ways = [one for one in turn.entities if one.name == "payment_method"]
    said = replace(turn, text=text, intent=min(form.intents), entities=ways)
    if form.hear(said, draft) is not Outcome.TAKEN:
        return None
    kept = {one["draft"]["id"]: one for one in turn.slots[SLOT]}
    for its_form, other in waiting:
        slots = {**turn.slots, "draft": other.kept()}
        heard = replace(said, slots=slots, intent=min(its_form.intents))
        its_form._settle(heard, other)
        if other.pending is None and its_form.hear(heard, other) is Outcome.TAKEN:
            kept[other.id] = {**kept[other.id], "draft": other.kept()}
    turn = replace(turn, slots={**turn.slots, SLOT: list(kept.values())})
    return [SlotSet(SLOT, turn.slots[SLOT]), *form.keep(turn, draft)]


def _puts_off(turn: Turn) -> bool:
    """ "Abhi nahi, baad me": what is shown shall be asked after what waits."""
    found = where(turn.words, "waiting.later")
    if found is None or turn.first("amount") or turn.first("product_name"):
        return False
    beside = (*turn.words[: found[0]], *turn.words[found[1] :])
    return all(any(only([one], cue) for cue in BESIDE) for one in beside)


def _said_of_each(turn: Turn, draft: Draft, waiting: Sequence[Draft]) -> list[_Said]:
    """The words of a message, apart for each draft that is named in it."""
    row, drafts = turn.words, [draft, *waiting]
    owners = _owners(row, drafts, _in_order(draft, waiting))
    said: list[_Said] = []
    before: tuple[str, ...] = ()
    for word, owner in zip(row, owners, strict=True):
        if owner is not None and (not said or said[-1].draft is not owner):
            said.append(_Said(owner, before, ()))
            before = ()
        elif owner is None and said:
            last = said[-1]
            said[-1] = last._replace(words=(*last.words, word), behind=(*last.behind, word))
        elif owner is None:
            before = (*before, word)
    return said


def _owners(
    row: Sequence[str], drafts: Sequence[Draft], placed: Sequence[Draft]
) -> list[Draft | None]:
    """For each word the draft that it names, where it names but one."""
    called = [(one, _names_of(one)) for one in drafts]
    found: list[Draft | None] = []
    for at, word in enumerate(row):
        named = [one for one, own in called if word in own]
        points = only(row[at + 1 : at + 2] or ("",), "waiting.pointing")
        if not named and points:
            named = [one for one in drafts if _is_kind(one, word) or _is_paid_so(one, word)]
            for place, cue in enumerate(("first", "second", "third")):
                if only([word], cue) and place < len(placed):
                    named = [placed[place]]
        found.append(named[0] if len(named) == 1 else None)
    return found


def _in_order(draft: Draft, waiting: Sequence[Draft]) -> list[Draft]:
    """The drafts as they were begun: those that were left for others came before these."""
    left = [one for one in waiting if one[LEFT]]
    return [*reversed(left), draft, *(one for one in waiting if one not in left)]


def _is_kind(draft: Draft, word: str) -> bool:
    return draft.form in names("waiting.kinds") and only([word], f"waiting.kinds.{draft.form}")


def _is_paid_so(draft: Draft, word: str) -> bool:
    """ "Cash wala" is what was paid in cash."""
    way = which(word, "methods")
    return way is not None and way in (draft["paid"], draft["method"])


def _names_of(draft: Draft) -> set[str]:
    """The words that a draft is called by: whose it is, its goods, what was bought."""
    whose = (draft["customer"] or {}).get("name") or draft["customer_said"] or ""
    goods = [word for line in draft["lines"] or [] for word in words_of_goods(line)]
    called = {*person_key(whose).split(), *words(whose), *goods, *words(draft["item"] or "")}
    return {one for one in called if not one.isdigit() and not only([one], "regional.address")}


def _is_pointed_at(turn: Turn, way: Entity) -> bool:
    behind = words(turn.text[way.end :])[:1]
    return way.name == "payment_method" and behind != () and only(behind, "waiting.pointing")


def _wanted(turn: Turn, said: _Said, *, alone: bool) -> str | None:
    """What shall become of a draft that is named, by itself or beside another; None where
    something else may be meant."""
    points = says(said.words, "waiting.pointing")
    leaves = says(said.words, "cancel") or says(said.words, "remove")
    before = says(said.words, "waiting.before")
    changed = ("quantity", "amount", "unit", "payment_method")
    others = [one for one in turn.entities if one.name in changed]
    if not all(_is_pointed_at(turn, one) for one in others):
        return HEAR if points or leaves or says(said.words, "had_been") else None
    if "?" in turn.text or not all(any(only([one], cue) for cue in BESIDE) for one in said.words):
        return None
    if leaves or (points and says(said.behind, "negation") and not before):
        return DROP
    if before:
        return FIRST
    agrees = says(said.words, "buyers.agreeing") or says(said.words, "do_it")
    if agrees and says(said.words, "as_well"):
        return ALSO
    return FIRST if points or agrees or not alone else None
