"""An account's tier and tags, and what follows them."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from accounts.models import Account, Channel, Contact, User
from tests import cast
from triage.models import ResponseTarget


def test_staff_change_them_and_what_is_due_follows(
    client: Client, account: Account, channel: Channel, contact: Contact, dana: User
) -> None:
    conversation = cast.say("How do I export this?", channel=channel, by=contact).conversation
    ResponseTarget.objects.create(workspace=dana.workspace, tier="Enterprise", minutes=60)
    cast.make_account(workspace=dana.workspace, tier="Enterprise")
    client.force_login(dana)
    client.post(f"/accounts/{account.pk}/details/", {"tier": "enterprise ", "tags": "vip, EU ,vip,"})
    account.refresh_from_db()
    assert (account.tier, account.tags) == ("Enterprise", ["vip", "EU"])
    conversation.refresh_from_db()
    assert conversation.waiting_since is not None
    assert conversation.response_due_at == conversation.waiting_since + timedelta(hours=1)
    page = client.get(f"/accounts/{account.pk}/").content.decode()
    assert 'value="vip, EU"' in page
    assert 'data-style="due"' in page
    answer = client.post(f"/accounts/{account.pk}/details/", {"tier": "", "tags": "x" * 41})
    assert answer.status_code == 400
    assert "is too long: a tag has at most 40 characters." in answer.content.decode()
    account.refresh_from_db()
    assert account.tier == "Enterprise"


def test_others_read_them_and_strangers_find_nothing(
    client: Client, account: Account, omar: User, stranger: User
) -> None:
    Account.objects.filter(pk=account.pk).update(tier="Enterprise", tags=["vip"])
    client.force_login(omar)
    page = client.get(f"/accounts/{account.pk}/").content.decode()
    assert "Enterprise" in page
    assert f"/accounts/{account.pk}/details/" not in page
    assert client.post(f"/accounts/{account.pk}/details/", {"tier": "Free"}).status_code == 403
    client.force_login(stranger)
    assert client.post(f"/accounts/{account.pk}/details/", {"tier": "Free"}).status_code == 404
