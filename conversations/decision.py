"""What grouping is told and what it answers. Conversations are named by whatever the caller chooses: a row not yet
saved has no id."""

from __future__ import annotations

from collections.abc import Container, Hashable, Mapping
from dataclasses import dataclass, field

from accounts.models import Grouping
from conversations.linking_features import Utterance as Spoken

__all__ = ["BY_PERSON", "Decision", "Known", "Settings", "Spoken", "Utterance"]

BY_PERSON = "moved_by_person"
"""The rule of a message that a person placed."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message to be grouped. `at` in epoch seconds; `author` one string per speaker; `from_teammate` None: not
    known; `thread`: the time stamp of the root of the Slack thread that it is in."""

    at: float
    author: str
    from_teammate: bool | None
    text: str
    thread: str | None = None
    author_name: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    mode: Grouping = Grouping.AUTOMATIC
    quiet_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the channel beside what was said.

    `threads`: their conversations by the root's time stamp; `waiting`: roots that are in no conversation; `closed`:
    conversations; `replied`: keys of messages to which somebody replied in a Slack thread; `corrected`: the words for
    it, by the key of a message that a person placed.
    """

    threads: Mapping[str, Hashable] = field(default_factory=dict)
    waiting: Container[str] = frozenset()
    closed: Container[Hashable] = frozenset()
    replied: Container[Hashable] = frozenset()
    corrected: Mapping[Hashable, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """`conversation` None: a new one. `reason` is read by people; `score` is 0 to 1; `answers`: the key of the message
    that it goes on from.

    `waits`: in no conversation until somebody makes one. `takes_thread`: what waited of its thread comes along.
    """

    conversation: Hashable | None
    rule: str
    reason: str
    score: float
    runner_up: Hashable | None = None
    answers: Hashable | None = None
    waits: bool = False
    takes_thread: bool = False
