#!/usr/bin/env python3
"""This library beside its peers in one run: each figure with theirs, the ratio and the target.

  peers.py FOLDER [--json FILE] [--rounds N]
  peers.py --markdown FILE     the table of docs/performance.md, of figures that --json wrote

FOLDER has the scenario programs. The programs take turns, so that a machine that changes its speed changes it for all; each
figure is the median of the rounds. Instructions are counted where valgrind is installed.
"""

import argparse
import json
import pathlib
import statistics
import sys

import scenarios
import stages

OURS, OTEL, SPDLOG = "langfuse", "opentelemetry", "spdlog"
NULL_SINK = "one line to null_sink"

# What is timed each round: name → (program, scenario, operation, figure, options).
TIMED = {
    **{
        f"{program} {operation}": (program, "bursts", operation, "ns")
        for program, operation in (
            (OURS, "scope_4"), (OTEL, "scope_4"), (OURS, "scope_10"), (OTEL, "scope_10"),
            (OURS, "disabled_scope"), (OTEL, "disabled_scope"),
            (OURS, "line"), (SPDLOG, "null_line"), (SPDLOG, "file_line"), (SPDLOG, "async_line"),
        )
    },
    **{
        f"{program} {scenario} {operation}": (program, scenario, operation, figure)
        for scenario, operation, figure in (
            ("growing", "scope_4", "ns"), ("growing", "scope_10", "ns"), ("end_to_end", "scope_10", "records_per_cpu_second"),
        )
        for program in (OURS, OTEL)
    },
    f"{OURS} gzip": (OURS, "end_to_end", "scope_10", "records_per_cpu_second", "--gzip"),
    **{
        f"{program} {threads} producers": (program, "single", "scope_4", "p50", f"--threads={threads}")
        for threads in (1, 4)
        for program in (OURS, OTEL)
    },
}


def program_path(folder, name):
    return pathlib.Path(folder) / f"{name}_scenarios"


def timed(folder, url, rounds):
    """The median of each timed figure over the rounds."""
    found = {name: [] for name in TIMED}
    for number in range(rounds):
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        for name, (program, scenario, operation, figure, *options) in TIMED.items():
            printed = scenarios.figures(program_path(folder, program), scenario, operation, url, *options)
            found[name].append(printed[figure])
    print(file=sys.stderr)
    return {name: statistics.median(values) for name, values in found.items()}


def row(name, ours, theirs, unit, peer="opentelemetry-cpp", least_ratio=None, target=None, better="less"):
    """`least_ratio` is a target for the ratio, `target` one for our figure."""
    ratio = None
    if theirs is not None and min(ours, theirs) > 0:
        ratio = theirs / ours if better == "less" else ours / theirs
    return {
        "name": name, "value": ours, "unit": unit, "target": target, "better": better,
        "peer": peer if theirs is not None else None, "peer_value": theirs, "ratio": ratio, "least_ratio": least_ratio,
    }  # fmt: skip


def timed_rows(t):
    null_line = t[f"{SPDLOG} null_line"]
    added = t[f"{OURS} line"] - null_line
    rows = [
        row("scope, 4 attributes", t[f"{OURS} scope_4"], t[f"{OTEL} scope_4"], "ns", least_ratio=20),
        row("scope, 10 attributes", t[f"{OURS} scope_10"], t[f"{OTEL} scope_10"], "ns", least_ratio=20),
        row("log line, added", added, null_line, "ns", NULL_SINK, least_ratio=2),
        row("log line, added", added, t[f"{SPDLOG} file_line"] - null_line, "ns", "added by basic_file_sink"),
        row("log line, added", added, t[f"{SPDLOG} async_line"] - null_line, "ns", "added by an async logger"),
        row("disabled scope, 4 setters", t[f"{OURS} disabled_scope"], t[f"{OTEL} disabled_scope"], "ns", "one no-op span"),
    ]
    for name, title in (("scope_4", "4 attributes"), ("scope_10", "10 attributes")):
        ours, theirs = t[f"{OURS} growing {name}"], t[f"{OTEL} growing {name}"]
        rows.append(row(f"memory growing, {title}", ours, theirs, "ns", least_ratio=10))
    ours, theirs = (t[f"{program} end_to_end scope_10"] / 1e3 for program in (OURS, OTEL))
    rows.append(row("end to end, no gzip", ours, theirs, "k/CPU s", least_ratio=25, better="more"))
    rows.append(row("end to end, gzip", t[f"{OURS} gzip"] / 1e3, None, "k/CPU s", target=600, better="more"))
    ours, theirs = (t[f"{program} 4 producers"] / t[f"{program} 1 producers"] for program in (OURS, OTEL))
    rows.append(row("4 producers on 2 cores, of 1", ours, theirs, "x", target=1.3))
    return rows


