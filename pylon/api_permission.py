"""What somebody may do by the API. A file of its own, because DRF reads it before its own views."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.roles import require_change


class MayChange(BasePermission):
    """Whoever may only read changes nothing by the API either. Raises NotAllowed, which is answered in words."""

    def has_permission(self, request: Request, view: object) -> bool:  # noqa: ARG002
        if request.method not in SAFE_METHODS and isinstance(request.user, User):
            require_change(request.user)
        return True
