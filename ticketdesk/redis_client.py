"""A Redis client that answers or fails within a second: Redis speeds things up, and nothing may wait for it."""

from urllib.parse import parse_qs, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 1.0


def connect(url: str) -> "Redis":
    """A client for `redis://`, `rediss://`, `unix://` or Celery's `redis+socket://` addresses; it does not connect yet.

    Its calls raise redis.exceptions.RedisError when nobody answers.
    """
    return Redis.from_url(
        for_redis(url), socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0)
    )


def for_redis(url: str) -> str:
    """Celery's way of writing a socket's address, in the way that the Redis client reads it."""
    parts = urlsplit(url)
    if parts.scheme != "redis+socket":
        return url
    number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
    return f"unix://{parts.path}?db={number}"
