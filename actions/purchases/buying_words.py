"""Which messages are about buying: goods from a vendor, money for them, and what shall be ordered.

The language components have no intent of their own for buying: goods that come from somebody are
`inventory_update`, money for them `expense_log`, and what is owed is asked in many ways.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from actions.context import Turn
from actions.entities import Entity, number_of, paise_of, sums_and_rates
from actions.forms.names import (
    MODIFY_FORM,
    ORDER_FORM,
    PURCHASE_FORM,
    TRANSFER_FORM,
    VENDOR_PAYMENT_FORM,
)
from actions.goods.places import moves
from actions.lexicon import any_of, only, says, where, words
from actions.match import customer_named, just_spoken_of, product_named, recent
from actions.purchases.vendors import (
    is_customer,
    is_vendor,
    only_sells,
    seller_named,
    stands_before,
    stands_behind,
    vendor_named,
)
from actions.reading.cheques import tells_reference, without_cheque_number
from actions.reading.gone_back import gone_back
from actions.reading.parts import part_of
from erp_core.catalogue.queries import Product
from erp_core.expenses.categories import OTHER, guess_category
from erp_core.expenses.queries import is_spent_on
from erp_core.journal.context import Reader
from erp_core.kernel.clauses import clauses
from erp_core.kernel.money import from_decimal
from erp_core.parties.permissions import Permission
from erp_core.purchases import queries

COMMANDS = {"purchase": PURCHASE_FORM, "kharid": PURCHASE_FORM}
"""Quick commands that begin a form, whatever the message is taken for."""
MANY = 5
"""So many of some goods at least are bought to be sold again."""
NEAR = 4
"""So many words behind a count it is said that these are missing."""
RECEIVE = "receive"
"""What a button says by which the goods of an order have come."""
CARRIAGE = re.compile(rf"\b{any_of('written.carriage')}\b", re.IGNORECASE)
_FIGURES = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])")
_NOTE = re.compile(
    r"\s*(\d[\d,]*(?:\.\d+)?)\s+([^\W\d].*?)\s*(?:@|\bat|\brs\.?|₹)?\s*(?<!\w)(\d[\d,]*(?:\.\d+)?)\s*",
    re.IGNORECASE,
)
_NOTE_OF = re.compile(
    r"\s*([^\W\d].*?)\s+(\d[\d,]*(?:\.\d+)?)\s+([^\W\d].*?)\s*(?:@|\bat|\brs\.?|₹)?\s*(?<!\w)(\d[\d,]*(?:\.\d+)?)\s*",
    re.IGNORECASE,
)
"""The same with who sells in front: "skyline 30 glass 65"."""
_NO_NAME = ("filler", "stock.arrived", "rate_words")
"""Words of no vendor's name: "100 dolo came rate 22"."""


def form_for(turn: Turn) -> str | None:
    """The form of buying that a message belongs to by its wording; None for none."""
    if not turn.is_user or turn.is_not_words:
        return None
    if turn.metadata.get("kind") == "button":
        return PURCHASE_FORM if turn.value("act") == RECEIVE else None
    command = turn.metadata.get("command")
    if command in COMMANDS:
        return COMMANDS[command]
    if command or says(turn.words, "buying.question"):
        return None
    if moves(turn):
        return TRANSFER_FORM
    if buys(turn) or as_note_of_goods(turn):
        return PURCHASE_FORM
    return VENDOR_PAYMENT_FORM if pays(turn) else None


def _is_broken(turn: Turn) -> bool:
    """ "5 kursi toot gayi rakesh se 500 lene hai" tells of goods that are no more."""
    owed = where(turn.words, "buying.they_owe")
    lost = says(turn.words, "stock.lost") or says(turn.words, "stock.damage")
    return owed is not None and lost


