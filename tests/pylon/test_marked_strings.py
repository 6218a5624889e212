"""What Python and the browser's scripts say on a page goes through gettext, and stored reasons are found again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.utils.functional import Promise

from conversations.reasons import REASONS
from integrations.trouble import TROUBLE

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "conversations", "triage", "integrations", "pylon")
IN_ENGLISH = (
    "/migrations/",
    "/management/",
    "/embedded/",
    "/doctor/",
    "/training/",
    "admin.py",
    "api.py",
    "api_views.py",
)
"""For programmers, administrators and those who run it."""
IN_SLACK = {
    f"integrations/slack/{name}.py"
    for name in ("add_dialog", "channel_commands", "commands", "naming", "post_actions", "shortcuts")
}
"""What is answered in Slack is in English."""
SAYING_KEYWORDS = {"label", "help_text", "empty_label", "nobody"}
SAYING_DICTS = {"labels", "help_texts", "error_messages"}
SAYING_CALLS = {
    "success": 1, "error": 1, "warning": 1, "info": 1, "ValidationError": 0, "InstallRefused": 0, "add_error": 1,
    "HttpResponseBadRequest": 0, "NotAllowed": 0,
}  # fmt: skip
"""With the place of the argument that is shown."""
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
ALLOWED = {
    # Names that are the same in every language, and what Slack's own page calls them.
    "Slack", "Zendesk", "Intercom", "Salesforce", "Linear", "Console", "Language model",
    "Client ID", "Client Secret", "Signing Secret", "Bot User OAuth Token",
}  # fmt: skip

TOOL_ERRORS = {
    "ToolError", "Unreachable", "Unauthorised", "Gone", "Unsupported", "Forbidden", "NoRight", "AlreadyThere",
}  # fmt: skip
REASONED = {
    "conversations/grouping.py": REASONS, "conversations/quiet_period.py": REASONS, "conversations/status.py": REASONS,
    "conversations/intake.py": REASONS, "conversations/corrections.py": REASONS, "triage/reminders.py": REASONS,
}  # fmt: skip
"""Where sentences are made that are stored."""


@pytest.mark.parametrize("app", APPS)
def test_what_python_says_on_a_page_is_marked(app: str) -> None:
    assert [told for file in _sources(app) for told in _unmarked(file)] == []


def test_a_text_that_is_not_marked_is_found(tmp_path: Path) -> None:
    file = tmp_path / "forms.py"
    file.write_text(
        'name = CharField(label="Your name", help_text=_("Marked."))\n'
        'class Size(models.TextChoices):\n    LARGE = "large", "Large"\n    SMALL = "small", _("Small")\n'
        'messages.success(request, f"Saved {name}.")\n'
        'raise ValidationError({"name": "Too long."})\n'
        'class Meta:\n    labels = {"tier": "Tier"}\n'
    )
    assert {told.partition(" ")[2] for told in _unmarked(file)} == {
        "Your name", "Large", "Saved .", "Too long.", "Tier",
    }  # fmt: skip


def test_what_scripts_say_is_marked() -> None:
    scripts = sorted((ROOT / "static" / "js").rglob("*.js"))
    assert [f"{file.name}: {text}" for file in scripts for text in _said(file.read_text("utf-8"))] == []


def test_a_text_of_a_script_that_is_not_marked_is_found() -> None:
    script = 'toast("Copied it."); box.textContent = gettext("Marked"); menu.setAttribute("aria-label", "Move");'
    assert list(_said(script)) == ["Copied it.", "Move"]


@pytest.mark.parametrize("path", REASONED)
def test_reasons_that_are_stored_are_found_again(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert [text for text in _sentences(tree) if not REASONED[path].knows(text)] == []


def test_what_support_tools_refuse_is_found_again() -> None:
    said = [text for file in _sources("integrations") for text in _errors(ast.parse(file.read_text("utf-8")))]
    assert [text for text in said if not TROUBLE.knows(text)] == []
    assert len(said) > 50


# Python ───────────────────────────────────────────────────────────────────────────────────────────────


def _sources(app: str) -> Iterator[Path]:
    for file in sorted((ROOT / app).rglob("*.py")):
        path = file.relative_to(ROOT).as_posix()
        if path not in IN_SLACK and not any(part in f"/{path}" for part in IN_ENGLISH):
            yield file


def _unmarked(file: Path) -> Iterator[str]:
    for node in _shown(ast.parse(file.read_text("utf-8"))):
        text = _text(node)
        if re.search(r"[a-z]{2}", text) and text not in ALLOWED:
            yield f"{file.name}:{node.lineno} {text}"


def _shown(tree: ast.AST) -> Iterator[ast.expr]:
    """The literals that people read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.ClassDef) and any("TextChoices" in ast.unparse(base) for base in node.bases):
            for member in node.body:
                if isinstance(member, ast.Assign) and isinstance(member.value, ast.Tuple):
                    yield from _literals(member.value.elts[1])
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in SAYING_DICTS:
            yield from _literals(node.value)


