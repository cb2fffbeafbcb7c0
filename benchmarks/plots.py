#!/usr/bin/env python3
"""The plots of docs/performance.md: measured by the scenario programs, drawn as SVG. Needs nothing but Python.

  plots.py measure FOLDER FIGURES.json   FOLDER has the scenario programs; takes some minutes
  plots.py draw FIGURES.json OUT_FOLDER  performance-latency.svg, performance-growth.svg, performance-cpu.svg
"""

import html
import json
import math
import pathlib
import statistics
import sys

import scenarios
from peers import OTEL, OURS, program_path

NAMES = {OURS: "langfuse-cpp", OTEL: "opentelemetry-cpp"}
COLOURS = {OURS: "#2563eb", OTEL: "#d97706"}
GREY = "#6b7280"
SHARES = ["p1", "p10", "p25", "p50", "p75", "p90", "p99", "p99.9", "p99.99"]
COUNTS = [10_000, 100_000, 1_000_000, 10_000_000]
THREADS = [1, 2, 4, 8, 16, 32, 64]
GROWTH_LIMIT = 1.3


def measure(folder, path):
    figures = {}
    with scenarios.Server(folder) as url:

        def median(rounds, figure, program, *arguments):
            runs = (scenarios.figures(program_path(folder, program), *arguments[:2], url, *arguments[2:]) for _ in range(rounds))
            return statistics.median(run[figure] for run in runs)

        def cpu(rounds, program, operation, *options):
            return median(rounds, "cpu_us_per_record", program, "end_to_end", operation, *options)

        figures["latency"] = {}
        for program, operation in ((OURS, "scope_4"), (OTEL, "scope_4"), (OURS, "scope_10"), (OTEL, "scope_10"), (OURS, "line")):
            printed = scenarios.figures(program_path(folder, program), "single", operation, url, "--count=500000")
            figures["latency"][f"{program} {operation}"] = [printed[share] for share in SHARES]
        # The short run is over too soon to be timed once.
        rounds = {10_000: 15, 100_000: 7, 1_000_000: 3, 10_000_000: 1}
        figures["counts"] = [cpu(rounds[count], OURS, "scope_4", f"--count={count}") for count in COUNTS]
        figures["threads"] = [cpu(5, OURS, "scope_4", "--count=500000", f"--threads={threads}") for threads in THREADS]
        figures["cpu"] = {
            "4 attributes": [(OURS, cpu(5, OURS, "scope_4")), (OTEL, cpu(5, OTEL, "scope_4"))],
            "10 attributes": [(OURS, cpu(5, OURS, "scope_10")), (OTEL, cpu(5, OTEL, "scope_10"))],
            "10 attributes, gzip": [(OURS, cpu(5, OURS, "scope_10", "--gzip"))],
        }
    pathlib.Path(path).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


