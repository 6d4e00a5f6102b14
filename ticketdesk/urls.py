"""Every address of the house."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("ticketdesk.accounts.urls")),
    path("", include("tickets.urls")),
    path("", include("orders.urls")),
    path("", include("sla.urls")),
    path("admin/", admin.site.urls),
]