def buys(turn: Turn) -> bool:
    """Whether goods came from somebody, go back to a vendor, or are ordered from one."""
    named = seller_named(turn)
    if turn.first("product_name") is None:
        return _sends_for_these(turn) or (named is not None and _brings_unnamed(turn, named))
    if named is None:
        return sends_out(turn) or goes_to_company(turn) or buys_of_nobody(turn)
    if sends_for(turn):
        bought = says(turn.words, "buying.sends_out") or _trades(turn, named)
        return bought or _sells_only(turn, named)
    if goes_back(turn):
        return is_vendor(turn, named.value) or not is_customer(turn, named.value)
    if says(turn.words, "buying.sent_back") or gone_back(turn.words) or _is_broken(turn):
        return False
    if _is_from(turn, named) or _is_of_them(turn, named):
        got = says(turn.words, "buying.purchased") or says(turn.words, "buying.got")
        got = got or bool(turn.first("amount") and says(turn.words, "buying.on_credit"))
        sure = got and not says(turn.words, "buying.an_order")
        return _came(turn, named) and (sure or _sells_only(turn, named) or _sells_too(turn, named))
    if _is_owed_for_them(turn, named):
        return _sells_only(turn, named)
    if _brought_by(turn, named):
        return True
    if is_customer(turn, named.value) or not _is_note_of_goods(turn):
        return False
    return is_vendor(turn, named.value) or (only_sells(turn, named.value) and _at_cost(turn))


def _brought_by(turn: Turn, named: Entity) -> bool:
    """ "20 hammer liye 190 me, 2000 diye, Shree Traders": who only sells, with nothing said of what
    they did, beside goods that came or that were taken at what they cost."""
    counted = turn.first("quantity") and turn.first("amount")
    did = stands_before(turn, named, "ko", "ne", "ka", "ki", "ke", "liye")
    if not counted or did or says(turn.words, "buying.an_order"):
        return False
    told = turn.intent == "inventory_update" or says(turn.words, "bill_words")
    came = says(turn.words, "stock.arrived") and told
    took = says(turn.words, "buying.bought") and only_sells(turn, named.value) and _at_cost(turn)
    return took or (came and only_sells(turn, named.value))


def _at_cost(turn: Turn) -> bool:
    """Whether goods are told at no more than they cost the shop: a trader nobody knows buys none
    so."""
    with turn.read() as reader:
        product = product_named(reader, turn.value("product_name") or "").one
    sums = [paise_of(one) for one in turn.all("amount")]
    return bool(product and product.cost_paise and sums[0]) and sums[0] <= product.cost_paise


def _is_owed_for_them(turn: Turn, named: Entity) -> bool:
    """ "20 kg chini aayi 42 me, paise baad me denge Ramesh Traders ko": who is paid for goods that
    came, now or later, has sold them. A sum of its own may be for anything."""
    if not (turn.first("quantity") and says(turn.words, "buying.bought")):
        return False
    spans = [one for one in clauses(turn.text) if one[0] <= named.start < one[1]]
    part = part_of(turn, spans[0]) if spans else turn
    others = any(part.first(one) for one in ("product_name", "item"))
    told, theirs = (len(sums_and_rates(one.text, one.entities)) for one in (turn, part))
    if part.first("amount"):
        money = told > theirs and says(part.words, "buying.gave")
    else:
        money = says(part.words, "money_back.money")
    return money and not others and stands_before(turn, named, "ko")


def buys_of_nobody(turn: Turn) -> bool:
    """Whether goods of the shop were bought and nobody is named: "20 kg chini 40 me kharidi", "…
    aayi, nakad de diye". What was paid for them belongs to them, and so does their carriage."""
    counted = turn.first("product_name") and turn.first("quantity")
    if not counted or gone_back(turn.words):
        return False
    open_still = ("do_not", "wanting", "shoppers", "sold", "buying.an_order")
    if "?" in turn.text or any(says(turn.words, one) for one in open_still):
        return False
    if not (_tells_purchase(turn) or _was_cheap(turn)):
        return False
    with turn.read() as reader:
        found = [product_named(reader, one.value) for one in turn.all("product_name")]
    return all(one.one or (one.options and not one.guesses) for one in found)


def _tells_purchase(turn: Turn) -> bool:
    """Whether goods are said to be bought, at a cost or paid for so; or to have come, and how that
    was paid for."""
    if says(turn.words, "buying.purchased"):
        return bool(turn.first("amount") or turn.method)
    if says(turn.words, "buying.sent_for"):
        return bool(turn.first("amount") and (turn.method or says(turn.words, "buying.gave")))
    if not says(turn.words, "stock.arrived") or turn.first("amount") is None:
        return False
    if not turn.may(Permission.RECORD_PURCHASE):
        return False  # What came is counted all the same.
    settled = turn.method or says(turn.words, "buying.on_credit") or CARRIAGE.search(turn.text)
    money = says(turn.words, "money_back.money")
    paid = says(turn.words, "buying.gave") or says(turn.words, "tense.future")
    return bool(settled or (money and paid))


