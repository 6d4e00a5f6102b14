import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_is_accessible_in_both_themes(page, violations, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto("/accounts/login/")
    assert violations(page) == []


def test_the_way_in_fits_a_narrow_phone(page):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/accounts/login/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_scripts_that_are_not_ours_do_not_run(page, complaints):
    page.goto("/accounts/login/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    assert "Content Security Policy" in complaints.pop()
