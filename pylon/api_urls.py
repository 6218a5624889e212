from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from accounts.api import TeammateViewSet
from conversations.analytics.api import AnalyticsView
from conversations.api import ConversationViewSet, OwnedAccountViewSet
from conversations.search_api import SearchView
from conversations.views_api import SavedViewViewSet
from integrations.tools.api import TicketsView, ToolsView
from pylon import api_docs
from pylon.exporting.api import ExportView

router = SimpleRouter(use_regex_path=False)
router.register("conversations", ConversationViewSet, basename="api-conversation")
router.register("accounts", OwnedAccountViewSet, basename="api-account")
router.register("teammates", TeammateViewSet, basename="api-teammate")
router.register("views", SavedViewViewSet, basename="api-view")

urlpatterns = [
    path("v1/analytics/", AnalyticsView.as_view(), name="api-analytics"),
    path("v1/tools/", ToolsView.as_view(), name="api-tools"),
    path("v1/conversations/<int:number>/tickets/", TicketsView.as_view(), name="api-tickets"),
    path("v1/search/", SearchView.as_view(), name="api-search"),
    path("v1/export/<slug:table>.jsonl", ExportView.as_view(), name="api-export"),
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", api_docs.page, name="api-docs"),
]
