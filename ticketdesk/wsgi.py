"""The entry for web servers: `granian --interface wsgi ticketdesk.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketdesk.settings")

application = get_wsgi_application()
