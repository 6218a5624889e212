"""Channels as JSON lines, for training and evaluation: one file per channel, one message per line, in time order.

`{"id": 7, "ts": 1567685310.0, "user": "nick", "text": "…", "conversation": "c1", "reply_to": [5]}`; without gold
labels `conversation` is missing or null; `system: true` marks join and leave lines. Files may be gzipped.
"""

import gzip
import json
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversations.linking_features import Utterance


class ChatlogError(ValueError):
    """A file that can't be read; the text names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a channel file. `conversation` is the gold label, None where there is none."""

    id: Hashable
    at: float
    user: str
    text: str
    conversation: Hashable | None = None
    reply_to: tuple[Hashable, ...] = ()
    system: bool = False

    def utterance(self, conversation: Hashable | None = None) -> Utterance:
        """Return the message as the linker takes it, put into a conversation."""
        return Utterance(self.id, self.at, self.user, self.text, conversation)


@dataclass(frozen=True, slots=True)
class Chatlog:
    """A channel: its file's name without the ending, and its messages."""

    name: str
    lines: tuple[Line, ...]


def read_chatlogs(folder: Path) -> list[Chatlog]:
    """Read every channel file of a folder; raise ChatlogError if there is none or one is malformed."""
    if not folder.is_dir():
        raise ChatlogError(f"{folder} is not a folder.")
    paths = sorted(path for path in folder.iterdir() if path.name.endswith((".jsonl", ".jsonl.gz")))
    if not paths:
        raise ChatlogError(f"{folder} holds no .jsonl or .jsonl.gz file.")
    return [read_chatlog(path) for path in paths]


def read_chatlog(path: Path) -> Chatlog:
    """Read one channel file; raise ChatlogError if it is malformed."""
    return Chatlog(path.name.partition(".jsonl")[0], tuple(_lines(path)))


def read_records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of a JSON lines file, each with its place ("file, line 3") for error messages."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            for number, written in enumerate(file, start=1):
                if not written.strip():
                    continue
                place = f"{path}, line {number}"
                try:
                    record = json.loads(written)
                except json.JSONDecodeError as error:
                    raise ChatlogError(f"{place}: not valid JSON ({error.msg}).") from None
                if not isinstance(record, dict):
                    raise ChatlogError(f"{place}: an object is expected.")
                yield place, record
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ChatlogError(f"{path}: can't be read ({error}).") from None


def field(place: str, record: dict[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:
    """Return a field that must be there and of a kind."""
    value = record.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ChatlogError(f"{place}: “{name}” is missing or of the wrong kind.")
    return value


def _lines(path: Path) -> Iterator[Line]:
    seen: set[Hashable] = set()
    for place, record in read_records(path):
        answered = record.get("reply_to") or []
        line = Line(
            id=field(place, record, "id", (str, int)),
            at=float(field(place, record, "ts", (int, float))),
            user=field(place, record, "user", str),
            text=field(place, record, "text", str),
            conversation=record.get("conversation"),
            reply_to=tuple(answered if isinstance(answered, list) else [answered]),
            system=record.get("system") is True,
        )
        if line.id in seen:
            raise ChatlogError(f"{place}: the id {line.id!r} was used before.")
        seen.add(line.id)
        yield line
