"""`python -m ticketdesk.embedded FOLDER [--careless] [--owner PID]`: run both servers until told to stop.

`python -m ticketdesk.embedded --stop [FOLDER]`: stop whoever runs from the folder, var/ if none is named.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from ticketdesk import embedded
from ticketdesk.embedded import folders

STOP_WITHIN_S = 15.0


def main() -> int:
    """Start, write the file `ready`, wait for SIGTERM, SIGINT or the owner's end, stop."""
    parser = argparse.ArgumentParser(prog="python -m ticketdesk.embedded", description=embedded.__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(os.environ.get("VAR_DIR", "var")))
    parser.add_argument("--stop", action="store_true", help="stop whoever runs from the folder")
    parser.add_argument("--careless", action="store_true", help="for tests: nothing is flushed to disk")
    parser.add_argument("--owner", type=int, help="stop and remove the folder when this process has ended")
    options = parser.parse_args()
    if options.stop:
        return stop(options.folder)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    try:
        servers = embedded.start(options.folder, want=embedded.available(), durable=not options.careless)
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


def stop(folder: Path) -> int:
    """Tell the process that holds the folder to stop, and wait until it has."""
    held = folders.holder(folder)
    if held is None:
        print("Nothing runs from this folder.")
        return 0
    os.kill(held, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    while folders.holder(folder) is not None:
        if time.monotonic() > deadline:
            print(f"Process {held} was told to stop and still runs.", file=sys.stderr)
            return 1
        time.sleep(0.1)
    print("Stopped; the data stays.")
    return 0


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
