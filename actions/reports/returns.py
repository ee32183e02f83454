"""GST returns by chat, and the questions about GST that are taken for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from rasa_sdk.events import EventType, FollowupAction

from actions.base import Reply
from actions.context import Turn
from actions.entities import Entity
from actions.invoicing.explaining_tax import asks_how_taxed, explain
from actions.invoicing.sending_bills import ShareInvoice
from actions.invoicing.taxes import tell_rate
from actions.lexicon import says
from actions.match import payload_of, remember
from actions.phrasebook import Button
from actions.reports import portals, return_cells, tax_paid
from actions.reports.due_dates import tell_due
from actions.reports.portals import month_meant, months_meant
from actions.reports.tax_paid import cost_rows
from actions.wording import day, days
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business
from erp_core.portals import late
from erp_core.portals.apportioning import Apportioned
from erp_core.portals.periods import is_settled, month_of
from erp_core.portals.profile import profile, set_profile
from erp_core.purchases.lost_goods import lost_without_bill
from erp_core.purchases.reversing import review_credit
from erp_core.reports.gst.composition import Cmp08, Gstr4, cmp08, gstr4, is_under_composition
from erp_core.reports.gst.gstr1 import Gstr1, gstr1
from erp_core.reports.gst.gstr3b import Gstr3b
from erp_core.reports.gst.payable import Payable, payable
from erp_core.tax import states
from erp_core.tax.gst import percent

MOST_PROBLEMS = 5
MOST_CHOICES = 9
PRIVATE = "private:"
OTHER_TRADE = {"trader": "manufacturer", "manufacturer": "trader"}
"""What a shop under composition may be instead of what it is taken for."""


class GstExport(Reply):
    """The data of a return; or the rate of goods, and why a bill bears its tax."""

    action = "action_gst_export"

    def for_user(self, turn: Turn) -> list[EventType] | None:
        """What was asked for."""
        if (done := portals.tapped(turn)) is not None:
            return done
        if asks_how_taxed(turn):
            return explain(turn)
        if turn.is_guess and turn.text and not _speaks_of_returns(turn):
            return [FollowupAction("action_fallback")]
        asked = turn.value("choice") or turn.value("act")
        if not says(turn.words, "returns") and asked is None:
            told = tell_rate(turn)
            if told is not None:
                return told
        if not turn.may(Permission.VIEW_REPORTS):
            turn.say("error_not_allowed")
            return None
        if says(turn.words, "gstr2b"):
            portals.tell_2b(turn, month_meant(turn))
            return None
        if (act := turn.value("act") or "").startswith("trade:"):
            turn.run(set_profile, trade=act.removeprefix("trade:"))
        if act.startswith(PRIVATE):
            turn.run(set_profile, private_use=act == f"{PRIVATE}yes")
            turn.entities = [Entity("act", "gstr3b"), *turn.entities]
        if says(turn.words, "when_due") and turn.value("choice") is None:
            tell_due(turn)
            return None
        if _asks_what_to_pay(turn) and turn.value("act") is None:
            turn.entities = [*turn.entities, Entity("act", "gstr3b")]
        summary = turn.value("act") == "gstr3b" or says(turn.words, "gstr3b")
        if summary and turn.may(Permission.VIEW_PURCHASES):
            turn.run(review_credit)
        with turn.read() as reader:
            self._tell(turn, reader)
        return [remember(turn, return_month=f"{month_meant(turn):%Y-%m}")]

    def for_customer(self, turn: Turn) -> list[EventType] | None:
        """One's own bill, "need GST invoice copy", or how its tax came about."""
        of_shop = says(turn.words, "of_the_shop")
        if asks_how_taxed(turn) or (says(turn.words, "bill_words") and not of_shop):
            return ShareInvoice().for_customer(turn)
        return super().for_customer(turn)

    def _tell(self, turn: Turn, reader: Reader) -> None:
        month = month_meant(turn)
        if business(reader).gstin is None:
            turn.say("utter_gst_not_registered")
        elif is_under_composition(reader):
            year = turn.value("act") == "gstr4" or says(turn.words, "gstr4")
            (_tell_year if year else _tell_quarter)(turn, reader, month)
        elif len(months := months_meant(turn)) > 1:
            _tell_months(turn, reader, months)
        elif turn.value("act") == "gstr3b" or says(turn.words, "gstr3b"):
            _tell_3b(turn, reader, month)
        else:
            _tell_1(turn, reader, month)


