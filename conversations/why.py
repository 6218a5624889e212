"""Why a rule set a status: the reply that it read, with the words that decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from conversations.models import ConversationEvent
from conversations.replies import classify_reply

READ = {"reply_concludes", "reply_continues"}
"""The rules that read a reply."""
AROUND = 120
"""Characters that are shown before the first and after the last of the words that decided."""


@dataclass(frozen=True, slots=True)
class Why:
    """`certainty` in percent, of what was decided."""

    quote: SafeString
    certainty: int


def why(event: ConversationEvent) -> Why | None:
    """Read anew, as the rule reads it today; None where no rule read a reply, or the reply is gone. `message` is best
    read along."""
    if event.by_rule not in READ or event.message is None or event.message.deleted_at:
        return None
    text = event.message.text
    verdict = classify_reply(text)
    concludes = event.by_rule == "reply_concludes"
    certainty = verdict.probability if concludes else 1 - verdict.probability
    return Why(highlighted(text, verdict.evidence), round(certainty * 100))


def highlighted(text: str, spans: Sequence[tuple[int, int]]) -> SafeString:
    """The text around the spans, escaped, with a mark around each."""
    spans = sorted(spans)
    begin = max(0, spans[0][0] - AROUND) if spans else 0
    end = min(len(text), (spans[-1][1] if spans else begin + AROUND) + AROUND)
    parts, at = [], begin
    for start, stop in spans:
        if start < at:  # it overlaps the one before
            continue
        parts += [conditional_escape(text[at:start]), format_html("<mark>{}</mark>", text[start:stop])]
        at = stop
    parts.append(conditional_escape(text[at:end]))
    shown = format_html_join("", "{}", ((part,) for part in parts))
    return format_html("{}{}{}", "…" if begin else "", shown, "…" if end < len(text) else "")
