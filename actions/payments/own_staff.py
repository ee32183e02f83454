"""Those who work in the shop: what they are given is salary or an advance on it, what they had is
told, and what else is said of them is not kept."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import period_of
from actions.lexicon import only, says, words
from actions.match import customer_named
from actions.wording import day, days
from erp_core.expenses.queries import expenses_between
from erp_core.kernel.money import inr
from erp_core.parties import queries as parties
from erp_core.parties.names import person_key
from erp_core.parties.permissions import Permission

_NAMES = ("vendor_name", "customer_name", "person")
_OTHERS = ("product_name", "order_id", "invoice_number", "quantity")
STAFF = ("manager", "staff", "viewer")
"""Who gets a salary; what the owner takes is drawn."""
ROWS = 10


def advance_of_staff(turn: Turn) -> bool:
    """Whether somebody of the shop got an advance, or anybody one on the salary."""
    gets = says(turn.words, "advance")
    lent = says(turn.words, "staff.lent") or _took_from_till(turn)
    if not turn.is_user or not (gets or lent) or turn.first("amount") is None:
        return False
    if turn.first("product_name") or says(turn.words, "asking"):
        return False
    if "ne" in turn.words and not says(turn.words, "took"):
        return False
    if gets and says(turn.words, "staff.salary"):
        return True
    return _who(turn) is not None


def _took_from_till(turn: Turn) -> bool:
    """ "Ramesh ne galle se 300 liye"."""
    from_till = says(turn.words, "tills.from_till") and says(turn.words, "tills.taken")
    return from_till and turn.first("item") is None


def salary_of_staff(turn: Turn) -> bool:
    """ "Bablu ki tankhwah 12000 de di" is no customer's money, whatever it was taken for."""
    if not turn.is_user or turn.first("amount") is None or says(turn.words, "asking"):
        return False
    paid = says(turn.words, "staff.salary") and says(turn.words, "buying.gave")
    return paid and "ne" not in turn.words and _who(turn) is not None


def own_pay_asked(turn: Turn) -> list[EventType] | None:
    """ "Mera kitna advance baki hai" of somebody who works here is for the owner to tell."""
    pay = says(turn.words, "staff.salary") or says(turn.words, "advance")
    asked = says(turn.words, "asking") or says(turn.words, "shows")
    theirs = turn.is_user and turn.actor.role in STAFF and says(turn.words, "tills.mine")
    if not theirs or not (pay and asked) or _of_goods(turn) or turn.may(Permission.VIEW_EXPENSES):
        return None
    turn.say("utter_own_pay_by_owner")
    return []


def paid_by_the_piece(turn: Turn) -> bool:
    """ "Raju ko 5 suit ki silai ke 1000 diye": what somebody of the shop gets for work is no sale
    to anybody; nor is "Raju ko 300 visiting ke diye" a customer's debt."""
    if not turn.is_user or turn.first("amount") is None or says(turn.words, "asking"):
        return False
    on_khata = turn.intent == "khata_credit" and not _of_goods(turn)
    work = on_khata or says(turn.words, "staff.by_the_piece")
    paid = work and says(turn.words, "buying.gave")
    return paid and "ko" in turn.words and _who(turn) is not None


def staff_paid_back(turn: Turn) -> list[EventType] | None:
    """ "Dinesh ne 300 wapas kiye advance ke": no expense, and no customer's money."""
    back = says(turn.words, "staff.gave_back") and "ne" in turn.words
    if not turn.is_user or not back or turn.first("amount") is None or _of_goods(turn):
        return None
    name = _who(turn)
    if name is None:
        return None
    turn.say("utter_staff_gave_back", name=name)
    return []


def staff_stayed_away(turn: Turn) -> list[EventType] | None:
    """ "Dinesh nahi aaya" speaks of nobody's payment."""
    away = says(turn.words, "staff.away")
    if not turn.is_user or not away or turn.first("amount") or _of_goods(turn):
        return None
    if _who(turn) is None:
        return None
    turn.say("utter_unkept_staff_days")
    return []


def tell_staff_paid(turn: Turn) -> list[EventType] | None:
    """ "Dinesh ki salary kitni di is mahine", "Dinesh ka khata": what somebody of the shop was
    given."""
    given = "ko" in turn.words and says(turn.words, "buying.gave")
    pay = says(turn.words, "staff.salary") or says(turn.words, "advance") or given
    asked = says(turn.words, "asking") or says(turn.words, "shows")
    account = says(turn.words, "own_account") and any(turn.first(one) for one in _NAMES)
    told_of = account or (pay and asked)
    if not turn.is_user or not told_of or turn.first("amount") or _of_goods(turn):
        return None
    name = _who(turn, buys=not pay) or _own_name(turn)
    if name is None or says(turn.words, "staff.due"):
        return None
    if not turn.may(Permission.VIEW_EXPENSES):
        return None
    found = (period_of(one, today=turn.today) for one in turn.all("date"))
    period = next((one for one in found if one), None)
    start = period.start if period else turn.today.replace(day=1)
    end = min(period.end, turn.today) if period else turn.today
    with turn.read() as reader:
        given = [
            one
            for one in expenses_between(reader, start, end)
            if set(words(name)) & set(words(one.vendor or ""))
        ]
    rows = [
        {"item": one.item or one.vendor, "amount": inr(one.amount), "on": day(one.on)}
        for one in given[:ROWS]
    ]
    turn.say(
        "utter_staff_paid" if rows else "utter_staff_not_paid",
        name=name,
        period=days(start, end),
        total=inr(sum(one.amount for one in given)),
        rows=turn.lines("line_staff_paid", rows),
    )
    return []


def _own_name(turn: Turn) -> str | None:
    """The name of whoever of the staff asks what they were given themselves."""
    if turn.actor.role not in STAFF or not says(turn.words, "staff.own"):
        return None
    if any(turn.first(one) for one in _NAMES):
        return None
    with turn.read() as reader:
        return parties.user(reader, turn.own_id).name


def _of_goods(turn: Turn) -> bool:
    return any(turn.first(one) for one in _OTHERS)


def _who(turn: Turn, *, buys: bool = False) -> str | None:
    """Who of the shop is named, by an entity or by the name alone, and is no customer; nor one of
    several of that name, where it is asked of somebody who `buys` as well."""
    named = next((found for kind in _NAMES if (found := turn.first(kind))), None)
    said = set(person_key(named.value).split()) if named else set()
    said = {one for one in said if not only([one], "staff.by_the_piece")} or said
    with turn.read() as reader:
        found = customer_named(reader, named.value) if named else None
        if found and (found.one or (buys and found.options and not found.guesses)):
            return None
        for one in parties.all_users(reader, roles=STAFF):
            if said and said <= set(person_key(one.name).split()):
                return one.name
            if not said and set(words(one.name)) & set(turn.words):
                return one.name
    return None
