"""Which conversation a message belongs to: each rule with the case just inside it and the one just outside.

The plain rule of the quiet period first, where nothing else is said; then the other ways.
"""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Grouping
from conversations.grouping import Decision, Known, Settings, Spoken, Utterance, group
from conversations.quiet_period import ANSWER_SECONDS, PLEASANTRY_SECONDS

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
    following: tuple[Spoken, ...] = (),
    quiet: float = QUIET,
    mode: Grouping = Grouping.QUIET_PERIOD,
    waiting: frozenset[str] = frozenset(),
) -> Decision:
    """`recent`: (seconds ago, author, conversation), newest last."""
    return group(
        Utterance(NOW, author, ours, text, thread),
        [said(-ago, who, where) for ago, who, where in recent],
        known=Known(threads or {}, waiting, closed),
        settings=Settings(mode, quiet),
        following=following,
    )


def said(seconds: float, who: str, where: str | None, text: str = "") -> Spoken:
    return Spoken(f"{seconds}", NOW + seconds, who, text, where, who == "dana", who.title())


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
    decision = place(QUESTION, following=(said(10 * MINUTE, "hank", "c"),))
    assert (decision.conversation, decision.rule) == ("c", "late")


def test_what_was_said_before_comes_first() -> None:
    following = (said(MINUTE, "hank", "after"),)
    decision = place(QUESTION, (50 * MINUTE, "hank", "before"), following=following)
    assert decision.conversation == "before"


def test_our_own_late_message_begins_nothing_together_with_a_later_question() -> None:
    following = (said(MINUTE, "hank", "c"),)
    assert place("Heads-up: maintenance tonight.", author="dana", ours=True, following=following).conversation is None


def test_no_quiet_period_makes_every_message_its_own() -> None:
    decision = place(QUESTION, (1, "hank", "c"), quiet=0)
    assert decision.conversation is None
    assert decision.reason == "After a silence of 1 second (new after 0 seconds)"


# The other ways ───────────────────────────────────────────────────────────────────────────────────────

OTHER = "Could you also send us the invoice of October?"
EXPORT = said(-20 * HOUR, "hank", "export", QUESTION)


def automatic(text: str, *recent: Spoken, author: str = "hank", **known: Any) -> Decision:
    utterance = Utterance(NOW, author, author == "dana", text, None, author.title())
    return group(utterance, recent, known=Known(**known), settings=Settings(Grouping.AUTOMATIC, QUIET))


def test_the_linker_tells_why_and_what_would_have_been_next() -> None:
    invoice = said(-10 * MINUTE, "mindy", "invoice", OTHER)
    decision = automatic("Here is the invoice", said(-HOUR, "hank", "export", QUESTION), invoice, author="dana")
    assert (decision.conversation, decision.rule, decision.answers) == ("invoice", "linked", invoice.key)
    assert decision.reason == "Follows Mindy's question 10 minutes before, shares “invoice”"
    assert decision.runner_up in {None, "export"}
    assert decision.score > 0.9


@pytest.mark.parametrize(
    ("text", "author", "joins"),
    [
        (OTHER, "hank", False),  # a question with nothing in common
        ("Is the export still empty?", "hank", True),  # a word in common
        ("It was 20 MB before", "hank", True),  # asks nothing
        ("Could you send it again, please?", "dana", True),  # ours
    ],
)
def test_a_question_after_a_silence_begins_anew_unless_it_has_to_do_with_what_was_said(
    text: str, author: str, joins: bool
) -> None:
    decision = automatic(text, EXPORT, author=author)
    assert decision.conversation == ("export" if joins else None)
    if not joins:
        assert (decision.rule, decision.runner_up, decision.score) == ("silence", "export", 0.5)


@pytest.mark.parametrize(
    ("text", "silence", "joins"),
    [
        ("It was 20 MB before", 2 * DAY + 1, False),
        ("The export was 20 MB before", 2 * DAY + 1, True),
        ("The export was 20 MB before", 14 * DAY + 1, False),
    ],
)
def test_after_days_only_what_has_a_word_in_common_goes_on(text: str, silence: float, joins: bool) -> None:
    decision = automatic(text, said(-silence, "hank", "export", QUESTION))
    assert decision.conversation == ("export" if joins else None)


def test_within_the_quiet_period_it_is_for_the_linker_alone() -> None:
    assert automatic(OTHER, said(-QUIET, "hank", "export", QUESTION)).conversation == "export"