def _asks_what_to_pay(turn: Turn) -> bool:
    """ "GST kitna dena hai"."""
    return says(turn.words, "gst_due") and says(turn.words, "asking")


def _tell_months(turn: Turn, reader: Reader, months: Sequence[date]) -> None:
    """The sales and the tax of each month of a period, whose returns can be asked for."""
    found = [gstr1(reader, month) for month in months]
    period = days(months[0], month_of(months[-1])[1])
    if not any(one.bills or one.notes for one in found):
        turn.say("utter_gst_return_empty", period=period)
        return
    rows = [
        {
            "period": days(*month_of(month)),
            "bills": str(one.bills),
            "taxable": inr(one.total.taxable),
            "tax": inr(_tax(one)),
        }
        for month, one in zip(months, found, strict=True)
    ]
    choices = [
        Button(title=f"{month:%m-%Y}", payload=payload_of("gst_export", choice=f"{month:%Y-%m}"))
        for month in months[-MOST_CHOICES:]
    ]
    turn.say(
        "utter_gst_quarter",
        period=period,
        rows=turn.lines("line_gst_month", rows),
        taxable=inr(sum(one.total.taxable for one in found)),
        tax=inr(sum(_tax(one) for one in found)),
        choices=choices,
    )


def _tax(found: Gstr1) -> int:
    return found.total.cgst + found.total.sgst + found.total.igst


def _tell_1(turn: Turn, reader: Reader, month: date) -> None:
    found = gstr1(reader, month)
    period = days(*month_of(month))
    moved = found.amended or found.shipped_later or found.advances or found.adjusted
    delay = _late_1(turn, reader, month)
    if not (found.bills or found.notes or found.cancelled or moved):
        turn.say("utter_gst_return_empty", period=period)
        if delay:
            turn.say("line_gstr1_late", **delay)
        return
    excel = turn.value("act") == "excel" or says(turn.words, "excel")
    attachment = {
        "kind": "gst_return",
        "month": f"{month:%Y-%m}",
        "form": "excel" if excel else "json",
    }
    if excel:
        turn.say("utter_gst_return_excel", attachment=attachment, period=period)
        return
    turn.say(
        "utter_gst_return",
        attachment=attachment,
        period=period,
        month=f"{month:%Y-%m}",
        bills=str(found.bills),
        notes=str(found.notes),
        cancelled=str(found.cancelled),
        taxable=inr(found.total.taxable),
        cgst=inr(found.total.cgst),
        sgst=inr(found.total.sgst),
        igst=inr(found.total.igst),
        checks=_checks(turn, found)
        + (f"\n{turn.line('line_gstr1_late', **delay)}" if delay else ""),
        choices=[return_cells.button(turn, "gstr1", month)],
    )


def _checks(turn: Turn, found: Gstr1) -> str:
    missing = [
        turn.line("line_problem_gap", number=number)
        for one in found.ranges
        for number in one.missing
    ]
    rows = missing + [
        turn.line(f"line_problem_{one.code}", number=one.number, what=one.what)
        for one in found.problems
    ]
    if len(rows) > MOST_PROBLEMS:
        more = turn.line("line_return_more", count=str(len(rows) - MOST_PROBLEMS))
        rows = [*rows[:MOST_PROBLEMS], more]
    if not rows:
        rows = [turn.line("line_return_clean")]
    rows += [
        turn.line(
            "line_return_amended",
            number=one.before.number,
            table=one.table,
            before=one.before.customer_gstin or states.state_name(one.before.place_of_supply),
            after=one.after.customer_gstin or states.state_name(one.after.place_of_supply),
        )
        for one in found.amended[:MOST_PROBLEMS]
    ]
    rows += [
        turn.line(
            "line_return_amended",
            number=one.document.number,
            table="9A",
            before=one.before.number if one.before else "–",
            after=one.after.number,
        )
        for one in found.shipped_later[:MOST_PROBLEMS]
    ]
    if found.registered:
        rows.append(turn.line("line_return_einvoices", count=str(found.registered)))
    return "\n".join(rows)


