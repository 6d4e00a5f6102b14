"""`python -m ticketdesk.embedded FOLDER [--careless] [--owner PID]`: run both servers until told to stop."""

import argparse
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from ticketdesk import embedded


def main() -> int:
    """Start, write the file `ready`, wait for SIGTERM, SIGINT or the owner's end, stop."""
    parser = argparse.ArgumentParser(prog="python -m ticketdesk.embedded", description=embedded.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--careless", action="store_true", help="for tests: nothing is flushed to disk")
    parser.add_argument("--owner", type=int, help="stop and remove the folder when this process has ended")
    options = parser.parse_args()
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    try:
        servers = embedded.start(options.folder, durable=not options.careless)
    except embedded.EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"DATABASE_URL={embedded.database_url(options.folder)}\nREDIS_URL={embedded.redis_url(options.folder)}")
    sys.stdout.flush()
    (options.folder / "ready").touch()
    while not told.wait(0.5) and not servers.dead() and (options.owner is None or _lives(options.owner)):
        pass
    (options.folder / "ready").unlink(missing_ok=True)
    servers.stop()
    if options.owner is not None:
        shutil.rmtree(options.folder, ignore_errors=True)
    return 0


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
