"""Addresses at which other systems knock, below /hooks/."""

from django.urls import path

from orders.views import hooks

urlpatterns = [
    path("tracking/<str:source>/<str:key>/", hooks.tracking, name="tracking_hook"),
    path("tracking/<str:source>/<str:key>", hooks.tracking),  # as some people copy it
]
