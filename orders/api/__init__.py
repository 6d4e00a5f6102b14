"""The orders room for programs: shops, orders, parcels, scans and anomalies."""

from orders.api.anomalies import AnomalyView
from orders.api.documents import DocumentView
from orders.api.events import EventView
from orders.api.orders import OrderView, ShopView
from orders.api.parcels import ShipmentView
from orders.api.stock import StockView

__all__ = ["AnomalyView", "DocumentView", "EventView", "OrderView", "ShipmentView", "ShopView", "StockView"]
