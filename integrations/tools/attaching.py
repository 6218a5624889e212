"""The files of a comment on their way to a tool. Each is tried with its comment's delivery, which keeps what became of
it; no comment waits long for a file, or stops because of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, TypeVar

from integrations.models import Delivery
from integrations.tools.errors import FileRefused
from integrations.tools.files import Unavailable
from integrations.tools.protocol import File, NewComment

TRIES = 3
"""Of a delivery, after which its comment goes over without a file that is still not to be had."""
SENT = "sent"

T = TypeVar("T")


LeftOut: TypeAlias = list[tuple[File, str]]
"""Files, and why they are not there."""


def attached(comment: NewComment, delivery: Delivery, say: Callable[[NewComment], T]) -> T:
    """Say it with its files read. One that can't be had, or that the tool refuses, is named instead, with the reason.

    What became of each stands in the delivery's response then. Raises ToolError; Unavailable where a file is perhaps to
    be had later.
    """
    left_out: LeftOut = []
    comment = _read(comment, delivery, left_out)
    while True:
        try:
            answer = say(comment)
        except FileRefused as error:
            comment = _without(comment, error.file, error.reason, left_out)
        else:
            _note(delivery, comment, left_out)
            return answer


def _read(comment: NewComment, delivery: Delivery, left_out: LeftOut) -> NewComment:
    for file in comment.files:
        try:
            content = file.read()
        except Unavailable as error:
            if not error.permanent and delivery.attempts < TRIES:
                raise
            comment = _without(comment, file, error.reason, left_out)
        else:
            had = replace(file, size=len(content), read=lambda content=content: content)  # type: ignore[misc]
            comment = replace(comment, files=[had if one is file else one for one in comment.files])
    return comment


def _without(comment: NewComment, file: File, reason: str, left_out: LeftOut) -> NewComment:
    left_out.append((file, reason))
    note = f"The file {file.name} is not here: {reason}. {file.url}".strip()
    left = [one for one in comment.files if one is not file]
    return replace(comment, files=left, text=f"{comment.text}\n{note}".strip(), html="")


def _note(delivery: Delivery, comment: NewComment, left_out: LeftOut) -> None:
    sent = [(file, SENT) for file in comment.files]
    told = [{"name": file.name, "bytes": file.size, "outcome": outcome[:300]} for file, outcome in [*sent, *left_out]]
    if told:
        delivery.response = delivery.response | {"files": told}
