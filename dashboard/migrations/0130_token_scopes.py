from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_what_they_could_do(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Tokens made before there were scopes could do what is now called runs:write, and nothing else."""
    tokens = apps.get_model("dashboard", "ApiToken").objects.using(schema_editor.connection.alias)
    tokens.update(scopes=["runs:write"])


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0030_saved_views"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="scopes",
            field=models.JSONField(default=list, help_text="What it is for; its user must be allowed to do that too."),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="expires_on",
            field=models.DateField(
                blank=True, help_text="The last day (UTC) on which it works. Empty: until it is revoked.", null=True
            ),
        ),
        migrations.RunPython(keep_what_they_could_do, migrations.RunPython.noop),
    ]
