"""`{% load slack_links %}`: where a channel and a message are in Slack."""

from __future__ import annotations

from urllib.parse import quote

from django import template

from accounts.models import Channel
from conversations.models import Message
from integrations.models import Installation, Provider
from integrations.slack.post.facts import permalink

register = template.Library()


@register.simple_tag
def slack_channel(channel: Channel) -> str:
    """The address of the channel; empty where no Slack team of ours is connected that sees it."""
    installation = _installation(channel)
    return f"{installation.url}archives/{quote(channel.external_id)}" if installation and installation.url else ""


@register.simple_tag
def slack_message(message: Message, channel: Channel) -> str:
    """The address of a message of that channel; of a note written here there is none."""
    if not message.ts or message.channel_id != channel.pk:
        return ""
    installation = _installation(channel)
    return permalink(message, installation, channel.external_id) if installation and installation.url else ""


def _installation(channel: Channel) -> Installation | None:
    """Read once for each channel object, thus once for each page."""
    if not hasattr(channel, "_slack_installation"):
        mine = Installation.objects.filter(workspace=channel.workspace_id, provider=Provider.SLACK)
        channel._slack_installation = mine.filter(external_id=channel.external_team_id).first()  # type: ignore[attr-defined]
    found: Installation | None = channel._slack_installation  # type: ignore[attr-defined]
    return found
