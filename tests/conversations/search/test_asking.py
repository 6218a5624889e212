from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, Channel, Contact, User
from conversations import corrections, services
from conversations.models import Conversation, Message, SearchText, Seen
from conversations.search import asking
from conversations.search.hits import Page, search
from conversations.search.words import parse
from conversations.status import Status
from tests import cast

Find = Callable[..., list[int]]


@pytest.fixture
def said(channel: Channel, contact: Contact) -> Message:
    return cast.say("The exports of the Zürich team are empty since v2.1", channel=channel, by=contact)


@pytest.fixture
def find(dana: User) -> Find:
    return lambda typed, reader=dana, **more: [hit.conversation.number for hit in search(reader, typed, **more).hits]


def problems(page: Page) -> str:
    return " ".join(page.problems)


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("export ", True), ("exporting ", True), ("EXPORTS", True), ("expo", True), ("expo ", False),
        ("zurich ", True), ("Zürich ", True), ("v2.1 ", True), ("exports zurich ", True), ("exports berlin ", False),
        ('"exports of the" ', True), ('"of exports" ', False), ("exports -empty ", False), ("exports -csv ", True),
        ("globex exports ", True), ("hank exports ", True), ("#ext-globex ", True), ("“the zürich team”", True),
        ("' OR 1=1 --", False), ("!&|()<->:* ", False), ("\\ ", False), ("exports !& ", True),
    ],
    ids=range(22),
)  # fmt: skip
def test_words_are_found_in_what_was_said(said: Message, find: Find, typed: str, is_found: bool) -> None:
    assert find(typed) == ([said.conversation.number] if is_found else [])


def test_the_words_may_be_in_different_messages_of_one_conversation(
    said: Message, channel: Channel, dana: User, find: Find
) -> None:
    reply = cast.say("We rotate the certificate", channel=channel, by=dana, thread_ts=said.ts)
    assert reply.conversation == said.conversation
    assert find("exports certificate ") == [said.conversation.number]
    assert find("exports from:hank ") == [said.conversation.number]
    assert find("certificate from:hank ") == []


def test_each_character_of_chinese_and_japanese_is_a_word(channel: Channel, contact: Contact, find: Find) -> None:
    said = cast.say("請求書が届きません", channel=channel, by=contact)
    assert find("請求 ") == [said.conversation.number]
    assert find("求請 ") == []


def test_a_stranger_finds_nothing(said: Message, stranger: User, find: Find) -> None:
    assert find("export ") == [said.conversation.number]
    for typed in (
        "export ",
        "globex ",
        "hank ",
        "is:waiting",
        f"#{said.conversation.number}",
        "status:todo",
        "from:hank",
    ):
        page = search(stranger, typed)
        assert (list(page.hits), list(page.accounts), list(page.contacts)) == ([], [], []), typed
        assert not asking.ask(asking.prepare(parse(typed), stranger)).ids, typed


def test_what_is_edited_or_deleted_is_no_longer_found(said: Message, channel: Channel, find: Find) -> None:
    assert said.ts
    services.edit_message(channel=channel, ts=said.ts, text="The invoice is wrong", edited_at=timezone.now())
    assert find("zurich ") == []
    assert find("invoice ") == [said.conversation.number]
    services.delete_message(channel=channel, ts=said.ts, deleted_at=timezone.now())
    assert find("invoice ") == []
    assert not SearchText.objects.filter(message=said).exists()


def test_rows_that_are_gone_are_gone_here(said: Message) -> None:
    conversation = said.conversation
    Message.objects.filter(pk=said.pk).update(text="Something else")
    assert "someth" in str(SearchText.objects.get(message=said).words)
    conversation.facts.all().delete()
    conversation.delete()
    assert not SearchText.objects.filter(conversation_id=conversation.pk).exists()


def test_moves_and_merges_are_followed(said: Message, channel: Channel, dana: User, find: Find) -> None:
    other = cast.make_conversation(channel=channel, title="Invoices", last_message_at=timezone.now())
    correction = corrections.merge(source=said.conversation, target=other, by=dana)
    assert find("zurich ") == [other.number]
    corrections.undo(correction=correction, by=dana)
    assert find("zurich ") == [said.conversation.number]


def test_what_is_in_no_conversation_is_not_found(said: Message, find: Find) -> None:
    Conversation.objects.filter(pk=said.conversation_id).update(is_unsorted=True)
    assert find("export ") == []
    assert find("is:waiting") == []


