"""`python -m ticketdesk.probe [PATH]`: ask the web process of this container; for health checks without curl."""

import http.client
import os
import sys


def main() -> int:
    """0 when the answer to PATH (/readyz) on port 8000 is a 200."""
    path = sys.argv[1] if len(sys.argv) > 1 else "/readyz"
    # A name that the settings allow, or Django refuses to answer at all.
    allowed = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*")
    call = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
    try:
        call.request("GET", path, headers={"Host": allowed or "localhost"})
        return 0 if call.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        call.close()


if __name__ == "__main__":
    sys.exit(main())
