"""Rasa's bookkeeping of a conversation, with the same outcome at a fraction of the work.

For each prediction Rasa replays the whole session once for each policy and each way of looking at
it, copies every slot each time, tries every rule, makes every action that it knows to find one, and
copies what it might have logged. Each part
below says what it spares. Only a worker asks for them (speed_up); `rasa shell` and `rasa test` run
Rasa as it comes, and tests hold both to the same predictions.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from copy import copy as _copied
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

import rasa.core.actions.action
import rasa.core.actions.forms
import rasa.core.nlg.interpolator
import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
import rasa.shared.core.trackers
from rasa.core.actions.action import Action, ActionExtractSlots, RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.core.actions.loops import LoopAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_VALIDATE_SLOT_MAPPINGS,
    DEFAULT_SLOT_NAMES,
    MAPPING_TYPE,
    PREVIOUS_ACTION,
    REQUESTED_SLOT,
    SHOULD_NOT_BE_SET,
    USER,
    SlotMappingType,
)
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    Event,
    LegacyForm,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, TrackerActiveLoop
from rasa.shared.nlu.constants import ACTION_NAME, INTENT
from rasa.utils.endpoints import EndpointConfig

_slow_history = Domain.states_for_tracker_history
_slow_applied_events = DialogueStateTracker.applied_events
_slow_possible_keys = RulePolicy._get_possible_keys
_slow_find = RulePolicy._find_action_from_rules
_slow_extracted = ActionExtractSlots.run
_slow_action = rasa.core.actions.action.action_for_name_or_text
_slow_ruled = RulePolicy.predict_action_probabilities
_slow_recalled = MemoizationPolicy.predict_action_probabilities
_slow_temporary_tracker = FormAction._temporary_tracker


def speed_up() -> None:
    """Have this process do without the needless work."""
    for owner, name, value in _parts():
        setattr(owner, name, value)


def _parts() -> list[tuple[Any, str, Any]]:
    """What stands where, in place of Rasa's."""
    copying = SimpleNamespace(copy=_itself, deepcopy=_itself)
    modules = (
        rasa.core.actions.forms,
        rasa.core.nlg.interpolator,
        rasa.core.policies.memoization,
        rasa.core.policies.rule_policy,
        rasa.core.processor,
        rasa.shared.core.trackers,
    )
    return [
        *((module, "copy", copying) for module in modules),
        (rasa.shared.core.trackers, "dataclasses", SimpleNamespace(asdict=_as_dict)),
        (rasa.core.actions.action, "action_for_name_or_text", _action_named),
        (DialogueStateTracker, "applied_events", _applied_events),
        (DialogueStateTracker, "copy", _copied_tracker),
        (DialogueStateTracker, "_set_slot", _set_slot),
        (DialogueStateTracker, "_reset_slots", _reset_slots),
        (Domain, "_get_slots_sub_state", staticmethod(_slots_that_count)),
        (Domain, "states_for_tracker_history", _states),
        (RulePolicy, "_get_possible_keys", _possible_keys),
        (RulePolicy, "_find_action_from_rules", _find_action),
        (PolicyPrediction, "max_confidence", property(_highest)),
        (RulePolicy, "predict_action_probabilities", _ruled),
        (MemoizationPolicy, "predict_action_probabilities", _recalled),
        (RemoteAction, "_action_call_format", _call_of),
        (FormAction, "_temporary_tracker", _temporary_tracker),
        (Policy, "format_tracker_states", staticmethod(_unlogged)),
        (MessageProcessor, "_check_for_unseen_features", _no_warnings),
        (MessageProcessor, "_log_slots", staticmethod(_unlogged)),
        (ActionExtractSlots, "run", _extracted),
    ]


def _itself(value: Any) -> Any:
    """These modules copy what they hand to a debug log, which a worker does not write, and slots,
    which trackers share."""
    return value


def _unlogged(_shown: Any) -> str:
    """Rasa writes all states and slots out for a debug log."""
    return ""


def _as_dict(loop: TrackerActiveLoop) -> dict[str, Any]:
    """dataclasses.asdict(), which copies the message that a form began with to its last entity."""
    return dict(vars(loop))


