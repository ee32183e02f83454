"""Whether a message is for the form in hand: an answer, a change of what it writes, or somebody
else's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker

from actions.by_wording import is_of_another
from actions.context import FAIRLY_SURE, Turn
from actions.forms.belonging import (
    OF_ORDERS,
    asks_of_the_shop,
    names_an_order,
    only_method,
    prices_others,
    rates_what_was_told,
    repeats_number,
    says_all_of_its_own,
    says_more_than_a_name,
    speaks_of_money,
    tells_none_left,
    tells_of_buying,
    tells_of_payment,
    tells_of_stock,
)
from actions.forms.customer import is_part_of
from actions.forms.draft import Draft
from actions.forms.intents import MONEY, OF_FRIENDS, OF_GOODS, UNSURE, WRITES, asks
from actions.forms.names import (
    CREDIT_FORM,
    EXPENSE_FORM,
    ORDER_FORM,
    PAYMENT_FORM,
    PRICE_FORM,
    PURCHASE_FORM,
    STOCK_FORM,
)
from actions.forms.topic import Topic
from actions.invoicing.explaining_tax import asks_how_taxed
from actions.lexicon import beside, only, says, where, words
from actions.match import product_named, quotes
from actions.orders.more import leaves_so_many, sells_goods
from actions.payments.taking_back import (
    PRICE,
    kind_written,
    kinds_undone,
    last_written,
    takes_back,
    undoes_bill,
)
from actions.reading.money import amounts_said, just_wrote
from actions.reading.said import pieces_between
from erp_core.parties.service import WALK_IN

MOST_WORDS_OF_AN_ANSWER = 2
"""A longer message that speaks of nothing in the business answers no question of a form."""


class OwnMessage(Topic):
    """A form that tells its own messages from those of others."""

    def _corrects_what_was_written(self, turn: Turn, tracker: Tracker, draft: Draft) -> bool:
        """ "Nahi 90000 tha", when 9000 was written and a draft that waited was taken up at once:
        whichever of the two amounts is nearer is the wrong one."""
        if not draft["kept"] or not just_wrote(tracker) or not takes_back(turn):
            return False
        last, said = last_written(turn), amounts_said(turn)
        if (self._holds(turn) and not said) or self._speaks_of_rates(turn, last):
            return False
        here = _sums_of(draft)
        if last is None or not said or not here:
            return last is not None
        return _times(said[-1], last["paise"]) < min(_times(said[-1], one) for one in here)

    def _speaks_of_rates(self, turn: Turn, last: Mapping[str, Any] | None) -> bool:
        """Whether a message is about what goods cost, and no rate was written but one is here."""
        wrote_one = last is not None and kind_written(last) == PRICE
        spoken_of = says(turn.words, "asks_price") or says(turn.words, "tax_inside")
        return self.takes_rates and not wrote_one and spoken_of

    def _is_of_another(self, turn: Turn) -> bool:
        """Whether the wording alone makes a message the work of another form, whatever its intent:
        a cheque that bounced, goods or money for a vendor, a loan, a bill that was just shown."""
        if self._undoes_what_was_written(turn):
            return self.goes_to(turn) is not None
        refuses = turn.intent == "deny" and (self.about_goods or not sells_goods(turn))
        if not turn.is_user or turn.is_not_words or refuses:
            return False
        return is_of_another(self, turn)

    def _is_other(self, turn: Turn) -> bool:
        """Whether the message is a question, or another piece of work with something of its own."""
        intent = turn.intent
        if intent == "inventory_update" and self._is_of_stock(turn):
            return True
        if self._sells_beside(turn):
            return True
        if intent in self.intents or intent in ("affirm", "deny", ""):
            return intent == "deny" and self._undoes_a_bill(turn)
        if turn.is_not_words or asks_how_taxed(turn) or turn.metadata.get("command"):
            return True
        if repeats_number(turn) or (self.takes_money and only_method(turn)):
            return False
        if self._is_no_answer(turn) or self._is_surely_apart(turn):
            return True
        if intent in UNSURE:
            return self._undoes_a_bill(turn) or (self.about_goods and tells_of_payment(turn))
        if self._is_whole_work(turn):
            return True
        if self._is_bare_answer(turn):
            return False
        if asks(intent):
            return not self._corrects_count(turn)
        if intent == "order_cancel":
            return self._cancels_another(turn)
        if intent == "payment_request" and turn.is_sure:
            return True
        return intent in WRITES and intent not in self.near and self._content(turn)

    def _sells_beside(self, turn: Turn) -> bool:
        """ "2 bhujia diye cash" counts goods of the shop and tells how they were paid, which is no
        way of paying what is written here; what is not known yet may be just that."""
        draft = Draft.of(turn.slots)
        counted = turn.first("product_name") and turn.first("quantity")
        if self.about_goods or not turn.is_user or turn.intent != "order_create" or not counted:
            return False
        if draft is None or turn.first("amount") or turn.method is None:
            return False
        if draft.pending and draft.pending["kind"] != "mode":
            return False
        if self.form == EXPENSE_FORM and not draft["item"]:
            return False
        with turn.read() as reader:
            return product_named(reader, turn.value("product_name") or "").one is not None

    def _is_surely_apart(self, turn: Turn) -> bool:
        """Whether a message is surely about what no form is asked: friends, somebody's number, all
        that is kept of the writer, or nothing of the business."""
        if not self.about_goods and tells_of_buying(turn):
            return True
        if not turn.is_sure:
            return False
        off_topic = not turn.entities and len(turn.words) > MOST_WORDS_OF_AN_ANSWER
        return (
            (turn.intent in OF_FRIENDS and turn.first("person") is not None)
            or (turn.intent == "customer_add" and self._is_about_nobody(turn))
            or turn.intent == "data_erase"
            or (turn.intent == "product_add" and self._adds_unnamed(turn))
            or (turn.intent == "out_of_scope" and off_topic)
        )

    def _adds_unnamed(self, turn: Turn) -> bool:
        """ "Naya maal add karo" names no goods, and agrees to none that are asked about."""
        draft = Draft.of(turn.slots)
        pending = draft is not None and draft.pending is not None
        return not turn.entities and says(turn.words, "newness") and not pending

    def _is_whole_work(self, turn: Turn) -> bool:
        """Whether a message names all that another piece of work needs."""
        intent = turn.intent
        if intent in WRITES and (says_all_of_its_own(turn) or self._is_about_goods(turn)):
            return True
        if intent == "order_modify" and self.form not in OF_ORDERS and names_an_order(turn):
            return True
        if intent in MONEY and not self.takes_money and speaks_of_money(turn):
            return True
        return intent == "invoice_generate" and not self.writes_bills and self._bills_somebody(turn)

    def _cancels_another(self, turn: Turn) -> bool:
        named = turn.first("order_id") or turn.first("customer_name")
        return named is not None or self._undoes_a_bill(turn) or quotes(turn, "order")

    def _is_of_stock(self, turn: Turn) -> bool:
        """Whether a message says what became of the stock, and nothing of what is written here."""
        return tells_none_left(turn) or (self.form in OF_ORDERS and tells_of_stock(turn))

    def _bills_somebody(self, turn: Turn) -> bool:
        """ "Table 7 ka bill", while something else is written that nobody is asked for."""
        waits = (getattr(Draft.of(turn.slots), "pending", None) or {}).get("field") == "customer"
        return turn.is_sure and turn.first("customer_name") is not None and not waits

    def _is_about_nobody(self, turn: Turn) -> bool:
        """Whether a number is somebody's, while what is written here is for nobody, or for another
        who is known."""
        numbered = turn.first("customer_name") and turn.first("customer_phone")
        draft = Draft.of(turn.slots)
        whose = ((draft["customer"] if draft else None) or {}).get("name")
        said = turn.value("customer_name")
        another = whose and said and not is_part_of(said, whose)
        of_nobody = self.form in (EXPENSE_FORM, STOCK_FORM, PRICE_FORM)
        return bool(numbered and (of_nobody or another))

    def _waits_for_whom(self, turn: Turn) -> bool:
        """Whether it is open for whom goods are."""
        draft = Draft.of(turn.slots)
        return draft is not None and bool(draft["lines"]) and draft["customer"] is None

    def _is_no_answer(self, turn: Turn) -> bool:
        """Whether a message that looks like an answer is about somebody or something else."""
        draft = Draft.of(turn.slots)
        if draft is None:
            return False
        others = self.about_goods and turn.intent not in self.near and prices_others(turn, draft)
        rate = self.takes_rates and rates_what_was_told(turn, draft)
        return says_more_than_a_name(turn, draft) or others or rate

    def _undoes_what_was_written(self, turn: Turn) -> bool:
        """ "Wo purchase galat hai, cancel karo", while something else is written."""
        kinds, draft = kinds_undone(turn), Draft.of(turn.slots)
        if not kinds or draft is None or OWN_KINDS.get(self.form, frozenset()).isdisjoint(kinds):
            return bool(kinds)
        counter = says(turn.words, "walk_in") and draft["customer"]
        return says(turn.words, "last") or bool(counter and draft["customer"]["name"] != WALK_IN)

    def _undoes_a_bill(self, turn: Turn) -> bool:
        """ "Cancel that bill" is about one that was made, where none is being written; and "cancel
        last bill" always is."""
        made = not self.writes_bills or says(turn.words, "last")
        return turn.is_user and made and undoes_bill(turn)

    def _is_about_goods(self, turn: Turn) -> bool:
        """Whether goods are named with a number, and this form has nothing to do with goods; or
        their rate, and it does not write rates."""
        if turn.intent not in OF_GOODS or turn.confidence < FAIRLY_SURE:
            return False
        numbered = turn.first("quantity") or turn.first("amount")
        if turn.first("product_name") is None or numbered is None:
            return False
        if not self.about_goods:
            return True
        if turn.intent == "product_add" and turn.is_sure and says(turn.words, "newness"):
            return "product_add" not in self.intents and not self._holds(turn)
        rated = turn.intent == "price_update" and (
            says(turn.words, "asks_price") or self._rates_others(turn)
        )
        if turn.intent in self.intents or not rated:
            return False
        return not (self.takes_rates and self._holds(turn))

    def _corrects_count(self, turn: Turn) -> bool:
        """ "Arre maggi 3 the" asks nothing: it is how many there are of what is written."""
        said = (
            turn.first("product_name") and turn.first("quantity") and says(turn.words, "had_been")
        )
        asked = "?" in turn.text or says(turn.words, "asking")
        return bool(said and self.about_goods and turn.is_user and not asked and self._holds(turn))

    def _rates_others(self, turn: Turn) -> bool:
        """ "Lux 35 ka aur colgate 60 ka kar do", while something else is counted."""
        named = turn.all("product_name")
        former = says(turn.words, "in_place_of")
        alone = len(turn.all("amount")) == len(named) + former and not turn.first("quantity")
        others = [one for one in named if not self._holds(replace(turn, entities=[one]))]
        return turn.is_sure and alone and bool(others)

    def _holds(self, turn: Turn) -> bool:
        """Whether the goods named are among those of the draft already."""
        named = set(words(turn.value("product_name") or ""))
        draft = Draft.of(turn.slots)
        lines = (draft["lines"] if draft else None) or []
        return any(named & set(words(f"{one.get('name')} {one['said']}")) for one in lines)

    def _is_bare_answer(self, turn: Turn) -> bool:
        """Whether nothing but a name, a number or the like was said, as one answers a question."""
        if not turn.entities:
            return only(turn.words, "of_a_person") and self._waits_for_whom(turn)
        if asks_of_the_shop(turn):
            return False
        rest = words(" ".join(pieces_between(turn)))
        return only(rest, "filler") or only(beside(rest, "sets_so_many"), "filler")

    def _content(self, turn: Turn) -> bool:
        return any(one.name not in ("draft", "choice", "act", "order") for one in turn.entities)

    def _says_cancel(self, turn: Turn) -> bool:
        if turn.intent != "order_cancel" or turn.first("order_id") or turn.first("customer_name"):
            return False
        return turn.is_sure or says(turn.words, "cancel") or says(turn.words, "remove")

    def _says_only_cancel(self, turn: Turn) -> bool:
        return turn.intent == "order_cancel"

    def _says_only_leave(self, turn: Turn) -> bool:
        """Whether a message says nothing but to leave it, in the words that are offered for it."""
        found = where(turn.words, "cancel")
        if found is None or turn.entities or turn.is_not_words:
            return False
        if self._undoes_a_bill(turn) or quotes(turn, "order") or leaves_so_many(turn):
            return False
        return only((*turn.words[: found[0]], *turn.words[found[1] :]), "filler")


OWN_KINDS: Mapping[str, frozenset[str]] = {
    ORDER_FORM: frozenset({"sale", "payment", "credit"}),
    PURCHASE_FORM: frozenset({"purchase", "payment", "credit"}),
    EXPENSE_FORM: frozenset({"expense"}),
    PAYMENT_FORM: frozenset({"payment"}),
    CREDIT_FORM: frozenset({"credit"}),
}
"""What a form writes, of the kinds of entries that can be undone."""


def _sums_of(draft: Draft) -> list[int]:
    """The sums that a draft shows: its own, its total, what its goods are said to cost."""
    lines = [line.get("amount") for line in draft["lines"] or []]
    return [int(one) for one in (draft["amount"], draft["shown"], *lines) if one]


def _times(one: int, other: int) -> Decimal:
    """How many times the greater of two amounts is the smaller."""
    return Decimal(max(one, other)) / Decimal(max(1, min(one, other)))