def _was_cheap(turn: Turn) -> bool:
    """ "50 colgate 1200 me liye": many for so little that nobody would sell them so."""
    sums, counts = turn.all("amount"), turn.all("quantity")
    written = (turn.slots.get("draft") or {}).get("form")
    if written in (ORDER_FORM, MODIFY_FORM) or not turn.may(Permission.RECORD_PURCHASE):
        return False
    took = says(turn.words, "buying.took") or says(turn.words, "buying.sent_for")
    if len(turn.all("product_name")) != 1 or not took:
        return False
    if not len(sums) == len(counts) == 1:
        return False
    paise, count = paise_of(sums[0]), number_of(counts[0])
    with turn.read() as reader:
        product = product_named(reader, turn.value("product_name") or "").one
    if product is None or not product.cost_paise or not paise or not count or count < MANY:
        return False
    each = paise if paise < product.price_paise else paise / count
    return paise != product.price_paise and each <= product.cost_paise


def _brings_unnamed(turn: Turn, named: Entity) -> bool:
    """ "Aaj maal aaya hai Rajesh Distributors se": goods that are named afterwards."""
    came = says(turn.words, "goods_in_general") and says(turn.words, "stock.arrived")
    if not came or turn.first("amount") or says(turn.words, "asking") or "?" in turn.text:
        return False
    return _is_from(turn, named) and _sells_only(turn, named)


def _sends_for_these(turn: Turn) -> bool:
    """ "20 bag mangwa lo", "metro se 20 mangwa lo", right after goods were spoken of."""
    if not (just_spoken_of(turn, "product") and turn.first("quantity")):
        return False
    named = seller_named(turn)
    if named is None:
        return sends_out(turn)
    told = says(turn.words, "buying.sends_out") and not says(turn.words, "asking")
    return told and sends_for(turn) and _sells_only(turn, named)


def _is_from(turn: Turn, named: Entity) -> bool:
    called = says(words(turn.text[: named.start])[-1:], "buying.suppliers") if named.end else False
    given = stands_before(turn, named, "se", "from") or stands_behind(turn, named, "from")
    return called or given


def _is_of_them(turn: Turn, named: Entity) -> bool:
    """ "Gupta ji ka maal aaya", "Gupta Traders ka bill aaya": nobody's order, and goods that are
    here."""
    behind = words(turn.text[named.end :])[:3] if named.end else ()
    goods = [one for one in behind if not only([one], "filler")][:1]
    theirs = stands_before(turn, named, "ka", "ki", "ke") and bool(goods)
    billed = says(turn.words, "bill_words") and only_sells(turn, named.value)
    named_so = theirs and (only(goods, "goods_in_general") or billed)
    return named_so and says(turn.words, "stock.arrived")


def _came(turn: Turn, named: Entity) -> bool:
    """Whether goods from somebody are here: "20 kg besan from Laxmi at 82" need not say so."""
    if says(turn.words, "buying.bought"):
        return True
    counted = turn.first("quantity") and turn.first("amount")
    unknown = turn.intent == "order_create" and not is_customer(turn, named.value)
    told = (turn.intent == "inventory_update" or unknown) and stands_before(turn, named, "se")
    return bool(counted) and (told or stands_behind(turn, named, "from"))


def _sells_only(turn: Turn, named: Entity) -> bool:
    """Whether somebody is a vendor, or at least no customer."""
    return is_vendor(turn, named.value) or not is_customer(turn, named.value)


def _sells_too(turn: Turn, named: Entity) -> bool:
    """Whether a customer sold the goods: they came at a cost, or from somebody who trades. What
    is brought back says so, and is none of it."""
    if turn.intent != "inventory_update" or says(turn.words, "buying.an_order"):
        return False
    return turn.first("amount") is not None or _trades(turn, named)


def _trades(turn: Turn, named: Entity) -> bool:
    """Whether a customer has a trade of its own, and may sell to the shop too."""
    with turn.read() as reader:
        trader = customer_named(reader, named.value).one
    return trader is not None and trader.gstin is not None


