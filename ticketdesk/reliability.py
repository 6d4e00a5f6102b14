"""A reliability diagram: what was said against what came. Pure.

A point on the dotted line was said just right; above it, more came late than was said. The bigger the dot, the more
predictions it stands for.
"""

from collections.abc import Sequence
from math import sqrt

from ticketdesk.charts import WIDTH, Box, framed, hint, text

HEIGHT = 300
LEAST, MOST = 3.0, 11.0
Point = tuple[float, float, int]
"""Share said, share that came, and how many predictions."""


def reliability(title: str, points: Sequence[Point], names: tuple[str, str, str], width: float = WIDTH) -> str:
    """The diagram; `names` are the words for said, came and how many. An empty string without points."""
    if not points:
        return ""
    box = Box(44, width - 16, 12, HEIGHT - 40)
    parts = []
    for step in range(0, 101, 25):
        y, x = box.y(step / 100), box.left + (box.right - box.left) * step / 100
        parts.append(f'<line class="grid" x1="{box.left}" x2="{box.right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(text(box.left - 8, y + 4, f"{step}%", "ax", "end"))
        parts.append(text(x, box.bottom + 18, f"{step}%", "ax", "end" if step == 100 else "middle"))
    parts.append(text((box.left + box.right) / 2, HEIGHT - 4, names[0], "ax", "middle"))
    parts.append(f'<line class="target" x1="{box.left}" x2="{box.right}" y1="{box.bottom}" y2="{box.top}"/>')
    most = max(count for _, _, count in points)
    places = [(box.left + (box.right - box.left) * said, box.y(came)) for said, came, _ in points]
    parts.append(f'<polyline class="ln c-info" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
    for (x, y), (said, came, count) in zip(places, points, strict=True):
        radius = LEAST + (MOST - LEAST) * sqrt(count / most)
        tip = hint(f"{names[0]} {said:.0%}", [(names[1], f"{came:.0%}"), (names[2], count)])
        dot = f'<circle class="dot c-info" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
        parts.append(f'<g class="hit" data-tip="{tip}">{dot}</g>')
    return framed(title, parts, width, HEIGHT)