def _set_slot(tracker: DialogueStateTracker, name: str, value: Any) -> None:
    """DialogueStateTracker._set_slot. Trackers share their slots, as most are never set: one that
    is becomes the tracker's own, where Rasa copies all of them for each new tracker."""
    if name in tracker.slots:
        slot = tracker.slots[name] = _copied_slot(tracker.slots[name])
        slot.value = value


def _reset_slots(tracker: DialogueStateTracker) -> None:
    """DialogueStateTracker._reset_slots."""
    for name, slot in tracker.slots.items():
        if slot.has_been_set:
            tracker.slots[name] = _copied_slot(slot)
            tracker.slots[name].reset()


def _copied_slot(slot: Slot) -> Slot:
    """What copy.copy() makes, without asking how a slot is pickled."""
    copied: Slot = object.__new__(type(slot))
    copied.__dict__.update(slot.__dict__)
    return copied


_unwrapped_slots = Domain._get_slots_sub_state


def _slots_that_count(
    tracker: DialogueStateTracker, omit_unset_slots: bool = False
) -> Mapping[str, Any]:
    """Most slots never influence a prediction; they need no features."""
    seen = SimpleNamespace(
        slots={name: slot for name, slot in tracker.slots.items() if slot.influence_conversation}
    )
    found: Mapping[str, Any] = _unwrapped_slots(seen, omit_unset_slots)
    return found


@dataclass
class _Applied:
    """What a tracker's first so many events come to, the last of them being `last`."""

    length: int
    last: Event
    events: list[Event]


def _applied_events(tracker: DialogueStateTracker) -> list[Event]:
    """DialogueStateTracker.applied_events, counted once for each event that is added."""
    if not tracker.events:
        return []
    known: _Applied | None = tracker.__dict__.get("_applied")
    length, last = len(tracker.events), tracker.events[-1]
    if known is None or known.length != length or known.last is not last:
        known = tracker.__dict__["_applied"] = _Applied(length, last, _without_undone(tracker))
    return list(known.events)


def _without_undone(tracker: DialogueStateTracker) -> list[Event]:
    """As Rasa does it, but an event's kind is told by its class: Rasa's events are abstract, of
    which isinstance() makes a search, some thousand times a turn."""
    events = list(tracker.events)
    loops = {event.name for event in events if type(event) in _LOOPS and event.name}
    applied: list[Event] = []
    for event in events:
        kind = type(event)
        if kind in _STARTS:
            applied = []
        elif kind is ActionReverted:
            tracker._undo_till_previous(ActionExecuted, applied)
        elif kind is UserUtteranceReverted:
            tracker._undo_till_previous(UserUttered, applied)
            tracker._undo_till_previous(ActionExecuted, applied)
        elif (
            loops
            and kind is ActionExecuted
            and event.action_name in loops
            and not _begins_loop(event.action_name, applied)
        ):
            tracker._undo_till_previous_loop_execution(event.action_name, applied)
        else:
            applied.append(event)
    return applied


def _begins_loop(loop: str, applied: list[Event]) -> bool:
    """Whether a loop's action runs for the first time, or again after something else was said."""
    following: str | None = None
    for event in reversed(applied):
        kind = type(event)
        if kind is ActionExecuted:
            if event.action_name == loop:
                return False
            following = event.action_name
        elif kind is UserUttered:
            if following is not None and following != loop:
                return True
        elif kind is ActionExecutionRejected:
            if event.action_name == loop:
                return True
        elif kind in _LOOPS and event.name is None:
            return True
    return True


_STARTS = (Restarted, SessionStarted)
_LOOPS = (ActiveLoop, LegacyForm)


@dataclass(frozen=True)
class _Moment:
    """What a conversation's state before an action is made of.

    message, by_text: the latest one, and whether it counted by its text rather than its intent.
    """

    state: State
    previous_action: Any
    in_loop: bool
    hides: bool
    message: UserUttered | None
    by_text: bool | None


