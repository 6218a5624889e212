"""Reads stored events of one lane, in order, and calls the heart.

Two passes: `prepare` asks Slack what is not known yet, without a lock; `work` decides, without the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import Channel, ChannelKind, User
from accounts.services import Sighting
from conversations.intake import sent_at
from conversations.regrouping import follow_merges
from conversations.services import delete_message, receive_messages
from integrations.models import InboundEvent, Installation, Link, LinkKind
from integrations.slack import (
    actions,
    add_dialog,
    channel_lives,
    channels,
    commands,
    entering,
    home,
    outsiders,
    people,
    profiles,
    reactions,
    shortcuts,
    views_registry,
)
from integrations.slack.connect import ENDS, LEARN_TEAM
from integrations.slack.errors import Later
from integrations.slack.forgetting import forget
from integrations.slack.incoming import incoming, reword
from integrations.slack.messages import Deleted, Edited, Ignored, Said
from integrations.slack.prepare import Prepared, is_our_join
from integrations.slack.refusals import in_words
from integrations.slack.requests import channel_of
from triage.services import OURS

ACTS = {
    "block_actions": actions.press,
    "message_action": shortcuts.run,
    "slash_command": commands.command,
    "view_submission": views_registry.submit,
}
"""What people do with our buttons, dialogs, shortcuts and command."""


def work(batch: Sequence[InboundEvent], prepared: Prepared) -> dict[int, str | Later]:
    """What became of each event, by row: in words, or that it must wait. Raises the error that struck."""
    if prepared.installation is None:
        return {row.pk: "a team in which we are not installed" for row in batch}
    return _Worker(prepared.installation, prepared).run(batch)


class _Worker:
    def __init__(self, installation: Installation, prepared: Prepared) -> None:
        self.installation = installation
        self.prepared = prepared
        self.channel = prepared.channel
        self.sighting = prepared.sighting
        self.outcomes: dict[int, str | Later] = {}
        self.pending: list[tuple[int, Said]] = []

    def run(self, batch: Sequence[InboundEvent]) -> dict[int, str | Later]:
        for row in batch:
            if row.kind == "message":
                self._message(row)
            else:
                self._flush()
                self._alone(row, partial(self._other, row))
        self._flush()
        return self.outcomes

    def _alone(self, row: InboundEvent, decide: Callable[[], str]) -> None:
        """One that waits for another must not undo the rest of its batch."""
        try:
            with transaction.atomic():
                self.outcomes[row.pk] = decide()
        except Later as later:
            self.outcomes[row.pk] = later

    def _message(self, row: InboundEvent) -> None:
        heard = self.prepared.heard[row.pk]
        if isinstance(heard, Ignored):
            self.outcomes[row.pk] = heard.reason
            return
        channel = self.channel = self._see_channel(row)
        if isinstance(heard, Said) and channel.kind == ChannelKind.CUSTOMER:
            self.pending.append((row.pk, heard))
            return
        self._flush()
        self._alone(row, partial(self._single, row, heard, channel))

    def _single(self, row: InboundEvent, heard: Said | Edited | Deleted, channel: Channel) -> str:
        if channel.kind not in {ChannelKind.CUSTOMER, *OURS}:
            return _elsewhere(channel)
        if isinstance(heard, Deleted):
            return self._delete(row, heard, channel)
        if isinstance(heard, Edited):
            return self._edit(heard, channel)
        return self._note(heard, channel)

    def _delete(self, row: InboundEvent, heard: Deleted, channel: Channel) -> str:
        message = delete_message(channel=channel, ts=heard.ts, deleted_at=sent_at(heard.deleted_ts))
        if message:
            if self.installation.workspace.forgets_deleted:
                forget(row.lane, heard.ts, since=message.created_at)
            return "deleted"
        if channel.kind != ChannelKind.CUSTOMER:
            return "not a note"
        if not heard.was_heard:
            return "a deletion of what was not captured"
        raise Later("the deleted message is not known")

    def _edit(self, heard: Edited, channel: Channel) -> str:
        if reword(self.installation, channel, heard):
            return "edited"
        if channel.kind != ChannelKind.CUSTOMER:
            return self._note(heard.message, channel)
        # The first wording has not come yet, or never will: this one is as good.
        self.pending.append((0, heard.message))
        self._flush()
        reword(self.installation, channel, heard)  # so that an older wording that comes later is known as older
        return "captured as edited"

    def _note(self, said: Said, channel: Channel) -> str:
        """A reply under a triage post, or in a thread that is kept with a conversation, is an internal note;
        everything else in the channel is the team's own."""
        link = (
            Link.objects.select_related("conversation")
            .filter(
                workspace=self.installation.workspace, kind__in=[LinkKind.TRIAGE_POST, LinkKind.THREAD],
                place=channel.external_id, external_id=said.thread_ts or "",
            )
            .first()
        )  # fmt: skip
        if link is None:
            if said.thread_ts and said.root_user_id == self.installation.bot_user_id:
                raise Later("the post that it replies to is not known")
            return "talk in a triage channel" if channel.kind == ChannelKind.TRIAGE else _elsewhere(channel)
        (one,) = incoming(self.installation, channel, [said])
        if not isinstance(one.author, User):
            return "not a teammate's: no note"
        follow_merges(link.conversation).add_note(
            one.text, by=one.author, channel=channel, ts=one.ts, at=one.sent_at, html=one.html, files=one.files
        )
        return "note"

    def _flush(self) -> None:
        """Hand the messages gathered so far to the heart, as one batch."""
        if not self.pending or self.channel is None:
            return
        pending, self.pending = self.pending, []
        batch = incoming(self.installation, self.channel, [said for _, said in pending])
        receive_messages(channel=self.channel, batch=batch)
        self.outcomes |= {pk: "captured" for pk, _ in pending if pk}

    def _other(self, row: InboundEvent) -> str:
        event = self.prepared.event(row)
        if act := ACTS.get(row.kind):
            return act(self.installation, self.prepared.payloads[row.pk])
        if row.kind == "app_home_opened":
            return home.opened(self.installation, event)
        if row.kind == "reaction_added":
            return reactions.react(self.installation, self.channel, event)
        if is_our_join(row, event, self.installation):
            return self._join(event)
        if row.kind in entering.KINDS:
            return self._enter(row, event)
        if row.kind == channels.LOOK_AGAIN:
            return self._look_again()
        if row.kind in ENDS:
            return "access withdrawn" if self.installation.revoked_at else "not our present token’s"
        if row.kind == LEARN_TEAM:
            return "learned who is there"
        if row.kind == "user_change":
            return profiles.change(self.installation, event)
        if row.kind in outsiders.KINDS and event.get("user") != self.installation.bot_user_id:
            return outsiders.notice(self.installation, row.kind, channel_of(event))
        return channel_lives.change(self.installation, row.kind, event)

    def _join(self, event: dict[str, Any]) -> str:
        inviter = people.inviter(self.installation, str(event.get("inviter") or ""), self.prepared.untold)
        unasked = not event.get("inviter")
        self.channel = channels.join(self.installation, self._take_sighting(event), inviter, unasked=unasked)
        if inviter and inviter.is_active:
            add_dialog.offer(self.installation, self.channel, inviter)
        return "joined"

    def _enter(self, row: InboundEvent, event: dict[str, Any]) -> str:
        refusal = self.prepared.entered.get(row.pk)
        if row.kind in channel_lives.UNARCHIVED:
            if self.channel is None:
                return "a channel we don't know"
            return channel_lives.come_back(self.channel, is_in=refusal == "")
        if refusal is None:
            return "not a name that is looked for"
        if refusal:
            return f"not joined: {in_words(refusal)}"
        self.channel = channels.join(self.installation, self._take_sighting(event), unasked=True)
        return "joined"

    def _look_again(self) -> str:
        if self.sighting and not self.sighting.is_whole:
            raise Later("Slack does not tell what the channel is")
        if self.sighting:
            self.channel = channels.join(self.installation, self.sighting)
        return "looked"

    def _see_channel(self, row: InboundEvent) -> Channel:
        """The channel, also when a message is the first that we see of it, or the first since it was shared."""
        channel = self.channel
        if channel is None or self.sighting:
            channel = channels.join(self.installation, self._take_sighting(self.prepared.event(row)))
        if self.prepared.payloads[row.pk].get("is_ext_shared_channel") and not channel.is_shared:
            channel.is_shared = True
            channel.save(update_fields=["is_shared"])
        return channel

    def _take_sighting(self, event: dict[str, Any]) -> Sighting:
        """What Slack told of the channel, once for a batch."""
        sighting, self.sighting = self.sighting, None
        return sighting or Sighting(channel_of(event), self.installation.external_id)


def _elsewhere(channel: Channel) -> str:
    return f"not a customer's channel, but {channel.get_kind_display().lower()}"
