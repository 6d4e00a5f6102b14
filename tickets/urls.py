"""Addresses of tickets."""

from django.urls import path

from tickets.views import board, incidents, new, ticket

urlpatterns = [
    path("", board.home, name="home"),
    path("tickets/", board.board, name="board"),
    path("tickets/pulse/", board.pulse, name="board_pulse"),
    path("tickets/next/", board.next_for_me, name="next_ticket"),
    path("tickets/new/", new.new, name="new_ticket"),
    path("tickets/take/", board.take, name="take"),
    path("tickets/<int:pk>/", ticket.ticket, name="ticket"),
    path("tickets/<int:pk>/peek/", board.peek, name="peek"),
    path("tickets/<int:pk>/say/", ticket.say, name="say"),
    path("tickets/<int:pk>/<slug:action>/", ticket.act, name="act"),
    path("incidents/", incidents.index, name="incidents"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/<slug:action>/", incidents.act, name="incident_act"),
    path("search/", board.search, name="search"),
]
