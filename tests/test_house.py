"""Promises that the whole house keeps, checked on its files."""

import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("ticketdesk", "orders", "tickets", "sla")
# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME")) + r")\b")
VAGUE_NAMES = {"utils", "helpers", "common", "core", "misc"}
LINES_MAX = 330
SKIPPED = {".venv", ".git", ".hypothesis", "var", "staticfiles", "node_modules", "vendor", "__pycache__"}


def sources(pattern: str = "*.py") -> list[Path]:
    """The files of every room, without migrations."""
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob(pattern)) if "migrations" not in path.parts]


def of_house(*patterns: str) -> list[Path]:
    """Files of the project outside what is built, installed or kept."""
    found = []
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in SKIPPED and not name.endswith("_cache")]
        found += [Path(folder, name) for name in files if any(fnmatch(name, pattern) for pattern in patterns)]
    return sorted(found)


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_detector_has_its_test():
    codes = {path.stem for path in (ROOT / "orders/detectors").glob("*.py")} - {"__init__", "base"}
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests/orders/detectors").glob("test_*.py")}
    assert codes
    assert codes - tested == set()


def test_nothing_is_left_for_later():
    files = of_house("*.py", "*.html", "*.js", "*.css", "*.md", "*.toml", "*.yml", "Makefile")
    assert names([path for path in files if UNFINISHED.search(path.read_text(errors="replace"))]) == []


def test_no_room_has_a_drawer_for_everything():
    assert names([path for path in sources() if VAGUE_NAMES & {part.removesuffix(".py") for part in path.parts}]) == []


def test_files_stay_short_enough_to_read():
    assert names([path for path in sources() if len(path.read_text().splitlines()) > LINES_MAX]) == []


def test_upstream_never_imports_downstream():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_model_change_has_its_migration():
    # In a process of its own: some tests make models that have none.
    ask = [sys.executable, "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def contents(entries) -> dict:
    return {(entry.msgctxt, entry.msgid): entry.msgstr or entry.msgstr_plural for entry in entries}


@pytest.mark.parametrize(
    "path", names(of_house("*.po")) or [pytest.param("", marks=pytest.mark.skip("no locale/ yet"))]
)
def test_every_message_is_translated_and_compiled(path):
    messages = polib.pofile(str(ROOT / path))
    assert [entry.msgid for entry in messages if not entry.obsolete and (not entry.translated() or entry.fuzzy)] == []
    compiled = polib.mofile(str((ROOT / path).with_suffix(".mo")))
    assert contents(compiled) == contents(messages.translated_entries())


def test_translations_keep_the_gaps_of_their_messages():
    gap = re.compile(r"\{(\w*)\}|%\((\w+)\)")
    wrong = [
        f"{path.relative_to(ROOT)}: {entry.msgid}"
        for path in of_house("*.po")
        for entry in polib.pofile(str(path)).translated_entries()
        if entry.msgstr and set(gap.findall(entry.msgid)) != set(gap.findall(entry.msgstr))
    ]
    assert wrong == []


def test_pages_carry_nothing_that_the_content_security_policy_forbids():
    inline = re.compile(
        r"<script(?![^>]*\b(src|type=\"application/json\"))|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
    )
    pages = [path for path in of_house("*.html") if "emails" not in path.parts]
    assert names([path for path in pages if inline.search(path.read_text())]) == []


def test_the_commands_of_the_documents_exist():
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "".join(path.read_text() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    assert set(re.findall(r"`make ([a-z0-9-]+)", text)) - targets == set()
    assert "run" in targets


def test_make_help_names_every_command():
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()) - {"help"}
    assert phony == set(re.findall(r"@echo 'make ([a-z0-9-]+)", makefile))


def test_every_setting_that_is_read_is_documented():
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z0-9_]+)\"", (ROOT / "ticketdesk/settings.py").read_text()))
    example = (ROOT / ".env.example").read_text()
    table = (ROOT / "README.md").read_text()
    assert read
    assert {name for name in read if not re.search(rf"^#? ?{name}=", example, re.MULTILINE)} == set()
    assert {name for name in read if f"`{name}`" not in table} == set()


def test_every_dependency_is_pinned_and_has_its_reason():
    wanted = project()["project"]["dependencies"]
    wanted += [line for group in project()["dependency-groups"].values() for line in group]
    packages = {re.match(r"[\w-]+", line)[0].lower() for line in wanted}
    pinned = {
        line.partition("==")[0].lower()
        for path in ROOT.glob("requirements*.txt")
        for line in path.open()
        if "==" in line
    }
    reasons = (ROOT / "docs/dependencies.md").read_text().lower()
    assert packages - pinned == set()
    assert {package for package in packages if f"`{package}" not in reasons} == set()


def test_no_file_names_a_package_registrys_host_or_a_machine_of_ours():
    private = re.compile("/wo" + "rk/|pypi" + r"\.org|index-" + "url http")
    files = of_house("*.py", "*.md", "*.txt", "*.toml", "*.yml", "Makefile", "Dockerfile", ".env.example")
    assert names([path for path in files if private.search(path.read_text(errors="replace"))]) == []
