#!/usr/bin/env python3
"""Turns Google Benchmark's JSON into the table that a person reads and the list that a program reads.

    bench_report.py RESULTS.json [--json FILE]
"""
import argparse
import json
import sys


def figures(results):
    """The figures of one run: name, value, unit, target (None where there is none) and which direction is better."""
    by_name = {}
    for result in results["benchmarks"]:
        if result.get("error_occurred"):
            sys.exit(f"{result['name']}: {result['error_message']}")
        by_name[result["name"].replace("/manual_time", "")] = result

    def per_operation(name):
        return 1e9 / by_name[name]["items_per_second"]

    null_sink = per_operation("log_to_null_sink")
    with_sink = per_operation("log_to_null_and_langfuse_sink")
    plain, gzip = by_name["end_to_end/plain"], by_name["end_to_end/gzip"]
    rows = [
        ("log line, spdlog's null_sink alone", null_sink, "ns", None, "less"),
        ("log line, added by the langfuse sink", with_sink - null_sink, "ns", 150, "less"),
        ("log line, allocations", by_name["log_to_null_and_langfuse_sink"]["allocations"], "per line", 1, "less"),
        ("scope with four attributes", per_operation("scope_with_four_attributes"), "ns", 300, "less"),
        ("scope, allocations", by_name["scope_with_four_attributes"]["allocations"], "per scope", 1, "less"),
        ("scope when nothing is configured", per_operation("scope_when_nothing_is_configured"), "ns", None, "less"),
        ("end to end, no gzip, per CPU second", plain["records_per_cpu_second"] / 1e3, "k records/s", 500, "more"),
        ("end to end, no gzip, CPU per million", plain["cpu_us_per_record"], "s", None, "less"),
        ("end to end, no gzip, wall clock", plain["items_per_second"] / 1e3, "k records/s", None, "more"),
        ("end to end, gzip, per CPU second", gzip["records_per_cpu_second"] / 1e3, "k records/s", None, "more"),
        ("end to end, gzip, CPU per million", gzip["cpu_us_per_record"], "s", None, "less"),
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
    arguments = parser.parse_args()
    with open(arguments.results, encoding="utf-8") as file:
        results = json.load(file)
    rows = figures(results)
    width = max(len(row["name"]) for row in rows)
    print(f"\n{'figure':{width}}  {'value':>10}  {'unit':12} {'target':>8}")
    for row in rows:
        sign = "<=" if row["better"] == "less" else ">="
        target = "" if row["target"] is None else f"{sign} {row['target']}"
        print(f"{row['name']:{width}}  {row['value']:10.2f}  {row['unit']:12} {target:>8}  {verdict(row)}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
