from django.urls import path

from integrations.console import views

urlpatterns = [
    path("", views.tickets, name="console"),
    path("<int:number>/", views.ticket, name="console-ticket"),
    path("<int:number>/comment/", views.comment, name="comment-console-ticket"),
    path("<int:number>/change/", views.change, name="change-console-ticket"),
    path("<int:number>/remove/", views.remove, name="remove-console-ticket"),
]
