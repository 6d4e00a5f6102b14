import pytest

from orders.statuses import STATUSES, TAXONOMY, WATCHERS_WORDS, Canonical


def test_every_sub_status_belongs_to_a_status_and_every_default_exists():
    assert {status for status, _ in TAXONOMY} == set(STATUSES)
    assert all((status.code, status.default) in TAXONOMY for status in STATUSES.values())


def test_no_two_statuses_share_a_rank():
    assert len({status.rank for status in STATUSES.values()}) == len(STATUSES)


def test_every_label_exists_in_both_languages_and_only_known_flags_are_used():
    for about in [*STATUSES.values(), *TAXONOMY.values()]:
        assert about.label.isascii() and not about.label_zh.isascii()
    assert all(set(sub.flags) <= set("EATP") for sub in TAXONOMY.values())


def test_a_status_and_its_reason_are_read_from_one_word():
    assert Canonical.parse("in_transit.moving") == ("in_transit", "moving")
    assert Canonical.parse(" Exception.LOST ") == ("exception", "lost")


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_a_status_alone_means_its_default_reason(status):
    assert Canonical.parse(status) == (status, STATUSES[status].default)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("flying", "use one of: unknown, expired, not_found"),
        ("", "unknown status ''"),
        ("customs.flying", "use one of: customs.presented, customs.processing"),
        ("customs.moving", "unknown sub-status 'customs.moving'"),
    ],
)
def test_an_unknown_word_is_refused_with_what_is_allowed(text, remedy):
    with pytest.raises(ValueError, match="unknown") as refusal:
        Canonical.parse(text)

    assert remedy in str(refusal.value)


@pytest.mark.parametrize("key", sorted(TAXONOMY))
def test_parsing_what_was_printed_gives_it_back(key):
    assert Canonical.parse(str(Canonical(*key))) == key


def test_flags_say_what_a_person_needs_to_know():
    assert Canonical("exception", "lost").flags == "EA"
    assert Canonical("exception", "disposed").flags == "EAT"
    assert Canonical("delivered", "signed").flags == "T"
    assert Canonical("delivered", "partial").flags == "E"
    assert Canonical("in_transit", "moving").flags == ""


def test_labels_follow_the_readers_language():
    assert Canonical("exception", "lost").label("zh-hant") == "丢失"
    assert Canonical("exception", "lost").label("de") == "Lost"


def test_words_about_silence_are_no_scans():
    assert not any(TAXONOMY[key].is_physical for key in WATCHERS_WORDS)
