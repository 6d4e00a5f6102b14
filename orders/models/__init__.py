"""Facts: what was promised, what happened, what is wrong."""

from orders.models.anomaly import Anomaly, AnomalyChange, AnomalyEvent, SavedView, Walk
from orders.models.customer import Customer, Seller
from orders.models.document import AcceptedDifference, Document
from orders.models.feed import (
    CodeMap,
    Endpoint,
    FeedHour,
    InboundMessage,
    ParcelChange,
    ParcelFeed,
    ParcelPoll,
    Remap,
    UnknownCode,
)
from orders.models.importrun import ImportRun
from orders.models.incident import (
    Affected,
    Exposure,
    Incident,
    IncidentChange,
    Segment,
    SegmentHour,
    SurgeLook,
)
from orders.models.lane import LaneStat, LatePrediction
from orders.models.milestone import Milestone, MilestoneTemplate, Promise
from orders.models.notice import TrackLink
from orders.models.order import Order, OrderDue, OrderLine, Payment
from orders.models.shipment import Shipment, ShipmentItem, TrackingEvent
from orders.models.shop import Carrier, DetectorSetting, Shop
from orders.models.stock import Allocation, Incoming, StockLevel, StockWait, Warehouse

__all__ = [
    "AcceptedDifference",
    "Affected",
    "Allocation",
    "Anomaly",
    "AnomalyChange",
    "AnomalyEvent",
    "Carrier",
    "CodeMap",
    "Customer",
    "DetectorSetting",
    "Document",
    "Endpoint",
    "Exposure",
    "FeedHour",
    "ImportRun",
    "InboundMessage",
    "Incident",
    "IncidentChange",
    "Incoming",
    "LaneStat",
    "LatePrediction",
    "Milestone",
    "MilestoneTemplate",
    "Order",
    "OrderDue",
    "OrderLine",
    "ParcelChange",
    "ParcelFeed",
    "ParcelPoll",
    "Payment",
    "Promise",
    "Remap",
    "SavedView",
    "Segment",
    "SegmentHour",
    "Seller",
    "Shipment",
    "ShipmentItem",
    "Shop",
    "StockLevel",
    "StockWait",
    "SurgeLook",
    "TrackLink",
    "TrackingEvent",
    "UnknownCode",
    "Walk",
    "Warehouse",
]
