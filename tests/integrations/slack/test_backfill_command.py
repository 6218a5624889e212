from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Channel
from conversations.models import Message
from integrations.management.commands import backfill
from integrations.models import HistoryReading, ReadingState
from tests import cast
from tests.integrations.slack.test_history import DANA, GLOBEX, MIA, ago, begin, globex
from tests.sandbox_process import SandboxProcess

__all__ = ["globex"]


@pytest.fixture
def asked(globex: Channel, sandbox: SandboxProcess) -> None:
    """A question of three weeks ago with its answer, and one of a year ago."""
    sandbox.post_message(GLOBEX, MIA, "A year ago", ts=ago(days=365))
    root = sandbox.post_message(GLOBEX, MIA, "The export is empty", ts=ago(days=21))
    sandbox.post_message(GLOBEX, DANA, "Fixed, I just confirmed it", thread_ts=root, ts=ago(days=20.9))


@pytest.mark.usefixtures("asked")
def test_it_reads_to_the_end_and_tells(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backfill", "--channel", "#ext-globex", "--days", "30")
    output, progress = capsys.readouterr()
    assert output == "#ext-globex: 2 seen, 2 new\n"
    assert "#ext-globex: 100 %, 2 seen, 2 new" in progress
    call_command("backfill", "--all", "--since", f"{timezone.now() - timedelta(days=400):%Y-%m-%d}")
    assert capsys.readouterr().out == "#ext-globex: 3 seen, 1 new\n"
    assert Message.objects.count() == 3


@pytest.mark.usefixtures("asked")
def test_the_last_day_is_read_too(capsys: pytest.CaptureFixture[str]) -> None:
    day = f"{timezone.now() - timedelta(days=21):%Y-%m-%d}"
    call_command("backfill", "--channel", GLOBEX, "--since", day, "--until", day)
    assert capsys.readouterr().out == "#ext-globex: 2 seen, 2 new\n"  # a thread belongs to the day it began


@pytest.mark.usefixtures("asked")
def test_it_waits_for_slack_and_says_why(
    sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.api("misbehave", calls=[{"method": "conversations.history", "retry_after_seconds": 1, "times": 1}])
    monkeypatch.setattr(backfill, "POLL_SECONDS", 0.2)
    call_command("backfill", "--channel", "ext-globex", "--days", "30")
    output, progress = capsys.readouterr()
    assert output == "#ext-globex: 2 seen, 2 new\n"
    assert "Slack asked for a pause" in progress


@pytest.mark.usefixtures("asked")
def test_it_goes_on_with_what_is_under_way(globex: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    begin(globex, days=400)
    call_command("backfill", "--channel", "ext-globex", "--days", "30")
    output, progress = capsys.readouterr()
    assert output == "#ext-globex: 3 seen, 3 new\n"
    assert "goes on with what is under way" in progress


def test_the_workers_may_do_it(globex: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backfill", "--all", "--no-wait")
    assert capsys.readouterr().out == "1 channel left to the workers.\n"
    assert HistoryReading.objects.get().state == ReadingState.WAITING


def test_a_failure_is_an_error(globex: Channel, sandbox: SandboxProcess) -> None:
    sandbox.api("leave", channel=GLOBEX, user="app")
    with pytest.raises(CommandError, match="Pylon is not in the channel: invite it"):
        call_command("backfill", "--all")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--channel", "nowhere"], "no customer's channel nowhere"),
        (["--channel", "twice"], "Several channels are named twice: C"),
        (["--channel", GLOBEX, "--since", "2999-01-01"], "must come before"),
        (["--channel", GLOBEX, "--since", "January"], "write it like 2026-01-31"),
        (["--channel", GLOBEX, "--days", "0"], "at least 1"),
        ([], "one of the arguments --channel --all is required"),
    ],
)
def test_what_cannot_be_is_explained(globex: Channel, arguments: list[str], says: str) -> None:
    for _ in range(2):
        cast.make_channel(workspace=globex.workspace, name="twice")
    with pytest.raises(CommandError, match=says):
        call_command("backfill", *arguments)
