from django.urls import include, path

urlpatterns = [
    path("<int:pk>/console/", include("integrations.console.urls")),
]
