"""The entry for web servers: `granian --interface wsgi ticketdesk.wsgi:application`."""

import os
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from ticketdesk.hooks import straight
from ticketdesk.staying import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketdesk.settings")

django_application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # and with it every view, which else the first visitor waits for
application = straight(cast(Any, django_application), import_module("orders.views.hooks").answer)
keep_what_is_loaded()
