from django.urls import path

from conversations.analytics import views

urlpatterns = [
    path("", views.analytics, name="analytics"),
    path("conversations/", views.conversations, name="analytics-conversations"),
    path("conversations.csv", views.export_conversations, name="export-analytics-conversations"),
    path("<str:what>.csv", views.export, name="export-analytics"),
]
