"""The second factor's secrets, kept as those of other systems are: encrypted."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from integrations.fields import decrypt_text, encrypt_text


class Adapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return encrypt_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt_text(encrypted_text)