class Drawing:
    """An SVG that grows by shapes."""

    def __init__(self, width, height, title):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="sans-serif" font-size="13">',
            f"<title>{html.escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
        ]
        self.text(20, 26, title, size=16, weight="bold")

    def text(self, x, y, content, anchor="start", colour="#111827", size=13, weight="normal"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}" font-weight="{weight}">'
            f"{html.escape(content)}</text>"
        )

    def line(self, points, colour, width=2.0, dashes=""):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>')

    def dot(self, x, y, colour):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')

    def bar(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>')

    def save(self, path):
        pathlib.Path(path).write_text("\n".join([*self.parts, "</svg>"]) + "\n", encoding="utf-8")


class Panel:
    """A field with two axes: `x` places evenly what it is given names for, `y` is linear or logarithmic."""

    def __init__(self, drawing, left, top, width, height, names, low, high, ticks, is_logarithmic=False, heading="", unit=""):
        self.drawing, self.left, self.top, self.width, self.height = drawing, left, top, width, height
        self.names, self.low, self.high, self.is_logarithmic = names, low, high, is_logarithmic
        drawing.text(left, top - 12, heading, colour=GREY)
        for tick in ticks:
            drawing.line([(left, self.y(tick)), (left + width, self.y(tick))], "#e5e7eb", 1)
            drawing.text(left - 8, self.y(tick) + 4, f"{tick:,.0f}{unit}" if tick >= 1000 else f"{tick:g}{unit}", "end", GREY, 12)
        for index, name in enumerate(names):
            drawing.text(self.x(index), top + height + 20, name, "middle", GREY, 12)

    def x(self, index):
        return self.left + self.width * (index + 0.5) / len(self.names)

    def y(self, value):
        low, high, value = (math.log(v) if self.is_logarithmic else v for v in (self.low, self.high, max(value, self.low)))
        return self.top + self.height * (1 - (value - low) / (high - low))

    def curve(self, values, colour, dashes=""):
        points = [(self.x(index), self.y(value)) for index, value in enumerate(values)]
        self.drawing.line(points, colour, dashes=dashes)
        for point in points:
            self.drawing.dot(*point, colour)


def draw_latency(figures, path):
    drawing = Drawing(860, 480, "What one call takes: ns by percentile, one thread, the clock's own time taken off")
    every = [value for values in figures.values() for value in values]
    high = 10 ** math.ceil(math.log10(max(every)))
    ticks = [10**power for power in range(1, 1 + round(math.log10(high)))]
    panel = Panel(drawing, 90, 80, 560, 340, SHARES, 10, high, ticks, True, "ns (logarithmic)")
    dashes = {"scope_4": "", "scope_10": "7 4", "line": "2 3"}
    titles = {"scope_4": "scope, 4 attributes", "scope_10": "scope, 10 attributes", "line": "log line, null_sink and ours"}
    for index, (name, values) in enumerate(figures.items()):
        program, operation = name.split()
        panel.curve(values, COLOURS[program], dashes[operation])
        y = 100 + 44 * index
        drawing.line([(665, y), (695, y)], COLOURS[program], dashes=dashes[operation])
        drawing.text(702, y - 2, NAMES[program], size=12)
        drawing.text(702, y + 13, titles[operation], colour=GREY, size=11)
    drawing.save(path)


def draw_growth(figures, path):
    drawing = Drawing(860, 380, "CPU of an event, all threads, in that of the smallest run")
    counts = [value / figures["counts"][0] for value in figures["counts"]]
    threads = [value / figures["threads"][0] for value in figures["threads"]]
    high = max(2.0, math.ceil(max(counts + threads) * 2) / 2)
    ticks = [tick / 2 for tick in range(int(2 * high) + 1)]
    short = [f"{count:,}".replace(",000,000", " M").replace(",000", " k") for count in COUNTS]
    for left, names, values, heading, absolute in (
        (70, short, counts, "events, one thread", figures["counts"]),
        (480, [str(n) for n in THREADS], threads, "threads, 500 000 events, 2 cores", figures["threads"]),
    ):
        panel = Panel(drawing, left, 80, 350, 240, names, 0, high, ticks, heading=heading, unit=" x")
        drawing.line([(left, panel.y(GROWTH_LIMIT)), (left + 350, panel.y(GROWTH_LIMIT))], "#dc2626", 1, "5 4")
        drawing.text(left + 4, panel.y(GROWTH_LIMIT) - 5, f"{GROWTH_LIMIT} x", colour="#dc2626", size=11)
        panel.curve(values, COLOURS[OURS])
        for index, value in enumerate(values):
            drawing.text(panel.x(index), panel.y(0) - 8, f"{absolute[index]:.2f} µs", "middle", GREY, 11)
    drawing.save(path)


def draw_cpu(figures, path):
    drawing = Drawing(860, 400, "CPU seconds for a million events, from the call to the server, all threads of the process")
    high = max(value for bars in figures.values() for _, value in bars) * 1.15
    step = 10 ** math.floor(math.log10(high))
    step = step if high / step >= 3 else step / 5
    ticks = [step * index for index in range(int(high / step) + 1)]
    panel = Panel(drawing, 80, 80, 560, 260, list(figures), 0, high, ticks, heading="CPU s for a million")
    for index, bars in enumerate(figures.values()):
        for place, (program, value) in enumerate(bars):
            x = panel.x(index) + (place - len(bars) / 2) * 62
            drawing.bar(x, panel.y(value), 56, panel.top + panel.height - panel.y(value), COLOURS[program])
            drawing.text(x + 28, panel.y(value) - 6, f"{value:.2f}", "middle", size=12)
    for index, program in enumerate((OURS, OTEL)):
        drawing.bar(665, 92 + 26 * index, 14, 14, COLOURS[program])
        drawing.text(686, 104 + 26 * index, NAMES[program])
    drawing.save(path)


def draw(figures, folder):
    draw_latency(figures["latency"], folder / "performance-latency.svg")
    draw_growth(figures, folder / "performance-growth.svg")
    draw_cpu(figures["cpu"], folder / "performance-cpu.svg")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["measure", folder, path]:
            measure(folder, path)
        case ["draw", path, folder]:
            draw(json.loads(pathlib.Path(path).read_text(encoding="utf-8")), pathlib.Path(folder))
        case _:
            sys.exit(__doc__)
