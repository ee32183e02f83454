"""Money that is told of beside goods: somebody else's payment, or what was paid for the goods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from actions.context import Turn
from actions.entities import NUMBERS, Entity, is_for_one, method_of, paise_of
from actions.invoicing.discounts import sum_off
from actions.lexicon import any_of, every, only, phrases, says, where, which, words
from actions.purchases.vendors import is_customer, is_vendor, stands_before
from actions.reading.both_ways import money_came
from actions.reading.parts import part_of, pieces
from actions.reading.table_names import is_table
from actions.reading.whole_sums import is_final, sum_of_all
from erp_core.kernel.clauses import Span, clauses
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.parties.permissions import Permission

SOLD = frozenset({"order_create", "invoice_generate"})
FEWEST = 2
_TAKEN_FOR = frozenset({"payment_record", "khata_credit", "repay_debt", "nlu_fallback"})
"""What a sale is taken for of which a part was paid."""
NEAR = 12
"""Characters between an amount and the way in which it was paid: "200 rupaye cash"."""

_WORD = re.compile(r"\S+")
_PRICE_BEHIND = re.compile(
    rf"\s*(?:{any_of('written.rupees')}\s+)?(?:each\b|{any_of('written.sold_in')}(?!\w)"
    rf"(?:\s+{any_of('written.sold')}(?!\w))?)",
    re.IGNORECASE,
)
_PRICE_ENDS = re.compile(
    rf"\s*(?:{any_of('written.rupees')}\s+)?{any_of('written.of_them')}(?!\w)"
    rf"(?:\s+{any_of('written.sold')}(?!\w))?\s*,",
    re.IGNORECASE,
)
"""The end of "220 ki di," in front of what was paid of it."""
_PRICE_BEFORE = re.compile(
    rf"(?:@|\b{any_of('written.sold_at')})\s*(?:rs\.?|₹|inr)?\s*$", re.IGNORECASE
)
_FOR_THEM = phrases("written.for_them")
"""What stands between goods and the money that came for them."""


def paid_beside(turn: Turn) -> tuple[Turn, Turn] | None:
    """The goods of a message, and what it tells of money beside them: "… aur Pushpa ne 500 diye".

    Only a part at the end that names who gave, how much, and no goods.
    """
    for start, _ in clauses(turn.text)[1:]:
        told = part_of(turn, (start, len(turn.text)))
        named, sums = told.first("customer_name"), told.first("amount") or told.first("quantity")
        if named is None or sums is None or told.first("product_name"):
            continue
        if words(told.text[named.end :])[:1] == ("ne",) and says(told.words, "tense.past"):
            return part_of(turn, (0, start)), as_payment(told)
    return None


def paid_first(turn: Turn) -> tuple[Turn, Turn] | None:
    """The goods that somebody took, and the money that is told of before them: "Rohan 300 de gaya,
    aur ek cover le gaya". It is no rate of theirs."""
    start = _goods_begin(turn)
    if not turn.is_user or not start:
        return None
    told, named = part_of(turn, (0, start)), turn.all("customer_name") + turn.all("person")
    given = next((one for one in told.entities if one.name in NUMBERS), None)
    if len(named) != 1 or named[0].start >= start or stands_before(turn, named[0], "ko"):
        return None
    if given is None or not _gave(told, given, named[0]) or says(told.words, "asking"):
        return None
    buyer = replace(named[0], name="customer_name")
    apart = (" " * buyer.start, turn.text[buyer.start : buyer.end], " " * (start - buyer.end))
    taken = [buyer, *(one for one in turn.entities if one.start >= start)]
    sale = replace(turn, text="".join(apart) + turn.text[start:], entities=taken)
    as_buyer = [buyer if one.start == buyer.start else one for one in told.entities]
    return replace(sale, intent="order_create"), as_payment(replace(told, entities=as_buyer))


def _goods_begin(turn: Turn) -> int | None:
    """Where the part of a message begins that tells of goods; behind an advance it may stand in one
    breath with what was given: "Meena ne 1000 advance diya 5 surf ke liye"."""
    goods = next((one for one in turn.entities if one.name == "product_name" and one.end), None)
    start = next((start for start, end in pieces(turn) if goods and goods.start < end), None)
    if start or goods is None:
        return start
    begins = goods.start
    for one in reversed(turn.entities):
        beside = one.end and one.end <= begins and not turn.text[one.end : begins].strip()
        if beside and one.name in ("quantity", "unit"):
            begins = one.start
    before = turn.text[:begins]
    count = _WORD.findall(before)[-1:]
    if begins == goods.start and count and parse_number(count[0]) is not None:
        begins = before.rindex(count[0])
    return begins if says(words(turn.text[:begins]), "advance") else None


