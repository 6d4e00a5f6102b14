import pytest
from django.contrib.staticfiles.finders import get_finder

from ticketdesk import statics


@pytest.fixture(autouse=True)
def fresh_finders():
    """Finders remember the folders that they were made with."""
    get_finder.cache_clear()
    yield
    get_finder.cache_clear()


def test_what_was_collected_is_current_until_a_source_changes(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "look.css").write_text("a {}")
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATIC_ROOT.mkdir()
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert not statics.is_current()
    statics.mark_current()
    assert statics.is_current()
    (source / "look.css").write_text("a { color: red }")
    assert not statics.is_current()


def test_files_that_no_page_loads_are_left_out():
    seen = [path for finder in statics.get_finders() for path, _ in finder.list(list(statics.UNUSED))]
    assert not [path for path in seen if "redoc" in path or path.startswith("rest_framework/")]
    assert any(path.startswith("ticketdesk/") for path in seen)
