from datetime import timedelta
from pathlib import Path

import pytest

import orders.detectors
from orders.detectors import catalogue

DEPARTMENTS = {"front_line", "senior", "warehouse", "logistics", "quality"}
DEPARTMENTS |= {"purchasing", "finance", "customs", "legal", "technical"}
CODES = sorted(catalogue())


def test_every_file_of_the_folder_is_in_the_catalogue():
    files = {path.stem for path in Path(orders.detectors.__file__).parent.glob("*.py")}

    assert set(CODES) == files - {"__init__", "base"}


@pytest.mark.parametrize("code", CODES)
def test_a_detector_says_who_owns_it_and_how_grave_it_is(code):
    detector = catalogue()[code]

    assert detector.code == code
    assert detector.title and detector.department in DEPARTMENTS
    assert 1 <= detector.grade <= 4
    assert detector.weaker_than <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_detector_has_a_test_of_its_own(code):
    assert (Path(__file__).parent / f"test_{code}.py").exists()


def test_a_misspelt_limit_is_refused_by_name():
    with pytest.raises(ValueError, match="not_shipped has no limit 'aftr'; it knows: warn, after, urgent"):
        catalogue()["not_shipped"]({"aftr": timedelta(hours=1)})


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        catalogue()["not_shipped"]({"after": timedelta(hours=-1)})
