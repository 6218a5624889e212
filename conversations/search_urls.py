from django.urls import path

from conversations import palette_views, search_views

urlpatterns = [
    path("search/", search_views.page, name="search"),
    path("search/suggestions/", search_views.suggestions, name="search-suggestions"),
    path("palette/", palette_views.answers, name="palette"),
    path("palette/<str:what>/", palette_views.choices, name="palette-choices"),
]
