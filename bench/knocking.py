"""Callers of the benchmark: threads that send ready-made requests over connections that stay open."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

CONNECTIONS = 8


@dataclass
class Sent:
    """What came of the requests: seconds in all, milliseconds of each, and how many were not answered with 2xx."""

    took: float = 0.0
    ms: list[float] = field(default_factory=list)
    failed: int = 0

    def percentile(self, share: float) -> float:
        """Milliseconds within which so large a share was answered."""
        return sorted(self.ms)[min(len(self.ms) - 1, int(len(self.ms) * share))]


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send(port: int, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Sent:
    """Send them all; each connection sends its next request when the one before is answered."""
    sent, lock = Sent(), threading.Lock()
    threads = [
        threading.Thread(target=_caller, args=(port, requests[number::connections], sent, lock))
        for number in range(connections)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.took = time.perf_counter() - began
    return sent


def _caller(port: int, requests: Sequence[bytes], sent: Sent, lock: threading.Lock) -> None:
    ms, failed = [], 0
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for each in requests:
            began = time.perf_counter()
            line.sendall(each)
            failed += not _answer(line).startswith(b"HTTP/1.1 2")
            ms.append((time.perf_counter() - began) * 1000)
    with lock:
        sent.ms += ms
        sent.failed += failed


def _answer(line: socket.socket) -> bytes:
    """The whole answer, so that the next one starts where it ends."""
    answer = line.recv(65536)
    while b"\r\n\r\n" not in answer:
        answer += line.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(int(row.split(b":")[1]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length"))
    left = length - len(body)
    while left > 0:
        part = line.recv(min(left, 65536))
        if not part:
            raise ConnectionError("the answer was cut off")
        left -= len(part)
    return answer