def old_dues_paid(turn: Turn) -> tuple[Turn, Turn] | None:
    """The goods of a message, and what came besides of what was owed before: "Meena ko 4 maggi
    diye, purana 50 bhi aa gaya". It is neither their rate nor their money."""
    goods, named = turn.all("product_name"), turn.all("customer_name")
    if not turn.is_user or not goods or len(named) != 1 or says(turn.words, "asking"):
        return None
    for word in _WORD.finditer(turn.text, max(one.end for one in goods)):
        if not only(words(word[0]) or [""], "on_top.former"):
            continue
        told = part_of(turn, (word.start(), len(turn.text)))
        sums = [one for one in told.entities if one.name in NUMBERS]
        came = says(told.words, "money_given") or says(told.words, "tense.past")
        if len(sums) != 1 or not came or says(told.words, "negation"):
            return None
        theirs = [replace(named[0], start=0, end=0), *told.entities]
        return part_of(turn, (0, word.start())), as_payment(replace(told, entities=theirs))
    return None


def ordered_with_advance(turn: Turn) -> bool:
    """ "10 atta ka order Rajmahal, 1000 advance diya": an order, whatever it was taken for, and no
    question of one."""
    whole = ("product_name", "quantity", "customer_name", "amount")
    if not turn.is_user or turn.is_not_words or not all(turn.first(one) for one in whole):
        return False
    said = says(turn.words, "an_order") and says(turn.words, "advance")
    return said and not says(turn.words, "asking") and not says(turn.words, "negation")


def _gave(told: Turn, amount: Entity, giver: Entity) -> bool:
    """ "Meena ne 100 diye", "100 meena ne diye"."""
    behind = told.text[giver.end :] if giver.start > amount.start else ""
    found = where(words(behind)[1:], "money_given") if words(behind)[:1] == ("ne",) else None
    behind_name = found is not None and not found[0]
    return behind_name or says_given(told, amount.end) or says(told.words, "advance")


def paid_for(turn: Turn) -> tuple[Turn, Turn] | None:
    """The goods of a sale to somebody, and what was paid for them in the same breath: "Kamla ko 2
    surf ka bill, 200 cash diye". An amount beside a way of paying is no rate. Whoever leaves a rest
    to be paid is asked for, where nobody is named."""
    goods, buyers = _goods_sold(turn), len(turn.all("customer_name"))
    open_still = leaves_rest(turn) or says(turn.words, "advance")
    if not goods or buyers > 1 or not (buyers or open_still) or paid_at_a_price(turn):
        return None
    price = _price_told(turn) or _last_price(turn)
    start = start_of_money(turn, price.end if price else max(one.end for one in goods))
    if start is None:
        return None
    end = _wanted_behind(turn, start)
    told = part_of(turn, (start, end))
    kept = [one for one in turn.entities if one.start < start or one.start >= end]
    goods_alone = turn.text[:start] + " " * (end - start) + turn.text[end:]
    return replace(turn, text=goods_alone, entities=kept), as_payment(told)


def _wanted_behind(turn: Turn, money: int) -> int:
    """Where, behind what was paid, it is said by when the goods are wanted; else the end."""
    for start, _ in clauses(turn.text):
        part = part_of(turn, (start, len(turn.text)))
        wanted = part.first("date") and says(part.words, "wanting")
        if start > money and wanted and not (part.first("amount") or says(part.words, "rest")):
            return start
    return len(turn.text)


def sold_and_paid(turn: Turn) -> Turn | None:
    """ "5 doodh Bhanwar Singh, 150 upi kiya", "iPhone Neha ko 66000 me, 30000 card se diya" tell of
    goods too, though they were taken for a payment or a credit: the message as a sale."""
    if turn.intent not in _TAKEN_FOR or not turn.is_user:
        return None
    named = turn.first("person")
    as_buyer = named is not None and is_customer(turn, named.value)
    buyer = [
        replace(one, name="customer_name") if one is named and as_buyer else one
        for one in turn.entities
    ]
    sale = replace(turn, intent="order_create", entities=buyer)
    taken = says(turn.words, "took") and turn.first("quantity") and leaves_rest(turn)
    taken = taken or _took_uncounted(turn)
    if price_said(sale) is not None or taken:
        return sale if paid_for(sale) else None
    spans = clauses(turn.text)
    if turn.intent != "payment_record" or len(spans) < 2:
        return None
    goods, money = part_of(turn, (0, spans[-2][1])), part_of(turn, spans[-1])
    sold = goods.first("product_name") and goods.first("quantity") and not goods.first("amount")
    paid = money.first("amount")
    came = paid and (method_of(money.text) or says_given(money, paid.end))
    paid = came and not money.first("product_name")
    return sale if sold and paid else None


