from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from integrations.fields import EncryptedJSONField
from pylon.exporting.tables import NOT_EXPORTED, TABLES, Table

APPS = ["pylon", "accounts", "conversations", "triage", "integrations"]


def test_every_model_is_exported_or_left_out_with_a_reason() -> None:
    ours = {model for app in APPS for model in apps.get_app_config(app).get_models()}
    exported = {table.model for table in TABLES.values()}
    assert exported | set(NOT_EXPORTED) == ours
    assert not exported & set(NOT_EXPORTED)
    assert all(NOT_EXPORTED.values())


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_is_exported_or_left_out_with_a_reason(table: Table) -> None:
    ours = {field.attname for field in table.model._meta.concrete_fields}
    left_out = set(table.left_out) & ours
    assert set(table.columns) | left_out == ours
    assert not set(table.columns) & left_out
    assert all(table.left_out.values())
    assert table.columns[0] == "id"
    assert set(table.types) == set(table.columns)


def test_no_secret_is_exported() -> None:
    for table in TABLES.values():
        fields: dict[str, models.Field[object, object]] = {
            field.attname: field for field in table.model._meta.concrete_fields
        }
        for name in table.columns:
            assert not isinstance(fields[name], EncryptedJSONField), f"{table.name}.{name}"
            assert name not in {"password", "credentials", "token", "digest", "config", "webhook_key"}, name