def test_our_answer_goes_rather_to_who_waits_for_one() -> None:
    announced = "Heads-up: maintenance tonight at 22:00 UTC."
    question = said(-MINUTE, "mindy", "export", "Any news?")
    sure = automatic(announced, question, author="dana").score
    known = automatic(announced, question, author="dana", closed=frozenset({"export"})).score
    assert sure > known


def test_what_is_asked_outside_the_thread_of_a_matter_is_another() -> None:
    asked, other = "Our people get stuck in a login loop with Okta today.", "Where do I find the receipts of last year?"
    question = said(-15 * MINUTE, "mindy", "login", asked)
    answer = said(-10 * MINUTE, "dana", "login", "Can you capture a trace?")
    sure = automatic(other, question, answer).score
    decision = automatic(other, question, answer, replied={question.key})
    assert (decision.conversation, decision.runner_up) == (None, "login")
    assert decision.score > sure


def test_a_customer_rather_begins_anew_once_the_conversation_was_closed() -> None:
    answered = [said(-40 * MINUTE, "hank", "export", QUESTION), said(-30 * MINUTE, "dana", "export", "It works again.")]
    sure = automatic("The invoice is wrong", *answered).score
    decision = automatic("The invoice is wrong", *answered, closed={"export"})
    assert decision.conversation is None or decision.score < sure
    assert automatic("thanks!", *answered, closed={"export"}).conversation == "export"


def test_thanks_that_the_linker_can_not_place_go_to_what_the_same_person_wrote_last() -> None:
    others = [
        said(-seconds * MINUTE, f"u{seconds}", f"c{seconds}", f"Where is page {seconds}?")
        for seconds in range(30, 1, -1)
    ]
    decision = automatic("thanks!", said(-5 * DAY, "hank", "export", QUESTION), *others)
    assert (decision.conversation, decision.rule) == ("export", "pleasantry")


def test_who_goes_on_from_a_message_that_a_person_moved_follows_it() -> None:
    moved = said(-10 * MINUTE, "hank", "there", "Look at page 5")
    recent = (
        said(-12 * MINUTE, "hank", "export", QUESTION),
        moved,
        said(-5 * MINUTE, "mindy", "export", "The export?"),
    )
    corrected = {moved.key: "Dana moved it here"}
    decision = automatic("The export says 0 rows", *recent, corrected=corrected)
    assert (decision.conversation, decision.rule) == ("there", "correction")
    assert decision.reason == "Goes on from a message 10 minutes before: Dana moved it here"
    assert automatic("Hello, the export says 0 rows", *recent, corrected=corrected).rule == "linked"
    assert automatic("The export says 0 rows", *recent, corrected=corrected, closed={"there"}).rule == "linked"


def test_every_message_its_own_but_for_threads() -> None:
    decision = place("thanks!", (1, "hank", "c"), mode=Grouping.EACH_MESSAGE)
    assert (decision.conversation, decision.rule, decision.runner_up) == (None, "each_message", "c")
    assert place("thanks!", thread="1.1", threads={"1.1": "c"}, mode=Grouping.EACH_MESSAGE).conversation == "c"


def test_where_only_threads_count_a_message_waits_for_a_reply() -> None:
    assert place(QUESTION, (1, "hank", "c"), mode=Grouping.THREADS).waits
    reply = place("On it", thread="1.1", waiting=frozenset({"1.1"}), mode=Grouping.THREADS)
    assert (reply.conversation, reply.rule, reply.takes_thread, reply.waits) == (None, "thread", True, False)


def test_by_hand_nothing_becomes_a_conversation_by_itself() -> None:
    assert place(QUESTION, mode=Grouping.MANUAL).waits
    assert place("On it", thread="1.1", waiting=frozenset({"1.1"}), mode=Grouping.MANUAL).waits
    assert place("On it", thread="1.1", mode=Grouping.MANUAL).waits
    assert place("On it", thread="1.1", threads={"1.1": "c"}, mode=Grouping.MANUAL).conversation == "c"


@pytest.mark.parametrize("mode", [Grouping.AUTOMATIC, Grouping.QUIET_PERIOD])
def test_what_is_in_no_conversation_is_not_joined(mode: Grouping) -> None:
    utterance = Utterance(NOW, "hank", False, "It is the CSV one")
    decision = group(utterance, [said(-MINUTE, "hank", None, QUESTION)], known=Known(), settings=Settings(mode))
    assert (decision.conversation, decision.runner_up) == (None, None)