def _took_uncounted(turn: Turn) -> bool:
    """ "Neha ka bat aur ball liya 2000 gpay": goods that somebody took, not counted, and then what
    came for them."""
    goods, sums = turn.all("product_name"), turn.all("amount")
    if not goods or len(sums) != 1 or turn.first("quantity") or says(turn.words, "had_been"):
        return False
    between = words(turn.text[goods[-1].end : sums[0].start])
    return says(between, "took") and turn.method is not None


def price_said(turn: Turn) -> Entity | None:
    """What goods were sold at, where more was said of money behind it: "66000 me, 30000 diye"."""
    goods, given = _goods_sold(turn), turn.all("quantity")
    sums = [*turn.all("amount"), *(one for one in given if one.end and says_given(turn, one.end))]
    if len(goods) != 1 or len(sums) < 2 or sums[0].start < goods[0].end:
        return None
    told = _is_price(turn, sums[0]) or _PRICE_ENDS.match(turn.text, sums[0].end)
    return sums[0] if told or is_final(turn, sums[0]) else None


def _last_price(turn: Turn) -> Entity | None:
    """What the last of several goods cost, each of which has its price right behind it: "oil 350
    labour 150, 500 diye"."""
    goods, sums = _goods_sold(turn), [one for one in turn.all("amount") if one.end]
    if len(goods) < FEWEST:
        return None
    ends = [*(one.start for one in goods[1:]), len(turn.text)]
    prices = [
        next((each for each in sums if one.end <= each.start < end), None)
        for one, end in zip(goods, ends, strict=True)
    ]
    last = prices[-1] if all(prices) else None
    beside = last is not None and not turn.text[goods[-1].end : last.start].strip(" :=-")
    return last if beside else None


def _price_told(turn: Turn) -> Entity | None:
    """What goods were sold at, each or all of them, where more was said of money behind it."""
    whole = sum_of_all(turn) if len(turn.all("amount")) > 1 else None
    return price_said(turn) or whole


def _is_price(turn: Turn, amount: Entity) -> bool:
    """Whether the words beside an amount make it what goods cost: "66000 me", "for 900"."""
    priced = is_for_one(turn.text, amount) or _PRICE_BEHIND.match(turn.text, amount.end)
    return bool(priced or _PRICE_BEFORE.search(turn.text[: amount.start]))


def _goods_sold(turn: Turn) -> list[Entity]:
    """The goods that a message tells of as sold; none where it asks, refuses, or speaks of what is
    to come."""
    cues = ["tense.future", "negation"]
    if not says(turn.words, "sets_rate"):
        cues.append("asking")
    if turn.intent not in SOLD or any(says(_before_the_rest(turn), one) for one in cues):
        return []
    return [one for one in turn.entities if one.name == "product_name" and one.end]


def leaves_rest(turn: Turn) -> bool:
    """ "10000 nakad diye, baaki udhaar", "baaki kal": a part was paid, and somebody owes the rest;
    of "500 cash baaki upi" nothing is owed."""
    found = where(turn.words, "rest")
    if found is None:
        return False
    behind = " ".join(turn.words[found[0] :])
    return says(turn.words[found[0] :], "on_khata") or not every(behind, "methods")


def paid_at_a_price(turn: Turn) -> str | None:
    """The way in which goods for somebody by name were paid at a price that is said: "1 charger
    900 me diya Neha ko cash", "for 900, paid by UPI". What they come to is known by the price."""
    goods, sums, whole = _goods_sold(turn), turn.all("amount"), sum_of_all(turn)
    alone = len(goods) == 1 or (goods and whole is not None)
    each = FEWEST <= len(sums) == len(goods) and _last_price(turn) is sums[-1]
    if not (each or (alone and len(sums) == 1)) or len(turn.all("customer_name")) != 1:
        return None
    needed = (Permission.CREATE_INVOICE, Permission.RECORD_PAYMENT, Permission.NAME_PRICE)
    ways, money = list(ways_said(turn, goods[-1].end)), sums[-1]
    if money.start < goods[-1].end or not all(turn.may(one) for one in needed):
        return None
    if len(ways) != (2 if says(turn.words, "half") else 1):
        return None
    priced = each or _is_price(turn, money) or whole is not None
    named = any(money.end <= one.start < ways[0][0] for one in turn.all("customer_name"))
    behind = [one for one in words(turn.text[ways[-1][1] :]) if not only([one], "half")]
    ended = only(behind, "filler") or (priced and only(behind, "around_paying"))
    return method_of(turn.text[slice(*ways[0])]) if (priced or named) and ended else None


