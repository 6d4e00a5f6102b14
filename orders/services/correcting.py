"""A source finds that a number is another carrier's than was thought."""

from collections.abc import Mapping, Sequence

from orders.models import Carrier, Shipment
from orders.services.feeds import Word
from orders.services.resolving import UNNAMED


def correct_carriers(
    parcels: Mapping[int, Shipment], words: Sequence[Word], carriers: Mapping[tuple[str, str], int]
) -> None:
    """Give locked parcels the carrier that a source now names, unless something contradicts: the parcel is known
    under a third carrier, or its number is another parcel's there. A parcel without a carrier takes the first named."""
    wanted: dict[int, int] = {}
    unnamed = _unnamed() if any(word.told.carrier for word in words) else None
    for word in words:
        parcel = parcels[word.shipment_id]
        named = carriers.get((word.source, word.told.carrier)) if word.told.carrier else None
        if word.told.corrected_carrier and parcel.carrier_id in (named, unnamed):
            wanted[parcel.pk] = carriers[word.source, word.told.corrected_carrier]
        elif named and parcel.carrier_id == unnamed:
            wanted.setdefault(parcel.pk, named)
    changed = {pk: carrier for pk, carrier in wanted.items() if parcels[pk].carrier_id != carrier}
    if not changed:
        return
    numbers = {parcels[pk].number_norm for pk in changed}
    taken = set(Shipment.objects.filter(number_norm__in=numbers).values_list("carrier_id", "number_norm"))
    for pk, carrier in sorted(changed.items()):
        if (carrier, parcels[pk].number_norm) not in taken:
            taken.add((carrier, parcels[pk].number_norm))
            parcels[pk].carrier_id = carrier
            parcels[pk].version += 1
            parcels[pk].save(update_fields=["carrier", "version"])


def _unnamed() -> int | None:
    return Carrier.objects.filter(code=UNNAMED[0]).values_list("pk", flat=True).first()
