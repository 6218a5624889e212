from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from conversations.announce import conversations_changed  # noqa: PLC0415 - models are not ready earlier

        conversations_changed.connect(_publish, dispatch_uid="integrations.publish")


def _publish(**_: Any) -> None:
    """After a commit: have the followers told."""
    from integrations.tasks import publish_events  # noqa: PLC0415 - as above
    from integrations.wake import wake  # noqa: PLC0415

    wake(publish_events)
