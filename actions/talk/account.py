"""Talking itself: greetings, help, language, buttons, what is not understood or yet to come."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, FollowupAction, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import REPLIES, BahiAction, Reply
from actions.context import DOUBTFUL, Turn
from actions.entities import NUMBERS
from actions.forms.names import (
    NOTE_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
)
from actions.goods.availability import sells, tell_availability, tell_unmarked
from actions.invoicing.discounts import discount_in
from actions.invoicing.explaining_tax import asks_how_taxed
from actions.invoicing.explaining_tax import explain as explain_tax
from actions.invoicing.sending_bills import show_bill, shows_bill, tell_own_bill
from actions.invoicing.taxes import tell_rate
from actions.lexicon import says, which
from actions.match import (
    customer_in_text,
    customer_named,
    payload_of,
)
from actions.orders import estimates, wishes
from actions.parties.customer_requests import hand_to_owner, keep_unanswered
from actions.payments.buyers_money import settles_account
from actions.payments.khata import KhataQuestion, asks_credit_given, tell_khata
from actions.payments.payment_claims import tell_no_order
from actions.payments.payments import pass_on
from actions.payments.taking_back import undoes_bill, wants_it_undone
from actions.phrasebook import Button
from actions.pictures import photos, receipts, slips
from actions.reading.examples import example_goods
from actions.reading.gone_back import gone_back
from actions.reading.said import asks_to_wait, denies, tells_own_plans
from actions.talk.apology import apologize
from actions.talk.how_to import tell_how_to
from actions.talk.not_kept import by_kind
from actions.wording import phone_for
from erp_core.parties import queries as parties
from erp_core.parties import service
from erp_core.parties.permissions import Permission

LIKELY = 3
"""So many guesses are offered when a message was not understood."""
WORTH_OFFERING = 0.05
MOST_KIND_WORDS = 8
"""Words of a message that may be nothing but an apology or praise."""
_WANTED_BESIDE = ("asking", "wanting", "discount", "do_it")


class Everybody(Reply):
    """Says one thing in a wording for each kind of writer: utter_<what>, …_customer, …_guest."""

    @property
    @abstractmethod
    def says(self) -> str:
        """The response."""

    def for_user(self, turn: Turn) -> None:
        """Say it."""
        self._say(turn, self.says)

    def for_customer(self, turn: Turn) -> None:
        """Say it to a customer."""
        self._say(turn, f"{self.says}_customer")

    def for_guest(self, turn: Turn) -> None:
        """Say it to somebody unknown."""
        self._say(turn, f"{self.says}_guest")

    def _say(self, turn: Turn, response: str) -> None:
        """In the middle of a form only the form's own buttons shall stand below."""
        facts = self._facts(turn)
        if turn.form is None:
            message = turn.phrasebook.render(response, turn.language, **facts)
            shown = [one for one in message.get("buttons", []) if _may_tap(turn, one["payload"])]
            turn.dispatcher.utter_message(
                text=message["text"], buttons=shown, utter_action=response
            )
        else:
            turn.dispatcher.utter_message(text=turn.line(response, **facts))

    def _facts(self, turn: Turn) -> dict[str, Any]:
        with turn.read() as reader:
            name = ""
            if turn.actor.kind == "user" and turn.actor.id:
                name = parties.user(reader, turn.actor.id).name
            elif turn.actor.kind == "customer" and turn.actor.id:
                name = parties.customer(reader, turn.actor.id).name
            one, other = example_goods(turn, reader)
            shop = parties.business(reader).name
            return {"shop": shop, "name": name, "one": one, "other": other}


