"""What the frame around every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = {"light", "dark"}
DENSITIES = {"compact", "comfortable"}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Theme and density, from cookies, so that no page flashes; the languages there are."""
    theme, density = request.COOKIES.get("theme", ""), request.COOKIES.get("density", "")
    return {
        "theme": theme if theme in THEMES else "",
        "density": density if density in DENSITIES else "compact",
        "languages": settings.LANGUAGES,  # each by its own name, whatever language the page is in
    }
