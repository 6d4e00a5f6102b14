"""Every address for programs, below /api/v1/."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from orders.api import AnomalyView, DocumentView, EventView, OrderView, ShipmentView, ShopView, StockView
from sla.api import ClockView
from ticketdesk.api.schema import OnceMade
from ticketdesk.api.views import NotThere
from tickets.api import TicketView
from tickets.api_incidents import IncidentView

router = SimpleRouter(use_regex_path=False)
router.register("shops", ShopView, basename="shop")
router.register("orders", OrderView, basename="order")
router.register("shipments", ShipmentView, basename="shipment")
router.register("tracking-events", EventView, basename="event")
router.register("anomalies", AnomalyView, basename="anomaly")
router.register("tickets", TicketView, basename="ticket")
router.register("incidents", IncidentView, basename="incident")
router.register("clocks", ClockView, basename="clock")

app_name = "api"
urlpatterns = [
    path("", include(router.urls)),
    path(
        "orders/<int:order>/documents/",
        DocumentView.as_view({"get": "list", "post": "create"}),
        name="document-list",
    ),
    path("stock/", StockView.as_view({"get": "list", "post": "create", "put": "update"}), name="stock-list"),
    path("schema/", SpectacularAPIView.as_view(generator_class=OnceMade), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    re_path(r"", NotThere.as_view()),
]
