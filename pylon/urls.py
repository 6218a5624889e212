from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog

from conversations import account_views
from pylon import account_details_views, health

urlpatterns = [
    path("", include("conversations.urls")),
    path("", include("accounts.urls")),
    path("accounts/<int:pk>/owner/", account_views.change_owner, name="account-owner"),
    path("accounts/<int:pk>/details/", account_details_views.change, name="account-details"),
    path("settings/", include("pylon.settings_urls")),
    path(
        "sign-in/",
        LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True),
        name="sign-in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("admin/", admin.site.urls),
    path("api/", include("pylon.api_urls")),
    path("", include("integrations.slack.urls")),
    path("words.js", cache_control(max_age=600)(JavaScriptCatalog.as_view()), name="words"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