def _is_note_of_goods(turn: Turn) -> bool:
    """Whether a message is goods, how many, from whom and at what rate, and no word besides:
    "50 ear skyline 420"."""
    if not (turn.first("quantity") and turn.first("amount")):
        return False
    at, beside = 0, []
    for one in turn.entities:
        beside.append(turn.text[at : one.start])
        at = one.end
    said = words(" ".join([*beside, turn.text[at:]]).replace("@", " "))
    beside = ("buying.on_credit", "rupees")
    return all(any(only([one], cue) for cue in beside) for one in said)


def as_note_of_goods(turn: Turn) -> Turn | None:
    """The message with its goods and its vendor marked, where it is a number, goods, somebody who
    sells, and a rate: "50 ear skyline 420". Somebody unknown sells what is cheaper than here."""
    if turn.intent == "affirm" or not turn.is_user:
        return None
    if turn.intent == "order_create" and turn.first("customer_name"):
        return None
    found = _NOTE.fullmatch(turn.text)
    if found is None:
        return _as_note_of(turn)
    middle = found[2].split()
    if any(only(words(one), cue) for one in middle for cue in _NO_NAME):
        return None
    with turn.read() as reader:
        for cut in range(1, len(middle)):
            goods, name = " ".join(middle[:cut]), " ".join(middle[cut:])
            product = product_named(reader, goods).one
            if product and _may_sell(reader, name, product, Decimal(found[3].replace(",", ""))):
                return _as_marked(turn, found, goods, name)
    return None


def _as_note_of(turn: Turn) -> Turn | None:
    found = _NOTE_OF.fullmatch(turn.text)
    if found is None or turn.intent != "inventory_update" or turn.first("customer_name"):
        return None
    said = (*found[1].split(), *found[3].split())
    if any(only(words(one), cue) for one in said for cue in _NO_NAME):
        return None
    with turn.read() as reader:
        product = product_named(reader, found[3]).one
        rate = Decimal(found[4].replace(",", ""))
        if product is None or not _may_sell(reader, found[1], product, rate):
            return None
    kinds = ("vendor_name", "quantity", "product_name", "amount")
    marked = [
        Entity(kind, found[at], start=found.start(at), end=found.end(at))
        for at, kind in enumerate(kinds, start=1)
    ]
    return replace(turn, entities=marked)


def _may_sell(reader: Reader, name: str, product: Product, rate: Decimal) -> bool:
    """Whether somebody may have sold goods at a rate: "2 office chair 4000" names nobody, as no
    stranger is called what goods are, or a number."""
    goods = product_named(reader, name)
    if customer_named(reader, name).one or goods.one:
        return False
    if vendor_named(reader, name).one is not None:
        return True
    is_goods = bool(goods.options) and not goods.guesses
    figures = any(sign.isdecimal() for sign in name)
    return not is_goods and not figures and from_decimal(rate) < product.price_paise


def _as_marked(turn: Turn, found: re.Match[str], goods: str, name: str) -> Turn:
    start, end = found.span(2)
    spans = (
        ("quantity", found[1], *found.span(1)),
        ("product_name", goods, start, start + len(goods)),
        ("vendor_name", name, end - len(name), end),
        ("amount", found[3], *found.span(3)),
    )
    marked = [Entity(kind, said, start=at, end=to) for kind, said, at, to in spans]
    return replace(turn, entities=marked)


def goes_back(turn: Turn) -> bool:
    """Whether goods go back, "Metro ko 4 maggi wapas kiye", or never came: "Metro se aayi maggi me
    5 kam nikli"."""
    named = seller_named(turn)
    if named is None or not (says(turn.words, "buying.sent_back") or _came_short(turn)):
        return False
    given = stands_before(turn, named, "ko") or stands_behind(turn, named, "to")
    return given or (_came_short(turn) and _is_from(turn, named))


def _came_short(turn: Turn) -> bool:
    """Whether the one count of a message is of what was missing."""
    counts = turn.all("quantity")
    behind = words(turn.text[counts[0].end :])[:NEAR] if len(counts) == 1 else ()
    return says(behind, "buying.came_short") and turn.first("amount") is None


def goes_to_company(turn: Turn) -> bool:
    """Whether goods go back to whoever sold them, with no name: "company ko wapas bhejne hain"."""
    if turn.first("quantity") is None or not turn.may(Permission.RECORD_PURCHASE):
        return False
    back = says(turn.words, "buying.sent_back") or says(turn.words, "buying.goes_back")
    return back and says(turn.words, "buying.to_seller")


