"""Accounts and teammates for programs, to read. Changes reach conversations too, and are made there."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from accounts.models import Account, User
from pylon.api import KeyFilter, Named
from pylon.api_views import InWorkspace, teammate


@extend_schema_field(OpenApiTypes.INT)
class TeammateField(serializers.PrimaryKeyRelatedField[User]):
    """An active teammate of the asking person's workspace, by id."""

    default_error_messages = {
        "does_not_exist": "No teammate of your workspace has the id {pk_value}; /api/v1/teammates/ lists them.",
        "incorrect_type": "Must be null or a teammate's id; /api/v1/teammates/ lists them.",
    }

    def get_queryset(self) -> QuerySet[User]:
        workspace = teammate(self.context["request"]).workspace_id
        return User.objects.filter(workspace=workspace, is_active=True)


class TeammateSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "name", "email", "is_active"]
        read_only_fields = fields


class AccountSerializer(serializers.ModelSerializer[Account]):
    owner = Named(read_only=True, allow_null=True)

    class Meta:
        model = Account
        fields = ["id", "name", "domains", "owner", "created_at"]
        read_only_fields = fields


class AccountDetailSerializer(AccountSerializer):
    channels = Named(many=True, read_only=True)

    class Meta(AccountSerializer.Meta):
        fields = [*AccountSerializer.Meta.fields, "channels"]


class AccountFilter(filters.FilterSet):
    owner = KeyFilter("owner", "The owner's id")

    class Meta:
        model = Account
        fields: list[str] = []


class TeammateViewSet(mixins.ListModelMixin, InWorkspace[User]):
    """The people of your workspace. Their ids name owners."""

    queryset = User.objects.all()
    serializer_class = TeammateSerializer


class AccountViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InWorkspace[Account]):
    """The companies you serve."""

    queryset = Account.objects.select_related("owner").prefetch_related("channels")
    filterset_class = AccountFilter

    def get_queryset(self) -> QuerySet[Account]:
        accounts = super().get_queryset()
        return accounts.prefetch_related(None) if self.action == "list" else accounts

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return AccountSerializer if self.action == "list" else AccountDetailSerializer