class _Past:
    """A conversation's moments, kept while it goes on, and what each way of looking makes of them.

    Rasa's states_for_tracker_history, taken up where it was left instead of from the start. What
    came before is looked at anew when events were undone, or when it was decided since whether
    a message counts by its text or its intent.
    """

    def __init__(self, tracker: DialogueStateTracker) -> None:
        self._walker = tracker.init_copy()
        self._seen: list[Event] = []
        self._moments: list[_Moment] = []
        self._present: _Moment | None = None
        self._views: dict[bool, _View] = {}

    def continues(self, events: list[Event]) -> bool:
        """Whether these events only add to those seen."""
        return (
            len(events) >= len(self._seen)
            and all(one is other for one, other in zip(self._seen, events, strict=False))
            and all(
                moment.message is None
                or moment.message.use_text_for_featurization is moment.by_text
                for moment in self._moments
            )
        )

    def take_up(self, domain: Domain, events: list[Event]) -> None:
        """Go on to the present."""
        for event in events[len(self._seen) :]:
            if type(event) is ActionExecuted:
                self._moments.append(self._moment(domain, hides=event.hide_rule_turn))
            self._walker.events.append(event)
            event.apply_to(self._walker)
            self._seen.append(event)
            self._present = None

    def states(
        self, domain: Domain, ignore_rules: bool, rule_only: dict[str, Any] | None
    ) -> list[State]:
        """The state before each action, and the present one."""
        if ignore_rules not in self._views:
            self._views[ignore_rules] = _View(ignore_rules, rule_only)
        if self._present is None:
            self._present = self._moment(domain, hides=False)
        return self._views[ignore_rules].states(domain, self._moments, self._present)

    def _moment(self, domain: Domain, *, hides: bool) -> _Moment:
        walker = self._walker
        message = walker.latest_message
        return _Moment(
            state=domain.get_active_state(walker),
            previous_action=domain._get_prev_action_sub_state(walker),
            in_loop=walker.followup_action or walker.latest_action_name == walker.active_loop_name,
            hides=hides,
            message=message,
            by_text=message.use_text_for_featurization if message else None,
        )


class _View:
    """The states that a policy sees: all, or those without the turns that only rules know."""

    def __init__(self, ignore_rules: bool, rule_only: dict[str, Any] | None) -> None:
        self._ignore_rules = ignore_rules
        self._rule_only = rule_only
        self._looked_at = 0
        self._states: list[State] = []
        self._last_action: Any = None
        self._hidden = False

    def states(self, domain: Domain, moments: list[_Moment], present: _Moment) -> list[State]:
        """The states of these moments, of which some may have been looked at before."""
        for moment in moments[self._looked_at :]:
            self._note(domain, moment)
        self._looked_at = len(moments)
        before = self._last_action, self._hidden, len(self._states)
        self._note(domain, present)
        found = [{kind: dict(sub) for kind, sub in state.items()} for state in self._states]
        self._last_action, self._hidden, length = before
        del self._states[length:]
        return found

    def _note(self, domain: Domain, moment: _Moment) -> None:
        """One round of the loop in Domain.states_for_tracker_history."""
        if not self._ignore_rules:
            self._states.append(moment.state)
            return
        if not self._hidden:
            self._last_action = moment.previous_action
        if not moment.in_loop:
            self._hidden = moment.hides
        if self._hidden:
            return
        state = {kind: dict(sub) for kind, sub in moment.state.items()}
        domain._remove_rule_only_features(state, self._rule_only)
        if self._states:
            domain._substitute_rule_only_user_input(state, self._states[-1])
        if self._last_action:
            state[PREVIOUS_ACTION] = self._last_action
        self._states.append(domain._clean_state(state))


