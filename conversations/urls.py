from django.urls import include, path
from django.views.generic import RedirectView

from conversations import (
    bulk_views,
    correction_views,
    presence_views,
    property_views,
    reply_views,
    sent_reply_views,
    views,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="board")),
    path("board/", views.board, name="board"),
    path("board/cards/", bulk_views.cards, name="board-cards"),
    path("board/change/", bulk_views.change, name="change-cards"),
    path("board/undo/", bulk_views.take_back, name="take-back"),
    path("", include("conversations.search_urls")),
    path("conversations/<int:number>/", views.conversation, name="conversation"),
    path("conversations/<int:number>/status/", views.change_status, name="change-status"),
    path("conversations/<int:number>/owner/", views.change_owner, name="change-owner"),
    path("conversations/<int:number>/priority/", property_views.change_priority, name="change-priority"),
    path("conversations/<int:number>/tags/", property_views.change_tags, name="change-tags"),
    path("conversations/<int:number>/tags/offered/", property_views.offer_tags, name="offer-tags"),
    path("conversations/<int:number>/snooze/", property_views.snooze, name="snooze"),
    path("conversations/<int:number>/here/", presence_views.here, name="conversation-here"),
    path("conversations/<int:number>/notes/", views.add_note, name="add-note"),
    path("conversations/<int:number>/reply/", reply_views.write, name="write-reply"),
    path("conversations/<int:number>/reply/preview/", reply_views.preview, name="preview-reply"),
    path("conversations/<int:number>/reply/send/", reply_views.send, name="send-reply"),
    path("conversations/<int:number>/replies/<int:pk>/take-back/", sent_reply_views.take_back, name="take-back-reply"),
    path("conversations/<int:number>/replies/<int:pk>/again/", sent_reply_views.try_again, name="try-reply-again"),
    path("conversations/<int:number>/replies/<int:pk>/leave/", sent_reply_views.leave, name="leave-reply"),
    path("conversations/<int:number>/replies/<int:pk>/edit/", sent_reply_views.edit, name="edit-reply"),
    path("conversations/<int:number>/replies/<int:pk>/delete/", sent_reply_views.delete, name="delete-reply"),
    path("conversations/<int:number>/correct/", correction_views.choose, name="correct"),
    path("conversations/<int:number>/move/", correction_views.move, name="move-message"),
    path("conversations/<int:number>/split/", correction_views.split, name="split-conversation"),
    path("conversations/<int:number>/merge/", correction_views.merge, name="merge-conversation"),
    path("corrections/<int:pk>/undo/", correction_views.undo, name="undo-correction"),
]
