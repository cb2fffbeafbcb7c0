#!/usr/bin/env python3
"""clang-tidy over the library's rooms, and proof that each family of checks is on.

  tidy.py BUILD_DIR   BUILD_DIR has a compile_commands.json
"""

import os
import re
import subprocess
import sys

import project

ROOMS = "(exporter|http|model|pipeline|sinks|tracing)"
# One file a family in `data/`, each with one fault that the family must name as an error.
FAMILIES = ["bugprone", "concurrency", "misc", "performance"]


def silent_families():
    """The families that do not refuse their seeded fault."""
    silent = []
    for family in FAMILIES:
        command = ["clang-tidy-14", "--quiet", f"tests/house/data/tidy_{family}.cpp", "--", "-std=c++17"]
        result = subprocess.run(command, capture_output=True, text=True, cwd=project.ROOT)
        refused = re.search(rf"error: .*\[{family}-[a-z-]+,-warnings-as-errors\]", result.stdout)
        if not refused or result.returncode == 0:
            silent.append(f"{family}-* does not refuse its seeded fault:\n{result.stdout}{result.stderr}")
    return silent


def diagnostics(build):
    # The commands are g++'s, with switches that clang does not know.
    command = ["run-clang-tidy-14", "-quiet", "-p", build, f"-j{os.cpu_count()}", "-extra-arg=-Wno-unknown-warning-option"]
    command.append(f"^{re.escape(str(project.ROOT))}/{ROOMS}/.*\\.cpp$")
    result = subprocess.run(command, capture_output=True, text=True, cwd=project.ROOT)
    units = result.stdout.count("clang-tidy-14 ")
    print(f"  {units} sources")
    if units == 0:
        return [f"no source of the library is in {build}/compile_commands.json"]
    if result.returncode == 0:
        return []
    text = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    return [re.sub(r"^clang-tidy-14 .*\n", "", text, flags=re.MULTILINE)]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    project.report("clang-tidy", silent_families() + diagnostics(sys.argv[1]))
