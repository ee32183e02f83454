"""What is said in the middle of a form and is no answer to it: served at once, or let be."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from actions import errands
from actions.context import Turn
from actions.forms.draft import Draft
from actions.forms.intents import OF_AN_ORDER, OF_COURTESY, UNSURE, WRITES
from actions.forms.names import TEACH_FORM
from actions.goods import beside_the_rate
from actions.lexicon import only, says, where
from actions.parties import own_details, party_details, passing_on
from actions.payments import promises
from actions.pictures import photos
from actions.purchases import buying_errands
from actions.reading.agreeing import said_behind_yes
from actions.reading.said import LONGEST_REFUSAL, asks_to_wait, forbids, lets_stay, tells_own_plans
from actions.reading.taught import is_instruction, pack_alone
from actions.talk import complaints, how_to, not_kept, voices

ASIDE = "nlu_fallback"
"""What is said behind a yes was not understood by itself."""


class Outcome(Enum):
    """What became of a message in a form."""

    TAKEN = "taken"
    PASSED = "passed"
    DROPPED = "dropped"
    MOVED = "moved"


def served_beside(turn: Turn, draft: Draft) -> Outcome | None:
    """What is done without the draft: errands, buttons of others, pictures, lessons."""
    if errands.serve_at_once(turn) or beside_the_rate.set_level(turn) is not None:
        return Outcome.TAKEN
    if (turn.value("order") and turn.value("act")) or photos.is_card(turn):
        return Outcome.PASSED
    if photos.is_page_tap(turn):
        return Outcome.PASSED
    if voices.serve(turn) is not None or photos.hear_beside(turn) is not None:
        return Outcome.TAKEN
    if turn.is_user and passing_on.tell_not_passed_on(turn) is not None:
        return Outcome.TAKEN
    if turn.is_user and (party_details.put_off_change(turn) or own_details.put_off(turn)):
        return Outcome.TAKEN
    if turn.is_user and how_to.tell_how_to(turn) is not None:
        return Outcome.TAKEN
    if turn.is_user and complaints.tell_how_to_mend(turn) is not None:
        return Outcome.TAKEN
    if is_instruction(turn):
        turn.say("utter_did_not_get_that")
        return Outcome.TAKEN
    if asks_to_wait(turn):
        turn.say("utter_nod")
        return Outcome.TAKEN
    if turn.intent in UNSURE | OF_COURTESY and tells_own_plans(turn):
        turn.say("utter_all_right")
        return Outcome.TAKEN
    if turn.is_user and _is_promised_beside(turn):
        return Outcome.TAKEN
    if _counts_till(turn) or _is_not_kept(turn):
        return Outcome.TAKEN
    if _is_asked_beside(turn) or (turn.is_user and not_kept.given_free(turn) is not None):
        return Outcome.TAKEN
    if draft.form != TEACH_FORM and _learns(turn, draft):
        draft.pending = None
        return Outcome.TAKEN
    return None


def agrees_and_asks(turn: Turn) -> bool:
    """Whether a customer's yes has a question behind it, which is answered: "yes. how long will it
    take"."""
    behind = None if turn.is_user else said_behind_yes(turn)
    return behind is not None and errands.serve_at_once(replace(behind, intent=ASIDE))


def _learns(turn: Turn, draft: Draft) -> bool:
    """Whether a message taught something; "ek peti me 24" is about the goods that are asked for."""
    from actions.talk.teaching import learn_on_the_way

    pending = draft.pending or {}
    if pending.get("kind") == "unit":
        about = {
            **(turn.slots.get("recent") or {}),
            "product": draft["lines"][pending["index"]]["id"],
        }
        turn = replace(turn, slots={**turn.slots, "recent": about})
        line = draft["lines"][pending["index"]]
        alone = pack_alone(turn.text, pending["said"], line["unit"]) if turn.is_user else None
        turn = replace(turn, text=alone, entities=[]) if alone else turn
    return learn_on_the_way(turn)


def _is_asked_beside(turn: Turn) -> bool:
    """Whether a question that no intent is about was answered: "kya expire hone wala hai"."""
    if not turn.is_user or turn.intent not in UNSURE or turn.is_not_words or not turn.text:
        return False
    return any(errand(turn) is not None for errand in buying_errands.QUESTIONS)


def _counts_till(turn: Turn) -> bool:
    plain = turn.text and not turn.is_not_words and turn.metadata.get("kind") != "button"
    return bool(plain) and not_kept.till_counted(turn) is not None


def _is_not_kept(turn: Turn) -> bool:
    """Whether it was told that something is not kept here: "service charge 10% lagao"."""
    plain = turn.is_user and turn.text and turn.metadata.get("kind") != "button"
    errands = (not_kept.by_kind_meanwhile, not_kept.table_changed, not_kept.day_total)
    return bool(plain) and any(errand(turn) is not None for errand in errands)


def _is_promised_beside(turn: Turn) -> bool:
    """Whether a promise to pay, and nothing else, is told of: "baaki kal dega bol raha tha"."""
    if turn.is_not_words or turn.metadata.get("kind") == "button" or turn.intent in WRITES:
        return False
    return turn.first("amount") is None and promises.told_promise(turn) is not None


TAKEN_FOR_YES = UNSURE | {"greeting", "affirm", "order_create", "order_modify"}
"""What a yes in so many words is often taken for: "ok place the order"."""


def finds_it_right(turn: Turn) -> bool:
    """ "Looks good" and "likh do" are a yes, also where they are taken for a greeting."""
    found = where(turn.words, "looks_right") or where(turn.words, "do_it")
    if found is None or turn.entities or turn.intent not in TAKEN_FOR_YES:
        return False
    return only((*turn.words[: found[0]], *turn.words[found[1] :]), "filler") and turn.may_write


def asks_for_nothing(turn: Turn) -> bool:
    """ "Kurti mat hatao" changes nothing; "kurti mat bhejo" takes it off an order."""
    if says(turn.words, "no_cancel"):
        return True
    if turn.intent not in WRITES:
        return False
    return lets_stay(turn) or (turn.intent not in OF_AN_ORDER and forbids(turn))


def wants_another(turn: Turn) -> bool:
    """ "Wo nahi, dusra" refuses what was offered, and not the whole."""
    if turn.entities or len(turn.words) > LONGEST_REFUSAL or says(turn.words, "cancel"):
        return False
    return says(turn.words, "another_one") and not says(turn.words, "what_else")


def wants_it_after_all(turn: Turn) -> bool:
    """ "Nahi abhi kar do" refuses some detail, and not the whole: it is asked once more."""
    said = turn.words
    if not said or not says(said[:1], "negation") or says(said, "cancel"):
        return False
    return says(said[1:], "do_it") and not says(said[1:], "negation")
