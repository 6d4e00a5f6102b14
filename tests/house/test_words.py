from django.utils import translation
from django.utils.translation import gettext

from ticketdesk.words import in_each_language


def test_each_language_is_asked_once_and_never_answers_for_another():
    asked = []

    @in_each_language
    def word(code: str) -> str:
        asked.append((translation.get_language(), code))
        return gettext(code)

    said = []
    for language in ("en", "zh-hans", "en", "zh-hans"):
        with translation.override(language):
            said.append(word("Unassigned"))
    assert said[:2] == said[2:] and said[0] != said[1]
    assert asked == [("en", "Unassigned"), ("zh-hans", "Unassigned")]
