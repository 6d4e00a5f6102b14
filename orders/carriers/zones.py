"""Which time zone a place keeps."""

from zoneinfo import ZoneInfo


def zone_of(country: str, region: str = "", city: str = "") -> ZoneInfo | None:
    """The zone of a place told in a carrier's words (two- or three-letter country, or its name); None when unsure."""
    return ZoneInfo("Asia/Shanghai") if country.upper() in ("CN", "CHN", "CHINA", "中国") else None
