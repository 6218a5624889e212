from django.urls import path

from integrations.slack import file_views, install_views, sign_in_views, views

urlpatterns = [
    path("files/<int:message_id>/<str:file_id>/", file_views.file, name="message-file"),
    path("slack/install", install_views.install, name="slack-install"),
    path("slack/oauth/callback", install_views.callback, name="slack-callback"),
    path("sign-in/slack/", sign_in_views.begin_sign_in, name="sign-in-with-slack"),
    path("sign-in/slack/callback", sign_in_views.callback, name="slack-sign-in-callback"),
    path("slack/manifest", install_views.show_manifest, name="slack-manifest"),
    path("slack/events", views.receive, name="slack-events"),
    path("slack/interactivity", views.receive, name="slack-interactivity"),
    path("slack/commands", views.receive, name="slack-commands"),
]