OFFERED = {
    "/order_create": Permission.CREATE_ORDER,
    "/order_modify": Permission.MODIFY_ORDER,
    "/order_cancel": Permission.CANCEL_ORDER,
    "/report_request": Permission.VIEW_REPORTS,
    "/payment_record": Permission.RECORD_PAYMENT,
    "/payment_request": Permission.REQUEST_PAYMENT,
    "/khata_credit": Permission.GIVE_CREDIT,
    "/invoice_generate": Permission.CREATE_INVOICE,
    "/invoice_share": Permission.SHARE_INVOICE,
    "/inventory_update": Permission.ADJUST_STOCK,
    "/product_add": Permission.ADD_PRODUCT,
    "/price_update": Permission.CHANGE_PRICE,
    "/customer_add": Permission.ADD_CUSTOMER,
    "/expense_log": Permission.LOG_EXPENSE,
}
"""What is offered to tap and not everybody who runs the shop may do."""


def _may_tap(turn: Turn, payload: str) -> bool:
    permission = OFFERED.get(payload.partition("{")[0]) if turn.is_user else None
    return permission is None or turn.may(permission)


class Greeting(Everybody):
    """Greet, and show the first things to tap."""

    action = "action_greeting"
    says = "utter_greeting"

    def for_customer(self, turn: Turn) -> list[EventType] | None:  # type: ignore[override]
        """Greet; "namaste, dolo hai kya" asks for goods besides."""
        return tell_availability(turn) if sells(turn) else super().for_customer(turn)

    def for_guest(self, turn: Turn) -> list[EventType] | None:  # type: ignore[override]
        """As a customer."""
        return tell_availability(turn) if sells(turn) else super().for_guest(turn)


class Help(Everybody):
    """What can be done here; "ye tax kaise laga" is often taken for asking it."""

    action = "action_help"
    says = "utter_help"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:
        """Explain a tax, else tell what can be done; praise is often taken for asking it. A mere
        "?" asks what was asked of it once more."""
        if turn.form and turn.text and not any(letter.isalnum() for letter in turn.text):
            return None
        if turn.is_user and (told := tell_how_to(turn)) is not None:
            return told
        if not turn.is_sure and (response := _kind_words(turn)):
            turn.say(response)
            return None
        return explain_tax(turn) if asks_how_taxed(turn) else super().answer(turn, tracker)


class Goodbye(BahiAction):
    """Say goodbye."""

    action = "action_goodbye"

    def answer(self, turn: Turn, tracker: Tracker) -> None:  # noqa: ARG002
        """To everybody alike."""
        turn.say("utter_goodbye")


class OutOfScope(BahiAction):
    """Say kindly what Bahi is for."""

    action = "action_out_of_scope"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:
        """To everybody alike; but goods that a customer names are never out of scope, and neither
        is a yes or no of some region."""
        if turn.intent in ("affirm", "deny"):
            return _yes_or_no(turn, tracker)
        if says(turn.words, "complaint"):
            return _soothe(turn)
        if response := _kind_words(turn):
            turn.say(response)
            return None
        if turn.text and not any(letter.isalnum() for letter in turn.text):
            turn.say("utter_nod")
            return None
        if says(turn.words, "who_are_you"):
            _tell_who_i_am(turn)
            return None
        served = serve(turn)
        if served is None and not turn.is_user:
            served = tell_availability(turn) if sells(turn) else tell_unmarked(turn)
        if served is None and says(turn.words, "gst_words") and turn.is_user:
            served = tell_rate(turn)
        if served is None and turn.is_user and wants_it_undone(turn):
            turn.say("utter_nothing_to_undo")
        elif served is None and turn.is_user and discount_in(turn) is not None:
            turn.say("utter_discount_on_what")
        elif served is None and turn.actor.kind == "customer":
            cues = ("discount", "price.down", "bargains")
            lower = any(says(turn.words, cue) for cue in cues)
            turn.say("utter_discount_by_shop" if lower else "utter_out_of_scope_customer")
            served = [keep_unanswered(turn)]
        elif served is None and turn.actor.kind == "guest":
            turn.say("utter_out_of_scope_guest")
        elif served is None and _asks_owner(turn):
            _tell_whom_to_call(turn)
        elif served is None and (unkept := by_kind(turn)) is not None:
            return unkept
        elif served is None:
            turn.say("utter_out_of_scope")
        return served


