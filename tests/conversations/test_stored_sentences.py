from __future__ import annotations

import pytest
from django.utils import translation

from conversations.reasons import REASONS
from conversations.stored_sentences import StoredSentences

MOVED = "%(who)s moved it to %(to)s"


def test_a_stored_sentence_is_told_in_the_readers_language_with_what_it_names() -> None:
    sentences = StoredSentences([MOVED, "After %(time)s: %(what)s"])
    with translation.override("de"):
        told = sentences.told("Kim moved it to 100 % done")
        assert told != "Kim moved it to 100 % done"
        assert told == translation.gettext(MOVED) % {"who": "Kim", "to": "100 % done"}
        assert sentences.told("After 2 hours: Kim moved it to Ö; it is so") == f"After {_hours(2)}: " + (
            translation.gettext(MOVED) % {"who": "Kim", "to": "Ö"} + "; it is so"
        )
        assert sentences.told("Nobody knows this one.") == "Nobody knows this one."
    assert sentences.told("Kim moved it to Ö") == "Kim moved it to Ö"


@pytest.mark.parametrize(
    "text",
    [
        "Same person, 3 minutes after the last message",
        "After a silence of 2 hours (new after 15 minutes)",
        "Goes on from a message 1 minute before: Dana Reyes merged #4 into this",
        "Our reply concludes: says “fixed, at last; done”",
        "Looks like a new matter, nothing by Kim in the last 5 messages, the last message was 3 days before",
        "Follows Kim O'Neill's question just before, same person wrote here before, shares “export” and “csv”",
        "Dana is away until 03 Dec 12:00 UTC; Omar is not active: Kim stands in",
        "The model: 5 % off, {braces} and %(names)s stay",
        "Zendesk 35436: owned by nobody",
        "Our reply concludes: says “007”",
    ],
    ids=lambda text: "-".join(text.split()[:3]),
)
def test_it_is_the_same_again_where_nothing_is_translated(text: str) -> None:
    assert REASONS.knows(text)
    with translation.override("fr"):
        assert REASONS.told(text) == text


@pytest.mark.parametrize("text", ["", "Follows Kim's dog just before", "After a silence of ages", "Looks like rain"])
def test_what_nobody_knows_stays(text: str) -> None:
    assert not REASONS.knows(text)
    with translation.override("de"):
        assert REASONS.told(text) == text


def _hours(count: int) -> str:
    return translation.ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