def names_whole_price(goods: Turn, money: Turn) -> bool:
    """ "Screen repair Rohan 1200 cash": a sum and a way of paying right behind the goods, and no
    word that it was given for a part of them."""
    named = [one for one in goods.entities if one.end]
    between = goods.text[max((one.end for one in named), default=0) :].strip()
    a_part = ("tense.past", "money_given", "rest", "half", "same_person", "bill_words")
    if not money.first("amount") or (between and not only(words(between), "filler")):
        return False
    said = (*goods.words, *money.words)
    return "," not in between and not any(says(said, one) for one in a_part)


def came_for_goods(turn: Turn) -> Turn | None:
    """ "Pushpa se 2 maggi ke 28 aaye" tells of a sale and of its money, though goods that come from
    somebody are said so too: the message as a sale. Whoever sells to the shop is not meant."""
    if _money_alone_came(turn):
        return replace(turn, intent="order_create")
    if sale := _gone_for_money(turn):
        return sale
    if sale := money_came(turn):
        return replace(sale, reference=turn.reference)
    goods, named = turn.all("product_name"), turn.first("customer_name") or turn.first("person")
    if not turn.is_user or turn.is_not_words or not goods or named is None:
        return None
    if change_given(turn):
        return replace(turn, intent="order_create")
    if len(goods) != 1:
        return None
    figures = [one for one in turn.entities if one.name in ("quantity", "amount") and one.end]
    if len(figures) != 2 or not stands_before(turn, named, "se"):
        return None
    count, money = figures
    if not count.end <= goods[0].start < goods[0].end <= money.start:
        return None
    between = words(turn.text[goods[0].end : money.start])
    if between not in _FOR_THEM or not says_given(turn, money.end):
        return None
    if not is_customer(turn, named.value) or is_vendor(turn, named.value):
        return None
    kinds = {named: "customer_name", count: "quantity", money: "amount"}
    marked = [
        replace(one, name=kinds[one], normalized=None) if one in kinds else one
        for one in turn.entities
    ]
    return replace(turn, entities=marked, intent="order_create")


def _money_alone_came(turn: Turn) -> bool:
    """ "2 strip azithral 1 ors, gpay se 260 aaye", taken for goods that came: counted goods of
    which nothing is said, and then money that came for them in a way that is named."""
    spans, vendor = clauses(turn.text), turn.first("vendor_name")
    if not turn.is_user or not turn.is_guess or turn.intent != "inventory_update" or vendor:
        return False
    if len(spans) < 2 or says(turn.words, "asking") or turn.is_not_words:
        return False
    goods, money = part_of(turn, (0, spans[-2][1])), part_of(turn, spans[-1])
    counted = goods.first("product_name") and goods.first("quantity") and not goods.first("amount")
    moved = any(says(goods.words, f"stock.{one}") for one in ("arrived", "add", "remove", "damage"))
    came = money.first("amount") and method_of(money.text) and says(money.words, "stock.arrived")
    return bool(counted and not moved and came and not money.first("product_name"))


def _gone_for_money(turn: Turn) -> Turn | None:
    """ "Do pipe gaye hain cash me 420 aaye", taken for goods that came: counted goods that left,
    and then money that came for them in a way that is named."""
    goods = turn.all("product_name")
    figures = [one for one in turn.entities if one.name in NUMBERS]
    ways = [one.start for one in turn.all("payment_method") if one.end]
    if not turn.is_user or turn.intent != "inventory_update" or not goods or not ways:
        return None
    if len(figures) < FEWEST or turn.first("vendor_name") or says(turn.words, "asking"):
        return None
    money = figures[-1]
    left = says(words(turn.text[goods[-1].end : min(ways)]), "left_shop")
    spoilt = says(turn.words, "stock.damage") or says(turn.words, "stock.lost")
    came = says(words(turn.text[money.end :]), "stock.arrived")
    if not (left and came) or spoilt or money.start < max(ways):
        return None
    marked = [replace(one, name="amount") if one is money else one for one in turn.entities]
    return replace(turn, intent="order_create", entities=marked)


