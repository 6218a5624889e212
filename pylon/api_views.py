"""The base of the API's views. Apart from `pylon.api`, which Django REST framework reads before its own views."""

from __future__ import annotations

from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from pylon.api import KnownFilters

Row = TypeVar("Row", bound=Model)


class InWorkspace(GenericViewSet[Row], Generic[Row]):
    """Rows of the asking teammate's workspace; anybody else's are not there at all."""

    filter_backends = [KnownFilters]
    parser_classes = [JSONParser]
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Row]:
        return super().get_queryset().filter(workspace=teammate(self.request).workspace_id)


def teammate(request: Request) -> User:
    """Who asks. Only behind the permission that asks for a sign-in."""
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in: the view lacks its permission.")
    return request.user
