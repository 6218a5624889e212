from django.urls import include, path

from pylon import compare_views, consent_views
from pylon import integrations_views as views

urlpatterns = [
    path("", views.page, name="integrations"),
    path("connect/<slug:provider>/", views.connect, name="connect-tool"),
    path("connect/<slug:provider>/app/", consent_views.keep_app, name="keep-tool-app"),
    path("connect/<slug:provider>/consent/", consent_views.begin, name="tool-consent"),
    path("connect/<slug:provider>/consented/", consent_views.consented, name="tool-consented"),
    path("<int:pk>/", views.integration, name="integration"),
    path("<int:pk>/test/", views.test, name="test-tool"),
    path("<int:pk>/retry/", views.retry, name="retry-links"),
    path("<int:pk>/disconnect/", views.disconnect, name="disconnect-tool"),
    path("<int:pk>/compare/", compare_views.page, name="compare-tool"),
    path("<int:pk>/compare/begin/", compare_views.begin, name="begin-comparison"),
    path("<int:pk>/compare/mend/", compare_views.mend, name="mend-differences"),
    path("<int:pk>/console/", include("integrations.console.urls")),
]
