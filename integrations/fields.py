"""A JSON field that is encrypted at rest with a key made from SECRET_KEY."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    """Encrypts with the first key, decrypts with any: SECRET_KEY_FALLBACKS keep old rows readable."""
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    HKDF(hashes.SHA256(), 32, salt=None, info=b"pylon credentials").derive(key.encode())
                )
            )
            for key in keys
        ]
    )


def _current() -> MultiFernet:
    return _cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def encrypt_text(text: str) -> str:
    return _current().encrypt(text.encode()).decode()


def decrypt_text(token: str) -> str:
    """Raises ImproperlyConfigured when SECRET_KEY has changed."""
    try:
        return _current().decrypt(token.encode()).decode()
    except InvalidToken:
        raise ImproperlyConfigured(
            "Stored credentials can't be read: SECRET_KEY has changed. Name the former one in SECRET_KEY_FALLBACKS."
        ) from None


class EncryptedJSONField(models.TextField[dict[str, Any], dict[str, Any]]):
    """A dict in Python, a Fernet token in the database and in dumps of it. Can't be searched."""

    def from_db_value(self, value: str | None, *_: object) -> dict[str, Any] | None:
        return None if value is None else _decrypt(value) if value else {}

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt_text(json.dumps(value))

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return json.loads(value) if value.startswith("{") else _decrypt(value) if value else {}

    def get_lookup(self, lookup_name: str) -> type[models.Lookup[Any]] | None:
        # The same content is a different token each time: a search would find nothing, silently.
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


def _decrypt(token: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(decrypt_text(token))
    return content