def change_given(turn: Turn) -> tuple[Turn, Turn] | None:
    """The goods of a sale, and what was paid for them less the change: "1 power bank diya, 1500
    diye usne, 201 wapas kiye"."""
    *_, paid, change = (None, None, *turn.all("amount"))
    named, goods = turn.first("customer_name") or turn.first("person"), turn.all("product_name")
    if not turn.is_user or not goods or named is None or paid is None or change is None:
        return None
    back = where(words(turn.text[change.end :]), "dues.gave_back")
    apart = goods[-1].end <= paid.start and says_given(turn, paid.end)
    if not apart or back is None or back[0] > 1 or not is_customer(turn, named.value):
        return None
    rest = (paise_of(paid) or 0) - (paise_of(change) or 0)
    if rest <= 0:
        return None
    kept = replace(paid, value=str(Decimal(rest) / 100), normalized=None)
    meant = {paid: kept, named: replace(named, name="customer_name")}
    sale = replace(turn, entities=[meant.get(one, one) for one in turn.entities])
    money = part_of(sale, (paid.start, change.start))
    return part_of(replace(sale, intent="order_create"), (0, paid.start)), as_payment(money)


def _before_the_rest(turn: Turn) -> tuple[str, ...]:
    """What is said before what is left: "… 100 diye, baaki kal degi" tells of money that came; and
    "do nahi nahi teen" refuses nothing."""
    found = where(turn.words, "rest")
    said = turn.words[: found[0]] if found else turn.words
    days = {
        word for one in turn.all("date") if _ends_clause(turn, one) for word in words(one.value)
    }
    said = tuple(one for one in said if one not in days)
    for cue in ("gives_now", "undoing.said_anew"):
        if aside := where(said, cue):
            said = (*said[: aside[0]], *said[aside[1] :])
    return said


def _ends_clause(turn: Turn, day: Entity) -> bool:
    """ "Delivery tomorrow, advance 2000 paid": the day is of what stands before it."""
    return bool(day.end) and turn.text[day.end :].lstrip()[:1] in (",", ";", ".", "\n")


def paid_with_bill(turn: Turn, *, replying: bool = False) -> tuple[Turn, Turn] | None:
    """What shall be billed, and what was paid for it in the same breath: "table 3 ka bill, cash
    diye". A way of paying right behind the bill, and nothing else, was paid too; in reply to a
    bill that is shown it needs no word of it."""
    if any(says(turn.words, cue) for cue in ("tense.future", "negation", "asking")):
        return None
    named = [word for word in _WORD.finditer(turn.text) if says(words(word[0]), "bill_words")]
    tables = [one.end for one in turn.all("customer_name") if is_table(one.value)]
    behind = named[-1].end() if named else 0 if replying else max(tables, default=len(turn.text))
    told = part_of(turn, (behind, len(turn.text)))
    start = start_of_money(turn, behind)
    if start is None and every(told.text, "methods") and not told.first("amount"):
        beside = [one for one in told.words if not every(one, "methods")]
        start = behind if only(beside, "filler") else None
    if start is None:
        return None
    return part_of(turn, (0, start)), as_payment(part_of(turn, (start, len(turn.text))))


def start_of_money(turn: Turn, behind: int) -> int | None:
    """Where, behind the goods, it begins to say what was paid; None when it does not."""
    ways = list(ways_said(turn, behind))
    off, *_ = sum_off(turn) or (None,)
    later = [one for one in turn.entities if one.start >= behind and one is not off]
    later = [one for one in later if not (one.end and is_for_one(turn.text, one))]
    later = [one for one in later if not _counts_goods(turn, one, behind, later)]
    figures = [one for one in later if one.name == "amount" or _may_be_money(turn, one, ways)]
    sums = [(one.start, one.end) for one in figures]
    paid = [
        one
        for one in sums
        if any(_stands_by(turn, one, way) for way in ways) or _is_given(turn, one, behind)
    ]
    if not (ways or sums):
        return _money_given(turn, behind)
    if not (ways or paid) or len(paid) != len(sums):
        return None
    halves = says(words(turn.text[behind:]), "half")
    given = paid or says(turn.words, "tense.past") or halves or _ends_with(turn, ways)
    return min(_with_half(turn, start) for start, _ in (*paid, *ways)) if given else None


