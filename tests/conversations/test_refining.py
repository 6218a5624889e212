"""Which decisions are unsure."""

from __future__ import annotations

import pytest

from conversations.refining import is_unsure_place, is_unsure_reading
from conversations.replies import ReplyKind, Verdict


@pytest.mark.parametrize(("score", "unsure"), [(None, False), (0.0, True), (0.79, True), (0.8, False), (1.0, False)])
def test_a_place_is_unsure_below_the_bound(score: float | None, unsure: bool) -> None:
    assert is_unsure_place("linked", score) is unsure


@pytest.mark.parametrize("rule", ["thread", "correction", "moved_by_person", "quiet_period", "by_hand", "model", ""])
def test_what_the_linker_did_not_decide_is_sure(rule: str) -> None:
    assert not is_unsure_place(rule, 0.1)


@pytest.mark.parametrize(
    ("text", "kind", "probability", "unsure"),
    [
        ("We hand this on", ReplyKind.CONTINUES, 0.1, False),
        ("We hand this on", ReplyKind.CONTINUES, 0.3, True),
        ("It is there", ReplyKind.CONCLUDES, 0.85, True),
        ("It is fixed", ReplyKind.CONCLUDES, 0.95, False),
        ("Yes", ReplyKind.CONTINUES, 0.95, True),
        ("Interesting", ReplyKind.UNRELATED, 0.5, True),
        ("👍", ReplyKind.UNRELATED, 0.5, False),
        ("https://status.acme.example", ReplyKind.UNRELATED, 0.5, False),
    ],
)
def test_a_reply_is_unsure_between_the_bounds_and_where_words_and_caution_differ(
    text: str, kind: ReplyKind, probability: float, unsure: bool
) -> None:
    assert is_unsure_reading(text, Verdict(kind, probability, (), "")) is unsure
