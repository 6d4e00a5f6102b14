"""How often one key or person may call."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from ticketdesk.accounts.api import throttle_ident

if TYPE_CHECKING:
    from rest_framework.views import APIView

# Buckets remembered at a time; the ones used longest ago are forgotten first, and start full again.
MOST_BUCKETS = 10_000


class PrincipalThrottle(SimpleRateThrottle):
    """A leaky bucket per key, else per person, else per address: steady calls at the rate pass, and one period's
    worth at once.

    Counted in this process's memory: it works without Redis and costs no query, and each web process grants the rate.
    """

    scope = "principal"
    num_requests: int | None
    duration: int | None
    # Bucket -> the moment (monotonic seconds) at which it will have drained.
    _drained_at: OrderedDict[str, float] = OrderedDict()
    _lock = threading.Lock()

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """The caller's bucket."""
        return throttle_ident(request) or f"address:{self.get_ident(request)}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether one more call fits into the caller's bucket; if so it is counted."""
        if not self.num_requests or not self.duration:  # no limit is set
            return True
        self.bucket = self.get_cache_key(request, view)
        self.now = time.monotonic()
        drop = self.duration / self.num_requests
        with self._lock:
            drained_at = max(self._drained_at.get(self.bucket, 0.0), self.now) + drop
            self.wait_s = drained_at - self.now - self.duration
            if self.wait_s > 1e-6:
                return False
            self._drained_at[self.bucket] = drained_at
            self._drained_at.move_to_end(self.bucket)
            if len(self._drained_at) > MOST_BUCKETS:
                self._drained_at.popitem(last=False)
        return True

    def wait(self) -> float:
        """Seconds after which the refused call would fit."""
        return self.wait_s
