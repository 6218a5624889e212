from django.db import migrations


def owners_become_filters(apps, schema_editor):
    for triage in apps.get_model("triage", "TriageChannel").objects.all():
        triage.is_general = triage.owner_id is None
        triage.filter = {"owners": [triage.owner_id]} if triage.owner_id else {}
        triage.save(update_fields=["is_general", "filter"])


class Migration(migrations.Migration):
    dependencies = [("triage", "0002_targets_and_reminders")]

    operations = [
        migrations.RunPython(owners_become_filters, migrations.RunPython.noop),
        migrations.RemoveConstraint("triagechannel", "triage_once_per_owner"),
        migrations.RemoveConstraint("triagechannel", "triage_once_for_workspace"),
        migrations.RemoveField("triagechannel", "owner"),
    ]