def _money_given(turn: Turn, behind: int) -> int | None:
    """Where it is said that the money came, and neither how much nor how: "… paise de diye"."""
    row = list(_WORD.finditer(turn.text, behind))
    found = where([" ".join(words(one[0])) for one in row], "all_money_given")
    return row[found[0]].start() if found else None


def _counts_goods(turn: Turn, one: Entity, goods: int, others: Sequence[Entity]) -> bool:
    """ "Frame 1 Fatima ko, 500 advance diya": the number right behind the goods, where another is
    told of later."""
    right_behind = one.name == "quantity" and not turn.text[goods : one.start].strip()
    return right_behind and any(other.start > one.end and other.name in NUMBERS for other in others)


def ways_said(turn: Turn, behind: int) -> Iterator[Span]:
    """Where ways of paying stand behind the goods, marked or not."""
    taken: list[Entity] = [one for one in turn.entities if one.name != "payment_method"]
    marked = [one for one in turn.all("payment_method") if method_of(one.value)]
    for word in _WORD.finditer(turn.text, behind):
        inside = any(one.start <= word.start() < one.end for one in taken)
        whole = next((one for one in marked if one.start <= word.start() < one.end), None)
        if whole is not None and " " in whole.value:
            if whole.start == word.start():
                yield whole.start, whole.end
        elif not inside and every(word[0], "methods"):
            yield word.span()


def _ends_with(turn: Turn, ways: Sequence[Span]) -> bool:
    """Whether a way of paying is the last that is said: "Ravi ko 5 maggi cash"."""
    return bool(ways) and only(words(turn.text[ways[-1][1] :]), "filler")


def _may_be_money(turn: Turn, one: Entity, ways: Sequence[Span]) -> bool:
    """Whether a bare number is no count of goods which stand between it and a way of paying:
    "1 parota cash"."""
    if one.name != "quantity":
        return False
    between = next((turn.text[one.end : start] for start, _ in ways if start >= one.end), "")
    beside = ("filler", "rupees", "money_given", "tense.past", "rest", "half")
    return all(any(only([word], cues) for cues in beside) for word in words(between))


def _stands_by(turn: Turn, amount: Span, way: Span) -> bool:
    first, second = sorted((amount, way))
    between = turn.text[first[1] : second[0]]
    return len(between) <= NEAR and not any(sign in between for sign in ",;\n")


def _is_given(turn: Turn, amount: Span, behind: int) -> bool:
    """Whether it is said that whoever bought has given an amount: "… liya, 150 diye". To whom goods
    were given, "Meena ko … 150 diye" may be their rate, unless somebody owes the rest."""
    named = turn.first("customer_name")
    if named is not None and stands_before(turn, named, "ko"):
        before = words(turn.text[behind : amount[0]])
        theirs = says(before, "same_person") or says(before, "dues.their_money")
        ahead = says(words(turn.text[amount[1] :])[:2], "advance") or says(before[-1:], "advance")
        ahead = ahead or says(words(turn.text[amount[1] :]), "gave_and_left")
        if not (theirs or ahead or leaves_rest(turn) or _price_told(turn)):
            return False
    before = [one for one in words(turn.text[: amount[0]]) if not only([one], "rupees")]
    return says_given(turn, amount[1]) or says(before[-1:], "paid_before")


_BETWEEN = ("rupees", "paid_today")
"""What may stand between a sum and that it was given; as may the way: "200 cash diye"."""


def says_given(turn: Turn, behind: int) -> bool:
    """Whether the words right behind an amount say that it was given."""
    said = words(turn.text[behind:])
    if says(said[:2], "a_note"):
        said = said[2:]
    while said and (which(said[0], "methods") or any(only(said[:1], cue) for cue in _BETWEEN)):
        said = said[1:]
    found = where(said, "money_given") or where(said, "gives_now")
    return found is not None and found[0] == 0 and not says(said[found[1] :][:1], "negation")


def _with_half(turn: Turn, start: int) -> int:
    """Where a word of money begins, with the "half" in front of it: "aadha paisa upi"."""
    row = [one.span() for one in _WORD.finditer(turn.text, 0, start)]
    before = [(at, words(turn.text[at:end])) for at, end in row]
    if before and only(before[-1][1], "dues.their_money"):
        before.pop()
    return before[-1][0] if before and says(before[-1][1], "half") else start


def as_payment(told: Turn) -> Turn:
    as_money = [
        replace(one, name="amount") if one.name == "quantity" else one for one in told.entities
    ]
    return replace(told, entities=as_money, intent="payment_record")
