"""Scans for programs: one or many in, and the story of a parcel out."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders.access import visible_parcels
from orders.api.orders import WRITERS
from orders.carriers.own import MOST_EVENTS
from orders.finding import number_norm
from orders.models import Carrier, Shipment, TrackingEvent
from orders.serializers.parcels import EventAnswer, EventGiven, EventResult, EventResults
from orders.serializers.quick import read_quickly
from orders.services.folding import store_list
from orders.services.parcelling import take_in
from orders.timeline import FUTURE
from ticketdesk.api.fields import Key
from ticketdesk.api.filters import Filters
from ticketdesk.api.parsers import BulkJSONParser
from ticketdesk.api.problems import field_errors
from ticketdesk.api.views import DeskView, repeatable

SCAN = {
    "carrier": "sf-express",
    "tracking_number": "SF1234567890123",
    "status": "in_transit.arrived_facility",
    "occurred_at": "2026-11-21T21:40:00+08:00",
    "text": "已到达 杭州转运中心",
    "city": "杭州",
    "country": "CN",
}
EXAMPLES = [
    OpenApiExample("A scan", SCAN, request_only=True),
    OpenApiExample("Several scans", [SCAN, {**SCAN, "status": "delivered.signed"}], request_only=True),
]
NO_PARCEL = "There is no such parcel. Announce it at /api/v1/shipments/ first."


class EventFilters(Filters):
    """The story of one parcel."""

    shipment = Key(source="shipment_id", help_text="The parcel's id.")


@extend_schema_view(list=extend_schema(summary="The scans of one parcel, oldest first"))
class EventView(DeskView):
    """Scans of parcels."""

    serializer_class = EventAnswer
    parser_classes = (BulkJSONParser,)
    filters = EventFilters
    keyset = ("occurred_at", "seq", "id")
    required_scopes = {"GET": "orders:read", "POST": "events:write"}
    required_roles = {"POST": WRITERS}
    schema_tags = ["parcels"]

    def get_queryset(self) -> QuerySet[TrackingEvent]:
        return TrackingEvent.objects.filter(shipment__in=visible_parcels(self.principal))

    @extend_schema(
        summary="Send one scan, or up to 500",
        description="One object: 201 when it was stored, 200 when it was known, 400 when it is refused. A list: "
        "200, or 207 when some were refused, with what came of each. Sending a scan again changes nothing. Parcels "
        "follow one scan at once, and a list within seconds.",
        request=PolymorphicProxySerializer(
            "EventOrEvents", [EventGiven, EventGiven(many=True)], resource_type_field_name=None, many=False
        ),
        examples=EXAMPLES,
        responses={
            200: PolymorphicProxySerializer(
                "EventResultOrResults", [EventResult, EventResults], resource_type_field_name=None, many=False
            ),
            201: EventResult,
            207: EventResults,
        },
    )
    @repeatable
    def create(self, request: Request) -> Response:
        told = request.data
        if isinstance(told, Mapping):
            return self._one(told)
        if not isinstance(told, list) or not 1 <= len(told) <= MOST_EVENTS:
            raise ValidationError(
                f"This is neither an event nor a list of 1 to {MOST_EVENTS} events. Send one of them."
            )
        results = self._take_in(told)
        words = Counter(each["result"] for each in results)
        counts = {word: words[word] for word in ("stored", "duplicate", "refused")}
        return Response({**counts, "results": results}, 207 if counts["refused"] else 200)

    def _one(self, told: Mapping[str, Any]) -> Response:
        read, refused = self._read([told])
        if refused:
            raise refused[0]
        result = self._store(read, take_in)[0]
        return Response(result, 201 if result["result"] == "stored" else 200)

    def _take_in(self, told: Sequence[Any]) -> list[dict[str, Any]]:
        read, refused = self._read(told)
        results = [*self._store(read, store_list)]
        results += [
            {"index": index, "result": "refused", "shipment": None, "errors": field_errors(error)}
            for index, error in refused.items()
        ]
        return sorted(results, key=lambda result: result["index"])

    def _read(self, told: Sequence[Any]) -> tuple[dict[int, dict[str, Any]], dict[int, ValidationError]]:
        """The events that can be stored, with their parcels, and why the others cannot, both by place."""
        read: dict[int, dict[str, Any]] = {}
        refused: dict[int, ValidationError] = {}
        now = timezone.now()
        for index, event in enumerate(told):
            if quick := read_quickly(event, received_at=now):
                read[index] = quick
                continue
            serializer = EventGiven(data=event, context=self.get_serializer_context())
            try:
                serializer.is_valid(raise_exception=True)
                read[index] = serializer.validated_data
            except ValidationError as error:
                refused[index] = error
        self._find_parcels(read, refused)
        return read, refused

    def _find_parcels(self, read: dict[int, dict[str, Any]], refused: dict[int, ValidationError]) -> None:
        now = timezone.now()
        carriers = dict(Carrier.objects.order_by("code").values_list("code", "pk"))
        parcels = self._parcels(read, carriers)
        latest = {each.shop_id: max(now, each.shop.present(now)) + FUTURE for each in parcels.values()}
        for index, event in list(read.items()):
            parcel, error = None, None
            if "shipment" in event:
                parcel = parcels.get(event["shipment"])
                error = None if parcel else {"shipment": NO_PARCEL}
            elif event["carrier"] not in carriers:
                known = ", ".join(carriers) or "none"
                error = {"carrier": f"There is no such carrier. Known: {known}."}
            else:
                parcel = parcels.get((carriers[event["carrier"]], number_norm(event["tracking_number"])))
                error = None if parcel else {"tracking_number": NO_PARCEL}
            if parcel and event["scan"].occurred_at > latest[parcel.shop_id]:
                error = {"occurred_at": "This lies in the future. Send it once it has happened."}
            if error:
                del read[index]
                refused[index] = ValidationError({name: ErrorDetail(text) for name, text in error.items()})
            else:
                event["parcel"] = parcel

    def _parcels(self, read: Mapping[int, Mapping[str, Any]], carriers: Mapping[str, int]) -> dict[Any, Shipment]:
        """Parcels by id, and the newest use of each number by (carrier id, number); two queries."""
        visible = visible_parcels(self.principal).select_related("shop")
        ids = {event["shipment"] for event in read.values() if "shipment" in event}
        numbers = {number_norm(event["tracking_number"]) for event in read.values() if "shipment" not in event}
        found: dict[Any, Shipment] = {parcel.pk: parcel for parcel in visible.filter(pk__in=ids)}
        for parcel in visible.filter(number_norm__in=numbers, carrier__in=carriers.values()).order_by("generation"):
            found[parcel.carrier_id, parcel.number_norm] = parcel
        return found

    def _store(self, read: Mapping[int, Mapping[str, Any]], storing: Callable[..., list[bool]]) -> list[dict[str, Any]]:
        new = storing(told=[(event["parcel"], event["scan"]) for event in read.values()], now=timezone.now())
        return [
            {
                "index": index,
                "result": "stored" if is_new else "duplicate",
                "shipment": event["parcel"].pk,
                "errors": [],
            }
            for (index, event), is_new in zip(read.items(), new, strict=True)
        ]