def counted_rows(folder, url):
    """Instructions and allocations."""
    def cost(program, operation):
        found = scenarios.cost_on_the_calling_thread(program_path(folder, program), operation, url)
        # Some blocks are for hundreds of records: a steady state has none for each.
        return found._replace(allocations=round(found.allocations, 2))

    rows = []
    for operation, title, target in (("scope_4", "scope, 4 attributes", 1050), ("scope_10", "scope, 10 attributes", 1800)):
        ours, theirs = cost(OURS, operation), cost(OTEL, operation)
        rows.append(row(title, ours.instructions, theirs.instructions, "instructions", target=target))
        rows.append(row(title, ours.allocations, None, "allocations", target=0))
    flusher, worker = (
        sum(cost for path, cost in by_path.items() if "libcurl" not in path)
        for by_path in (
            scenarios.beside_the_caller(program_path(folder, program), "scope_10", url, stages.by_file) for program in (OURS, OTEL)
        )
    )
    rows.append(row("its way to the server, libcurl apart", flusher, worker, "instructions", target=250))
    line, null_line = cost(OURS, "line"), cost(SPDLOG, "null_line")
    added = line.instructions - null_line.instructions
    rows.append(row("log line, added", added, null_line.instructions, "instructions", NULL_SINK, target=550))
    rows.append(row("log line", line.allocations, None, "allocations", target=0))
    ours, theirs = cost(OURS, "disabled_scope"), cost(OTEL, "disabled_scope")
    rows.append(row("disabled scope, 4 setters", ours.instructions, theirs.instructions, "instructions", "one no-op span", target=8))
    return rows


def quiet_rows(folder, url, peers=(OURS, OTEL)):
    """A process that has nothing to do any more."""
    def values(scenario, name):
        return [scenarios.figures(program_path(folder, peer), scenario, "scope_10", url)[name] for peer in peers] + [None]

    return [
        row("idle", *values("idle", "cpu_share")[:2], "CPU s/s", target=0.0002),
        row("memory after a burst, of that before", *values("retained", "over_idle")[:2], "x", target=1.1),
    ]


def verdict(figure):
    if figure["least_ratio"] is not None:
        return "met" if figure["ratio"] is not None and figure["ratio"] >= figure["least_ratio"] else "MISSED"
    if figure["target"] is None:
        return ""
    is_met = figure["value"] <= figure["target"] if figure["better"] == "less" else figure["value"] >= figure["target"]
    return "met" if is_met else "MISSED"


def number(value):
    if value is None:
        return ""
    return "0" if value == 0 else f"{value:.5f}" if value < 0.01 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def target(figure):
    if figure["least_ratio"] is not None:
        return f">= {figure['least_ratio']} x"
    if figure["target"] is None:
        return ""
    return f"{'<=' if figure['better'] == 'less' else '>='} {figure['target']}"


def cells(figure):
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.1f} x"
    return (
        figure["name"], number(figure["value"]), number(figure["peer_value"]), figure["unit"], ratio, target(figure),
        verdict(figure), figure["peer"] or "",
    )  # fmt: skip


def print_table(rows):
    lines = [("figure", "ours", "theirs", "unit", "ratio", "target", "", "theirs is")] + [cells(figure) for figure in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    print()
    for line in lines:
        fields = [
            text.rjust(width) if column in (1, 2, 4, 5) else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths))
        ]
        print("  ".join(fields).rstrip())


def print_markdown(rows):
    print("| figure | langfuse-cpp | theirs | ratio | target | |")
    print("|---|---|---|---|---|---|")
    for figure in rows:
        name, ours, theirs, unit, ratio, goal, met, peer = cells(figure)
        theirs = theirs and f"{theirs}, {peer}" if peer != "opentelemetry-cpp" else theirs
        goal = goal.replace("<=", "≤").replace(">=", "≥")
        print(f"| {name}, {unit} | {ours} | {theirs} | {ratio} | {goal} | {met.lower()} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--markdown", metavar="FILE", help="measure nothing: print these figures as a table in Markdown")
    parser.add_argument("--json", metavar="FILE", help="write the figures as a JSON list, too")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    if arguments.markdown:
        print_markdown(json.loads(pathlib.Path(arguments.markdown).read_text(encoding="utf-8")))
        return
    with scenarios.Server(arguments.folder) as url:
        rows = timed_rows(timed(arguments.folder, url, arguments.rounds))
        if scenarios.has_callgrind():
            rows += counted_rows(arguments.folder, url)
        else:
            print("no instructions: valgrind is not installed (Debian: valgrind)", file=sys.stderr)
        rows += quiet_rows(arguments.folder, url)
    print_table(rows)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
