from django.urls import path

from conversations import health_views
from conversations.analytics import views

urlpatterns = [
    path("", views.analytics, name="analytics"),
    path("conversations/", views.conversations, name="analytics-conversations"),
    path("conversations.csv", views.export_conversations, name="export-analytics-conversations"),
    path("accounts/", health_views.accounts, name="analytics-accounts"),
    path("accounts/<int:pk>/known/", health_views.change_known, name="change-known"),
    path("<str:what>.csv", views.export, name="export-analytics"),
]
