"""The page, the lists behind its figures, and its files."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Channel, Contact, Role, User, Workspace
from conversations.analytics import drilling
from conversations.analytics.choosing import Choice, Preset
from conversations.analytics.drilling import Drill
from conversations.analytics.exporting import safe
from conversations.analytics.period import Step
from conversations.models import Conversation
from tests import cast
from triage.models import Calendar
from triage.reckoning import count_all

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = "first=2026-11-02&last=2026-11-08"


@pytest.fixture
def client(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def story(channel: Channel, contact: Contact, dana: User) -> None:
    """Two conversations of Globex, answered after 30 and after 90 minutes; one of them is tagged."""
    for hours, minutes in ((0, 30), (24, 90)):
        at = MONDAY + timedelta(hours=hours)
        asked = cast.say("=cmd()|'/C calc'!A0, can you look?", channel=channel, by=contact, at=at)
        cast.say("Fixed now.", channel=channel, by=dana, at=at + minutes * MINUTE, thread_ts=asked.ts)
    Conversation.objects.get(number=2).tag(["billing"], by=dana)
    Conversation.objects.update(title="=cmd()|'/C calc'!A0")
    count_all()


def read(query: str, reader: User) -> Choice:
    return Choice.read(QueryDict(query), reader)


def lines(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def behind(page: str, label: str) -> str:
    """The address of the link whose label begins so."""
    found = re.search(rf'href="([^"]+)"[^>]*aria-label="{re.escape(label)}', page)
    assert found, f"no link {label}"
    return unescape(found[1])


# The address ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_usual_days_and_steps(dana: User) -> None:
    steps = {"": Step.DAY, "period=90": Step.WEEK, "period=365": Step.MONTH, "period=90&step=day": Step.DAY}
    assert {query: read(query, dana).period.step for query in steps} == steps
    assert read("period=7", dana).period.days == 7
    assert read("period=month", dana).period.first.day == 1
    assert read("period=quarter", dana).period.first.month in {1, 4, 7, 10}
    custom = read(WEEK, dana)
    assert (custom.preset, custom.period.first) == (Preset.CUSTOM, date(2026, 11, 2))


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("first=yesterday", "“yesterday” is no date"),
        ("first=2026-11-08&last=2026-11-02", "The last day is before the first."),
        ("first=2020-01-01&last=2026-01-01", "A period has at most three years."),
        ("first=1900-01-01&last=1900-01-03", "Nothing can have been counted"),
        ("period=custom", "“” is no date"),
        ("owner=x", "owner=x"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(client: Client, dana: User, query: str, problem: str) -> None:
    choice = read(query, dana)
    assert problem in " ".join(choice.problems)
    assert choice.period.days == 30
    assert "owner=x" not in choice.query
    assert problem in unescape(client.get(f"/analytics/?{query}").text)


def test_its_address_keeps_what_was_chosen_and_no_more(dana: User) -> None:
    query = "period=90&clock=working&by=tag&owner=mine&tag=a&tag=b&unread=1&q=x&csrf=y&first=2026-01-01"
    assert read(query, dana).query == "period=90&clock=working&by=tag&owner=mine&tag=a&tag=b"


# The page ─────────────────────────────────────────────────────────────────────────────────────────────


def test_it_says_when_there_is_nothing(client: Client, workspace: Workspace, channel: Channel) -> None:
    assert "Nothing to count yet" in client.get("/analytics/").text
    cast.make_conversation(channel=channel)
    assert "Nothing happened in these days" in client.get(f"/analytics/?{WEEK}").text


@pytest.mark.usefixtures("story")
def test_figures_lead_to_their_conversations(client: Client, dana: User) -> None:
    page = client.get(f"/analytics/?{WEEK}&by=account").text
    new = behind(page, "New: 2.")
    listed = client.get(new).text
    assert (listed.count('class="table-link"'), "=cmd()|&#x27;/C calc" in listed, "Dana Reyes" in listed) == (
        2,
        True,
        True,
    )
    assert client.get(behind(page, "Monday, 09:00: 1")).text.count('class="table-link"') == 1
    bars = re.findall(r'href="([^"]+least=3600[^"]*)"', page)
    assert client.get(unescape(bars[0])).text.count('class="table-link"') == 1
    back = f"/analytics/?period=custom&amp;first=2026-11-02&amp;last=2026-11-08&amp;owner={dana.pk}"
    assert back in client.get(f"/analytics/conversations/?figure=closed&{WEEK}&owner={dana.pk}").text


@pytest.mark.usefixtures("story")
def test_filters_and_tables(client: Client, workspace: Workspace, dana: User) -> None:
    assert "New: 1." in client.get(f"/analytics/?{WEEK}&tag=billing").text
    table = client.get(f"/analytics/?{WEEK}&by=tag", headers={"HX-Request": "true", "HX-Target": "breakdown"}).text
    assert "<html" not in table
    assert client.get(unescape(re.findall(r'href="([^"]+also_tag=billing)"', table)[0])).text.count("table-link") == 1
    tiers = client.get(f"/analytics/?{WEEK}&by=tier").text
    assert client.get(unescape(re.findall(r'href="([^"]+no_tier=1)"', tiers)[0])).text.count("table-link") == 2
    falling = client.get(f"/analytics/?{WEEK}&sort=-first_response").text
    assert 'aria-sort="descending"' in falling


def test_a_long_table_is_cut_and_says_so(
    client: Client, channel: Channel, contact: Contact, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word, at in (("alpha", MONDAY), ("beta", MONDAY + timedelta(days=1)), ("gamma", MONDAY + timedelta(days=2))):
        cast.say(f"Where is {word}?", channel=channel, by=contact, at=at)
        Conversation.objects.latest("number").tag([word], by=dana)
    count_all()
    monkeypatch.setattr("conversations.analytics.views.SHOWN", 2)
    monkeypatch.setattr("conversations.analytics.tables.SHOWN", 2)

    def names(query: str) -> list[str]:
        page = client.get(f"/analytics/?{WEEK}&by=tag{query}").text
        assert "The first 2 of 3." in page
        table = page.partition('id="breakdown"')[2].partition("</section>")[0]
        return re.findall(r'<tr><th scope="row">(\w+)</th>', table)

    assert (names(""), names("&sort=name"), names("&sort=-name")) == (
        ["alpha", "beta"], ["alpha", "beta"], ["gamma", "beta"],
    )  # fmt: skip
    found = lines(client, f"/analytics/tag.csv?{WEEK}")
    assert [line["tag"] for line in found] == ["alpha", "beta", "gamma"]


@pytest.mark.usefixtures("story")
def test_as_many_queries_for_any_days(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for query in (WEEK, "period=365"):
        with django_assert_max_num_queries(36):
            client.get(f"/analytics/?{query}")


@pytest.mark.usefixtures("story")
def test_strangers_see_nothing_and_readers_everything(client: Client, dana: User, stranger: User) -> None:
    User.objects.filter(pk=dana.pk).update(role=Role.READER)
    assert "New: 2." in client.get(f"/analytics/?{WEEK}").text
    assert len(lines(client, f"/analytics/conversations.csv?figure=new&{WEEK}")) == 2
    client.force_login(stranger)
    assert "Nothing to count yet" in client.get(f"/analytics/?{WEEK}").text
    assert lines(client, f"/analytics/conversations.csv?figure=new&{WEEK}") == []


# Lists and files ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["figure=smell", "figure=new&hour=24", "figure=new&least=x", "figure=new&after=x"])
def test_lists_that_there_are_none_of(client: Client, query: str) -> None:
    answer = client.get(f"/analytics/conversations/?{query}&{WEEK}")
    assert (answer.status_code, "This address can’t be read" in answer.text) == (400, True)


@pytest.mark.usefixtures("story")
def test_a_list_is_read_part_by_part(dana: User, channel: Channel) -> None:
    drill = Drill.read(QueryDict(f"figure=new&{WEEK}"), dana)
    Conversation.objects.update(last_message_at=MONDAY)  # the same moment: the id decides
    found = drill.conversations(dana)
    first = drilling.page(found, None, size=1)
    second = drilling.page(found, first.next, size=1)
    assert [one.number for one in (*first.rows, *second.rows)] == [2, 1]
    assert second.next is None


@pytest.mark.usefixtures("story")
def test_files(client: Client) -> None:
    listed = lines(client, f"/analytics/conversations.csv?figure=new&{WEEK}")
    assert [(line["number"], line["title"], line["account"]) for line in listed] == [
        ("2", "'=cmd()|'/C calc'!A0", "Globex"), ("1", "'=cmd()|'/C calc'!A0", "Globex"),
    ]  # fmt: skip
    figures = {line["figure"]: line for line in lines(client, f"/analytics/figures.csv?{WEEK}")}
    assert (figures["new"]["value"], figures["first_response"]["wall_count"]) == ("2", "2")
    assert [line["new"] for line in lines(client, f"/analytics/series.csv?{WEEK}")] == [
        "1",
        "1",
        "0",
        "0",
        "0",
        "0",
        "0",
    ]
    assert lines(client, f"/analytics/hours.csv?{WEEK}")[0]["09:00"] == "1"
    assert sum(int(line["count"]) for line in lines(client, f"/analytics/distributions.csv?{WEEK}")) > 0
    assert lines(client, f"/analytics/account.csv?{WEEK}")[0]["account"] == "Globex"
    assert client.get(f"/analytics/smells.csv?{WEEK}").status_code == 404
    assert client.get("/analytics/account.csv?first=x").status_code == 400


def test_no_cell_is_a_formula() -> None:
    assert [safe(cell) for cell in ("=1", " +1", "-1", "@a", "\t=1", "a=1", "", -1, None, 0.12345)] == [
        "'=1", "' +1", "'-1", "'@a", "'\t=1", "a=1", "", -1, "", 0.1235,
    ]  # fmt: skip


@pytest.mark.usefixtures("story")
def test_a_table_by_working_hours_tells_durations(client: Client, workspace: Workspace) -> None:
    Calendar.objects.create(workspace=workspace, name="Ours", hours={"0": [["09:15", "17:00"]]})
    count_all()
    for clock, minutes in (("wall", 30), ("working", 15)):
        table = client.get(f"/analytics/?first=2026-11-02&last=2026-11-02&by=account&clock={clock}").text
        cell = re.search(r"figure=first_response[^>]*>([0-9.]+) min", table[table.index('id="breakdown"') :])
        assert cell, clock
        assert float(cell[1]) == pytest.approx(minutes, rel=0.07)
