"""Milestones as a Gantt chart: the plan in grey above, below it what happened and what is expected. Pure.

A diamond is what was promised. Red is the stage whose own duration ran over its plan, an open one that is overdue, a
promise that is missed, and a forecast behind what was promised or planned; colours repeat what shape and tip say.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ticketdesk.charts import Box, framed, hint, text

DAY_LABEL = 46
LINE = 27


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of a milestone plan; a stage that has begun has `started_at`, one that is over `ended_at`."""

    label: str
    planned_from: datetime | None
    planned_to: datetime | None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    promised_at: datetime | None = None
    forecast_from: datetime | None = None
    forecast_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """The promise, else the plan."""
        return self.promised_at or self.planned_to


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is drawn: `width` in pixels, a format for times, words for planned, promised, expected and actual."""

    width: float = 352
    shown: Callable[[datetime], str] = lambda at: f"{at:%m-%d %H:%M}"
    words: tuple[str, str, str, str] = field(default=("Planned", "Promised", "Expected", "Actual"))


def gantt(title: str, stages: Sequence[Stage], now: datetime, plan: Plan | None = None) -> str:
    """The chart as SVG; an empty string when no time is known."""
    plan = plan or Plan()
    known = [at for stage in stages for at in _times(stage)]
    if not known:
        return ""
    over = all(stage.ended_at for stage in stages)
    first, last = min(known), max(known) if over else max(*known, now)
    longest = max(len(stage.label) + sum(ord(char) > 0x2E80 for char in stage.label) for stage in stages)
    box = Box(min(124, 18 + longest * 6.2), plan.width - 12, 22, 22 + LINE * len(stages), columns=2)
    seconds = (last - first).total_seconds() or 1

    def x(at: datetime) -> float:
        return box.x((at - first).total_seconds() / seconds)

    parts = [*_days(box, first, last, x)]
    for number, stage in enumerate(stages):
        parts.append(_stage(stage, box.top + LINE * number, box.left, x, now, plan))
    if not over:
        parts.append(f'<line class="now" x1="{x(now):.1f}" x2="{x(now):.1f}" y1="{box.top - 4}" y2="{box.bottom}"/>')
    return framed(title, parts, width=plan.width, height=box.bottom + 6)


def _times(stage: Stage) -> list[datetime]:
    times = (
        stage.planned_from,
        stage.planned_to,
        stage.started_at,
        stage.ended_at,
        stage.promised_at,
        stage.forecast_at,
    )
    return [at for at in times if at is not None]


def _stage(stage: Stage, top: float, left: float, x: Callable[[datetime], float], now: datetime, plan: Plan) -> str:
    drawn = text(left - 12, top + 16, stage.label, "ax lab", "end")
    planned = None
    if stage.planned_to is not None:
        begin = stage.planned_from or stage.planned_to
        planned = stage.planned_to - begin
        drawn += _rounded("plan", x(begin), top + 4, x(stage.planned_to) - x(begin), 6)
    drawn += _expected(stage, top, x, now)
    if stage.started_at is not None:
        end = max(stage.ended_at or now, stage.started_at)
        late = planned is not None and end - stage.started_at > planned * 1.25 + timedelta(minutes=90)
        late |= stage.ended_at is None and stage.due_at is not None and stage.due_at < now
        colour = "c-breach" if late else "c-ok" if stage.ended_at else "c-info live"
        drawn += _rounded(f"bar {colour}", x(stage.started_at), top + 12, x(end) - x(stage.started_at), 8)
    if stage.promised_at is not None:
        ends = stage.ended_at or stage.forecast_at or now
        drawn += _diamond("promise" + (" c-breach" if ends > stage.promised_at else ""), x(stage.promised_at), top + 7)
    told = (stage.planned_to, stage.promised_at, stage.forecast_at, stage.ended_at)
    lines = [(word, plan.shown(at)) for word, at in zip(plan.words, told, strict=True) if at is not None]
    return f'<g class="hit" data-tip="{hint(stage.label, lines)}">{drawn}</g>'


def _expected(stage: Stage, top: float, x: Callable[[datetime], float], now: datetime) -> str:
    """The outline of what is still to come."""
    if stage.forecast_at is None or stage.ended_at is not None:
        return ""
    begin = max(stage.forecast_from or now, now) if stage.started_at is None else now
    begin = min(begin, stage.forecast_at)
    late = stage.due_at is not None and stage.forecast_at - stage.due_at >= timedelta(minutes=1)
    css = "fore c-breach" if late else "fore c-info"
    return _rounded(css, x(begin), top + 12.5, x(stage.forecast_at) - x(begin), 7)


def _days(box: Box, first: datetime, last: datetime, x: Callable[[datetime], float]) -> Iterable[str]:
    fitting = max(1, int((box.right - box.left) // DAY_LABEL))
    step = timedelta(days=-(-((last - first).days + 1) // fitting))
    day = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while day < last:
        place = x(day)
        yield f'<line class="grid" x1="{place:.1f}" x2="{place:.1f}" y1="{box.top - 4}" y2="{box.bottom}"/>'
        if box.left + 8 < place < box.right - 8:
            yield text(place, box.top - 10, f"{day:%m-%d}", "ax", "middle")
        day += step


def _rounded(css: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{css}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 3):.1f}" height="{height}" rx="{height / 2}"/>'
    )


def _diamond(css: str, x: float, y: float, size: float = 4.5) -> str:
    points = f"{x:.1f},{y - size:.1f} {x + size:.1f},{y:.1f} {x:.1f},{y + size:.1f} {x - size:.1f},{y:.1f}"
    return f'<polygon class="{css}" points="{points}"/>'
