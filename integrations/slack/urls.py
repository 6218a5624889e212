from django.urls import path

from integrations.slack import views

urlpatterns = [
    path("slack/events", views.receive, name="slack-events"),
    path("slack/interactivity", views.receive, name="slack-interactivity"),
    path("slack/commands", views.receive, name="slack-commands"),
]
