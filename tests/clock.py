"""The fixed present of the tests."""

from datetime import UTC, datetime

# A Monday, 10:00 in Shanghai: business hours, no holiday, no make-up day.
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
