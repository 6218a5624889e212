from django.apps import AppConfig
from django.db.models.signals import post_delete


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from accounts.merging import accounts_merged, merge_undone  # noqa: PLC0415 - needs the models
        from conversations import account_merging, live  # noqa: PLC0415
        from conversations.announce import conversations_changed, on_deleted  # noqa: PLC0415
        from conversations.models import Conversation  # noqa: PLC0415

        conversations_changed.connect(live.on_conversations_changed, dispatch_uid="live")
        post_delete.connect(on_deleted, sender=Conversation, dispatch_uid="figures")
        accounts_merged.connect(account_merging.on_merged, dispatch_uid="conversations")
        merge_undone.connect(account_merging.on_undone, dispatch_uid="conversations")
