"""Linking a message to the conversation it belongs to: the situations of a support channel."""

import json
import time
from dataclasses import replace

import pytest

from conversations.linking import NUMBERS, Linker, Utterance, link
from conversations.linking_features import COMMON_FEATURES, PAIR_FEATURES, Rarity, candidates

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def said(at: float, author: str, text: str, conversation: str | None = None) -> Utterance:
    return Utterance(f"m{at}", at, author, text, conversation, author_name=author.title())


INVOICE = [
    said(0, "omar", "Hi team, invoice 4711 shows the wrong VAT number, can you correct it?", "invoice"),
    said(5 * MINUTE, "dana", "Sure, which VAT number should be on it?", "invoice"),
]
EXPORT = [
    said(7 * MINUTE, "lena", "Is the CSV export broken? It stops after 500 rows.", "export"),
    said(9 * MINUTE, "dana", "Lena: looking at the export, one moment", "export"),
]


def best(utterance: Utterance, recent: list[Utterance]) -> object:
    return link(utterance, recent).ranked[0].conversation


def test_the_first_message_of_a_channel_is_new() -> None:
    linking = link(said(0, "omar", "Hello, we can't sign in"), [])

    assert [candidate.conversation for candidate in linking.ranked] == [None]
    assert linking.ranked[0].score == pytest.approx(1.0)
    assert "new matter" in linking.reason


def test_an_answer_to_a_question_back_goes_on() -> None:
    answer = said(6 * MINUTE, "omar", "It should be DE123456789")

    linking = link(answer, INVOICE)

    assert linking.ranked[0].conversation == "invoice"
    assert linking.ranked[0].message == "m300.0"
    assert linking.reason.startswith("follows Dana's question 1 minute before")


def test_two_customers_at_once_are_kept_apart() -> None:
    recent = INVOICE + EXPORT

    assert best(said(10 * MINUTE, "omar", "It should be DE123456789"), recent) == "invoice"
    assert best(said(10 * MINUTE, "lena", "Great, thanks"), recent) == "export"


def test_naming_someone_picks_their_conversation() -> None:
    recent = INVOICE + EXPORT

    assert best(said(11 * MINUTE, "dana", "Omar: the invoice is corrected"), recent) == "invoice"
    assert best(said(11 * MINUTE, "dana", "<@omar> it is corrected"), recent) == "invoice"


def test_another_customer_after_days_begins_anew() -> None:
    assert best(said(3 * DAY, "pia", "Hello! Where can I find the API keys for staging?"), INVOICE + EXPORT) is None


def test_scores_add_up_to_one_and_fall() -> None:
    scores = [candidate.score for candidate in link(said(600, "lena", "thanks!"), INVOICE + EXPORT).ranked]

    assert sum(scores) == pytest.approx(1.0)
    assert scores == sorted(scores, reverse=True)


def test_messages_without_a_conversation_are_no_candidates() -> None:
    loose = [replace(utterance, conversation=None) for utterance in INVOICE]

    assert [candidate.conversation for candidate in link(said(400, "omar", "hm"), loose).ranked] == [None]


def test_the_shared_word_is_named() -> None:
    linking = link(said(6 * MINUTE, "omar", "VAT for 4711 is DE123456789"), INVOICE)

    assert "shares “4711”" in linking.reason


def test_time_that_runs_backwards_is_survived() -> None:
    assert link(said(-50, "omar", "and the address too"), INVOICE).ranked


def test_every_number_has_its_name() -> None:
    rarity = Rarity({}, 8.0)

    found = candidates(said(700, "omar", "ok"), INVOICE + EXPORT, rarity)

    assert {len(row) for row in found.rows} == {len(PAIR_FEATURES)}
    assert len(found.common) == len(COMMON_FEATURES)
    by_name = dict(zip(PAIR_FEATURES, found.rows[0], strict=True))
    assert found.conversations == ["export", "invoice", None]
    assert (by_name["rank"], by_name["messages"], by_name["last_to_other"]) == (0.0, 2.0, 1.0)


def test_a_common_word_is_no_name() -> None:
    rarity = Rarity({"help": 2.0}, 8.0)
    earlier = [said(0, "help", "anyone?", "a"), said(5, "omar", "yes", "b")]

    found = candidates(said(9, "pia", "omar please help"), earlier, rarity)

    assert dict(zip(COMMON_FEATURES, found.common, strict=True))["addressees"] == 1.0


def test_only_the_last_hundred_messages_count() -> None:
    old = [said(0, "omar", "where is my invoice 4711?", "old")]
    since = [said(float(n + 1), f"p{n % 7}", "chatter", f"c{n % 3}") for n in range(100)]

    conversations = [one.conversation for one in link(said(200, "omar", "invoice 4711?"), old + since).ranked]

    assert "old" not in conversations


def test_numbers_for_other_features_are_refused() -> None:
    numbers = json.loads(NUMBERS.read_text())
    numbers["features"] = numbers["features"][:-1]

    with pytest.raises(ValueError, match="train_grouping"):
        Linker(numbers)


def test_the_shipped_numbers_stay_small() -> None:
    assert NUMBERS.stat().st_size < 400_000


@pytest.mark.parametrize("text", ["x" * 1_000_000, "a: " * 300_000, "<@" * 500_000, "？" * 1_000_000, ""])
def test_a_megabyte_is_cut_not_chewed(text: str) -> None:
    link(said(5, "omar", "warm up"), INVOICE)
    started = time.process_time()

    link(said(600, "omar", text), [*INVOICE, said(500, "pia", text, "p")])

    assert time.process_time() - started < 1
