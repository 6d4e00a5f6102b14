"""Everything that people read is translated into both Chineses, and the compiled files are of these translations."""

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.conf import LazySettings, settings
from django.core.management import call_command

CODE = ("orders", "sla", "templates", "ticketdesk", "tickets")
GAP = re.compile(r"\{\w*\}|%\(\w+\)[sd]")
CHINESE = re.compile("[\u4e00-\u9fff]")
# A Chinese sentence has marks as wide as its letters; these are too narrow for it.
NARROW = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(\s|$)")
SENTENCE = re.compile(r"[.!?](?:\s|$)")
SENTENCE_IN_CHINESE = re.compile("[。！？]")
# Each writing's own character set lacks nearly all that only the other one uses.
CHARACTERS = {"zh_Hans": "gb2312", "zh_Hant": "cp950"}

pytestmark = pytest.mark.parametrize("locale", CHARACTERS)


def translations(locale: str) -> polib.POFile:
    return polib.pofile(str(folder(locale) / "django.po"))


def folder(locale: str) -> Path:
    return Path(settings.BASE_DIR, "locale", locale, "LC_MESSAGES")


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def all_texts(locale: str) -> list[str]:
    return [text for entry in translations(locale) for text in texts(entry)]


def keys(file: polib.POFile) -> set[tuple[str | None, str, str]]:
    return {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in file if not entry.obsolete}


def test_nothing_is_untranslated_or_only_guessed(locale: str) -> None:
    file = translations(locale)
    assert len(file) > 500
    assert [entry.msgid for entry in file.untranslated_entries() + file.fuzzy_entries()] == []


def test_chinese_has_one_form_for_any_number(locale: str) -> None:
    file = translations(locale)
    assert file.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert {tuple(entry.msgstr_plural) for entry in file if entry.msgid_plural} == {(0,)}


def test_translations_keep_the_gaps_of_the_original(locale: str) -> None:
    for entry in translations(locale):
        wanted = sorted(GAP.findall(entry.msgid_plural or entry.msgid))
        for text in texts(entry):
            assert sorted(GAP.findall(text)) == wanted, entry.msgid


def test_translations_begin_and_end_lines_as_the_original(locale: str) -> None:
    for entry in translations(locale):
        for text in texts(entry):
            assert text == text.strip() and text.count("\n") == entry.msgid.strip().count("\n"), entry.msgid
            assert text.count("|") == entry.msgid.count("|"), entry.msgid


def test_what_is_wrong_and_what_to_do_stay_two_sentences(locale: str) -> None:
    # The API takes such a text apart at its first full stop: message and remedy.
    for entry in translations(locale):
        wanted = len(SENTENCE.findall(entry.msgid))
        for text in texts(entry):
            assert wanted < 2 or len(SENTENCE_IN_CHINESE.findall(text)) == wanted, entry.msgid


def test_marks_beside_chinese_characters_are_wide(locale: str) -> None:
    assert [text for text in all_texts(locale) if NARROW.search(text)] == []


def test_each_writing_uses_its_own_characters(locale: str) -> None:
    characters = set(CHINESE.findall("".join(all_texts(locale))))
    assert len(characters) > 500
    assert [one for one in characters if not one.encode(CHARACTERS[locale], "ignore")] == []


def test_compiled_files_hold_these_translations(locale: str) -> None:
    compiled = polib.mofile(str(folder(locale) / "django.mo"))
    assert {(e.msgctxt, e.msgid, *texts(e)) for e in compiled} == {
        (e.msgctxt, e.msgid, *texts(e)) for e in translations(locale)
    }


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext")
def test_what_the_code_says_is_what_is_translated(
    locale: str, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A copy, since makemessages writes beside the files it reads.
    for name in CODE:
        source = Path(settings.BASE_DIR, name)
        shutil.copytree(source, tmp_path / name, ignore=only_code)
    (tmp_path / "locale").mkdir()
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=[locale], no_location=True, verbosity=0)
    said = keys(polib.pofile(str(tmp_path / "locale" / locale / "LC_MESSAGES" / "django.po")))
    assert (said - keys(translations(locale)), keys(translations(locale)) - said) == (set(), set())


def only_code(directory: str, names: list[str]) -> set[str]:
    paths = (Path(directory, name) for name in names)
    return {path.name for path in paths if path.is_file() and path.suffix not in (".py", ".html", ".txt")}
