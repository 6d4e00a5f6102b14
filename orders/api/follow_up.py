"""What programs do to an order's steps: promise another time, say that one is done."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders.serializers.follow_up import DoneGiven, MilestoneAnswer, PromiseAnswer, PromiseGiven
from orders.services.ordering import Refused
from orders.services.promising import finish, promise
from ticketdesk.api.problems import Refusal
from ticketdesk.api.views import OneByOne, repeatable


class FollowUp(OneByOne):
    """Actions below an order's address; mixed into its view."""

    @extend_schema(
        summary="The steps of an order: planned, promised, forecast, actual",
        responses=MilestoneAnswer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def milestones(self, request: Request, pk: int) -> Response:
        steps = self.get_object().milestones.all()
        return Response(MilestoneAnswer(steps, many=True).data)

    @extend_schema(
        summary="Promise another time for a step",
        description="Kept in versions, with its reason and who was told. The order's own promises, its forecast and "
        "its anomalies follow at once.",
        request=PromiseGiven,
        responses={201: PromiseAnswer},
    )
    @action(detail=True, methods=["post"])
    @repeatable
    def promises(self, request: Request, pk: int) -> Response:
        order = self.get_object()
        try:
            made = promise(order=order, **self.given(PromiseGiven), by=self.principal, now=timezone.now())
        except Refused as refused:
            raise ValidationError({name: str(refused) for name in refused.fields}) from None
        return Response(PromiseAnswer(made).data, 201)

    @extend_schema(
        summary="Say that a step is done",
        description="A payment, hand-over or delivery changes the order's own time too. Said again, it is corrected.",
        request=DoneGiven,
        responses=MilestoneAnswer,
    )
    @action(detail=True, methods=["post"], url_path="milestones/<slug:code>/done")
    @repeatable
    def done(self, request: Request, pk: int, code: str) -> Response:
        order, given = self.get_object(), self.given(DoneGiven)
        if not order.milestones.filter(code=code).exists():
            raise Refusal(404, "not_found", "The order has no such step. See its milestones.")
        now = timezone.now()
        given.setdefault("done_at", order.shop.present(now))
        try:
            step = finish(order=order, code=code, **given, by=self.principal, now=now)
        except Refused as refused:
            raise ValidationError({name: str(refused) for name in refused.fields}) from None
        return Response(MilestoneAnswer(step).data)