def _yes_or_no(turn: Turn, tracker: Tracker) -> list[EventType] | None:
    from actions.talk.yes_and_no import Affirm, Deny

    return (Affirm() if turn.intent == "affirm" else Deny()).answer(turn, tracker)


def _soothe(turn: Turn) -> list[EventType] | None:
    """Be sorry; a customer who is upset gets a person to talk to."""
    if turn.actor.kind == "customer":
        return hand_to_owner(turn)
    apologize(turn)
    return None


def _tell_who_i_am(turn: Turn) -> None:
    with turn.read() as reader:
        turn.say("utter_who_i_am", shop=parties.business(reader).name)


def _kind_words(turn: Turn) -> str | None:
    """What is answered to somebody who is sorry, waits, praises, or wishes well."""
    if _wishes_well(turn):
        return "utter_good_wishes"
    if len(turn.words) > MOST_KIND_WORDS or turn.entities:
        return None
    if says(turn.words, "sorry") or asks_to_wait(turn):
        return "utter_nod"
    if tells_own_plans(turn):
        return "utter_all_right"
    return "utter_goodbye" if says(turn.words, "praise") else None


def _wishes_well(turn: Turn) -> bool:
    """ "Happy Diwali to you and your family", and nothing that is asked or wanted beside it."""
    if not says(turn.words, "good_wishes") or any(one.name != "date" for one in turn.entities):
        return False
    return "?" not in turn.text and not any(says(turn.words, one) for one in _WANTED_BESIDE)


class Coming(BahiAction):
    """What is asked for is not there yet: say so, and write nothing."""

    action = "action_coming"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:  # noqa: ARG002
        """Honestly. "Hisaab" with somebody who buys here is the khata, and that is there."""
        if turn.actor.kind == "customer" and _asks_own_khata(turn):
            return KhataQuestion().for_customer(turn)
        if turn.actor.kind == "customer" and turn.intent == "repay_debt":
            return _tell_of_own_money(turn)
        if turn.confidence < DOUBTFUL and turn.text:
            turn.say("utter_did_not_get_that")
            return None
        if turn.is_user and (events := _there_already(turn)) is not None:
            return events
        if asks_credit_given(turn):
            return KhataQuestion().for_user(turn)
        response = f"utter_coming_{turn.intent}"
        known = turn.phrasebook.has(f"{response}_{turn.actor.kind}")
        turn.say(f"{response}_{turn.actor.kind}" if known else response)
        return None


def _there_already(turn: Turn) -> list[EventType] | None:
    """What whoever runs a shop means by words for what friends share, or for what is coming."""
    if settles_account(turn):
        return [FollowupAction(PAYMENT_FORM)]
    if turn.intent == "split_balance" and not turn.first("group"):
        named = [replace(one, name=_OF_SHOP.get(one.name, one.name)) for one in turn.entities]
        return KhataQuestion().for_user(replace(turn, entities=named)) or []
    if turn.intent in ("split_balance", "settle_up") and _tells_khata(turn):
        return []
    if turn.intent == "repay_debt" and gone_back(turn.words):
        name = turn.value("customer_name") or turn.value("person")
        if name and turn.first("amount") is None:
            turn.say("utter_what_came_back", name=name)
            return []
    if turn.intent == "repay_debt" and not turn.first("group") and _pays_nobody_back(turn):
        turn.say("utter_refund_to_whom")
        return []
    if turn.intent == "human_handoff":
        _tell_whom_to_call(turn)
        return []
    return None


def _pays_nobody_back(turn: Turn) -> bool:
    """ "Customer ko 180 lauta diye": money that went back, and nobody is named to whom."""
    named = any(turn.first(one) for one in ("customer_name", "person", "vendor_name"))
    return turn.first("amount") is not None and not named and says(turn.words, "shoppers")


_OF_SHOP = {"person": "customer_name"}
"""Somebody who is spoken of as a friend, and buys here."""


