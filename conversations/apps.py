from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from conversations import live  # noqa: PLC0415 - needs the models
        from conversations.announce import conversations_changed  # noqa: PLC0415

        conversations_changed.connect(live.on_conversations_changed, dispatch_uid="live")
