"""Addresses of deadlines and the wall."""

from django.urls import path

from sla.views import clock, wall

urlpatterns = [
    path("wall/", wall.wall, name="wall"),
    path("clocks/<int:pk>/", clock.clock, name="clock"),
]