def _tells_khata(turn: Turn) -> bool:
    """Whether a customer is named, whose khata is told then."""
    with turn.read() as reader:
        said = turn.value("customer_name") or turn.value("person")
        customer = customer_named(reader, said).one if said else customer_in_text(turn, reader)
        if customer:
            tell_khata(turn, reader, customer.id, customer.name)
    return customer is not None


def _asks_own_khata(turn: Turn) -> bool:
    """ "Udhaar bacha hai kya mera" is often taken for how much more there may be."""
    if turn.intent == "credit_score_query":
        return not turn.is_sure and says(turn.words, "own_dues")
    return turn.intent == "split_balance"


def _tell_of_own_money(turn: Turn) -> list[EventType]:
    """ "448 to de diya tha": somebody who buys here has paid the shop, and no friend; money that is
    wanted back is the shop's to speak of."""
    if turn.first("amount") and says(turn.words, "tense.past"):
        pass_on(turn)
    else:
        turn.say("utter_out_of_scope_customer")
    return []


def _asks_owner(turn: Turn) -> bool:
    """Whether staff asks what is the owner's to say: "salary kab milegi", "kal chutti chahiye",
    "discount 10 de do Pushpa ko"."""
    cues = ("asked_of_owner", "discount", "price.down", "bargains")
    return turn.actor.role == "staff" and any(says(turn.words, one) for one in cues)


def _tell_whom_to_call(turn: Turn) -> None:
    """Those who run the shop have nobody but each other: staff is told the owner's number."""
    with turn.read() as reader:
        owners = parties.all_users(reader, roles=("owner",))
    owner = next((one for one in owners if one.phone and one.id != turn.actor.id), None)
    if owner is None or turn.actor.role == "owner":
        turn.say("utter_handoff_owner")
    else:
        turn.say("utter_handoff_staff", name=owner.name, phone=phone_for(turn, owner.phone))


class ChangeLanguage(BahiAction):
    """Answer in another language from now on."""

    action = "action_language_change"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:  # noqa: ARG002
        """The named language; without one, a choice. Beside goods and sums, it is their name:
        "English willow 4200"."""
        if any(turn.first(one) for one in ("product_name", "amount", "quantity")):
            turn.say("utter_did_not_get_that")
            return None
        wanted = (
            turn.value("choice")
            or which(turn.value("language") or "", "languages")
            or which(turn.text, "languages")
        )
        if wanted not in service.LANGUAGES:
            turn.say("utter_which_language")
            return None
        turn.run(service.change_language, language=wanted)
        turn.language = wanted
        turn.say("utter_language_changed")
        noted = {**(turn.slots.get("recent") or {}), "language": wanted}
        return [SlotSet("language", wanted), SlotSet("recent", noted)]


