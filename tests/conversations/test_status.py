"""Where a conversation stands: each transition, and that the order of arrival does not matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from conversations.status import Change, Decided, Said, Standing, Status, after, fold, moved

T0 = datetime(2025, 3, 3, 9, tzinfo=UTC)
QUESTION = "The export is empty since this morning, can you have a look?"
LOOKING = "Let me check with the team and get back to you."
DONE = "This is fixed now, please try again."
CODE_ONLY = "```select 1```"


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def customer(minutes: float, text: str = QUESTION, *, has_files: bool = False) -> Said:
    return Said(at(minutes), inbound=True, text=text, has_files=has_files)


def we(minutes: float, text: str) -> Said:
    return Said(at(minutes), inbound=False, text=text)


def test_a_question_is_to_do_and_waits() -> None:
    standing, change = after(Standing(), customer(0))
    assert (standing.status, standing.waiting_since, change) == (Status.TODO, at(0), None)


def test_a_reply_that_does_not_conclude_is_in_progress_and_nobody_waits() -> None:
    standing, change = fold([customer(0), we(5, LOOKING)])
    assert (standing.status, standing.waiting_since, standing.first_response_at) == (Status.IN_PROGRESS, None, at(5))
    assert change is not None
    assert change.rule == "reply_continues"


def test_a_reply_that_concludes_closes() -> None:
    standing, change = fold([customer(0), we(5, LOOKING), we(60, DONE)])
    assert (standing.status, standing.changed_at, standing.first_response_at) == (Status.CLOSED, at(60), at(5))
    assert change is not None
    assert change.reason.startswith("Our reply concludes: ")


def test_a_reply_that_says_nothing_of_the_matter_leaves_the_status() -> None:
    standing, change = after(fold([customer(0)])[0], we(5, CODE_ONLY))
    assert (standing.status, standing.waiting_since, change) == (Status.TODO, None, None)


def test_a_new_question_reopens_and_waits_anew() -> None:
    standing, change = fold([customer(0), we(5, DONE), customer(90)])
    assert (standing.status, standing.waiting_since) == (Status.TODO, at(90))
    assert change == Change(Status.TODO, "customer_wrote", "The customer wrote after it was closed")


def test_thanks_do_not_reopen() -> None:
    standing, change = after(fold([customer(0), we(5, DONE)])[0], customer(6, "thanks!"))
    assert (standing.status, standing.waiting_since, change) == (Status.CLOSED, None, None)


def test_thanks_with_a_screenshot_do() -> None:
    standing, _ = fold([customer(0), we(5, DONE), customer(6, "thanks!", has_files=True)])
    assert standing.status == Status.TODO


def test_thanks_alone_are_closed_from_the_start() -> None:
    standing, change = after(Standing(), customer(0, "thank you!"))
    assert standing.status == Status.CLOSED
    assert change is not None
    assert change.rule == "pleasantry"


def test_who_writes_on_in_progress_waits_from_the_first_such_message() -> None:
    standing, _ = fold([customer(0), we(5, LOOKING), customer(30), customer(40)])
    assert (standing.status, standing.waiting_since) == (Status.IN_PROGRESS, at(30))


def test_when_we_write_first_nobody_waits_and_nothing_was_answered() -> None:
    standing, change = fold([we(0, "Maintenance tonight."), we(1, CODE_ONLY)])
    assert (standing.status, standing.first_response_at) == (Status.CLOSED, None)
    assert change is not None
    assert change.rule == "we_wrote_first"
    standing, _ = fold([we(0, "Maintenance tonight."), we(1, CODE_ONLY), customer(5), we(9, DONE)])
    assert standing.first_response_at == at(9)


def test_a_persons_choice_stands_against_what_was_said_before_it_and_yields_to_what_is_newer() -> None:
    closed = Decided(at(120), seen=at(0), status=Status.CLOSED)
    standing, change = fold([customer(0), closed])
    assert (standing.status, standing.by_person, standing.waiting_since, change) == (Status.CLOSED, True, None, None)
    assert fold([customer(0), closed, we(-5, LOOKING)])[0].status == Status.CLOSED
    # Said before the click but not seen yet: nobody decided about it.
    standing, _ = fold([customer(0), closed, customer(119)])
    assert (standing.status, standing.by_person, standing.waiting_since) == (Status.TODO, False, at(119))


def test_changes_follow_each_other_whatever_the_clocks_say() -> None:
    standing, _ = fold([customer(0), Decided(at(120), seen=at(0), status=Status.CLOSED), customer(10)])
    assert (standing.status, standing.changed_at, standing.waiting_since) == (Status.TODO, at(120), at(10))


def test_nobody_waits_in_a_closed_one_and_somebody_in_one_to_do() -> None:
    closed = moved(Standing(Status.TODO, waiting_since=at(0)), Status.CLOSED, at(5))
    assert closed.waiting_since is None
    assert moved(closed, Status.TODO, at(9)).waiting_since == at(9)
    assert moved(Standing(Status.TODO, waiting_since=at(0)), Status.IN_PROGRESS, at(5)).waiting_since == at(0)


histories = st.lists(
    st.tuples(st.booleans(), st.sampled_from([QUESTION, LOOKING, DONE, "thanks!", CODE_ONLY, "", "👀"])), max_size=8
)


@given(histories, st.randoms())
def test_the_order_of_arrival_does_not_matter(history: list[tuple[bool, str]], random: Random) -> None:
    said = [Said(at(minute), inbound, text) for minute, (inbound, text) in enumerate(history)]
    shuffled = list(said)
    random.shuffle(shuffled)
    assert fold(shuffled) == fold(said)


@given(histories)
def test_one_by_one_is_the_same_as_all_at_once(history: list[tuple[bool, str]]) -> None:
    said = [Said(at(minute), inbound, text) for minute, (inbound, text) in enumerate(history)]
    standing = Standing()
    for one in said:
        standing, _ = after(standing, one)
    assert standing == fold(said)[0]
