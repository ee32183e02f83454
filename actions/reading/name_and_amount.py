"""A name and an amount, and no word more: what they mean is asked."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity, paise_of, sold_for
from actions.forms.intents import UNSURE
from actions.lexicon import only, says, where, which, words
from actions.match import Found, customer_named, product_named, remember
from actions.orders.on_top import charged_on_bill
from actions.purchases.buying_words import figures_in
from actions.purchases.vendors import stands_before, vendor_named
from actions.reading.money import amounts_said
from actions.reading.said import pieces_between
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from erp_core.kernel.money import from_decimal, inr, rupees
from erp_core.kernel.quantity import parse_unit
from erp_core.parties.queries import Customer

_SUM_OF_WORK = frozenset({"item", "product_name", "amount", "quantity", "payment_method", "date"})
"""What stands in a message that tells no more than what some work came to."""
_WHOSE_WORK = frozenset({"vendor_name", "customer_name", "person"})
_BESIDE_WORK = ("filler", "work_done", "shoppers", "of_all")


def ask_what_it_was(turn: Turn) -> list[EventType] | None:
    """ "Ravi 500" alone says neither that it came nor that it went: what it was is asked."""
    kinds = [one.name for one in turn.entities]
    named = [one for one in turn.entities if one.name in ("customer_name", "vendor_name", "person")]
    figures = [one for one in turn.entities if one.name in ("amount", "quantity")]
    sure = turn.is_sure and turn.intent != "repay_debt"
    if sure or len(kinds) != 2 or len(named) != 1 or len(figures) != 1:
        return None
    first, last = sorted([*named, *figures], key=lambda one: one.start)
    beside = turn.text[: first.start] + turn.text[first.end : last.start] + turn.text[last.end :]
    paise = paise_of(figures[0])
    if beside.strip(" -:=.,₹") or paise is None or turn.metadata.get("command"):
        return None
    with turn.read() as reader:
        found = customer_named(reader, named[0].value).one
    if found is None:
        return None
    return _ask(turn, found, paise)


def ask_what_is_due(turn: Turn) -> list[EventType] | None:
    """ "Meena ko das hazaar dene hain parso tak", taken for an order: what it was is asked."""
    kinds = sorted(one.name for one in turn.entities if one.name != "date")
    taken = turn.intent == "order_create" and not turn.is_sure and turn.is_user
    if not taken or kinds != ["amount", "customer_name"] or not says(turn.words, "to_be_given"):
        return None
    paise = paise_of(turn.all("amount")[0])
    with turn.read() as reader:
        found = customer_named(reader, turn.value("customer_name") or "").one
    return _ask(turn, found, paise) if found and paise else None


def ask_whether_spent(turn: Turn) -> list[EventType] | None:
    """ "Amit ka phone repair hua 1500 liye" is hardly the shop's expense: of an amount beside a
    customer that is taken for one without being sure, it is asked what it was."""
    amounts = turn.all("amount")
    said = turn.value("customer_name") or turn.value("person") or turn.value("item")
    spent = turn.intent == "expense_log" and turn.is_guess and not turn.is_heard
    if not spent or len(amounts) != 1 or said is None or turn.first("product_name"):
        return None
    if says(turn.words, "advance") or charged_on_bill(turn):
        return None
    paise = paise_of(amounts[0])
    with turn.read() as reader:
        found = customer_named(reader, said).one
        sells = vendor_named(reader, said).one
    if found is None or sells is not None or paise is None:
        return None
    return _ask(turn, found, paise)


def ask_whether_sold(turn: Turn) -> list[EventType] | None:
    """ "Screen repair 1200", "recharge 299 kiya ramesh ka": of work that is sold here, or that
    shops sell, it is asked whether it was sold or paid for, where no word more says it."""
    taken_for = UNSURE | {"expense_log"}
    if turn.intent not in taken_for or turn.is_not_words or turn.metadata.get("command"):
        return None
    if not turn.is_user or "?" in turn.text or says(turn.words, "asking"):
        return None
    work = _work_in(turn)
    sums = amounts_said(turn) or _sum_unheard(turn)
    paise = sums[0] if len(sums) == 1 else None
    if work is None or paise is None or len(turn.all("quantity")) > 1:
        return None
    turn.say(
        "utter_sold_or_spent",
        item=work,
        amount=inr(paise),
        rupees=rupees(paise).removesuffix(".00"),
        quantity=turn.value("quantity") or "1",
    )
    return []


def _work_in(turn: Turn) -> str | None:
    """The work that is named, where nothing but its sum is told beside it: "500 ka recharge hua",
    "remote thik kiya 150 liye"."""
    named = [one for one in turn.entities if one.name in ("item", "product_name")]
    by_us, found = where(turn.words, "work_by_us"), where(turn.words, "services")
    said = named[0].value if named else _as_written(turn, found)
    if not said and by_us:
        said = " ".join(one for one in turn.words[: by_us[0]] if not _is_beside_work(one))
    of_work = by_us is not None or says(words(said), "services")
    others = (
        {one.name for one in turn.entities} - _SUM_OF_WORK - (_WHOSE_WORK if of_work else set())
    )
    if len(named) > 1 or others or not said or _names_buyer(turn, said):
        return None
    if not (of_work or _is_sold(turn, said)):
        return None
    ours = {*words(said), *(turn.words[slice(*by_us)] if by_us else ())}
    beside = [one for piece in pieces_between(turn) for one in words(piece) if one not in ours]
    done = [one for one in beside if not only([one], "work_done")]
    paid = says(done, "buying.gave")
    return None if paid or not all(map(_is_beside_work, beside)) else said


def _sum_unheard(turn: Turn) -> list[int]:
    """The one number of a message of which nothing was heard: "100 ka puncture banaya cash"."""
    figure = figures_in(turn)
    said = parse_amount(figure) if figure and not turn.entities else None
    return [from_decimal(said)] if said else []


def _is_beside_work(word: str) -> bool:
    if parse_number(word) is not None or which(word, "methods"):
        return True
    return any(only([word], cue) for cue in _BESIDE_WORK)


def _as_written(turn: Turn, found: tuple[int, int] | None) -> str:
    """Some words of a message as whoever writes spells them."""
    written = [one for one in turn.text.split() for _ in words(one)]
    return " ".join(dict.fromkeys(written[slice(*found)])) if found else ""


def _is_sold(turn: Turn, said: str) -> bool:
    with turn.read() as reader:
        whole, *each = [product_named(reader, one) for one in (said, *said.split())]
    return _is_known(whole) or (len(each) > 1 and all(map(_is_known, each)))


def _names_buyer(turn: Turn, said: str) -> bool:
    """ "Ravi manicure pedicure" is whose work it is as well."""
    with turn.read() as reader:
        return any(customer_named(reader, one).one for one in said.split()[:1])


def _is_known(found: Found) -> bool:
    return found.one is not None or bool(found.options and not found.guesses)


def _ask(turn: Turn, customer: Customer, paise: int) -> list[EventType]:
    turn.say(
        "utter_who_and_how_much",
        name=customer.name,
        customer_id=customer.id,
        amount=inr(paise),
        rupees=rupees(paise).removesuffix(".00"),
    )
    return [remember(turn, customer=customer.id)]


def ask_who_gave(turn: Turn) -> list[EventType] | None:
    """ "Meena ko chini ke 500 diye": whether a customer got goods on credit, paid for them or was
    paid for them, the words leave open."""
    named = [one for one in turn.entities if one.name in ("customer_name", "vendor_name", "person")]
    goods = [one for one in turn.entities if one.name in ("product_name", "item")]
    figures = [one for one in turn.entities if one.name in ("amount", "quantity")]
    if not len(named) == len(goods) == len(figures) == 1 or turn.is_not_words:
        return None
    paise = paise_of(figures[0])
    if not _is_money_for(turn, goods[0], figures[0]):
        return None
    if paise is None or not stands_before(turn, named[0], "ko") or _says_more(turn):
        return None
    with turn.read() as reader:
        customer = customer_named(reader, named[0].value).one
        product = product_named(reader, goods[0].value).one
        sells = vendor_named(reader, named[0].value).one
    if customer is None or product is None or sells is not None:
        return None
    turn.say(
        "utter_gave_for_goods",
        name=customer.name,
        customer_id=customer.id,
        goods=product.name,
        amount=inr(paise),
        rupees=rupees(paise).removesuffix(".00"),
    )
    return [remember(turn, customer=customer.id)]


def _is_money_for(turn: Turn, goods: Entity, figure: Entity) -> bool:
    """Whether a figure is money for goods, "chini ke 500", and not how many of them: "2 chini"."""
    behind = 0 < goods.end <= figure.start and not sold_for(turn.text, figure)
    measured = any(parse_unit(one) for one in turn.text[figure.end :].split()[:1])
    if figure.name == "quantity" and measured:
        return False
    return behind and (figure.name == "amount" or bool(words(turn.text[goods.end : figure.start])))


def _says_more(turn: Turn) -> bool:
    """Whether it is said what it was, after all; or nothing was given."""
    cues = ("on_khata", "sold", "bill_words", "buying.sent_back", "asking", "negation", "advance")
    known = any(says(turn.words, cue) for cue in cues)
    return known or not says(turn.words, "buying.gave")