class Fallback(BahiAction):
    """What was not understood, or was no text at all."""

    action = "action_fallback"

    def answer(self, turn: Turn, tracker: Tracker) -> list[EventType] | None:
        """Say what came of it, or offer what may have been meant."""
        if photos.is_reading(turn):
            return _tell_picture(turn)
        if turn.form and (heard := _hear_picture(turn)) is not None:
            return heard
        kind = str(turn.metadata.get("kind") or "")
        media = turn.metadata.get("media") or {}
        response = f"utter_received_{media.get('kind') or kind}"
        if kind == "expired_button":
            turn.say("utter_old_button")
        elif turn.is_not_words:
            for_buyers = f"{response}_customer"
            if not turn.is_user and turn.phrasebook.has(for_buyers):
                response = for_buyers
            known = turn.phrasebook.has(response)
            turn.say(response if known else "utter_received_unknown")
        elif turn.form and turn.is_user and undoes_bill(turn):
            return [FollowupAction(NOTE_FORM)]
        elif turn.form:
            turn.say("utter_did_not_get_that")
        else:
            if says(turn.words, "complaint") and not turn.entities:
                apologize(turn)
                return None
            if response := _kind_words(turn):
                turn.say(response)
                return None
            served = [FollowupAction(NOTE_FORM)] if undoes_bill(turn) else serve(turn)
            if served is None and says(turn.words, "gst_words") and turn.is_user:
                served = tell_rate(turn)
            if served is None and not turn.is_user:
                served = tell_unmarked(turn)
            if served is None:
                self._offer(turn, tracker)
            return served
        return None

    def _offer(self, turn: Turn, tracker: Tracker) -> None:
        ranking = tracker.latest_message.get("intent_ranking") or []
        likely = [
            one["name"]
            for one in ranking
            if one.get("confidence", 0) >= WORTH_OFFERING
            and turn.phrasebook.has(f"button_{one['name']}")
        ]
        may = MAY[turn.actor.kind] if not turn.is_user else None
        if may is not None:
            likely = [one for one in likely if one in may]
            likely += [one for one in may if one not in likely]
        else:
            likely = [one for one in likely if _may_tap(turn, f"/{one}")]
        said = {one.name: one.value for one in turn.entities if len(turn.all(one.name)) == 1}
        buttons = [
            Button(title=turn.line(f"button_{one}"), payload=payload_of(one, **said))
            for one in likely[:LIKELY]
        ]
        turn.say("utter_did_you_mean" if buttons else "utter_not_understood", choices=buttons)


def _hear_picture(turn: Turn) -> list[EventType] | None:
    hear = photos.hear_of_customer if turn.actor.kind == "customer" else photos.hear
    return hear(turn)


def _tell_picture(turn: Turn) -> list[EventType]:
    """What a picture said: a bill, a slip, somebody's card, or nothing that can be used."""
    if not turn.is_user:
        told = slips.tell_customer(turn)
        return told if told is not None else tell_no_order(turn)
    if slips.is_slip(turn):
        return slips.tell(turn)
    return [] if slips.ask_what_it_is(turn) else receipts.tell(turn)


def serve(turn: Turn) -> list[EventType] | None:
    """What a customer gets for goods that were named in a message that nobody understood."""
    if asks_how_taxed(turn) and turn.actor.kind != "guest":
        return explain_tax(turn)
    if turn.form is None and shows_bill(turn):
        return show_bill(turn)
    if turn.actor.kind == "customer" and says(turn.words, "bill_words"):
        tell_own_bill(turn)
        return []
    if turn.actor.kind == "customer" and says(turn.words, "dues.have_paid") and not denies(turn):
        pass_on(turn)
        return []
    if turn.is_user and turn.form is None and _asks_price(turn):
        return REPLIES["action_price_query"]().for_user(turn) or []
    if turn.is_user or turn.form is not None:
        return None
    if wishes.orders(turn) or estimates.takes_it(turn):
        return [FollowupAction(ORDER_FORM)]
    asks = wishes.asks(turn) or wishes.looks_round(turn) or sells(turn)
    return tell_availability(turn) if asks else None


def _asks_price(turn: Turn) -> bool:
    """Whether goods and their rate are named, with no number that it should become."""
    rated = turn.first("product_name") and says(turn.words, "asks_price")
    return bool(rated) and not any(turn.first(one) for one in NUMBERS)


MAY = {
    "customer": ("order_create", "order_status", "khata_query", "price_query", "invoice_generate"),
    "guest": ("order_create", "price_query", "help"),
}
"""What those who do not run the shop may be offered, the likeliest first."""


class SessionStart(Action):
    """A new session: nothing of the former one but the language."""

    def name(self) -> str:
        """Rasa's own name for it."""
        return "action_session_start"

    def run(
        self,
        dispatcher: CollectingDispatcher,  # noqa: ARG002
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002
    ) -> list[EventType]:
        """Start, and let Rasa's own responses know the language."""
        metadata = tracker.slots.get("session_started_metadata") or {}
        language = metadata.get("language") or tracker.slots.get("language")
        events = [SessionStarted()]
        if language:
            events.append(SlotSet("language", language))
        return [*events, ActionExecuted("action_listen")]