def _late_1(turn: Turn, reader: Reader, month: date) -> dict[str, str]:
    """What it costs to file GSTR-1 only today, where its last day is over."""
    costs = late.fee_of_sales(reader, month, on=turn.today)
    return _fee(*costs) if costs else {}


def _fee(fee: late.Due, most: int) -> dict[str, str]:
    return {
        "last_day": day(fee.since),
        "days": str(fee.days),
        "a_day": inr(fee.base),
        "most": inr(most),
        "amount": inr(fee.paise),
    }


def _tell_3b(turn: Turn, reader: Reader, month: date) -> None:
    owed = payable(reader, month)
    _tell_payable(turn, owed, month)
    found = owed.preview
    tie = (
        turn.line("word_ties_not", amount=inr(abs(found.difference)))
        if found.difference
        else turn.line("word_ties")
    )
    turn.say(
        "utter_gst_return_3b",
        choices=[
            *_private_button(turn, reader, found.reckoned, month),
            return_cells.button(turn, "gstr3b", month),
        ],
        attachment={
            "kind": "gst_return",
            "month": f"{month:%Y-%m}",
            "form": "gstr3b_excel" if says(turn.words, "excel") else "gstr3b",
        },
        period=days(*month_of(month)),
        taxable=inr(found.taxable.taxable),
        cgst=inr(found.taxable.cgst),
        sgst=inr(found.taxable.sgst),
        igst=inr(found.taxable.igst),
        zero=inr(found.zero_rated.taxable),
        nil=inr(found.nil),
        inter=inr(sum(part.taxable for part in found.inter_unregistered.values())),
        icgst=inr(found.input_tax.cgst),
        isgst=inr(found.input_tax.sgst),
        iigst=inr(found.input_tax.igst),
        reversal=_reversal(turn, found)
        + _unbilled(turn, lost_without_bill(reader, *month_of(month))),
        tie=tie,
    )


def _tell_payable(turn: Turn, found: Payable, month: date) -> None:
    """What is left to pay of the month after credit, by head and by when."""
    start, end = month_of(month)
    period = days(start, min(end, max(turn.today, start)))
    costs = [f"\n{row}" for row in cost_rows(turn, found.late, f"{end:%Y-%m}")]
    if found.settled:
        turn.say("utter_gst_paid", period=period, notes="".join(costs))
        return
    parts = [
        turn.line("line_gst_head", head=head.upper(), amount=inr(paise))
        for head, paise in found.month.cash.items()
        if paise
    ]
    notes = [
        turn.line(f"line_gst_{name}", amount=inr(paise))
        for name, paise in (
            ("carried", found.carried),
            ("left", found.left),
            ("deposited", found.deposited),
            ("earlier", found.earlier),
            ("dues", found.dues),
        )
        if paise
    ]
    if end >= turn.today:
        notes.append(turn.line("line_gst_so_far"))
    turn.say(
        "utter_gst_payable" if found.cash else "utter_gst_nothing_payable",
        period=period,
        amount=inr(found.cash),
        heads=", ".join(parts),
        owed=inr(sum(found.month.owed.values())),
        credit=inr(sum(found.month.credit.values())),
        last_day=day(found.last_day) if found.last_day else "–",
        notes="".join(f"\n{one}" for one in notes) + "".join(costs),
        choices=tax_paid.button(turn, month, end, nothing=not found.cash + found.dues),
    )


def _reversal(turn: Turn, found: Gstr3b) -> str:
    """What of the credit goes back, and by which reckoning."""
    rows, share = [], found.reckoned
    if found.reversed.tax:
        rows.append(turn.line("line_credit_reversed", tax=inr(found.reversed.tax)))
    if found.reclaimed.tax:
        rows.append(turn.line("line_credit_reclaimed", tax=inr(found.reclaimed.tax)))
    rows += [
        turn.line(
            f"line_{kind}",
            tax=inr(part.tax),
            common=inr(sum(share.common.values())),
            exempt=inr(share.share.exempt),
            turnover=inr(share.share.turnover),
        )
        for kind, part in found.apportioned.items()
        if part.tax
    ]
    if year := sum(share.year.values()):
        rows.append(turn.line("line_credit_year", tax=inr(year)))
    return "".join(f"\n{row}" for row in rows)


