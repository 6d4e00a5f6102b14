from django.urls import path

from ticketdesk.accounts import views

app_name = "accounts"
urlpatterns = [
    path("me/preferences/", views.preferences, name="preferences"),
    path("me/language/", views.set_language, name="set_language"),
]
