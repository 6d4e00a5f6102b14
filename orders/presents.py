"""What time it is in each shop, as query conditions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from orders.models import Shop


@dataclass(frozen=True, slots=True)
class Presents:
    """`now` everywhere but in shops whose history is replayed ({shop id: its present})."""

    now: datetime
    replayed: dict[int, datetime] = field(default_factory=dict)

    @classmethod
    def at(cls, now: datetime) -> "Presents":
        """The presents of all shops when the desk's clock shows `now`; one query over a handful of rows."""
        rows = Shop.objects.filter(present_at__isnull=False).values_list("id", "present_at")
        return cls(now, {shop_id: present for shop_id, present in rows if present is not None})

    def of(self, shop_id: int) -> datetime:
        """The present of one shop."""
        return self.replayed.get(shop_id, self.now)

    def after(self, column: str) -> Q:
        """Condition: `column` lies after the shop's present."""
        condition = Q(**{f"{column}__gt": self.now})
        if not self.replayed:
            return condition
        condition &= ~Q(shop_id__in=list(self.replayed))
        for shop_id, present in self.replayed.items():
            condition |= Q(shop_id=shop_id, **{f"{column}__gt": present})
        return condition

    def after_by(self, column: str, span: timedelta) -> Q:
        """Condition: `column` lies no further than `span` before the shop's present."""
        return ~self.at_or_before(column, -span) & Q(**{f"{column}__isnull": False})

    def at_or_before(self, column: str, ahead: timedelta = timedelta(0)) -> Q:
        """Condition: `column` lies at or before the shop's present plus `ahead`."""
        condition = Q(**{f"{column}__lte": self.now + ahead})
        if not self.replayed:
            return condition
        condition &= ~Q(shop_id__in=list(self.replayed))
        for shop_id, present in self.replayed.items():
            condition |= Q(shop_id=shop_id, **{f"{column}__lte": present + ahead})
        return condition