def _unbilled(turn: Turn, paise: int) -> str:
    return "\n" + turn.line("line_lost_without_bill", amount=inr(paise)) if paise else ""


def _private_button(turn: Turn, reader: Reader, share: Apportioned, month: date) -> list[Button]:
    """A tap by which the shop says whether some of what it spends serves its home."""
    may = turn.may(Permission.CHANGE_BUSINESS) and any(share.common.values())
    if not may or is_settled(reader, f"{month:%Y-%m}"):
        return []
    wanted = "no" if profile(reader).private_use else "yes"
    payload = payload_of("gst_export", act=f"{PRIVATE}{wanted}", choice=f"{month:%Y-%m}")
    return [Button(title=turn.line(f"button_private_{wanted}"), payload=payload)]


def _tell_quarter(turn: Turn, reader: Reader, month: date) -> None:
    found = cmp08(reader, month)
    excel = turn.value("act") == "excel" or says(turn.words, "excel")
    attachment = {
        "kind": "gst_return",
        "month": f"{month:%Y-%m}",
        "form": "cmp08_excel" if excel else "cmp08",
    }
    other = OTHER_TRADE.get(found.trade)
    choices = [_trade_button(turn, other, month)] if other else []
    if not is_settled(reader, f"{found.end:%Y-%m}"):
        choices += tax_paid.button(turn, month, found.end, nothing=not found.payable.tax)
    choices.append(return_cells.button(turn, "cmp08", month))
    turn.say(
        "utter_gst_composition_return",
        choices=choices,
        attachment=attachment,
        quarter=days(found.start, found.end),
        turnover=inr(found.turnover),
        rate=percent(found.rate),
        tax=inr(found.tax),
        cgst=inr(found.outward.cgst),
        sgst=inr(found.outward.sgst),
        beside="".join(_beside(turn, found)),
    )


def _beside(turn: Turn, found: Cmp08) -> Iterator[str]:
    """What of the turnover bears no tax, what does since nobody knows better, and what was bought
    under reverse charge."""
    if found.exempt:
        yield turn.line(
            "line_cmp08_exempt",
            exempt=inr(found.exempt),
            taxed=inr(found.turnover - found.exempt),
        )
    if found.unknown:
        yield turn.line("line_cmp08_unknown", amount=inr(found.unknown))
    if found.inward.taxable:
        yield turn.line(
            "line_cmp08_inward", value=inr(found.inward.taxable), tax=inr(found.inward.tax)
        )
    for row in cost_rows(turn, found.late, f"{found.end:%Y-%m}"):
        yield f"\n{row}"


def _trade_button(turn: Turn, trade: str, month: date) -> Button:
    payload = payload_of("gst_export", act=f"trade:{trade}", choice=f"{month:%Y-%m}")
    return Button(title=turn.line(f"button_trade_{trade}"), payload=payload)


def _tell_year(turn: Turn, reader: Reader, month: date) -> None:
    """GSTR-4 of the financial year of a month."""
    found = gstr4(reader, month)
    excel = turn.value("act") == "excel" or says(turn.words, "excel")
    turn.say(
        "utter_gst_composition_year",
        attachment={
            "kind": "gst_return",
            "month": f"{month:%Y-%m}",
            "form": "gstr4_excel" if excel else "gstr4",
        },
        year=found.year,
        turnover=inr(sum(one.turnover for one in found.quarters)),
        tax=inr(sum(one.tax for one in found.quarters)),
        exempt=inr(sum(one.exempt for one in found.quarters)),
        inward=inr(sum(part.tax for part in found.reverse_charge)),
        late=_late_year(turn, reader, found),
    )


def _late_year(turn: Turn, reader: Reader, found: Gstr4) -> str:
    """What it costs to file the yearly return only today, where its last day is over."""
    nil = not any(one.payable.tax for one in found.quarters)
    costs = late.fee_of_year(reader, found.quarters[-1].end, nil=nil, on=turn.today)
    return turn.line("line_gstr4_late", **_fee(*costs)) if costs else ""


def _speaks_of_returns(turn: Turn) -> bool:
    named = turn.first("report_type") or turn.first("product_name")
    return bool(named or says(turn.words, "gst_words") or says(turn.words, "returns"))
