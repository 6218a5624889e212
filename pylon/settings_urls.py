from django.urls import path

from conversations import grouping_views
from pylon import deliveries_views, history_views, model_views, profile_views, slack_settings_views, targets_views, triage_views
from pylon import settings_views as views

urlpatterns = [
    path("", views.page, name="settings"),
    path("workspace/", views.change_workspace, name="change-workspace"),
    path("triage/", triage_views.page, name="triage"),
    path("triage/preview/", triage_views.preview, name="preview-triage"),
    path("triage/<int:pk>/remove/", triage_views.remove, name="remove-triage"),
    path("me/", profile_views.page, name="profile"),
    path("targets/", targets_views.page, name="targets"),
    path("targets/new/", targets_views.target, name="new-target"),
    path("targets/<int:pk>/", targets_views.target, name="change-target"),
    path("targets/<int:pk>/move/", targets_views.move, name="move-target"),
    path("targets/<int:pk>/remove/", targets_views.remove, name="remove-target"),
    path("targets/calendars/new/", targets_views.calendar, name="new-calendar"),
    path("targets/calendars/<int:pk>/", targets_views.calendar, name="change-calendar"),
    path("targets/calendars/<int:pk>/remove/", targets_views.remove_one_calendar, name="remove-calendar"),
    path("slack/", slack_settings_views.page, name="slack-settings"),
    path("slack/checklist/", slack_settings_views.show_checklist, name="slack-checklist"),
    path("slack/app/", slack_settings_views.paste_app, name="paste-slack-app"),
    path("slack/app/<int:pk>/remove/", slack_settings_views.forget_app, name="remove-slack-app"),
    path("slack/token/", slack_settings_views.paste_token, name="paste-slack-token"),
    path("tokens/", views.make_token, name="make-token"),
    path("tokens/revoke/", views.revoke_token, name="revoke-token"),
    path("deliveries/", deliveries_views.page, name="deliveries"),
    path("deliveries/retry/", deliveries_views.retry_failed, name="retry-failed-deliveries"),
    path("deliveries/<int:pk>/retry/", deliveries_views.retry_one, name="retry-delivery"),
    path("history/", history_views.page, name="history"),
    path("history/begin/", history_views.begin, name="begin-history"),
    path("history/<int:pk>/stop/", history_views.stop, name="stop-history"),
    path("history/<int:pk>/resume/", history_views.resume, name="resume-history"),
    path("model/", model_views.page, name="model"),
    path("grouping/", grouping_views.page, name="grouping"),
    path("grouping/workspace/", grouping_views.change_workspace, name="change-grouping"),
    path("grouping/channels/<int:pk>/", grouping_views.change_channel, name="change-channel-grouping"),
    path("grouping/simulate/", grouping_views.simulation, name="simulate-grouping"),
    path("grouping/corrections/", grouping_views.corrections, name="grouping-corrections"),
]
