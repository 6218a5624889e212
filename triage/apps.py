from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "triage"

    def ready(self) -> None:
        from accounts.merging import accounts_merged, merge_undone  # noqa: PLC0415 - needs the models
        from triage import account_merging  # noqa: PLC0415

        accounts_merged.connect(account_merging.on_merged, dispatch_uid="triage")
        merge_undone.connect(account_merging.on_undone, dispatch_uid="triage")
