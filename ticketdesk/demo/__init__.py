"""A made-up desk to look at: three shops, their people, a fortnight of orders, parcels, troubles and work on them.

Everything is generated from a seed and the present, without a network. What can be generated without a database is
(plan, plots, journeys); the rest is written through the same services that production uses, at a sequence of past
moments, so the history has the shape that real work leaves behind. For demonstration only: never on a real desk.
"""

DOMAIN = "demo.ticketdesk.test"
"""Addresses of the demo's people. The top-level domain .test reaches nobody."""

PASSWORD = "look-around-2026"  # noqa: S105  # printed on purpose: it opens made-up data only
"""The password of every demo login."""

SEED = 20260
