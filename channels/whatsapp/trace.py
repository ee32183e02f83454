"""What happened underneath a turn, for the designer's drawer. Only told while BAHI_TRACE=1."""

from __future__ import annotations

from typing import Any

import orjson
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio import Redis
from sqlalchemy import select

from channels.whatsapp import keys
from erp_core.journal.models import journal_events, journal_heads
from erp_core.runtime import Bahi

RANKING = 3


def journal_position(bahi: Bahi, business_id: int) -> int:
    """The number of the business's last event."""
    with bahi.read(business_id) as reader:
        query = select(journal_heads.c.seq).where(journal_heads.c.business_id == business_id)
        return int(reader.connection.execute(query).scalar_one_or_none() or 0)


def journal_since(bahi: Bahi, business_id: int, position: int) -> list[dict[str, Any]]:
    """The events after a position: [{"seq", "kind"}, …]."""
    with bahi.read(business_id) as reader:
        rows = reader.connection.execute(
            select(journal_events.c.seq, journal_events.c.kind)
            .where(journal_events.c.business_id == business_id, journal_events.c.seq > position)
            .order_by(journal_events.c.seq)
            .limit(20)
        )
        return [{"seq": row.seq, "kind": row.kind} for row in rows]


def understanding(tracker: DialogueStateTracker) -> dict[str, Any]:
    """How the last message was understood, and what was done about it."""
    message = tracker.latest_message
    parse = message.parse_data if message else {}
    actions: list[str] = []
    responses: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name:
            actions.append(event.action_name)
        if isinstance(event, BotUttered) and event.metadata.get("utter_action"):
            responses.append(event.metadata["utter_action"])
    intent = parse.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "ranking": [
            {"name": one.get("name"), "confidence": one.get("confidence")}
            for one in (parse.get("intent_ranking") or [])[:RANKING]
        ],
        "entities": [
            {key: one.get(key) for key in ("entity", "value", "start", "end", "extractor")}
            for one in parse.get("entities") or []
        ],
        "actions": actions[::-1],
        "responses": responses[::-1],
        "form": tracker.active_loop_name,
    }


async def tell(redis: Redis[bytes], wamid: str, trace: dict[str, Any]) -> None:
    """Publish a trace; nobody keeps it."""
    await redis.publish(keys.TRACE, orjson.dumps({"wamid": wamid, **trace}, default=str))
