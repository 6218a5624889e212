"""A tool tells that tickets were touched: their links are to be looked after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.models import Installation, Link, LinkKind
from integrations.wake import wake


def hear(installation: Installation, touched: Mapping[str, str] | Iterable[str]) -> int:
    """`touched`: external ids of tickets, or by these their version: what we have read already is not read again.
    Answers how many links are read."""
    from integrations.tools.tasks import work_links  # noqa: PLC0415 - which hears, too

    versions = touched if isinstance(touched, Mapping) else dict.fromkeys(touched, "")
    links = Link.objects.filter(
        installation=installation, kind=LinkKind.TICKET, ended_at=None, external_id__in=list(versions)
    )
    known = Q(pk__in=[])
    for external_id, version in versions.items():
        if version:
            known |= Q(external_id=external_id, their_version=version)
    now = timezone.now()
    heard = links.exclude(known).update(heard_at=now, due_at=now)
    if heard:
        transaction.on_commit(partial(wake, work_links))
    return heard
