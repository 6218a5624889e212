from django.urls import path
from django.views.generic import RedirectView

from conversations import views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="board")),
    path("board/", views.board, name="board"),
    path("conversations/<int:number>/", views.conversation, name="conversation"),
    path("conversations/<int:number>/status/", views.change_status, name="change-status"),
    path("conversations/<int:number>/owner/", views.change_owner, name="change-owner"),
    path("conversations/<int:number>/notes/", views.add_note, name="add-note"),
]
