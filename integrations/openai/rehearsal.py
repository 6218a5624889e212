"""The model's part in `evaluate --model`: the same questions as in the product, on recorded channels and replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from conversations.chatlog import Chatlog
from conversations.excerpts import one_line
from conversations.linking_features import Utterance
from conversations.refining import is_unsure_place, is_unsure_reading
from conversations.rehearsal import Choice, Placed, Rule, decide, place_of
from conversations.replies import ReplyKind, Turn, Verdict, classify_reply
from integrations.openai.notebook import Notebook
from integrations.openai.questions import InvalidAnswerError, Line, ask_chunk, ask_place, ask_reading, read_chunk

Item = TypeVar("Item")

CHUNK: Final = 50
"""Messages that published zero-shot work puts into one question."""


def refined_rule(notebook: Notebook) -> Rule:
    """The product's decision; where it is unsure, the model's."""

    def choose(new: Utterance, earlier: Sequence[Utterance]) -> Choice:
        decision = decide(new, earlier)
        offline = decision.conversation, place_of(decision, earlier)
        if not is_unsure_place(decision.rule, decision.score):
            return offline
        lines = [Line(one.name, one.text, one.at, one.conversation) for one in earlier]
        asked = ask_place(new.name, new.text, new.at, "", lines)
        try:
            conversation, _ = asked.read(notebook.answer(asked.question))
        except InvalidAnswerError:
            notebook.invalid += 1
            return offline
        return offline if conversation == offline[0] else (conversation, _last_place(conversation, earlier))

    return choose


def refined_reading(notebook: Notebook) -> Callable[[str, Sequence[Turn]], Verdict]:
    """The classifier's verdict; where it is unsure, the model's."""

    def judge(text: str, context: Sequence[Turn]) -> Verdict:
        verdict = classify_reply(text, context)
        if not is_unsure_reading(text, verdict):
            return verdict
        question = ask_reading(text, [("us" if one.role == "staff" else "customer", one.text) for one in context])
        try:
            answer = question.read(notebook.answer(question))
        except InvalidAnswerError:
            notebook.invalid += 1
            return verdict
        return replace(verdict, kind=ReplyKind(answer["reply"]), reason=one_line(answer["reason"], 200))

    return judge


def chunks_by_model(channel: Chatlog, notebook: Notebook) -> list[list[Placed]]:
    """Each piece of 50 scored messages grouped in one question, without anything that was said before it."""
    placed = []
    for piece in chunks([line for line in channel.lines if line.conversation is not None]):
        question = ask_chunk([Line(line.user, line.text, line.at, None) for line in piece])
        try:
            places = read_chunk(question, notebook.answer(question))
        except InvalidAnswerError:
            notebook.invalid += 1
            places = list(range(len(piece)))  # each its own: no answer is worth nothing, and must count
        placed.append([Placed(line, str(place), line.id) for line, place in zip(piece, places, strict=True)])
    return placed


def chunks(messages: Sequence[Item]) -> list[Sequence[Item]]:
    return [messages[begin : begin + CHUNK] for begin in range(0, len(messages), CHUNK)]


def _last_place(conversation: object, earlier: Sequence[Utterance]) -> int | None:
    return next((n for n in range(len(earlier) - 1, -1, -1) if earlier[n].conversation == conversation), None)
