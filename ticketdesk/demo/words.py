"""What is said in the demo, per language, from `words/<language>.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Letter:
    """With what a buyer comes to the desk. `about` says which orders it fits: unshipped, moving, late or delivered."""

    kind: str
    channel: str
    about: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said in one language."""

    scans: dict[str, str]
    answers: dict[str, list[str]]
    questions: dict[str, str]
    results: dict[str, list[str]]
    reasons: dict[str, list[str]]
    notes: dict[str, list[str]]
    resolutions: dict[str, str]
    closings: dict[str, list[str]]
    letters: tuple[Letter, ...]

    def answer(self, code: str, rng: Random) -> str:
        """What a buyer answers when asked about this kind of anomaly."""
        return rng.choice(self.answers.get(code) or self.answers["other"])


@cache
def words(language: str) -> Words:
    """The words of one language; FileNotFoundError when it has none."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        told = tomllib.load(file)
    return Words(**(told | {"letters": tuple(Letter(**letter) for letter in told["letters"])}))
