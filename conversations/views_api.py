"""Saved views for programs: their own and the team's shared ones."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as Refused
from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import saved_views
from conversations.lanes import Lanes
from conversations.models import SavedView
from conversations.selecting import PARTS
from conversations.selecting_api import read_strictly
from pylon.api import Change, Named, one_of
from pylon.api_views import InWorkspace, teammate


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    owner = Named(read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = SavedView
        fields = ["key", "url", "name", "query", "is_shared", "owner", "created_at"]
        read_only_fields = fields

    def get_url(self, view: SavedView) -> str:
        return f"{settings.BASE_URL}/board/?view={view.key}"


class SavedViewChange(Change):
    name = serializers.CharField(max_length=60)
    query = serializers.CharField(
        max_length=1000, allow_blank=True, required=False, help_text="A board's address after the `?`."
    )
    is_shared = serializers.BooleanField(required=False, help_text="Everybody of the workspace sees it.")

    def validate_query(self, query: str) -> str:
        given = QueryDict(query)
        if unknown := sorted(set(given) - {*PARTS, "lanes"}):
            raise ValidationError([f"Not known here: {', '.join(unknown)}. Allowed: {', '.join([*PARTS, 'lanes'])}."])
        if "lanes" in given and given["lanes"] not in Lanes.values:
            raise ValidationError([f"lanes: {one_of(Lanes.values)}"])
        try:
            read_strictly(given, teammate(self.context["request"]))
        except ValidationError as error:
            said = error.detail.values() if isinstance(error.detail, dict) else []
            raise ValidationError([str(line) for lines in said for line in lines]) from None
        return query


class SavedViewViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InWorkspace[SavedView]):
    """Boards kept under a name: your own, and those that the team shares."""

    queryset = SavedView.objects.select_related("owner")
    serializer_class = SavedViewSerializer
    lookup_field = "key"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[SavedView]:
        return super().get_queryset() & saved_views.visible_to(teammate(self.request))

    @extend_schema(request=SavedViewChange, responses={201: SavedViewSerializer})
    def create(self, request: Request) -> Response:
        """Keep a selection under a name."""
        given = self._given(request)
        try:
            view = saved_views.save_view(
                name=given["name"], query=given.get("query", ""), is_shared=given.get("is_shared", False),
                by=teammate(request),
            )  # fmt: skip
        except Refused as error:
            raise ValidationError({"name": error.messages}) from error
        return Response(self.get_serializer(view).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SavedViewChange, responses=SavedViewSerializer)
    def partial_update(self, request: Request, **_: str) -> Response:
        """Rename it, change what it selects, share it or not: its owner may, and of a shared one admins."""
        view, given = self.get_object(), self._given(request, partial=True)
        wanted = {name: given.get(name, getattr(view, name)) for name in ("name", "query", "is_shared")}
        try:
            saved_views.change_view(view, **wanted, by=teammate(request))
        except Refused as error:
            raise ValidationError({"name": error.messages}) from error
        return Response(self.get_serializer(view).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **_: str) -> Response:
        """Its owner may, and of a shared one admins."""
        saved_views.delete_view(self.get_object(), by=teammate(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _given(self, request: Request, *, partial: bool = False) -> dict[str, Any]:
        given = SavedViewChange(data=request.data, partial=partial, context={"request": request})
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)
