"""Which zone a place keeps, told in carriers' words."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.zones import PLACES, country_code, zone_of


@pytest.mark.parametrize(
    ("country", "region", "city", "zone"),
    [
        ("USA", "", "Austin", "America/Chicago"),
        ("US", "CA", "", "America/Los_Angeles"),
        ("United States", "State of Texas", "Small Town", "America/Chicago"),
        ("us", "US-TX", "EL PASO", "America/Denver"),
        ("US", "TN", "Memphis", "America/Chicago"),
        ("US", "TN", "Knoxville", "America/New_York"),
        ("US", "", "HOUSTON TX", "America/Chicago"),
        ("US", "", "Portland, OR", "America/Los_Angeles"),
        ("美国", "", "New York", "America/New_York"),
        ("US", "", "Kansas City", "America/Chicago"),
        ("US", "", "Saint Louis", "America/Chicago"),
        ("US", "AZ", "Phoenix", "America/Phoenix"),
        ("CAN", "Québec", "Montréal", "America/Toronto"),
        ("CA", "", "Vancouver", "America/Vancouver"),
        ("AU", "Western Australia", "", "Australia/Perth"),
        ("Australia", "", "brisbane", "Australia/Brisbane"),
        ("BR", "", "CURITIBA, PR", "America/Sao_Paulo"),
        ("Brazil", "AM", "", "America/Manaus"),
        ("BR", "", "Cuiabá", "America/Cuiaba"),
        ("MX", "", "Tijuana", "America/Tijuana"),
        ("MEX", "Jalisco", "", "America/Mexico_City"),
        ("RU", "", "Новосибирск", "Asia/Novosibirsk"),
        ("RU", "Приморский край", "", "Asia/Vladivostok"),
        ("Russian Federation", "Sverdlovsk oblast", "", "Asia/Yekaterinburg"),
        ("ID", "Bali", "", "Asia/Makassar"),
        ("印尼", "", "Jakarta", "Asia/Jakarta"),
        ("ES", "", "Las Palmas de Gran Canaria", "Atlantic/Canary"),
        ("ES", "", "Somewhere", "Europe/Madrid"),
        ("GBR", "", "LEEDS", "Europe/London"),
        ("UK", "", "", "Europe/London"),
        ("CN", "Xinjiang", "Urumqi", "Asia/Shanghai"),
        ("中国", "", "", "Asia/Shanghai"),
        ("HKG", "", "", "Asia/Hong_Kong"),
        ("臺灣", "", "", "Asia/Taipei"),
        ("Korea, Republic of", "", "", "Asia/Seoul"),
        ("", "", "LOS ANGELES, US", "America/Los_Angeles"),
    ],
)
def test_a_place_has_its_zone(country, region, city, zone):
    assert zone_of(country, region, city) == ZoneInfo(zone)


@pytest.mark.parametrize(
    "place",
    [
        ("", "", ""),
        ("", "", "Austin"),
        ("", "", "RECIFE, PE"),  # Peru, or Pernambuco
        ("US", "", ""),
        ("US", "", "Portland"),  # in Oregon and in Maine
        ("US", "", "Springfield Nowhere"),
        ("US", "TN", ""),
        ("RU", "", ""),
        ("Atlantis", "", "Austin"),
        ("AQ", "", ""),
        ("BR", "", "Campo Grande"),  # in three states, one of them further west
    ],
)
def test_of_an_unsure_place_nothing_is_guessed(place):
    assert zone_of(*place) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GBR", "GB"),
        ("gb", "GB"),
        ("Viet Nam", "VN"),
        ("德國", "DE"),
        ("Türkiye", "TR"),
        ("U.S.A.", "US"),
        ("XX", ""),
        ("", ""),
    ],
)
def test_a_country_has_one_code(text, code):
    assert country_code(text) == code


def test_every_line_of_the_places_can_be_read_and_names_a_real_zone():
    lines = [line.split("\t") for line in PLACES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) > 500
    for kind, country, _, zone, names in lines:
        assert kind in ("country", "region", "town", "city") and len(country) == 2 and names
        assert zone in ("", "?") or ZoneInfo(zone)


def test_the_places_name_their_licence():
    head = PLACES.read_text(encoding="utf-8")[:400]
    assert "GeoNames" in head and "CC BY 4.0" in head
    assert "Creative Commons Attribution 4.0" in PLACES.with_suffix(".LICENSE").read_text()


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=80))
def test_any_words_have_a_zone_or_none(country, region, city):
    assert zone_of(country, region, city) is None or isinstance(zone_of(country, region, city), ZoneInfo)
    assert len(country_code(country)) in (0, 2)