def _of_call(call: ast.Call) -> Iterator[ast.expr]:
    whole = ast.unparse(call.func)
    if whole.startswith(("models.", "serializers.", "ArrayField", "Encrypted")):
        return  # the admin's, the API's
    for keyword in call.keywords:
        if keyword.arg in SAYING_KEYWORDS | SAYING_DICTS:
            yield from _literals(keyword.value)
    name = whole.rpartition(".")[2]
    place = SAYING_CALLS.get(name)
    if place is not None and (name[0].isupper() or whole.startswith("messages.") or name == "add_error"):
        for argument in call.args[place : place + 1]:
            yield from _literals(argument)


def _literals(node: ast.expr) -> Iterator[ast.expr]:
    """Of what may be shown, not of what a call is given."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from (*_literals(node.body), *_literals(node.orelse))
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _literals(value)
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from _literals(element)


def _text(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


# Scripts ──────────────────────────────────────────────────────────────────────────────────────────────

_SAYING = re.compile(
    r"""(?:textContent|title|label|placeholder|ariaLabel)\s*[=:]\s*(?P<one>["'`])(?P<told>.*?)(?P=one)"""
    r"""|setAttribute\("(?:aria-label|title|placeholder)",\s*(?P<two>["'`])(?P<set>.*?)(?P=two)"""
    r"""|\b(?:toast|announce)\((?P<three>["'`])(?P<said>.*?)(?P=three)"""
)


def _said(script: str) -> Iterator[str]:
    for match in _SAYING.finditer(re.sub(r"^\s*//.*$", "", script, flags=re.MULTILINE)):
        text = match["told"] or match["set"] or match["said"] or ""
        if re.search(r"[A-Za-z]{2}", re.sub(r"\$\{[^}]*\}|Pylon", "", text)):
            yield text


# Stored sentences ─────────────────────────────────────────────────────────────────────────────────────

_SENTENCE = re.compile(r"[A-Z][^ ]* [^|]*[a-z]{2}[^|]*")
_PARTS = {"duration(": "3 hours", "said": "", "message": "", "what": "question"}
"""What stands in a place that takes not everything."""


def _errors(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in TOOL_ERRORS and node.args:
            yield from filter(None, _filled(node.args[0]))


def _sentences(tree: ast.AST) -> Iterator[str]:
    """All that look like one, with something in their places."""
    passed = {id(part) for node in ast.walk(tree) for part in _passed(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in passed:
            for text in _filled(node):
                if _SENTENCE.fullmatch(text):
                    yield text


def _passed(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, what is marked, and the parts of longer sentences."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (part for part in ast.walk(node) if part is not node)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in MARKS:
        yield from ast.walk(node)


def _filled(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    texts = [""]
    for part in node.values if isinstance(node, ast.JoinedStr) else []:
        for_place = [str(part.value)] if isinstance(part, ast.Constant) else _in_place(part)
        texts = [text + one for text in texts for one in for_place]
    return texts


def _in_place(part: ast.expr) -> list[str]:
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.IfExp):
        return [each for branch in (value.body, value.orelse) for each in _filled(branch) or ["4"]]
    code = ast.unparse(value)
    return [next((held for name, held in _PARTS.items() if name in code), "4")]


FORM_FILES = sorted(file for app in APPS for file in (ROOT / app).rglob("*form*.py"))


@pytest.mark.parametrize("file", FORM_FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_labels_made_at_import_wait_for_the_readers_language(file: Path) -> None:
    module = import_module(file.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."))
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, forms.BaseForm)]
    assert [
        f"{each.__name__}.{name}: {field.label!r}"
        for each in classes
        for name, field in getattr(each, "declared_fields", {}).items()
        if not isinstance(field.label, Promise) and not field.widget.is_hidden and field.label not in ALLOWED
    ] == []