def test_new_names_of_accounts_and_channels_are_found(said: Message, account: Account, find: Find) -> None:
    account.name = "Initrode"
    account.save()
    assert find("initrode exports ") == [said.conversation.number]
    Channel.objects.filter(pk=said.conversation.channel_id).update(name="ext-umbrella")
    assert find("umbrella ") == [said.conversation.number]
    assert find("globex exports ") == []


def test_the_better_fit_comes_first_and_the_older_later(channel: Channel, find: Find) -> None:
    now = timezone.now()
    plain, titled, old = (
        cast.make_conversation(channel=channel, title=title, last_message_at=now - timedelta(days=days))
        for title, days in (("Something else", 0), ("Certificate", 1), ("Certificate", 700))
    )
    Message.objects.create(
        workspace=channel.workspace, conversation=plain, kind="inbound", text="a certificate", sent_at=now
    )
    assert find("certificate ") == [titled.number, plain.number, old.number]


def test_a_number_leads_there_first(said: Message, channel: Channel, find: Find) -> None:
    other = cast.make_conversation(channel=channel, title=f"See {said.conversation.number}")
    for typed in (f"#{said.conversation.number}", f"{said.conversation.number}"):
        assert find(typed) == [said.conversation.number, other.number]


# Filters ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    [
        "owner:me", "owner:dana", "owner:Reyes", "owner:dana owner:none", "-owner:omar", "status:todo",
        "status:to-do", "status:open", "-status:closed", "account:globex", "channel:#ext-globex", "channel:globex",
        "tag:billing", "tag:BILLING", "-tag:bug", "priority:high", "tier:enterprise", "is:waiting", "is:unread",
        "from:hank", "from:customer@globex.example", "has:file", "in:questions", "after:2025-03-01",
        "before:2025-04 export", "during:2025-03", "during:2025", "during:2025-03-07", "-during:2024",
        "owner:me status:open empty", "from:hank export", "has:file export during:2025-03",
    ],
)  # fmt: skip
def test_filters_find_what_they_name(typed: str, channel: Channel, account: Account, dana: User, omar: User) -> None:
    conversation = _standing_out(channel, account, dana)
    elsewhere = cast.make_channel(workspace=channel.workspace, owner=omar, name="ext-initech")
    at = datetime(2024, 5, 5, tzinfo=UTC)
    other = cast.make_conversation(channel=elsewhere, status=Status.CLOSED, title="Other", opened_at=at, tags=["bug"])
    Message.objects.create(
        workspace=channel.workspace,
        conversation=other,
        kind="note",
        text="A note of omar",
        sent_at=at,
        author_user=omar,
    )
    Seen.objects.create(user=dana, conversation=other, at=timezone.now())
    assert [hit.conversation for hit in search(dana, typed).hits] == [conversation]


def test_notes_are_found_as_notes(said: Message, dana: User, find: Find) -> None:
    said.conversation.add_note("They want a refund", by=dana)
    assert find("in:notes refund") == [said.conversation.number]
    assert find("in:replies refund") == []
    (hit,) = search(dana, "refund ").hits
    assert hit.message
    assert hit.message.kind == "note"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("owner:dan", "Several teammates are called “dan”: Dana Reyes, Daniel Kim."),
        ("owner:omat", "No teammate is called “omat”: Omar Haddad?"),
        ("account:globx", "No account is called “globx”: Globex?"),
        ("channel:zzz", "No channel is called “zzz”."),
        ("from:zzz", "Nobody here is called “zzz”."),
        ("status:shut", "“status:shut” is not known. Possible: status:todo, status:in_progress, status:closed"),
        ("priority:huge", "“priority:huge” is not known. Possible: priority:urgent, priority:high"),
        ("is:big", "“is:big” is not known. Possible: is:unread, is:waiting, is:snoozed, is:mine."),
        ("before:soon", "“before:soon” is no date."),
        ("during:2025-13", "“during:2025-13” is no date."),
        ("after:9999-12-31", "“after:9999-12-31” is no date."),
    ],
    ids=range(11),
)  # fmt: skip
def test_what_cant_be_looked_up_is_answered_with_what_can(
    typed: str, said: str, channel: Channel, dana: User, omar: User
) -> None:
    cast.make_teammate(workspace=dana.workspace, name="Daniel Kim", email="daniel@acme.example")
    cast.make_conversation(channel=channel)
    page = search(dana, f"{typed} export")
    assert said in problems(page)
    assert list(page.hits) == []


