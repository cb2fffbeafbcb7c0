#!/usr/bin/env python3
"""Each public header compiles alone, and costs a translation unit no more than its budget.

  headers.py [--compilers g++ clang++-14] [--enabled-only]   checks the project
  headers.py --self-test                                     checks that a header that breaks a rule is found

Without `--enabled-only` also with everything compiled out, which a second compiler need not say again.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

import project

# Preprocessed lines that a header may add to a unit that already has its base. What is left in the two of spdlog names its
# types, which the compiled library does not know, or would be one more call for each line.
BUDGETS = {
    "langfuse/tracing/observe.h": (800, "string_view"),
    "langfuse/langfuse.h": (1500, "string"),
    "langfuse/sinks/spdlog_attach.h": (440, "spdlog/spdlog.h"),
    "langfuse/sinks/spdlog_sink.h": (320, "spdlog/sinks/sink.h"),
}
# More than this project compiles itself with: whoever includes a header may use any of these.
WARNINGS = [
    "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wold-style-cast",
    "-Wcast-qual", "-Wnon-virtual-dtor", "-Woverloaded-virtual", "-Wdouble-promotion", "-Werror",
]
# `coroutine.h` is the one header that adds what needs C++20.
NEEDS_CXX20 = {"langfuse/coroutine.h"}


def run(command, source):
    return subprocess.run(command, input=source, capture_output=True, text=True)


def modes(header, enabled_only):
    """The standards and definitions that a header is made for."""
    enabled, disabled = [], ["-DLANGFUSE_DISABLED"]
    if header.startswith("langfuse/disabled/"):
        defines = [disabled]
    else:
        defines = [enabled] if enabled_only else [enabled, disabled]
    first, *others = ["-std=c++20"] if header in NEEDS_CXX20 else ["-std=c++17", "-std=c++20"]
    return [(first, define) for define in defines] + [(other, defines[0]) for other in others]


def compile_alone(compiler, standard, define, include, header):
    """What the compiler has to say about a unit that includes nothing but the header."""
    command = [compiler, standard, *WARNINGS, *define, f"-I{include}", "-fsyntax-only", "-xc++", "-"]
    result = run(command, f"#include <{header}>\n")
    if result.returncode == 0:
        return []
    what = " ".join([compiler, standard, *define])
    return [f"{header} does not compile alone with {what}:\n{result.stderr}"]


def preprocessed_lines(include, headers):
    source = "".join(f"#include <{header}>\n" for header in headers)
    result = run(["g++", "-std=c++17", "-E", "-P", f"-I{include}", "-xc++", "-"], source)
    if result.returncode != 0:
        raise SystemExit(f"cannot preprocess {headers}:\n{result.stderr}")
    return sum(1 for line in result.stdout.splitlines() if line)


def over_budget(include, header, limit, base):
    added = preprocessed_lines(include, [base, header]) - preprocessed_lines(include, [base])
    print(f"  {header} adds {added} lines to <{base}>, of {limit}")
    return [f"{header} adds {added} lines to <{base}>; {limit} are allowed"] if added > limit else []


def check(include, compilers, budgets, enabled_only=False):
    problems = []
    headers = sorted(p.relative_to(include).as_posix() for p in include.rglob("*.h"))
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        jobs = [
            pool.submit(compile_alone, compiler, standard, define, include, header)
            for header in headers
            for compiler in compilers
            for standard, define in modes(header, enabled_only)
        ]
        for job in jobs:
            problems += job.result()
    for header, (limit, base) in budgets.items():
        if header in headers:
            problems += over_budget(include, header, limit, base)
        else:
            problems.append(f"{header} has a budget and is not there")
    return problems


def self_test():
    seeded = {
        "incomplete.h": "inline std::string text();\n",
        "pedantic.h": "struct Empty { int nothing[0]; };\n",
        "only_cxx17.h": "#if __cplusplus > 201703L\n#error C++20\n#endif\n",
        "only_enabled.h": "#ifdef LANGFUSE_DISABLED\n#error disabled\n#endif\n",
        "heavy.h": "#include <string>\n",
        "fine.h": "#include <string>\ninline int length(const std::string& s) { return int(s.size()); }\n",
    }
    expected = [
        "incomplete.h does not compile alone with g++ -std=c++17",
        "pedantic.h does not compile alone",
        "only_cxx17.h does not compile alone with g++ -std=c++20",
        "only_enabled.h does not compile alone with g++ -std=c++17 -DLANGFUSE_DISABLED",
        "heavy.h adds ",
        "absent.h has a budget and is not there",
    ]
    with tempfile.TemporaryDirectory() as folder:
        include = pathlib.Path(folder)
        for name, text in seeded.items():
            (include / name).write_text(text)
        budgets = {"heavy.h": (800, "cstdint"), "absent.h": (1, "cstdint"), "fine.h": (800, "string")}
        problems = check(include, ["g++"], budgets)
    missed = [
        f"a seeded violation is not found: {text}"
        for text in expected
        if not any(text in problem for problem in problems)
    ]
    return missed + [f"a false alarm: {p}" for p in problems if p.startswith(("fine.h", "heavy.h does"))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--compilers", nargs="+", default=["g++"])
    parser.add_argument("--enabled-only", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        project.report("headers self-test", self_test())
    project.report("headers", check(project.ROOT / "include", arguments.compilers, BUDGETS, arguments.enabled_only))
