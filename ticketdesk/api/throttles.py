"""How often one key or person may call."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from ticketdesk.accounts.api import throttle_ident

if TYPE_CHECKING:
    from rest_framework.views import APIView

# Buckets remembered at a time; the ones used longest ago are forgotten first, and start full again.
MOST_BUCKETS = 10_000


class Buckets:
    """Leaky buckets by name: steady calls at the rate pass, and one period's worth at once.

    Counted in this process's memory: it works without Redis and costs no query, and each web process grants the rate.
    """

    def __init__(self) -> None:
        # Bucket -> the moment (monotonic seconds) at which it will have drained.
        self.drained_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, bucket: str, calls: int, period_s: float) -> float:
        """0 when one more call fits into the bucket, and it is counted; else the seconds after which it would fit."""
        now, drop = time.monotonic(), period_s / calls
        with self._lock:
            drained_at = max(self.drained_at.get(bucket, 0.0), now) + drop
            wait_s = drained_at - now - period_s
            if wait_s > 1e-6:
                return wait_s
            self.drained_at[bucket] = drained_at
            self.drained_at.move_to_end(bucket)
            if len(self.drained_at) > MOST_BUCKETS:
                self.drained_at.popitem(last=False)
        return 0.0


class PrincipalThrottle(SimpleRateThrottle):
    """A bucket per key, else per person, else per address."""

    scope = "principal"
    num_requests: int | None
    duration: int | None
    _buckets = Buckets()
    _drained_at = _buckets.drained_at

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """The caller's bucket."""
        return throttle_ident(request) or f"address:{self.get_ident(request)}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether one more call fits into the caller's bucket; if so it is counted."""
        if not self.num_requests or not self.duration:  # no limit is set
            return True
        self.wait_s = self._buckets.wait_s(self.get_cache_key(request, view), self.num_requests, self.duration)
        return not self.wait_s

    def wait(self) -> float:
        """Seconds after which the refused call would fit."""
        return self.wait_s


class RequestThrottle(SimpleRateThrottle):
    """The same for pages that need no sign-in: `rate` is like "60/min"."""

    def __init__(self, rate: str) -> None:
        calls, period_s = self.parse_rate(rate)
        self.calls, self.period_s = calls or 0, float(period_s or 0)
        self.buckets = Buckets()

    def address(self, request: HttpRequest) -> str:
        """Where a request comes from, as far as NUM_PROXIES lets it be believed."""
        return str(self.get_ident(request))  # type: ignore[arg-type]  # it reads META, which both have

    def wait_for(self, bucket: str) -> float:
        """Seconds until one more call would fit; 0 when it does, and it is counted."""
        return self.buckets.wait_s(bucket, self.calls, self.period_s) if self.calls else 0.0
