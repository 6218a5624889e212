"""Files on cases: a ContentVersion each, and a ContentDocumentLink that puts it on the case.

They go as base64 in JSON, up to 37.5 MB (REST API Developer Guide: Insert or Update Blob Data). A CaseComment can't
have files: they lie on the case, and the comment names them.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from integrations.salesforce.client import SalesforceClient
from integrations.tools.errors import ToolError, refusal
from integrations.tools.protocol import File, NewComment

LARGEST = 20 * 1024 * 1024


def attach(client: SalesforceClient, case: str, comment: NewComment) -> None:
    """Those of a comment; what an earlier try has brought already is not brought again."""
    if not comment.files:
        return
    on_case = client.query(
        "SELECT ContentDocumentId, ContentDocument.Description FROM ContentDocumentLink "
        "WHERE LinkedEntityId = :case", case=case,
    )  # fmt: skip
    there = {str((one.get("ContentDocument") or {}).get("Description") or "") for one in on_case}
    for number, file in enumerate(comment.files):
        if _mark(comment, number) not in there:
            document = upload(client, comment, number, file)
            client.make("ContentDocumentLink", **link(document, case, is_public=comment.is_public))


def uploaded(client: SalesforceClient, comment: NewComment) -> list[str]:
    """The comment’s files, not yet on a case. Answers their documents’ ids."""
    return [upload(client, comment, number, file) for number, file in enumerate(comment.files)]


def upload(client: SalesforceClient, comment: NewComment, number: int, file: File) -> str:
    content = base64.b64encode(file.read()).decode()
    try:
        version = client.make(
            "ContentVersion", Title=file.name[:255], PathOnClient=file.name[:500], Description=_mark(comment, number),
            VersionData=content,
        )  # fmt: skip
    except ToolError as error:
        raise refusal(file, error) from error
    found = client.query("SELECT ContentDocumentId FROM ContentVersion WHERE Id = :version", version=version)
    return str(found[0]["ContentDocumentId"])


def link(document: str, case: str, *, is_public: bool) -> dict[str, Any]:
    """Customers in a portal see what AllUsers may (Object Reference: ContentDocumentLink)."""
    visible = "AllUsers" if is_public else "InternalUsers"
    return {"ContentDocumentId": document, "LinkedEntityId": case, "ShareType": "V", "Visibility": visible}


def naming(files: Sequence[File], text: str) -> str:
    return "\n".join([text, *(f"(file: {file.name})" for file in files)]) if files else text


def _mark(comment: NewComment, number: int) -> str:
    return f"Pylon {comment.key} {number}"
