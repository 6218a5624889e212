from django.urls import path

from pylon import settings_views as views

urlpatterns = [
    path("", views.page, name="settings"),
    path("workspace/", views.change_workspace, name="change-workspace"),
    path("triage/", views.choose_triage, name="choose-triage"),
    path("triage/<int:pk>/remove/", views.remove_triage, name="remove-triage"),
    path("tokens/", views.make_token, name="make-token"),
    path("tokens/revoke/", views.revoke_token, name="revoke-token"),
]
