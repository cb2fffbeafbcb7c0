#!/usr/bin/env python3
"""Turns Google Benchmark's JSON into the table that a person reads and the list that a program reads.

    bench_report.py RESULTS.json [--receiver FIGURES.json] [--scenarios FOLDER] [--json FILE]
"""
import argparse
import json
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "benchmarks"))
import peers
import scenarios


def figures(results):
    """The figures of one run: name, value, unit, target (None where there is none) and which direction is better."""
    by_name = {}
    for result in results["benchmarks"]:
        if result.get("error_occurred"):
            sys.exit(f"{result['name']}: {result['error_message']}")
        if result["run_type"] == "iteration":
            by_name.setdefault(result["run_name"].replace("/manual_time", ""), []).append(result)

    def median(name, key):
        return statistics.median(result[key] for result in by_name[name])

    def per_operation(name):
        return 1e9 / median(name, "items_per_second")

    null_sink = per_operation("log_to_null_sink")
    with_sink = per_operation("log_to_null_and_langfuse_sink")
    scope = per_operation("scope_with_four_attributes")
    # The targets in ns are those of a machine on which a line to spdlog's null_sink takes 103 ns;
    # in such lines they hold for any machine, and however fast it happens to run.
    rows = [
        ("log line, spdlog's null_sink alone", null_sink, "ns", None, "less"),
        ("log line, added by the langfuse sink", with_sink - null_sink, "ns", 52, "less"),
        ("log line added, in null_sink lines", (with_sink - null_sink) / null_sink, "lines", 0.5, "less"),
        ("log line, added by attach", per_operation("log_to_attached_null_logger") - null_sink, "ns", None, "less"),
        ("log line, allocations", median("log_to_null_and_langfuse_sink", "allocations"), "per line", 0, "less"),
        ("scope with four attributes", scope, "ns", 125, "less"),
        ("scope, in null_sink lines", scope / null_sink, "lines", 1.2, "less"),
        ("scope, allocations", median("scope_with_four_attributes", "allocations"), "per scope", 0, "less"),
        ("scope, added by five propagated attributes", per_operation("scope_inside_five_propagated_attributes") - scope, "ns", None, "less"),
        ("propagation of five attributes", per_operation("propagation_of_five_attributes"), "ns", None, "less"),
        ("function call, added by observe_fn", per_operation("call_of_a_wrapped_function/plain") - per_operation("call_of_a_plain_function"), "ns", None, "less"),
        ("scope when nothing is configured", per_operation("scope_when_nothing_is_configured"), "ns", None, "less"),
    ]
    for name, title in (("plain", "no gzip"), ("gzip", "gzip")):
        name = f"end_to_end/{name}"
        target = 1000 if title == "no gzip" else 600
        rows += [
            (f"end to end, {title}, per CPU second", median(name, "records_per_cpu_second") / 1e3, "k records/s", target, "more"),
            (f"end to end, {title}, CPU per million", median(name, "cpu_us_per_record"), "s", None, "less"),
            (f"end to end, {title}, wall clock", median(name, "items_per_second") / 1e3, "k records/s", None, "more"),
        ]
    return [dict(zip(("name", "value", "unit", "target", "better"), row)) for row in rows]


def verdict(figure):
    if figure["target"] is None:
        return ""
    met = figure["value"] <= figure["target"] if figure["better"] == "less" else figure["value"] >= figure["target"]
    return "met" if met else "MISSED"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results")
    parser.add_argument("--json", metavar="FILE", help="write the figures as a JSON list, too")
    parser.add_argument("--receiver", metavar="FILE", help="what receiver_benchmark printed: figures as they are")
    parser.add_argument("--scenarios", metavar="FOLDER", help="measure a process that is idle, with the programs there")
    arguments = parser.parse_args()
    with open(arguments.results, encoding="utf-8") as file:
        results = json.load(file)
    rows = figures(results)
    if arguments.receiver:
        with open(arguments.receiver, encoding="utf-8") as file:
            rows += json.load(file)
    if arguments.scenarios:
        with scenarios.Server(arguments.scenarios) as url:
            rows += peers.quiet_rows(arguments.scenarios, url, [peers.OURS])
    width = max(len(row["name"]) for row in rows)
    print(f"\n{'figure':{width}}  {'value':>10}  {'unit':12} {'target':>8}")
    for row in rows:
        sign = "<=" if row["better"] == "less" else ">="
        target = "" if row["target"] is None else f"{sign} {row['target']}"
        print(f"{row['name']:{width}}  {row['value']:10.{2 if abs(row['value']) >= 0.01 else 5}f}  {row['unit']:12} {target:>8}  {verdict(row)}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
