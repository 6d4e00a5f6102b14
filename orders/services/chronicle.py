"""The history of anomalies, and the notes from which tickets learn of them: written together, in one statement."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from orders.models import AnomalyChange
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

_WRITE = """
WITH u AS (SELECT * FROM {source}), told AS (
    INSERT INTO orders_anomalychange (anomaly_id, kind, at) SELECT id, %s, %s FROM u WHERE NOT quiet AND %s::text <> ''
)
INSERT INTO orders_anomalyevent (anomaly_id, kind, at, actor_id, data) SELECT id, %s, %s, %s, data FROM u
"""


def chronicle(
    anomaly_ids: Sequence[int],
    kind: str,
    *,
    now: datetime,
    change: AnomalyChange.Kind | None = None,
    quiet: Collection[int] = (),
    data: Sequence[Mapping[str, Any]] = (),
    actor: int | None = None,
) -> None:
    """Put on record what happened to these anomalies; with `change`, tickets are told, except of the `quiet` ones.

    `data`: one for each, or none at all. Belongs in the transaction of what happened.
    """
    if not anomaly_ids:
        return
    texts = [json.dumps(each) for each in data] if data else ["{}"] * len(anomaly_ids)
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", list(anomaly_ids)),
            "quiet": Column("boolean", [each in quiet for each in anomaly_ids]),
            "data": Column("jsonb", texts),
        }
    )
    told = change.value if change else ""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(source=source), [*parameters, told, now, told, kind, now, actor])
