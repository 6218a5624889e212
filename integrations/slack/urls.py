from django.urls import path

from integrations.slack import file_views, install_views, views

urlpatterns = [
    path("files/<int:message_id>/<str:file_id>/", file_views.file, name="message-file"),
    path("slack/install", install_views.install, name="slack-install"),
    path("slack/oauth/callback", install_views.callback, name="slack-callback"),
    path("slack/manifest", install_views.show_manifest, name="slack-manifest"),
    path("slack/events", views.receive, name="slack-events"),
    path("slack/interactivity", views.receive, name="slack-interactivity"),
    path("slack/commands", views.receive, name="slack-commands"),
]
