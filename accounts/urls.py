from django.urls import path

from accounts import views

urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/export/", views.export, name="accounts-export"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("contacts/<int:pk>/", views.contact, name="contact"),
]
