"""From what was said in Slack to what the heart takes in: the author's row, the text as people read it.

Live events and a channel's past go through here alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Channel, Contact, User
from accounts.overrides import inbound_of
from conversations.intake import Incoming, sent_at
from conversations.models import Message
from conversations.services import edit_message
from integrations.models import Installation
from integrations.slack import people
from integrations.slack.content import named, write
from integrations.slack.messages import Edited, Said


def incoming(installation: Installation, channel: Channel, heard: Sequence[Said]) -> list[Incoming]:
    """One for each, in the order given. Asks nobody: who is not known by now is made up for from the message."""
    names = _names(installation, {i for said in heard for i in named(said.text, said.blocks)})
    speakers = people.known(installation, {said.user_id for said in heard})
    inbound = inbound_of(channel, {said.user_id for said in heard})
    batch = []
    for said in heard:
        author: User | Contact | None = speakers.get(said.user_id)
        if author is None or (isinstance(author, Contact) and author.account_id is None):
            author = people.speaker(installation, said, channel)
            if author:
                speakers[said.user_id] = author
        name = said.name if author is None else ""
        text, html = write(said.text, said.blocks, names)
        side = False if said.by_our_app else inbound.get(said.user_id)
        batch.append(Incoming(said.ts, text, author, name, said.thread_ts, said.files, html, side))
    return batch


def _names(installation: Installation, ids: set[str]) -> dict[str, str]:
    """Of the people and channels that we know; Slack labels what we don't."""
    if not ids:
        return {}
    channels = Channel.objects.filter(workspace=installation.workspace_id, external_id__in=ids).exclude(name="")
    names = {i: person.name for i, person in people.known(installation, ids).items()}
    return names | dict(channels.values_list("external_id", "name"))


def reword(installation: Installation, channel: Channel, edited: Edited) -> Message | None:
    """Take a new wording over. None: the message is not known."""
    said = edited.message
    (new,) = incoming(installation, channel, [said])
    return edit_message(
        channel=channel, ts=said.ts, text=new.text, edited_at=sent_at(edited.edited_ts), html=new.html, files=new.files
    )
