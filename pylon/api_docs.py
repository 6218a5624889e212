"""A page that lists the API's operations, drawn from the schema itself: no scripts, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

Schema = dict[str, Any]
"""A part of an OpenAPI document."""


@login_required
def page(request: HttpRequest) -> HttpResponse:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    objects: Schema = schema["components"]["schemas"]
    context = {
        "operations": list(_operations(schema["paths"], objects)),
        "objects": {
            name: list(_fields(body.get("properties", {}), objects))
            for name, body in objects.items()
            if body.get("type") == "object" and not _is_page(body)
        },
        "base_url": settings.BASE_URL,
    }
    return render(request, "api/docs.html", context)


def _operations(paths: Schema, objects: Schema) -> Iterator[Schema]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            if not path.startswith("/api/v1/"):
                continue
            content = _content(operation["responses"].get("200", {}))  # a deletion answers nothing
            answer = objects.get(_name(content), {})
            yield {
                "method": method.upper(),
                "path": path,
                "says": operation.get("description", ""),
                "parameters": list(_parameters(operation, objects)),
                "body": _name(_content(operation.get("requestBody", {}))),
                "is_list": _is_page(answer),
                "item": _name(answer["properties"]["results"]["items"]) if _is_page(answer) else _name(content),
            }


def _parameters(operation: Schema, objects: Schema) -> Iterator[Schema]:
    for parameter in operation.get("parameters", []):
        says = "" if "enum" in parameter["schema"] else parameter.get("description", "")
        yield {"name": parameter["name"], "kind": _kind(parameter["schema"], objects), "says": says}


def _fields(properties: Schema, objects: Schema) -> Iterator[Schema]:
    for name, field in properties.items():
        yield {"name": name, "kind": _kind(field, objects), "says": field.get("description", "")}


def _kind(field: Schema, objects: Schema) -> str:
    """A field's type in words: "string (date-time) or null", "todo | in_progress | closed", "list of Message"."""
    if "$ref" in field:
        name = _name(field)
        return _kind(objects[name], objects) if "enum" in objects[name] else name
    if parts := field.get("allOf") or field.get("oneOf"):
        kind = " | ".join(_kind(part, objects) for part in parts)
    elif "enum" in field:
        kind = " | ".join(str(value) for value in field["enum"])
    elif field.get("type") == "array":
        kind = f"list of {_kind(field['items'], objects)}"
    else:
        kind = str(field.get("type", "object")) + (f" ({field['format']})" if "format" in field else "")
    return f"{kind} or null" if field.get("nullable") else kind


def _content(holder: Schema) -> Schema:
    """What a body or an answer is."""
    content: Schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return content


def _name(reference: Schema) -> str:
    return str(reference.get("$ref", "")).rpartition("/")[2]


def _is_page(body: Schema) -> bool:
    return "results" in body.get("properties", {})
