"""Charts as SVG text, drawn on the server. Pure.

No script, no inline style: colours are CSS classes (c-info, c-ok, c-breach, c-soon, c-paused, c-violet) that follow the
theme, so the same picture prints, goes into a mail and passes a strict content security policy. A part that can be
pointed at carries its numbers in `data-tip`: "title|name=value|name=value".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 560, 220
NARROW = 340
"""A phone's width: a wider picture would be shrunk there, and its words with it."""
HEAT_LEVELS = 6


@dataclass(frozen=True, slots=True)
class Series:
    """One named row of numbers, one per label."""

    name: str
    values: Sequence[float]
    colour: str
    area: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart: its parts (name, value, colour), what is written behind it and where it leads."""

    label: str
    parts: Sequence[tuple[str, float, str]]
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """The drawing area inside its margins, and the mapping of numbers onto it."""

    left: float
    right: float
    top: float
    bottom: float
    low: float = 0
    high: float = 1
    columns: int = 1

    def x(self, column: float) -> float:
        """Column 0 lies on the left edge, the last on the right one."""
        return self.left + (self.right - self.left) * column / max(self.columns - 1, 1)

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * (value - self.low) / ((self.high - self.low) or 1)


def round_up(value: float) -> float:
    """The next number that divides an axis well: 4, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, ..."""
    if value <= 4:
        return 4
    power = 10 ** (len(str(int(value))) - 1)
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if value <= step * power)


def lines(title: str, labels: Sequence[str], series: Sequence[Series], width: float = WIDTH) -> str:
    """Lines over days, the last day marked by a dot. An empty string when there is nothing to draw."""
    if not labels or not series:
        return ""
    high = round_up(max((max(row.values, default=0) for row in series), default=0))
    box = Box(40, width - 22, 12, HEIGHT - 26, 0, high, len(labels))
    parts = [*_grid(box, _plain), *_day_labels(box, labels)]
    for row in series:
        points = " ".join(f"{box.x(number):.1f},{box.y(value):.1f}" for number, value in enumerate(row.values))
        if row.area:
            ground = f"{box.left},{box.bottom} {points} {box.right:.1f},{box.bottom}"
            parts.append(f'<polygon class="area {row.colour}" points="{ground}"/>')
        parts.append(f'<polyline class="ln {row.colour}" points="{points}"/>')
        last = len(labels) - 1
        parts.append(_circle(box.x(last), box.y(row.values[-1]), 3.5, f"dot {row.colour}"))
    for number, label in enumerate(labels):
        tip = hint(label, ((row.name, _plain(row.values[number])) for row in series))
        cross = f'<line class="cross" x1="{box.x(number):.1f}" x2="{box.x(number):.1f}" y1="12" y2="{box.bottom}"/>'
        parts.append(_hit(box, number, tip, cross))
    return framed(title, parts, width)


def attainment(
    title: str,
    labels: Sequence[str],
    met: Sequence[int],
    missed: Sequence[int],
    names: tuple[str, str],
    target: int,
    width: float = WIDTH,
) -> str:
    """Share met per day against a target. Below it a day is a red square, else a green dot; idle days are gaps."""
    if not labels:
        return ""
    shares = [100 * good / (good + bad) if good + bad else None for good, bad in zip(met, missed, strict=True)]
    lowest = min((share for share in shares if share is not None), default=100)
    box = Box(44, width - 44, 12, HEIGHT - 26, min(80, lowest // 10 * 10), 100, len(labels))
    height = box.y(target)
    parts = [
        *_grid(box, lambda value: f"{value:g}%"),
        *_day_labels(box, labels),
        f'<line class="target" x1="{box.left}" x2="{box.right}" y1="{height:.1f}" y2="{height:.1f}"/>',
        text(box.right + 6, height + 4, f"{target}%", "ax target-t"),
    ]
    known = [(number, share) for number, share in enumerate(shares) if share is not None]
    points = " ".join(f"{box.x(number):.1f},{box.y(share):.1f}" for number, share in known)
    parts.append(f'<polyline class="ln c-ok" points="{points}"/>')
    for number, share in known:
        x, y = box.x(number), box.y(share)
        square = f'<rect class="pt c-breach" x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" rx="1.5"/>'
        shape = _circle(x, y, 5, "pt c-ok") if share >= target else square
        tip = hint(f"{labels[number]} · {share:.1f}%", zip(names, (met[number], missed[number]), strict=True))
        parts.append(_hit(box, number, tip, shape))
    return framed(title, parts, width)


def heat(
    title: str, rows: Sequence[str], columns: Sequence[str], grid: Sequence[Sequence[int]], whole: float = WIDTH
) -> str:
    """A map of numbers, weekday by hour; seven steps of one colour."""
    left, top = 46, 6
    width, height = (whole - left - 8) / len(columns), (HEIGHT - top - 22) / len(rows)
    highest = max((max(row, default=0) for row in grid), default=0) or 1
    parts = []
    for line, label in enumerate(rows):
        parts.append(text(left - 8, top + height * (line + 0.5) + 4, label, "ax", "end"))
        for column, name in enumerate(columns):
            value = grid[line][column]
            # The power spreads the low end, where most hours lie.
            level = min(HEAT_LEVELS, round(HEAT_LEVELS * (value / highest) ** 0.8))
            parts.append(
                f'<rect class="h{level}" data-tip="{hint(f"{label} {name}", [("", value)])}" '
                f'x="{left + width * column + 1:.1f}" y="{top + height * line + 1:.1f}" '
                f'width="{width - 2:.1f}" height="{height - 2:.1f}" rx="2"/>'
            )
    for column in range(0, len(columns), 3):
        parts.append(text(left + width * (column + 0.5), HEIGHT - 6, columns[column], "ax", "middle"))
    return framed(title, parts, whole)


def bars(title: str, rows: Sequence[Bar], whole: float = WIDTH, height: float = 30) -> str:
    """Lying bars, each made of coloured parts; a row that leads somewhere is a link."""
    if not rows:
        return ""
    left, right, letters = (146, whole - 74, 20) if whole >= WIDTH else (118, whole - 74, 16)
    total = max((sum(value for _name, value, _colour in row.parts) for row in rows), default=0) or 1
    parts = []
    for number, row in enumerate(rows):
        top, x, drawn = number * height, float(left), []
        for _name, value, colour in row.parts:
            width = (right - left) * value / total
            if width > 0.3:
                drawn.append(
                    f'<rect class="bar {colour}" x="{x:.1f}" y="{top + height * 0.22:.1f}" '
                    f'width="{max(width - 1, 0.8):.1f}" height="{height * 0.56:.1f}" rx="2"/>'
                )
            x += width
        middle = top + height / 2 + 4
        body = (
            f'<rect class="ground" x="0" y="{top}" width="{whole:g}" height="{height}"/>'
            f"{text(left - 10, middle, _short(row.label, letters), 'ax lab', 'end')}{''.join(drawn)}"
            f"{text(x + 8, middle, row.note, 'ax val')}"
        )
        tip = hint(row.label, ((name, _plain(value)) for name, value, _colour in row.parts))
        group = f'<g class="hit" data-tip="{tip}">{body}</g>'
        words = escape(f"{row.label}: {row.note}")
        parts.append(f'<a href="{escape(row.href)}" aria-label="{words}">{group}</a>' if row.href else group)
    return framed(title, parts, whole, height * len(rows), "group" if any(row.href for row in rows) else "img")


def spark(values: Sequence[float], colour: str) -> str:
    """A line without words, for a tile; decoration, so hidden from screen readers."""
    if len(values) < 2:
        return ""
    box = Box(2, 100, 5, 26, min(values), max(values), len(values))
    points = " ".join(f"{box.x(number):.1f},{box.y(value):.1f}" for number, value in enumerate(values))
    dot = _circle(box.x(len(values) - 1), box.y(values[-1]), 2.6, f"dot {colour}")
    line = f'<polyline class="ln {colour}" points="{points}"/>'
    return f'<svg class="chart spark" viewBox="0 0 104 30" aria-hidden="true">{line}{dot}</svg>'


def _grid(box: Box, shown: Callable[[float], str], steps: int = 4) -> Iterable[str]:
    for number in range(steps + 1):
        value = box.low + (box.high - box.low) * number / steps
        y = box.y(value)
        yield f'<line class="grid" x1="{box.left}" x2="{box.right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield text(box.left - 8, y + 4, shown(value), "ax", "end")


def _day_labels(box: Box, labels: Sequence[str]) -> Iterable[str]:
    most = 7 if box.right > NARROW else 4
    step = max(1, round(len(labels) / most))
    for number in range(len(labels) - 1, -1, -step):  # the last day is always named
        yield text(box.x(number), box.bottom + 18, labels[number], "ax", "middle")


def _hit(box: Box, number: int, tip: str, inside: str) -> str:
    width = (box.right - box.left) / max(box.columns - 1, 1)
    ground = (
        f'<rect class="ground" x="{box.x(number) - width / 2:.1f}" y="{box.top}" width="{width:.1f}" '
        f'height="{box.bottom - box.top}"/>'
    )
    return f'<g class="hit" data-tip="{tip}">{ground}{inside}</g>'


def hint(title: str, pairs: Iterable[tuple[str, object]]) -> str:
    """What is shown beside the pointer, for `data-tip`."""
    return escape("|".join([title.replace("|", "/"), *(f"{name}={value}".replace("|", "/") for name, value in pairs)]))


def text(x: float, y: float, words: str, css: str, anchor: str = "start") -> str:
    """Words in a picture."""
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _circle(x: float, y: float, radius: float, css: str) -> str:
    return f'<circle class="{css}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'


def _plain(value: float) -> str:
    return f"{value:g}" if value < 1_000_000 else f"{value:.0f}"


def _short(text: str, limit: int) -> str:
    wide = [1 + (ord(char) > 0x2E80) for char in text]
    if sum(wide) <= limit:
        return text
    kept = 0
    while sum(wide[: kept + 1]) < limit:
        kept += 1
    return text[:kept] + "…"


def framed(title: str, parts: Iterable[str], width: float = WIDTH, height: float = HEIGHT, role: str = "img") -> str:
    """The picture around its parts; `title` is what screen readers say."""
    return (
        f'<svg class="chart" viewBox="0 0 {width:g} {height:g}" role="{role}" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )
