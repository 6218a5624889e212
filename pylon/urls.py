from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.decorators.cache import cache_control
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from conversations import account_views
from pylon import account_details_views, account_import_views, account_merge_views, health, security_views
from pylon.sign_in_views import SignIn

# The admin's own form knows neither second factors nor limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("conversations.urls")),
    path("", include("accounts.urls")),
    path("accounts/owner/", account_views.change_owners, name="accounts-owner"),
    path("accounts/change/", account_details_views.change_many, name="accounts-change"),
    path("accounts/undo/", account_details_views.take_back, name="accounts-undo"),
    path("accounts/import/", account_import_views.upload, name="accounts-import"),
    path("accounts/import/<str:token>/", account_import_views.preview, name="accounts-import-preview"),
    path("accounts/duplicates/", account_merge_views.duplicates, name="accounts-duplicates"),
    path("accounts/merge/", account_merge_views.merge, name="accounts-merge"),
    path("accounts/merge/<int:pk>/undo/", account_merge_views.undo, name="account-merge-undo"),
    path("accounts/<int:pk>/owner/", account_views.change_owner, name="account-owner"),
    path("accounts/<int:pk>/details/", account_details_views.change, name="account-details"),
    path("analytics/", include("conversations.analytics.urls")),
    path("settings/", include("pylon.settings_urls")),
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="account_logout"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("", include("accounts.account_urls")),
    path("workspaces/<int:pk>/", security_views.switch, name="switch-workspace"),
    path("admin/", admin.site.urls),
    path("api/", include("pylon.api_urls")),
    path("", include("integrations.slack.urls")),
    path("", include("integrations.tools.urls")),
    # For who asks without reading a page: bookmarks, the admin, feed readers. Lazy: the file has its hash only later.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("img/logo.svg")), name="favicon"),
    path("words.js", cache_control(max_age=600)(JavaScriptCatalog.as_view()), name="words"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
