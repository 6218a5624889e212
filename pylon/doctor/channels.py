"""What a team forgets to choose."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Channel, ChannelKind, Workspace
from integrations.models import Provider
from pylon.doctor.finding import Finding, advice, good, wrong
from triage.models import TriageChannel

NAMED = 5


def findings() -> Iterator[Finding]:
    told = TriageChannel.objects.filter(is_general=True).values("workspace")
    connected = Workspace.objects.filter(installations__provider=Provider.SLACK)
    names = sorted(set(connected.exclude(pk__in=told).values_list("name", flat=True)))
    if names:
        yield wrong(
            "Triage channel", f"none for everybody in {', '.join(names)}: nobody is told in Slack",
            "choose one on /settings/",
        )  # fmt: skip
    else:
        yield good("Triage channel", "chosen")
    customers = Channel.objects.filter(kind=ChannelKind.CUSTOMER, left_at=None)
    yield _complete("owner", [str(channel) for channel in customers.filter(owner=None)])
    yield _complete("account", [str(channel) for channel in customers.filter(account=None)])


def _complete(what: str, channels: list[str]) -> Finding:
    name = f"Channels' {what}s"
    if not channels:
        return good(name, f"every customer's channel has an {what}")
    more = f" and {len(channels) - NAMED} more" if len(channels) > NAMED else ""
    return advice(name, f"none: {', '.join(channels[:NAMED])}{more}", "set them in /admin/accounts/channel/")
