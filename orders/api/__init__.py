"""The orders room for programs: shops, orders, parcels, scans and anomalies."""

from orders.api.anomalies import AnomalyView
from orders.api.events import EventView
from orders.api.orders import OrderView, ShopView
from orders.api.parcels import ShipmentView

__all__ = ["AnomalyView", "EventView", "OrderView", "ShipmentView", "ShopView"]
