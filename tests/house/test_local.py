import base64
import stat

from ticketdesk.local import EMBEDDED, furnish, kept_secrets


def test_secrets_are_made_once_and_kept_for_this_user_only(tmp_path):
    path = tmp_path / "var" / "secrets.env"
    made = kept_secrets(path)
    assert kept_secrets(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(made["PII_KEYS"].removeprefix("k1:"))) == 32


def test_two_copies_never_share_a_secret(tmp_path):
    one, two = kept_secrets(tmp_path / "1"), kept_secrets(tmp_path / "2")
    assert not {one[name] for name in ("SECRET_KEY", "PII_KEYS", "PII_INDEX_KEY")} & set(two.values())


def test_a_lost_line_is_made_anew_without_touching_the_others(tmp_path):
    path = tmp_path / "secrets.env"
    made = kept_secrets(path)
    path.write_text("".join(f"{k}={v}\n" for k, v in made.items() if k != "SECRET_KEY"))
    again = kept_secrets(path)
    assert again["PII_KEYS"] == made["PII_KEYS"]
    assert again["SECRET_KEY"] != made["SECRET_KEY"]


def test_the_active_key_is_not_invented_for_keys_that_somebody_named(tmp_path):
    (tmp_path / "secrets.env").write_text("PII_KEYS=2026:abc\n")
    assert "PII_ACTIVE_KEY" not in kept_secrets(tmp_path / "secrets.env")


def test_what_is_set_already_wins(tmp_path):
    environ = {"VAR_DIR": str(tmp_path), "SECRET_KEY": "mine", "DATABASE_URL": "postgresql://db/desk"}
    furnish(environ)
    assert environ["SECRET_KEY"] == "mine"
    assert environ["DATABASE_URL"] == "postgresql://db/desk"
    assert environ[EMBEDDED] == "redis"


def test_a_fully_furnished_environment_gets_no_secrets_file(tmp_path):
    full = dict.fromkeys(["SECRET_KEY", "PII_KEYS", "PII_INDEX_KEY", "DATABASE_URL", "REDIS_URL"], "x")
    furnish({"VAR_DIR": str(tmp_path), **full})
    assert not (tmp_path / "secrets.env").exists()
