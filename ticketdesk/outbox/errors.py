"""What a log line may say about an error."""

from pathlib import Path
from traceback import extract_tb
from typing import NamedTuple


class Raised(NamedTuple):
    """An error's type and the place that raised it. Its message may quote a buyer, so that is left out."""

    error: str
    place: str

    @classmethod
    def by(cls, error: BaseException) -> "Raised":
        """Of an error that was caught."""
        last = extract_tb(error.__traceback__)[-1]
        return cls(type(error).__name__, f"{Path(last.filename).name}:{last.lineno} {last.name}")
