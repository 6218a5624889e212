from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0003_filters"),
    ]

    operations = [
        migrations.AddField(
            model_name="triagechannel",
            name="outsiders",
            field=models.PositiveIntegerField(
                default=0,
                editable=False,
                help_text="Members who are none of us: customers, guests, people of other teams.",
            ),
        ),
        migrations.AddField(
            model_name="triagechannel",
            name="members_read_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When the members were read last; empty: they changed since.",
                null=True,
            ),
        ),
    ]
