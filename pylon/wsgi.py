"""The pages alone, for larger installations that run them beside the ASGI process, behind their proxy."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pylon.settings")
application = get_wsgi_application()
