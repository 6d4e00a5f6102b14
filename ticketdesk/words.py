"""Translations that every row of a list asks for."""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import ParamSpec, cast

from django.utils.translation import get_language

Codes = ParamSpec("Codes")
MOST = 4096


def in_each_language(say: Callable[Codes, str]) -> Callable[Codes, str]:
    """`say`, asked once per language: it turns a few codes into words, and looks at nothing else."""

    anyhow = cast(Callable[..., str], say)  # a cache's key knows nothing of names and kinds

    @lru_cache(maxsize=MOST)
    def said(_language: str | None, *codes: Hashable) -> str:
        return str(anyhow(*codes))

    @wraps(say)
    def remembered(*codes: Codes.args, **_none: Codes.kwargs) -> str:
        return said(get_language(), *codes)

    return remembered