def _states(
    domain: Domain,
    tracker: DialogueStateTracker,
    omit_unset_slots: bool = False,
    ignore_rule_only_turns: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """Domain.states_for_tracker_history."""
    if omit_unset_slots:
        slow: list[State] = _slow_history(
            domain, tracker, omit_unset_slots, ignore_rule_only_turns, rule_only_data
        )
        return slow
    events = tracker.applied_events()
    past: _Past | None = tracker.__dict__.get("_past")
    if past is None or not past.continues(events):
        past = tracker.__dict__["_past"] = _Past(tracker)
    past.take_up(domain, events)
    return past.states(domain, ignore_rule_only_turns, rule_only_data)


def _copied_tracker(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """DialogueStateTracker.copy, which replays all events to come to the state that is at hand."""
    copied: DialogueStateTracker = object.__new__(type(tracker))
    copied.__dict__.update(tracker.__dict__)
    copied.__dict__.pop("_past", None)
    copied.events = tracker.events.copy()
    copied.slots = _copied(tracker.slots)
    copied.active_loop = _copied(tracker.active_loop)
    copied.latest_action = _copied(tracker.latest_action)
    copied.model_id = copied.assistant_id = None
    return copied


def _temporary_tracker(
    form: FormAction, tracker: DialogueStateTracker, added: list[Event], _domain: Domain
) -> DialogueStateTracker:
    """FormAction._temporary_tracker, which replays all events to come to where it begins."""
    copied = tracker.copy()
    copied.events = deque(tracker.events_after_latest_restart())
    requested = SlotSet(REQUESTED_SLOT, form.get_slot_to_fill(tracker))
    for event in (requested, ActionExecuted(form.name()), *added):
        copied.update(event)
    return copied


class _Told(Sequence[dict[str, Any]]):
    """Events as actions see them, each told when it is looked at: most look at none."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = list(events)

    def __len__(self) -> int:
        return len(self._events)

    def __getitem__(self, at: Any) -> Any:
        return self._events[at].as_dict()


def _call_of(
    action: RemoteAction, tracker: DialogueStateTracker, _domain: Domain
) -> dict[str, Any]:
    """RemoteAction._action_call_format: what our own actions read of it, which are in process."""
    state = {**tracker.current_state(), "events": _Told(tracker.events)}
    return {"next_action": action.name(), "sender_id": tracker.sender_id, "tracker": state}


def _highest(prediction: PolicyPrediction) -> float:
    """PolicyPrediction.max_confidence, which is asked seven times and looks through all actions.
    Only a rejected action's confidence is changed, before anybody asks."""
    known: float | None = prediction.__dict__.get("_highest")
    if known is None:
        known = prediction.__dict__["_highest"] = max(prediction.probabilities, default=0.0)
    return known


def _ruled(
    policy: RulePolicy, tracker: DialogueStateTracker, domain: Domain, **given: Any
) -> PolicyPrediction:
    """RulePolicy.predict_action_probabilities; it notes when the rest need not be asked."""
    prediction: PolicyPrediction = _slow_ruled(policy, tracker, domain, **given)
    sure = not _was_rejected(tracker) and (
        prediction.is_no_user_prediction or prediction.max_confidence == 1.0
    )
    decided = (len(tracker.events), prediction.policy_priority)
    tracker.__dict__["_decided"] = decided if sure else None
    return prediction


def _recalled(
    policy: MemoizationPolicy, tracker: DialogueStateTracker, domain: Domain, **given: Any
) -> PolicyPrediction:
    """MemoizationPolicy.predict_action_probabilities. What it remembers counts for nothing where a
    rule of a higher priority is sure, unless the rule's action has just been rejected."""
    length, priority = tracker.__dict__.get("_decided") or (0, 0)
    if length == len(tracker.events) and priority > policy.priority:
        return policy._prediction(policy._default_predictions(domain))
    found: PolicyPrediction = _slow_recalled(policy, tracker, domain, **given)
    return found


def _was_rejected(tracker: DialogueStateTracker) -> bool:
    """Whether an action was rejected since the last that was executed."""
    for event in reversed(tracker.events):
        if type(event) in (ActionExecuted, ActionExecutionRejected):
            return type(event) is ActionExecutionRejected
    return False


async def _extracted(
    action: ActionExtractSlots,
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
    domain: Domain,
) -> list[Event]:
    """ActionExtractSlots.run, which asks each mapping of each slot, though all of them may say that
    actions fill it."""
    fills = domain.__dict__.get("_fills_slots")
    if fills is None:
        fills = domain.__dict__["_fills_slots"] = _fills_slots(domain)
    return await _slow_extracted(action, output_channel, nlg, tracker, domain) if fills else []


def _fills_slots(domain: Domain) -> bool:
    """Whether what was said may fill a slot by itself, or an action of its own is to look."""
    return ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions or any(
        mapping.get(MAPPING_TYPE) != str(SlotMappingType.CUSTOM) or "action" in mapping
        for slot in domain.slots
        if slot.name not in DEFAULT_SLOT_NAMES
        for mapping in slot.mappings
    )


def _action_named(name: str, domain: Domain, endpoint: EndpointConfig | None) -> Action:
    """The same object each time, but for a form, which notes things of its own."""
    actions: dict[tuple[str, int], Action] = domain.__dict__.setdefault("_bahi_actions", {})
    known = actions.get((name, id(endpoint)))
    if known is None:
        known = _slow_action(name, domain, endpoint)
        if not isinstance(known, LoopAction):
            actions[name, id(endpoint)] = known
    return known


def _no_warnings(_processor: MessageProcessor, _parse_data: dict[str, Any]) -> None:
    """Rasa makes an empty domain for each message, to compare its own with, before it looks whether
    the domain knows an intent; training has made sure that it does."""


class Rules:
    """A rule policy's rules by the action that they follow; Rasa tries each of them."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._after: dict[str | None, list[tuple[str, list[State]]]] = defaultdict(list)
        for key in keys:
            states = [_with_tuples(state) for state in reversed(json.loads(key))]
            self._after[_action(states[0]) if states else None].append((key, states))
            if not states or _is_vague(states[0]):
                raise Uncommon(key)

    @cached_property
    def read_texts(self) -> bool:
        """Whether a rule may apply to what was said as text, without its intent."""
        return any(
            (rule[0].get(USER) or {}).get(INTENT, SHOULD_NOT_BE_SET) == SHOULD_NOT_BE_SET
            for _, rule in self._after[ACTION_LISTEN_NAME]
        )

    def possible(self, states: list[State]) -> set[str]:
        """The keys of the rules that fit these states, the latest last."""
        latest = states[::-1]
        candidates = self._after.get(_action(latest[0]), []) if latest else []
        return {key for key, rule in candidates if _fits(rule, latest)}


class Uncommon(ValueError):
    """A rule that does not say which action it follows."""


def _action(state: State) -> str | None:
    name: str | None = (state.get(PREVIOUS_ACTION) or {}).get(ACTION_NAME)
    return name


def _is_vague(state: State) -> bool:
    before = state.get(PREVIOUS_ACTION)
    return bool(before) and _action(state) in (None, SHOULD_NOT_BE_SET)


def _with_tuples(state: State) -> State:
    """JSON makes lists of tuples."""
    return {
        kind: {
            name: tuple(value) if isinstance(value, list) else value for name, value in sub.items()
        }
        for kind, sub in state.items()
    }


def _fits(rule: list[State], latest: list[State]) -> bool:
    """RulePolicy._is_rule_applicable, from the latest state back to the rule's first."""
    for wanted, state in zip(rule, latest, strict=False):
        before, wanted_before = state.get(PREVIOUS_ACTION), wanted.get(PREVIOUS_ACTION)
        if not wanted_before and not before:
            continue
        if not wanted_before or not before:
            return False
        if not RulePolicy._does_rule_match_state(wanted, state):
            return False
    return True


@lru_cache(maxsize=8)
def _rules(keys: frozenset[str]) -> Rules | None:
    try:
        return Rules(keys)
    except Uncommon:
        return None


_known_rules: dict[int, tuple[Mapping[str, str], Rules | None]] = {}


def _rules_of(lookup: Mapping[str, str]) -> Rules | None:
    known = _known_rules.get(id(lookup))
    if known is None or known[0] is not lookup:
        known = _known_rules[id(lookup)] = (lookup, _rules(frozenset(lookup)))
    return known[1]


def _find_action(
    policy: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool,
) -> tuple[str | None, str | None, bool]:
    """RulePolicy._find_action_from_rules, which tries each message as text before it looks at the
    intent, though all rules may be about intents."""
    if use_text_for_last_user_input:
        rules = _rules_of(policy.lookup[RULES])
        if rules is not None and not rules.read_texts:
            return None, None, False
    found: tuple[str | None, str | None, bool] = _slow_find(
        policy, tracker, domain, use_text_for_last_user_input
    )
    return found


def _possible_keys(policy: RulePolicy, lookup: Mapping[str, str], states: list[State]) -> set[str]:
    """RulePolicy._get_possible_keys."""
    rules = _rules_of(lookup)
    if rules is None or not states:
        slow: set[str] = _slow_possible_keys(policy, lookup, states)
        return slow
    return rules.possible(states)