def sends_for(turn: Turn) -> bool:
    """Whether goods are wanted from a vendor: "Metro se 40 maggi mangwao"."""
    named = seller_named(turn)
    if named and says(turn.words, "buying.paper") and turn.first("quantity"):
        return True
    if named and _is_told_to_send(turn, named):
        return True
    orders = only(turn.words[:1] or [""], "buying.an_order")
    return bool(
        named
        and (orders or says(turn.words, "buying.send_for"))
        and not says(turn.words, "do_not")
        and (stands_before(turn, named, "se", "from") or stands_behind(turn, named, "from"))
    )


def _is_told_to_send(turn: Turn, named: Entity) -> bool:
    """ "Avon ko 50 tube ka order bhejo", "Avon ko bolo 50 tube bheje": an order to who only sells
    is one of ours."""
    told = says(turn.words, "buying.an_order") or says(turn.words, "buying.tells_seller")
    given = stands_before(turn, named, "ko") or stands_behind(turn, named, "to")
    if not (told and given and turn.first("quantity")) or says(turn.words, "do_not"):
        return False
    return only_sells(turn, named.value)


def sends_out(turn: Turn) -> bool:
    """Whether goods are to be bought of nobody by name: "chini 2 bori mangwa lo". In the middle of
    an order it is the customer who wants more."""
    written = (turn.slots.get("draft") or {}).get("form")
    if written in (ORDER_FORM, MODIFY_FORM) or seller_named(turn):
        return False
    if not turn.may(Permission.RECORD_PURCHASE) or says(turn.words, "asking"):
        return False
    return says(turn.words, "buying.sends_out") and not says(turn.words, "do_not")


def pays(turn: Turn) -> bool:
    """Whether money went out for goods: "Metro ko 20000 diye maal ka", "15000 ka maal kharida"."""
    if clears(turn):
        return True
    told = ("expense_log", "payment_record", "repay_debt", "khata_credit")
    if turn.intent not in told and not tells_reference(turn):
        return False
    if turn.intent == "expense_log" and len(turn.all("item")) > 1 and len(turn.all("amount")) > 1:
        return False  # several expenses of one message, one of which may be to somebody
    amount = turn.first("amount") or turn.first("quantity") or _FIGURES.search(turn.text)
    if amount is None or turn.first("product_name") or not _of_goods(turn, None):
        return False
    if _is_not_given(turn):
        return False
    named = seller_named(turn)
    if named is None:
        bought = says(turn.words, "buying.purchased") and says(turn.words, "buying.goods")
        return turn.intent == "expense_log" and (bought or _is_item_goods(turn))
    out = paid_to(turn) is not None or _surely_gets(turn, named)
    if not (out or stands_before(turn, named, "ko") or turn.intent == "expense_log"):
        return False
    if not (out or says(turn.words, "buying.gave") or says(turn.words, "buying.goods")):
        return False
    return _is_paid_for_goods(turn, named)


def _is_not_given(turn: Turn) -> bool:
    """ "Cheque nahi diya"; "5000 nahi 500 diye" denies a sum alone."""
    said = without_cheque_number(turn).words
    found = where(said, "negation")
    return found is not None and says(said[found[1] :][:1], "buying.gave")


def _surely_gets(turn: Turn, named: Entity) -> bool:
    """ "Verma Traders 5000 upi kiya", "Verma Traders ka 5000 neft kiya": who only sells is paid,
    where nothing says who paid."""
    given = says(turn.words, "buying.gave") and "ne" not in turn.words
    theirs = stands_before(turn, named, "ka", "ki", "ke")
    theirs = theirs and (turn.method is None or says(turn.words, "bill_words"))
    said_from = theirs or stands_before(turn, named, "se", "from")
    return given and not said_from and only_sells(turn, named.value)


def clears(turn: Turn) -> bool:
    """Whether all that a vendor is owed was paid: "Apollo ka hisaab chuka diya"."""
    if not says(turn.words, "buying.clears") or turn.first("product_name") or "ne" in turn.words:
        return False
    named = seller_named(turn)
    if named is None:
        return bool(recent(turn, "vendor")) and not says(turn.words, "same_person")
    return is_vendor(turn, named.value) and _sells(turn, named)


def paid_to(turn: Turn) -> Entity | None:
    """Whom an English message says to have paid: "paid Nandini 1000", not "Nandini paid 1000"."""
    named = seller_named(turn)
    if named is None or not named.end:
        return None
    before = [one for one in words(turn.text[: named.start]) if one != "to"]
    return named if before and only(before[-1:], "buying.paying") else None


