from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Channel, User, Workspace
from conversations import lanes
from conversations.lanes import Lanes
from conversations.selecting import Selection
from conversations.status import Status
from tests import cast

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_lane_for_each_owner_the_latest_first(workspace: Workspace, channel: Channel, dana: User, omar: User) -> None:
    lonely = cast.make_channel(workspace=workspace)
    cast.make_conversation(channel=channel, owner=omar, title="a", opened_at=NOON)
    cast.make_conversation(channel=channel, owner=dana, title="b", opened_at=NOON - timedelta(hours=1))
    cast.make_conversation(channel=channel, owner=dana, title="c", status=Status.CLOSED, opened_at=NOON)
    cast.make_conversation(channel=lonely, title="d", status=Status.IN_PROGRESS, opened_at=NOON - timedelta(hours=2))
    idle = cast.make_teammate(workspace=workspace, name="Idle")
    cast.make_conversation(channel=channel, owner=idle, title="e", status=Status.CLOSED, opened_at=NOON)
    page = lanes.page(workspace.pk, Selection(), Lanes.OWNER)
    drawn = [
        (lane.name, lane.value, lane.open, [[row.title for row in column.rows] for column in lane.columns])
        for lane in page.lanes
    ]
    assert drawn == [
        ("Omar Haddad", str(omar.pk), 1, [["a"], [], []]),
        ("Dana Reyes", str(dana.pk), 1, [["b"], [], ["c"]]),
        ("No owner", "", 1, [[], ["d"], []]),
    ]
    mine = lanes.page(workspace.pk, Selection.read(QueryDict("owner=mine"), dana), Lanes.OWNER)
    assert [lane.name for lane in mine.lanes] == ["Dana Reyes"]


def test_lanes_by_priority_stand_in_its_order_and_by_account_by_name_of_it(
    workspace: Workspace, channel: Channel
) -> None:
    for priority in ("low", "urgent", "normal"):
        cast.make_conversation(channel=channel, priority=priority)
    by_priority = lanes.page(workspace.pk, Selection(), Lanes.PRIORITY)
    assert [lane.name for lane in by_priority.lanes] == ["Urgent", "Normal", "Low"]
    by_account = lanes.page(workspace.pk, Selection(), Lanes.ACCOUNT)
    assert [(lane.name, lane.open) for lane in by_account.lanes] == [("Globex", 3)]


def test_a_cell_goes_on_where_it_ended_and_lanes_too(
    workspace: Workspace, channel: Channel, dana: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "CARDS", 2)
    monkeypatch.setattr(lanes, "LANES", 1)
    for n in range(3):
        cast.make_conversation(channel=channel, owner=dana, title=f"Matter {n}", opened_at=NOON - timedelta(minutes=n))
    cast.make_conversation(
        channel=cast.make_channel(workspace=workspace), title="elsewhere", opened_at=NOON - timedelta(days=1)
    )
    client.force_login(dana)
    page = client.get("/board/?lanes=owner").content.decode()
    assert "Matter 1" in page
    assert "Matter 2" not in page
    assert "elsewhere" not in page
    cell = lanes.page(workspace.pk, Selection(), Lanes.OWNER).lanes[0].columns[0]
    more = client.get(
        f"/board/?lanes=owner&column=todo&after={cell.next}&lane={dana.pk}", headers={"HX-Request": "true"}
    )
    assert "Matter 2" in more.content.decode()
    assert "Matter 1" not in more.content.decode()
    assert "elsewhere" in client.get("/board/?lanes=owner&skip=1").content.decode()
    assert client.get("/board/?lanes=owner&column=todo&lane=x").status_code == 400
    assert client.get("/board/?lanes=priority&column=todo&lane=x").status_code == 400


def test_the_number_of_queries_does_not_depend_on_cards_or_lanes(
    workspace: Workspace, channel: Channel, dana: User, client: Client
) -> None:
    client.force_login(dana)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/board/?lanes=owner&owner=nobody&owner=mine").status_code == 200
        return len(captured)

    lonely = cast.make_channel(workspace=workspace)
    for place in (channel, lonely):
        cast.make_conversation(channel=place)
    few = queries()
    for place in (channel, lonely):
        for status in Status:
            for _ in range(20):
                cast.make_conversation(channel=place, status=status)
    assert queries() == few


def test_a_change_tells_how_many_are_open_in_the_lanes_that_are_shown(
    client: Client, channel: Channel, dana: User, omar: User, stranger: User
) -> None:
    mine = cast.make_conversation(channel=channel, owner=dana, title="a", opened_at=NOON)
    cast.make_conversation(channel=cast.make_channel(workspace=dana.workspace), title="b", opened_at=NOON)
    cast.make_conversation(channel=channel, owner=omar, title="c", opened_at=NOON, status=Status.CLOSED)
    client.force_login(dana)
    query = f"lanes=owner&shown={dana.pk}&shown=&shown={omar.pk}"
    answer = client.get(f"/board/cards/?{query}&ids={mine.pk}").text
    for value, count in ((dana.pk, 1), ("", 1), (omar.pk, 0)):
        assert f'<b data-count="lane:{value}">{count} open</b>' in answer
    moved = client.post(
        "/board/change/",
        {"id": mine.pk, "seen": "{}", "owner": omar.pk, "query": f"{query}&shown=%3Cscript%3E&shown=%00"},
    ).text
    assert f'<b data-count="lane:{dana.pk}">0 open</b>' in moved
    assert f'<b data-count="lane:{omar.pk}">1 open</b>' in moved
    assert "<script>" not in moved
    client.force_login(stranger)
    assert f'<b data-count="lane:{omar.pk}">0 open</b>' in client.get(f"/board/cards/?{query}&ids={mine.pk}").text
    assert "lane:" not in client.get(f"/board/cards/?ids={mine.pk}&shown={dana.pk}").text
