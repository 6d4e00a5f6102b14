"""The entry for web servers: `granian --interface wsgi ticketdesk.wsgi:application`."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from ticketdesk.staying import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketdesk.settings")

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # and with it every view, which else the first visitor waits for
keep_what_is_loaded()
