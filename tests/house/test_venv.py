"""`.ci/venv`, the first thing that a newcomer meets: each failure is one line that ends with the remedy."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ticketdesk.local import ROOT

SCRIPT = ROOT / ".ci" / "venv"


@pytest.fixture
def copy(tmp_path) -> Path:
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, tmp_path)
    return tmp_path


def program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def make_venv(copy: Path, python: Path | str) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", SCRIPT, str(python), "requirements.txt"], cwd=copy, capture_output=True, text=True)


def test_a_python_that_is_not_there_is_named(copy):
    done = make_venv(copy, "/nowhere/python3")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "/nowhere/python3 is not there. Install Python 3.11 or newer" in done.stderr


def test_a_python_that_is_too_old_is_told_apart(copy):
    done = make_venv(copy, program(copy / "old", "echo '3.10 0'"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is Python 3.10; TicketDesk needs 3.11 or newer" in done.stderr


def test_a_python_without_pip_is_told_what_to_install(copy):
    done = make_venv(copy, program(copy / "bare", 'case $2 in *version*) echo "3.12 1" ;; *) exit 1 ;; esac'))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "apt-get install python3-venv" in done.stderr


def test_a_failed_install_shows_its_last_lines_and_is_tried_again(copy):
    pip = 'case "$*" in *version_info*) echo "3.12 1" ;; *install*) echo "no such network"; exit 1 ;; esac'
    program(copy / ".venv/bin/python", pip)
    for _ in range(2):
        done = make_venv(copy, program(copy / "python", pip))
        assert done.returncode == 1
        assert "no such network" in done.stderr
        assert "Is the package index reachable" in done.stderr


def test_what_is_installed_is_not_installed_again_until_the_pins_change(copy):
    pip = 'case "$*" in *version_info*) echo "3.12 1" ;; *install*) echo "Collecting x"; echo $$ >> installs ;; esac'
    program(copy / ".venv/bin/python", pip)
    python = program(copy / "python", pip)
    for _ in range(3):
        assert make_venv(copy, python).returncode == 0
    assert (copy / "installs").read_text().count("\n") == 1
    with (copy / "requirements.txt").open("a") as pins:
        pins.write("another==1\n")
    assert make_venv(copy, python).returncode == 0
    assert (copy / "installs").read_text().count("\n") == 2
