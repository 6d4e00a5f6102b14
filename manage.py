#!/usr/bin/env python
"""TicketDesk's command line."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketdesk.settings")
    if sys.argv[1:2] == ["up"]:
        from ticketdesk import local

        local.furnish(os.environ)
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed for this interpreter. Run `make run`, or use .venv/bin/python.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
