from django.urls import path

from integrations.tools import receive_views

urlpatterns = [
    path("integrations/<slug:provider>/<str:key>/webhook", receive_views.webhook, name="tool-webhook"),
]
