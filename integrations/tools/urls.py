from django.urls import path

from integrations.tools import link_views, receive_views

urlpatterns = [
    path("integrations/<slug:provider>/<str:key>/webhook", receive_views.webhook, name="tool-webhook"),
    path("board/connect/", link_views.connect_many, name="connect-tickets"),
    path("conversations/<int:number>/tickets/connect/", link_views.connect, name="connect-ticket"),
    path("conversations/<int:number>/tickets/find/", link_views.find_ticket, name="find-ticket"),
    path("conversations/<int:number>/tickets/link/", link_views.link, name="link-ticket"),
    path("conversations/<int:number>/tickets/<int:pk>/", link_views.change, name="ticket-link"),
]
