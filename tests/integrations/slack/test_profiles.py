"""Profiles that change: names, guests, people who leave; those read long ago."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Channel, Contact, Side, User
from accounts.overrides import count_as
from conversations.models import Message, MessageKind
from conversations.status import Status
from integrations.models import Installation
from integrations.slack import people
from integrations.slack.profiles import remember
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, said, work
from tests.sandbox_process import SandboxProcess


def profile(user_id: str, *, team: str = OUR_TEAM, email: str = "", name: str = "Nina Park", **more: object) -> Json:
    return {"id": user_id, "team_id": team, "profile": {"real_name": name, "email": email}, **more}


def changed(shown: Json, *, at: float | None = None) -> Json:
    ts = f"{at if at is not None else timezone.now().timestamp():.6f}"
    return envelope({"type": "user_change", "user": shown, "event_ts": ts})


def read(person: User | Contact, *, days_ago: float = 0) -> None:
    type(person).objects.filter(pk=person.pk).update(profile_read_at=timezone.now() - timedelta(days=days_ago))


def test_a_new_name_and_address_are_taken_over(installation: Installation, omar: User, contact: Contact) -> None:
    new = profile(omar.external_id or "", email="omar.h@acme.example", name="Omar H.")
    theirs = profile(contact.external_id, team=THEIR_TEAM, email="hank@globex.example", name="Hank S.")
    assert work(changed(new), changed(theirs)) == ["a profile was read anew"] * 2
    omar.refresh_from_db()
    contact.refresh_from_db()
    assert (omar.name, omar.email, omar.external_team_id) == ("Omar H.", "omar.h@acme.example", OUR_TEAM)
    assert (contact.name, contact.email) == ("Hank S.", "hank@globex.example")


def test_an_address_that_slack_does_not_tell_stays(installation: Installation, contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(email="hank@globex.example")
    work(changed(profile(contact.external_id, team=THEIR_TEAM)))
    contact.refresh_from_db()
    assert contact.email == "hank@globex.example"


def test_an_address_that_somebody_has_is_not_taken(installation: Installation, omar: User, stranger: User) -> None:
    work(changed(profile(omar.external_id or "", email=stranger.email or "")))
    omar.refresh_from_db()
    assert omar.email == "omar@acme.example"


def test_changes_of_people_we_don_t_know_make_nobody(installation: Installation) -> None:
    assert work(changed(profile("U_NEW"))) == ["somebody we don't know"]
    assert not User.objects.filter(external_id="U_NEW").exists()


def test_a_change_that_comes_late_undoes_nothing(installation: Installation, contact: Contact) -> None:
    now = timezone.now().timestamp()
    new, old = (profile(contact.external_id, team=THEIR_TEAM, name=name) for name in ("New", "Old"))
    assert work(changed(new, at=now)) == ["a profile was read anew"]
    assert work(changed(old, at=now - 600)) == ["older than what is known"]
    contact.refresh_from_db()
    assert contact.name == "New"


def test_who_is_deactivated_in_slack_is_inactive_and_stays_so(installation: Installation, omar: User) -> None:
    work(changed(profile(omar.external_id or "", deleted=True)))
    omar.refresh_from_db()
    assert not omar.is_active
    work(changed(profile(omar.external_id or "")))
    omar.refresh_from_db()
    assert not omar.is_active, "staff may have had reasons of their own"


def test_a_teammate_who_becomes_a_guest_and_back(installation: Installation, channel: Channel, omar: User) -> None:
    slack_id = omar.external_id or ""
    question = said("Hello", user=slack_id, channel=channel.external_id, team=OUR_TEAM)
    read(omar)
    work(envelope(question))
    guest = profile(slack_id, email="omar@acme.example", is_restricted=True)
    assert work(changed(guest)) == ["counts as a customer from now on"]
    omar.refresh_from_db()
    assert (omar.external_id, omar.is_active) == (None, False)
    work(envelope(question | {"ts": cast.make_ts()}))
    assert [message.kind for message in Message.objects.order_by("pk")] == [MessageKind.OUTBOUND, MessageKind.INBOUND]
    User.objects.filter(pk=omar.pk).update(is_active=True)
    member = profile(slack_id, email="omar@acme.example")
    assert work(changed(member)) == ["is a teammate from now on"]
    omar.refresh_from_db()
    assert omar.external_id == slack_id


def test_a_mistyped_domain_of_ours_locks_nobody_out(installation: Installation, omar: User) -> None:
    installation.workspace.email_domains = ["acme.exmaple"]
    installation.workspace.save()
    work(changed(profile(omar.external_id or "", email="omar@acme.example")))
    omar.refresh_from_db()
    assert (omar.external_id, omar.is_active) == (None, True)


def test_who_could_never_sign_in_comes_back_as_they_were(installation: Installation) -> None:
    member, guest = (profile("U1", email="x@acme.example", is_restricted=restricted) for restricted in (False, True))
    first = remember(installation, member)
    assert isinstance(remember(installation, guest), Contact)
    again = remember(installation, member)
    assert again == first
    assert isinstance(again, User)
    assert again.is_active


def test_all_teams_of_the_workspace_are_ours(installation: Installation) -> None:
    cast.make_installation(workspace=installation.workspace, external_id="T0ACME2")
    cast.make_installation(workspace=cast.make_workspace(name="Initech"), external_id="T0INITECH")
    assert isinstance(remember(installation, profile("U1", team="T0ACME2")), User)
    assert isinstance(remember(installation, profile("U2", team="T0INITECH")), Contact)


def test_profiles_read_long_ago_are_read_anew_when_seen(acme: Installation, sandbox: SandboxProcess) -> None:
    people.learn(acme, {"U0MIA00001"})
    mia = Contact.objects.get(external_id="U0MIA00001")
    sandbox.api("change-user", user="U0MIA00001", changes={"real_name": "Mia Sato"})
    people.learn(acme, {"U0MIA00001"})
    mia.refresh_from_db()
    assert mia.name == "Mia Tanaka"
    read(mia, days_ago=8)
    sandbox.api("misbehave", calls=[{"method": "users.info", "fault": "server_error"}])
    assert people.learn(acme, {"U0MIA00001"}) == set(), "what is known serves while Slack is away"
    sandbox.api("misbehave", calls=[])
    people.learn(acme, {"U0MIA00001"})
    mia.refresh_from_db()
    assert mia.name == "Mia Tanaka", "Slack is left alone for an hour"
    read(mia, days_ago=8)
    people.learn(acme, {"U0MIA00001"})
    mia.refresh_from_db()
    assert mia.name == "Mia Sato"


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("side", [Side.CUSTOMER, Side.US])
def test_a_persons_word_on_who_somebody_is(
    channel: Channel, contact: Contact, dana: User, omar: User, side: Side
) -> None:
    """A founder who is also a client, and a contractor of another company who answers for us."""
    who = omar if side == Side.CUSTOMER else contact
    count_as(channel=channel, external_id=who.external_id or "", side=side, by=dana)
    team = OUR_TEAM if who == omar else THEIR_TEAM
    elsewhere = cast.make_channel(workspace=channel.workspace, account=channel.account)
    for place in (channel, elsewhere):
        work(envelope(said("The export is empty", user=who.external_id or "", channel=place.external_id, team=team)))
    here, there = Message.objects.order_by("pk")
    expected = [MessageKind.INBOUND, MessageKind.OUTBOUND]
    assert [here.kind, there.kind] == (expected if side == Side.CUSTOMER else expected[::-1])
    assert who in {here.author_user, here.author_contact}, "the author stays who they are"
    statuses = {here.conversation.status, there.conversation.status}
    assert statuses == {Status.TODO, Status.CLOSED}


def test_the_time_zone_is_learned_while_there_is_none(installation: Installation, omar: User) -> None:
    for told, kept in [("Mars/Phobos", ""), ("Europe/Berlin", "Europe/Berlin"), ("Asia/Tokyo", "Europe/Berlin")]:
        remember(installation, profile(omar.external_id or "", tz=told))
        omar.refresh_from_db()
        assert omar.time_zone == kept
