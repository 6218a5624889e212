from django.urls import path

from integrations.slack import file_views, views

urlpatterns = [
    path("files/<int:message_id>/<str:file_id>/", file_views.file, name="message-file"),
    path("slack/events", views.receive, name="slack-events"),
    path("slack/interactivity", views.receive, name="slack-interactivity"),
    path("slack/commands", views.receive, name="slack-commands"),
]
