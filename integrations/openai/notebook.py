"""Asks the model for an evaluation, and keeps every answer in a file by its question's digest: a run that was stopped
goes on where it was, and a second one costs nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings

from conversations.chatlog import ChatlogError, field, read_records
from conversations.excerpts import clean
from integrations.openai.client import ANSWER_TOKENS, Completion, ModelError, ask
from integrations.openai.questions import Question

ATTEMPTS: Final = 4
EVERY: Final = 20
"""Answers between two lines of progress."""


class NotebookError(Exception):
    """The evaluation can't go on; what was answered is kept. One or two sentences for whoever runs it."""


class Notebook:
    """`budget`: tokens that this run may use. `invalid` is counted by whoever reads the answers."""

    def __init__(self, file: Path, *, budget: int, tell: Callable[[str], None]) -> None:
        self.asked = self.known = self.tokens = self.invalid = 0
        self._file, self._budget, self._tell = file, budget, tell
        self._answers = _read(file) if file.exists() else {}

    def answer(self, question: Question) -> str:
        """What the model wrote, unchecked."""
        digest = question.digest(settings.OPENAI_MODEL)
        if digest in self._answers:
            self.known += 1
            return self._answers[digest]
        if self.tokens + question.tokens + ANSWER_TOKENS > self._budget:
            raise NotebookError(
                f"The budget of {self._budget:,} tokens is spent. The answers are kept in {self._file}: run it again "
                "to go on, or with a larger --budget."
            )
        completion = self._ask(question)
        self.asked += 1
        self.tokens += completion.tokens_in + completion.tokens_out or question.tokens
        self._keep(digest, clean(completion.content))
        if self.asked % EVERY == 0:
            self._tell(self.summary)
        return self._answers[digest]

    @property
    def summary(self) -> str:
        counts = f"{self.asked} questions asked, {self.known} known already"
        return f"{counts}, {self.invalid} answers not valid, {self.tokens:,} tokens"

    def _ask(self, question: Question) -> Completion:
        for attempt in range(1, ATTEMPTS + 1):
            (answer,) = ask([question])
            if isinstance(answer, Completion):
                return answer
            if answer.permanent or attempt == ATTEMPTS:
                raise NotebookError(f"The model gives no answer: {answer}. Those before are kept in {self._file}.")
            self._pause(answer, attempt)
        raise AssertionError("unreachable")

    def _pause(self, error: ModelError, attempt: int) -> None:
        seconds = error.retry_after or 2**attempt
        self._tell(f"{error}; asking again in {seconds} s")
        time.sleep(seconds)

    def _keep(self, digest: str, content: str) -> None:
        self._answers[digest] = content
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"digest": digest, "content": content}) + "\n")


def _read(file: Path) -> dict[str, str]:
    try:
        return {
            field(place, record, "digest", str): field(place, record, "content", str)
            for place, record in read_records(file)
        }
    except ChatlogError as error:
        raise NotebookError(str(error)) from None
