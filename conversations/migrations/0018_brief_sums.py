import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0017_known_signs'),
    ]

    operations = [
        migrations.RunSQL(
            # What left the backlog says since when it was there, and tallies have other columns: all is counted anew.
            """
            INSERT INTO conversations_uncounted (workspace_id, conversation_id, is_anew)
            SELECT workspace_id, id, true FROM conversations_conversation
            WHERE workspace_id IN (SELECT workspace_id FROM conversations_ledger) ORDER BY id;
            INSERT INTO conversations_staleday (workspace_id, day)
            SELECT DISTINCT workspace_id, day FROM conversations_tally WHERE span = 'day' ON CONFLICT DO NOTHING;
            DELETE FROM conversations_tally;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(
            model_name='tally',
            name='brief',
        ),
        migrations.AddField(
            model_name='tally',
            name='spreads',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='tally',
            name='sums',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AlterField(
            model_name='tally',
            name='slice',
            field=models.CharField(help_text='all, owner, account, channel, tag or tagged', max_length=8),
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(condition=models.Q(models.Q(('status', 'closed'), _negated=True), ('is_unsorted', False), ('merged_into__isnull', True)), fields=['workspace'], name='unclosed'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=django.contrib.postgres.indexes.GistIndex(models.Func('began_at', 'at', models.Value('(]'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), condition=models.Q(('kind', 'backlog_out')), name='fact_of_backlog'),
        ),
    ]
