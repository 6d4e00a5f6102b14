"""Real payloads that lie outside the repository, because nobody licensed them; without them their tests are skipped."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import olist_truth


def payloads() -> Path:
    """The folder of payloads, next to the Olist set."""
    folder = olist_truth.default_folder().parent / "tracking_payloads"
    if not folder.is_dir():
        pytest.skip(f"no payloads at {folder}; name its parent in TICKETDESK_DATA")
    return folder


def traces_of(pattern: str) -> list[dict[str, Any]]:
    """The Chinese traces whose names fit; there is at least one."""
    found = sorted((payloads() / "cn_waybill_traces").glob(pattern))
    assert found
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]
