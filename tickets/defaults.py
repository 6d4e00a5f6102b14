"""The reply templates that a new desk starts with, from `wordings/<language>.toml`. An administrator edits the rows."""

import tomllib
from functools import cache
from pathlib import Path

from tickets.models import Template

WORDINGS = Path(__file__).parent / "wordings"


@cache
def wordings(language: str) -> tuple[dict[str, str], ...]:
    """The templates of one language as written in its file: code, name, body, perhaps anomaly_code or kind.

    Raises FileNotFoundError for a language without a file.
    """
    with (WORDINGS / f"{language}.toml").open("rb") as file:
        return tuple({**row, "body": row["body"].strip()} for row in tomllib.load(file)["template"])


def languages() -> list[str]:
    """The languages that have a file, sorted."""
    return sorted(path.stem for path in WORDINGS.glob("*.toml"))


def setup_templates() -> list[str]:
    """Make the templates that are missing; one that is there is never touched, however it was edited.

    Returns one line per language in which something was made. May run any number of times.
    """
    made = []
    for language in languages():
        known = set(Template.objects.filter(language=language).values_list("code", flat=True))
        fresh = [
            Template(language=language, position=position, **row)
            for position, row in enumerate(wordings(language), start=1)
            if row["code"] not in known
        ]
        # A second installer at the same moment finds the rows there.
        Template.objects.bulk_create(fresh, ignore_conflicts=True)
        if fresh:
            made.append(f"{len(fresh)} reply templates, {language}")
    return made