def pays_brokerage(turn: Turn) -> bool:
    """ "Sunil ko 300 commission diya": whoever brings buyers is paid for it, and owes nothing."""
    if not turn.is_user or not turn.first("amount") or turn.first("product_name"):
        return False
    open_still = says(turn.words, "buying.question") or says(turn.words, "came_in")
    paid = says(turn.words, "buying.gave") or "ko" in turn.words
    return says(turn.words, "brokerage") and paid and not open_still


def spends(turn: Turn) -> bool:
    """Whether money went out for what is no stock, though taken for money that came: "paid Nandini
    1000", "bought vegetables 2350 from Mandya Market". What customers get is none of it."""
    if turn.intent not in ("payment_record", "repay_debt") or not turn.is_user:
        return False
    if turn.first("amount") is None or turn.first("product_name") or _says_not_spent(turn):
        return False
    named = paid_to(turn) or given_money(turn)
    if named is not None:
        return not is_customer(turn, named.value)
    own = says(turn.words, "buying.purchased") or _we_paid(turn) or _pays_for_house(turn)
    return turn.intent == "payment_record" and own


def _pays_for_house(turn: Turn) -> bool:
    """ "Electricity bill of 2340 has been paid", and nobody is named who paid it."""
    somebody = any(turn.first(one) for one in ("customer_name", "person"))
    return turn.first("item") is not None and says(turn.words, "bill_words") and not somebody


def _we_paid(turn: Turn) -> bool:
    """ "I have paid 500 by cash to the milkman"."""
    somebody = any(turn.first(one) for one in ("customer_name", "person"))
    return not somebody and says(turn.words, "buying.we_paid")


def given_money(turn: Turn) -> Entity | None:
    """Whom money was given: "Ramesh ko 5000 diye", the first of "500 Pushpa 200 Meena ko diye"; and
    nobody's "ne" says who else gave it."""
    named, others = seller_named(turn), turn.all("customer_name")
    given = named and any(stands_before(turn, one, "ko") for one in (named, *others[-1:]))
    if not given or "ne" in turn.words:
        return None
    return named if says(turn.words, "buying.gave") else None


def _says_not_spent(turn: Turn) -> bool:
    """Whether money is said to go back, or to be owed."""
    said = without_cheque_number(turn).words
    return says(said, "buying.not_spent") or says(said, "negation")


def _is_paid_for_goods(turn: Turn, named: Entity) -> bool:
    """The words say so; or a vendor gets money of whom goods were bought."""
    if says(_words_beside(turn, named), "buying.goods"):
        return not is_customer(turn, named.value) or is_vendor(turn, named.value)
    others = [one for one in turn.all("item") if one != named]
    spent_on = [one for one in others if not only(words(one.value), "buying.of_no_goods")]
    unknown = not is_vendor(turn, named.value) and only_sells(turn, named.value)
    lent = says(turn.words, "on_khata")
    return not spent_on and (_sells(turn, named) or (unknown and not lent))


def _sells(turn: Turn, named: Entity) -> bool:
    """Whether a vendor sells goods to the shop, or was added and never paid for anything else."""
    with turn.read() as reader:
        seller = vendor_named(reader, named.value).one
        if seller is None or not turn.may(Permission.VIEW_PURCHASES):
            return False
        owed = queries.owed_to(reader, seller.id) > 0
        return (
            owed or bool(queries.bills_of(reader, seller.id)) or not is_spent_on(reader, seller.id)
        )


def _of_goods(turn: Turn, item: str | None) -> bool:
    """No: "maal ka bhada" is carriage, and "dukaan ka saman" may be anything but rent."""
    said = item or turn.value("item") or turn.text
    return guess_category(said) == OTHER


def _is_item_goods(turn: Turn) -> bool:
    item = turn.value("item")
    return bool(item) and says(words(item or ""), "buying.goods") and len(words(item or "")) <= 2


def _words_beside(turn: Turn, named: Entity) -> tuple[str, ...]:
    return words(f"{turn.text[: named.start]} | {turn.text[named.end :]}")


def figures_in(turn: Turn) -> str | None:
    """The one number of a message in which the language components saw none."""
    found = _FIGURES.findall(turn.text)
    return found[0] if len(found) == 1 else None
