from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account, Channel, Role, User
from conversations.models import Conversation, EventKind
from conversations.status import Status
from tests import cast


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def conversations(channel: Channel) -> dict[str, Conversation]:
    return {
        status: cast.make_conversation(channel=channel, status=status, title=f"About {status}") for status in Status
    }


def owners(conversations: dict[str, Conversation]) -> dict[str, str]:
    for conversation in conversations.values():
        conversation.refresh_from_db()
    return {status: str(conversation.owner) for status, conversation in conversations.items()}


def test_what_will_follow_is_shown_and_nothing_is_changed(
    signed_in: Client, account: Account, conversations: dict[str, Conversation], dana: User, omar: User
) -> None:
    page = signed_in.get(f"/accounts/{account.pk}/owner/", {"owner": omar.pk}).content.decode()
    assert "2 open conversations will follow" in page
    assert "About todo" in page
    assert "About in_progress" in page
    assert "About closed" not in page
    account.refresh_from_db()
    assert account.owner == dana
    assert set(owners(conversations).values()) == {"Dana Reyes"}


def test_saving_gives_the_account_its_channels_and_open_conversations_to_the_new_owner(  # noqa: PLR0917
    signed_in: Client, account: Account, channel: Channel, conversations: dict[str, Conversation],
    dana: User, omar: User,
) -> None:  # fmt: skip
    answer = signed_in.post(f"/accounts/{account.pk}/owner/", {"owner": omar.pk}, follow=True)
    assert "Omar Haddad now owns Globex. #1 and #2 followed." in answer.content.decode()
    account.refresh_from_db()
    channel.refresh_from_db()
    assert (account.owner, channel.owner) == (omar, omar)
    assert owners(conversations) == {
        "todo": "Omar Haddad", "in_progress": "Omar Haddad", "closed": "Dana Reyes",
    }  # fmt: skip
    events = conversations["todo"].events.filter(kind=EventKind.OWNER_CHANGED)
    assert [(e.by_user, e.reason) for e in events] == [(dana, "The owner of Globex changed")]


def test_nobody_can_be_chosen(signed_in: Client, account: Account, conversations: dict[str, Conversation]) -> None:
    signed_in.post(f"/accounts/{account.pk}/owner/", {"owner": ""})
    assert owners(conversations) == {"todo": "None", "in_progress": "None", "closed": "Dana Reyes"}


def test_the_owner_it_has_is_no_change(signed_in: Client, account: Account, dana: User) -> None:
    page = signed_in.get(f"/accounts/{account.pk}/owner/", {"owner": dana.pk}).content.decode()
    assert "Dana Reyes owns Globex already" in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_active_teammates_of_the_workspace_can_be_chosen(  # noqa: PLR0917
    signed_in: Client, account: Account, dana: User, omar: User, stranger: User, method: str
) -> None:
    User.objects.filter(pk=omar.pk).update(is_active=False)
    for wrong in [stranger.pk, omar.pk, "nobody", "9" * 30]:
        answer = getattr(signed_in, method)(f"/accounts/{account.pk}/owner/", {"owner": wrong})
        assert answer.status_code == 400
        assert "Choose one of the active teammates." in answer.content.decode()
    account.refresh_from_db()
    assert account.owner == dana


def test_a_stranger_neither_sees_nor_changes_it(client: Client, account: Account, dana: User, stranger: User) -> None:
    client.force_login(stranger)
    for call in (client.get, client.post):
        assert call(f"/accounts/{account.pk}/owner/", {"owner": stranger.pk}).status_code == 404
    account.refresh_from_db()
    assert account.owner == dana


def test_many_go_to_one_after_a_look_and_come_back(  # noqa: PLR0917
    signed_in: Client, account: Account, channel: Channel, conversations: dict[str, Conversation],
    dana: User, omar: User,
) -> None:  # fmt: skip
    orphan = cast.make_account(workspace=account.workspace, name="Initech")
    already = cast.make_account(workspace=account.workspace, name="Umbrella", owner=omar)
    form = {"account": [account.pk, orphan.pk, already.pk], "owner": omar.pk}
    page = signed_in.post("/accounts/owner/", form)
    lines = [(line.account.name, line.channels, line.conversations) for line in page.context["lines"]]
    assert lines == [("Globex", 1, 2), ("Initech", 0, 0)]
    assert set(owners(conversations).values()) == {"Dana Reyes"}
    signed_in.post("/accounts/owner/", {**form, "confirmed": "1"})
    assert owners(conversations) == {"todo": "Omar Haddad", "in_progress": "Omar Haddad", "closed": "Dana Reyes"}
    assert {*Account.objects.values_list("owner", flat=True)} == {omar.pk}
    undo = signed_in.get("/accounts/").context["undo"]
    assert undo.words == "Omar Haddad now owns 2 accounts more."
    signed_in.post("/accounts/undo/", {"undo": undo.token})
    assert set(owners(conversations).values()) == {"Dana Reyes"}
    found = Account.objects.order_by("pk").values_list("owner", flat=True)
    assert [*found] == [dana.pk, None, omar.pk]
    channel.refresh_from_db()
    assert channel.owner == dana


def test_what_somebody_gave_away_since_stays_there(
    signed_in: Client, account: Account, conversations: dict[str, Conversation], dana: User, omar: User
) -> None:
    third = cast.make_teammate(workspace=account.workspace, name="Third")
    signed_in.post(f"/accounts/{account.pk}/owner/", {"owner": omar.pk})
    conversations["todo"].refresh_from_db()
    conversations["todo"].assign(third, by=dana)
    token = signed_in.get(f"/accounts/{account.pk}/").context["undo"].token
    signed_in.post("/accounts/undo/", {"undo": token})
    assert owners(conversations) == {"todo": "Third", "in_progress": "Dana Reyes", "closed": "Dana Reyes"}


def test_many_are_nobodys_business_but_the_workspaces(client: Client, account: Account, stranger: User) -> None:
    client.force_login(stranger)
    client.post("/accounts/owner/", {"account": account.pk, "owner": stranger.pk, "confirmed": "1"})
    account.refresh_from_db()
    assert account.owner != stranger


def test_a_reader_gives_nothing_away(client: Client, account: Account, omar: User) -> None:
    User.objects.filter(pk=omar.pk).update(role=Role.READER)
    client.force_login(omar)
    for where in ["/accounts/owner/", f"/accounts/{account.pk}/owner/", "/accounts/change/", "/accounts/undo/"]:
        assert client.post(where, {"account": account.pk, "owner": omar.pk, "confirmed": "1"}).status_code == 403
