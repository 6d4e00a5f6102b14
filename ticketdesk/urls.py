"""Every address of the house."""

from django.contrib import admin
from django.urls import include, path

from ticketdesk import health, metrics

urlpatterns = [
    path("hooks/", include("orders.hook_urls")),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/", include("allauth.urls")),
    path("", include("ticketdesk.accounts.urls")),
    path("", include("tickets.urls")),
    path("", include("orders.urls")),
    path("", include("sla.urls")),
    path("api/v1/", include("ticketdesk.api_urls")),
    path("admin/", admin.site.urls),
]
