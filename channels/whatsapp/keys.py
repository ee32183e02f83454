"""The names of everything in Redis, and where a chat lies.

The scripts touch keys of several partitions, so this wants one Redis server (with replicas if need
be), not a Redis Cluster.
"""

from __future__ import annotations

from uuid import UUID

PREFIX = "bahi:"
PARTITIONS = 16
PRIORITIES = 4

INBOX, BELL, LEASE = f"{PREFIX}inbox:", f"{PREFIX}bell:", f"{PREFIX}lease:"
OUTBOUND = f"{PREFIX}outbound:"
OUTBOUND_BELL, OUTBOUND_LEASE = f"{PREFIX}bell:outbound:", f"{PREFIX}lease:outbound:"
"""What the names of each partition's keys begin with: a script that looks into some of them puts
the rest together by itself."""

WORKERS_GROUP = "workers"
SENDERS_GROUP = "senders"

TOTAL = f"{PREFIX}waiting"
WORKERS = f"{PREFIX}workers"
SENDERS = f"{PREFIX}senders"
STATUSES = f"{PREFIX}statuses"
DEAD = f"{PREFIX}dead"
RECEIPTS = f"{PREFIX}receipts"
TRACE = f"{PREFIX}trace"
FRESH = f"{PREFIX}fresh"
"""The inbox's streams that something came into since they were last read to their end."""

FRESH_OUTBOUND = f"{PREFIX}fresh:outbound"
REOPENED = f"{PREFIX}reopened"
"""Pairs whose customer wrote while messages to them lay parked."""


READERS_GROUP = "readers"
READERS = f"{PREFIX}readers"
READING_PRIORITIES = 3
READING_CHATS = f"{PREFIX}reading:chats"
"""Hash: chat → its files that wait to be read or are being read."""

READING_BELL = f"{PREFIX}bell:reading"
HEARING_CHATS = f"{PREFIX}hearing:chats"
HEARING_BELL = f"{PREFIX}bell:hearing"
"""The same for voice notes, which wait by themselves: no pile of pictures holds them up."""


def partition(chat: str) -> int:
    """Where a chat's messages lie; the chat is a random-looking UUID, so its last digit will do."""
    return UUID(chat).int % PARTITIONS


def inbox(number: int, priority: int) -> str:
    """A stream of waiting messages."""
    return f"{INBOX}{number}:{priority}"


def readings(priority: int) -> str:
    """A stream of files to be read."""
    return f"{PREFIX}readings:{priority}"


def hearings(priority: int) -> str:
    """A stream of voice notes to be heard."""
    return f"{PREFIX}hearings:{priority}"


def asked(name: str) -> str:
    """Set once for each file that was to be read."""
    return f"{PREFIX}asked:{name}"


def waiting(number: int) -> str:
    """Hash: chat → 4 × messages waiting + the priority whose stream they are in."""
    return f"{PREFIX}waiting:{number}"


def bell(number: int) -> str:
    """A list with one element when something came in; workers block on it."""
    return f"{BELL}{number}"


def lease(number: int) -> str:
    """Held by the one worker of a partition."""
    return f"{LEASE}{number}"


def outbound(number: int) -> str:
    """A stream of replies to send."""
    return f"{OUTBOUND}{number}"


def outbound_bell(number: int) -> str:
    """A list with one element when something is to be sent; senders block on it."""
    return f"{OUTBOUND_BELL}{number}"


def outbound_lease(number: int) -> str:
    """Held by the one sender of a partition."""
    return f"{OUTBOUND_LEASE}{number}"


def session(chat: str) -> str:
    """The current conversation, sealed."""
    return f"{PREFIX}session:{chat}"


def button(name: str) -> str:
    """What tapping a button means, sealed for its chat."""
    return f"{PREFIX}button:{name}"


def quoted(name: str) -> str:
    """What a message spoke of, sealed for its chat."""
    return f"{PREFIX}quoted:{name}"


def seen(name: str) -> str:
    """Set once for each message that came in."""
    return f"{PREFIX}seen:{name}"


def reply(name: str) -> str:
    """Set once for each reply that was handed to the sender."""
    return f"{PREFIX}reply:{name}"


def chat_alias(name: str) -> str:
    """The chat of a business-scoped id, noted while the phone number was still told."""
    return f"{PREFIX}alias:{name}"


def window(pair: str) -> str:
    """There while the 24 hours after a customer's last message last."""
    return f"{PREFIX}window:{pair}"


def parked(pair: str) -> str:
    """Messages that wait for the customer to write."""
    return f"{PREFIX}parked:{pair}"


def intent(reply_id: str) -> str:
    """A post to Graph was begun for this reply."""
    return f"{PREFIX}intent:{reply_id}"


def confirmed(reply_id: str) -> str:
    """A status has told that this reply did leave."""
    return f"{PREFIX}confirmed:{reply_id}"


def number_rate(phone_number_id: str) -> str:
    """When the number's next message fits its limit."""
    return f"{PREFIX}rate:{phone_number_id}"


def pair_rate(pair: str) -> str:
    """When the next message to this person fits the pair limit."""
    return f"{PREFIX}pair:{pair}"


def number_stop(phone_number_id: str) -> str:
    """There while Meta refuses this number: spam, lock, a bad token."""
    return f"{PREFIX}stop:{phone_number_id}"
