import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_tiers_and_absence"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="former_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64),
                blank=True,
                default=list,
                help_text="Its ids before Slack gave it another.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="is_guest",
            field=models.BooleanField(default=False, verbose_name="guest of our Slack team"),
        ),
        migrations.AddField(
            model_name="user",
            name="external_team_id",
            field=models.CharField(blank=True, max_length=64, verbose_name="Slack team id"),
        ),
        migrations.AddField(
            model_name="user",
            name="is_guest",
            field=models.BooleanField(default=False, verbose_name="guest of our Slack team"),
        ),
    ]
