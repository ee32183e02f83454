"""Streams of Redis as a group of processes reads them, on a wire."""

from __future__ import annotations

from collections.abc import Mapping

from channels.whatsapp.wire import Wire

Entry = tuple[bytes, Mapping[bytes, bytes]]
"""An entry's id, and its fields; without fields, it is gone from the stream."""

PATIENCE = 1_000
"""Milliseconds that reading waits for the first entry."""


async def new_entries(
    ear: Wire, stream: str, group: str, consumer: str, *, most: int, forget: bool = False
) -> list[Entry]:
    """What nobody of the group has read. `ear` is a wire of its own, since it blocks; with
    `forget`, what is read is nobody's to bring to an end."""
    read = await ear.call(
        *("XREADGROUP", "GROUP", group, consumer, *(["NOACK"] if forget else [])),
        *("COUNT", most, "BLOCK", PATIENCE, "STREAMS", stream, ">"),
    )
    entries = read[0][1] if read else []
    return [(entry, dict(zip(told[::2], told[1::2], strict=True))) for entry, told in entries]
