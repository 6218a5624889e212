"""Which conversation a message belongs to: each rule with the case just inside it and the one just outside."""

from __future__ import annotations

import pytest

from conversations.grouping import ANSWER_SECONDS, PLEASANTRY_SECONDS, Decision, Spoken, Utterance, group

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
QUIET = HOUR
NOW = 1_700_000_000.0
QUESTION = "The export is empty since this morning, can you have a look?"


def place(
    text: str = QUESTION,
    *recent: tuple[float, str, str],
    author: str = "hank",
    ours: bool = False,
    thread: str | None = None,
    threads: dict[str, str] | None = None,
    closed: frozenset[str] = frozenset(),
    following: tuple[Spoken[str], ...] = (),
    quiet: float = QUIET,
) -> Decision[str]:
    """`recent`: (seconds ago, author, conversation), newest last."""
    return group(
        Utterance(NOW, author, ours, text, thread),
        [Spoken(NOW - ago, who, where) for ago, who, where in recent],
        threads=threads or {},
        closed=closed,
        quiet_seconds=quiet,
        following=following,
    )


def test_the_first_message_of_a_channel_opens_a_conversation() -> None:
    decision = place()
    assert decision.conversation is None
    assert (decision.rule, decision.reason) == ("first", "The first message of the channel")


def test_a_thread_is_one_conversation_whatever_else_is_nearer() -> None:
    decision = place(QUESTION, (MINUTE, "hank", "other"), thread="1.1", threads={"1.1": "old"})
    assert (decision.conversation, decision.rule, decision.score) == ("old", "thread", 1.0)


def test_an_unknown_thread_opens_a_conversation_of_its_own() -> None:
    decision = place(QUESTION, (MINUTE, "hank", "other"), thread="1.1")
    assert (decision.conversation, decision.rule, decision.runner_up) == (None, "thread", "other")


@pytest.mark.parametrize(("ago", "joins"), [(QUIET, True), (QUIET + 1, False)])
def test_the_same_person_goes_on_within_the_quiet_period(ago: float, joins: bool) -> None:
    assert place(QUESTION, (ago, "hank", "c")).conversation == ("c" if joins else None)


@pytest.mark.parametrize(("ago", "joins"), [(QUIET / 2, True), (QUIET / 2 + 1, False)])
def test_a_colleague_joins_for_half_as_long(ago: float, joins: bool) -> None:
    assert place(QUESTION, (ago, "mindy", "c")).conversation == ("c" if joins else None)


def test_the_quiet_period_runs_from_the_last_that_anybody_said_there() -> None:
    recent = [(90 * MINUTE, "hank", "c"), (40 * MINUTE, "dana", "c")]
    decision = place(QUESTION, *recent)
    assert decision.conversation == "c"
    assert decision.reason == "Same person, 40 minutes after the last message"


def test_who_wrote_in_two_conversations_goes_on_in_the_later_one_and_the_other_is_named() -> None:
    decision = place(QUESTION, (30 * MINUTE, "hank", "mine"), (10 * MINUTE, "mindy", "theirs"))
    assert (decision.conversation, decision.runner_up) == ("mine", "theirs")


def test_nothing_new_goes_into_a_closed_conversation() -> None:
    decision = place(QUESTION, (MINUTE, "hank", "c"), closed=frozenset({"c"}))
    assert (decision.conversation, decision.rule, decision.runner_up) == (None, "after_closed", "c")


@pytest.mark.parametrize(
    ("ago", "joins"), [(2 * DAY, True), (PLEASANTRY_SECONDS, True), (PLEASANTRY_SECONDS + 1, False)]
)
def test_thanks_go_to_what_the_same_person_wrote_last_even_if_closed(ago: float, joins: bool) -> None:
    decision = place("thanks!", (ago, "hank", "c"), closed=frozenset({"c"}))
    assert decision.conversation == ("c" if joins else None)


@pytest.mark.parametrize(("ago", "joins"), [(QUIET, True), (QUIET + 1, False)])
def test_a_colleagues_thanks_go_to_what_was_said_last(ago: float, joins: bool) -> None:
    decision = place("thank you all!", (ago, "mindy", "c"), closed=frozenset({"c"}))
    assert decision.conversation == ("c" if joins else None)


def test_our_answer_goes_to_what_was_said_last() -> None:
    recent = [(50 * MINUTE, "mindy", "first"), (20 * MINUTE, "hank", "second")]
    assert place("On it", *recent, author="dana", ours=True).conversation == "second"


@pytest.mark.parametrize(("ago", "joins"), [(ANSWER_SECONDS, True), (ANSWER_SECONDS + 1, False)])
def test_our_answer_next_morning_goes_to_what_is_open(ago: float, joins: bool) -> None:
    decision = place("On it", (ago, "hank", "c"), author="dana", ours=True)
    assert decision.conversation == ("c" if joins else None)


def test_of_several_open_ones_our_late_answer_takes_the_newest_and_is_less_sure() -> None:
    recent = [(30 * HOUR, "mindy", "first"), (28 * HOUR, "hank", "second"), (27 * HOUR, "hank", "done")]
    decision = place("On it", *recent, author="dana", ours=True, closed=frozenset({"done"}))
    assert (decision.conversation, decision.score) == ("second", 0.5)


def test_a_late_message_joins_what_was_said_shortly_after_it() -> None:
    decision = place(QUESTION, following=(Spoken(NOW + 10 * MINUTE, "hank", "c"),))
    assert (decision.conversation, decision.rule) == ("c", "late")


def test_what_was_said_before_comes_first() -> None:
    following = (Spoken(NOW + MINUTE, "hank", "after"),)
    decision = place(QUESTION, (50 * MINUTE, "hank", "before"), following=following)
    assert decision.conversation == "before"


def test_our_own_late_message_begins_nothing_together_with_a_later_question() -> None:
    following = (Spoken(NOW + MINUTE, "hank", "c"),)
    assert place("Heads-up: maintenance tonight.", author="dana", ours=True, following=following).conversation is None


def test_no_quiet_period_makes_every_message_its_own() -> None:
    decision = place(QUESTION, (1, "hank", "c"), quiet=0)
    assert decision.conversation is None
    assert decision.reason == "After a silence of 1 second (new after 0 seconds)"
