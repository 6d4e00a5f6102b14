"""Facts: what was promised, what happened, what is wrong."""

from orders.models.anomaly import Anomaly, AnomalyChange
from orders.models.customer import Customer, Seller
from orders.models.importrun import ImportRun
from orders.models.milestone import Milestone
from orders.models.order import Order, OrderDue, OrderLine, Payment
from orders.models.shipment import Shipment, ShipmentItem, TrackingEvent
from orders.models.shop import Carrier, DetectorSetting, Shop

__all__ = [
    "Anomaly",
    "AnomalyChange",
    "Carrier",
    "Customer",
    "DetectorSetting",
    "ImportRun",
    "Milestone",
    "Order",
    "OrderDue",
    "OrderLine",
    "Payment",
    "Seller",
    "Shipment",
    "ShipmentItem",
    "Shop",
    "TrackingEvent",
]
