#!/usr/bin/env python3
"""Draws the dashboard, roughly as Grafana lays it out, from what a real Prometheus answered:

    KEEP_WATCHING=/tmp/answers WATCHING_LOAD=80 Tests/Deploy/watching
    deploy/watching/picture.py /tmp/answers >dashboard.html
    chromium --headless --no-sandbox --hide-scrollbars --window-size=1440,1270 --screenshot=dashboard.png dashboard.html
"""

import html
import json
import pathlib
import re
import sys

COLOURS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#b877d9", "#e02f44", "#8ab8ff", "#96d98d", "#ffa6b0"]
UNIT, ROW = 1440 / 24, 30
answers: dict[str, list] = {}
for line in (pathlib.Path(sys.argv[1]) / "ranges").read_text().splitlines():
    answer = json.loads(line)
    answers.setdefault(answer["title"], []).append(answer["result"])


def shown(value: float, unit: str) -> str:
    if unit == "bytes":
        return f"{value / 2**30:.1f} GiB"
    if unit == "s":
        if value >= 172800:
            return f"{value / 86400:.1f} days"
        if value >= 7200:
            return f"{value / 3600:.1f} h"
        return f"{value:.3g} s" if value >= 1 or value == 0 else f"{value * 1000:.3g} ms"
    return f"{value:.3g}" + ("/s" if unit == "reqps" else "") if value < 1000 else f"{value:,.0f}" + ("/s" if unit == "reqps" else "")


def text(x: float, y: float, size: int, words: str, colour: str = "#ccccdc", anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{html.escape(words)}</text>'


def series(panel: dict) -> list[tuple[str, list[tuple[float, float]]]]:
    found = []
    for target, result in zip(panel["targets"], answers.get(panel["title"], [])):
        for one in result:
            name = re.sub(r"{{(\w+)}}", lambda match: one["metric"].get(match[1], ""), target["legendFormat"])
            points = [(float(at), float(value)) for at, value in one["values"] if value not in ("NaN", "+Inf")]
            if points:
                found.append((name or "…", points))
    return found


def chart(panel: dict, x: float, y: float, width: float, height: float, unit: str) -> str:
    lines = series(panel)
    if not lines:
        return text(x + width / 2, y + height / 2, 13, "No data", "#888", "middle")
    points = [point for _, one in lines for point in one]
    first, last = min(at for at, _ in points), max(at for at, _ in points)
    top = max(value for _, value in points) or 1
    left, right, upper, lower = x + 62, x + width - 12, y + 38, y + height - 36
    out = []
    for part in range(4):
        level = lower - (lower - upper) * part / 3
        out.append(f'<line x1="{left}" x2="{right}" y1="{level:.1f}" y2="{level:.1f}" stroke="#2c3235"/>')
        out.append(text(left - 6, level + 4, 11, shown(top * part / 3, unit), "#9a9aa4", "end"))
    at_x = left
    for number, (name, one) in enumerate(lines[:9]):
        path = " ".join(
            f"{left + (right - left) * (at - first) / ((last - first) or 1):.1f},{lower - (lower - upper) * value / top:.1f}" for at, value in one
        )
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[number]}" stroke-width="1.5"/>')
        if at_x + 7 * len(name) < x + width:
            out.append(f'<rect x="{at_x - 14}" y="{y + height - 20}" width="10" height="3" fill="{COLOURS[number]}"/>')
            out.append(text(at_x, y + height - 14, 11, name))
        at_x += 26 + 6.5 * len(name)
    return "".join(out)


def stat(panel: dict, x: float, y: float, width: float, height: float, unit: str) -> str:
    lines = series(panel)
    if not lines:
        return text(x + width / 2, y + height / 2 + 14, 18, "No data", "#888", "middle")
    value = lines[0][1][-1][1]
    defaults = panel["fieldConfig"]["defaults"]
    colour = [step["color"] for step in defaults["thresholds"]["steps"] if step["value"] is None or value >= step["value"]][-1]
    words = {key: option["text"] for mapping in defaults.get("mappings", []) for key, option in mapping["options"].items()}
    paint = {"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c"}[colour]
    return text(x + width / 2, y + height / 2 + 18, 26, words.get(f"{value:g}", shown(value, unit)), paint, "middle")


out, bottom = [], 0.0
for panel in json.loads((pathlib.Path(__file__).parent / "dashboard.json").read_text())["panels"]:
    place = panel["gridPos"]
    x, y, width, height = place["x"] * UNIT + 4, place["y"] * ROW + 4, place["w"] * UNIT - 8, place["h"] * ROW - 8
    bottom = max(bottom, y + height)
    if panel["type"] == "row":
        out.append(text(x + 4, y + 16, 15, "▾ " + panel["title"]))
        continue
    out.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="2" fill="#181b1f" stroke="#25272b"/>')
    out.append(text(x + 10, y + 20, 13, panel["title"]))
    unit = panel["fieldConfig"]["defaults"]["unit"]
    if panel["type"] == "table":
        for number, one in enumerate(answers.get(panel["title"], [[]])[0]):
            for row, name in enumerate(sorted(set(one["metric"]) - {"__name__", "job"})):
                out.append(text(x + 14, y + 48 + 20 * (row + 5 * number), 12, f"{name}  {one['metric'][name]}"))
    else:
        out.append((chart if panel["type"] == "timeseries" else stat)(panel, x, y, width, height, unit))
print(
    f'<!doctype html><meta charset="utf-8"><body style="margin:0;background:#111217"><svg xmlns="http://www.w3.org/2000/svg" width="1440" '
    f'height="{bottom + 8:.0f}" font-family="DejaVu Sans, sans-serif">{"".join(out)}</svg>'
)