def test_accounts_and_contacts_are_named_too(account: Account, contact: Contact, dana: User) -> None:
    assert [found.pk for found in search(dana, "glob").accounts] == [account.pk]
    assert [found.pk for found in search(dana, "scorpio ").contacts] == [contact.pk]


# Pages ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("few", [3_000, 2], ids=["rare", "common"])
def test_pages_follow_each_other_without_gap_or_twice(
    few: int, channel: Channel, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    every = [
        cast.make_conversation(channel=channel, title="Export", last_message_at=now - timedelta(hours=n // 2)).number
        for n in range(11)
    ]
    monkeypatch.setattr(asking, "FEW", few)
    monkeypatch.setattr(asking, "WINDOW", 3)
    found: list[int] = []
    after = ""
    for _ in range(20):
        page = search(dana, "export ", after=after, most=2)
        assert page.is_ranked is (few > 2)
        found += [hit.conversation.number for hit in page.hits]
        after = page.next
        if not after:
            break
    assert sorted(found) == sorted(every)


def test_a_rare_fit_among_common_words_is_said_to_be_further_back(
    channel: Channel, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    for n in range(8):
        cast.make_conversation(channel=channel, title="Export", last_message_at=now - timedelta(hours=n))
    old = cast.make_conversation(channel=channel, title="Export of bugs", last_message_at=now - timedelta(hours=9))
    cast.make_conversation(channel=channel, title="Bugs", last_message_at=now - timedelta(hours=10))
    monkeypatch.setattr(asking, "FEW", 0)
    monkeypatch.setattr(asking, "WINDOW", 1)
    monkeypatch.setattr(asking, "WINDOWS", 5)
    monkeypatch.setattr(asking, "WALK_SECONDS", 60)
    page = search(dana, "export bugs ")
    assert (list(page.hits), page.back_to) == ([], now - timedelta(hours=4))
    again = search(dana, "export bugs ", after=page.next)
    assert [hit.conversation for hit in again.hits] == [old]


def test_a_search_that_has_walked_too_long_goes_on_at_the_next_page(
    channel: Channel, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    for n in range(2):
        cast.make_conversation(channel=channel, title="Export", last_message_at=now - timedelta(hours=n))
    old = cast.make_conversation(channel=channel, title="Export of bugs", last_message_at=now - timedelta(hours=2))
    monkeypatch.setattr(asking, "FEW", 0)
    monkeypatch.setattr(asking, "WINDOW", 1)
    monkeypatch.setattr(asking, "WALK_SECONDS", -1)
    page = search(dana, "export bugs ")
    assert (list(page.hits), page.back_to) == ([], now)
    page = search(dana, "export bugs ", after=page.next)
    assert (list(page.hits), page.back_to) == ([], now - timedelta(hours=1))
    page = search(dana, "export bugs ", after=page.next)
    assert [hit.conversation for hit in page.hits] == [old]


@pytest.mark.parametrize("key", ["x", "r1_", "nsoon_1", "r1_" + "9" * 30, "rone_1"])
@pytest.mark.parametrize("typed", ["export", "status:open"])
def test_a_key_that_no_page_gave_is_refused(key: str, typed: str, said: Message, dana: User) -> None:
    with pytest.raises(ValueError, match="is no key"):
        search(dana, typed, after=key)


def _standing_out(channel: Channel, account: Account, dana: User) -> Conversation:
    at = datetime(2025, 3, 7, 12, tzinfo=UTC)
    User.objects.filter(pk=dana.pk).update(read_before_at=datetime(2020, 1, 1, tzinfo=UTC))
    dana.refresh_from_db()
    Account.objects.filter(pk=account.pk).update(tier="Enterprise")
    hank = cast.make_contact(
        workspace=channel.workspace, account=account, name="Hank Scorpio", email="customer@globex.example"
    )
    conversation = cast.make_conversation(
        channel=channel, owner=dana, tags=["billing"], priority="high", opened_at=at, title="The export is empty"
    )
    Message.objects.create(
        workspace=channel.workspace, conversation=conversation, kind="inbound", text="export", sent_at=at,
        author_contact=hank, author_name=hank.name, files=[{"name": "a.csv"}],
    )  # fmt: skip
    return conversation
