#!/usr/bin/env python3
"""Where the instructions of one operation go: by source file, inlined code counted where it is written.

  stages.py FOLDER OPERATION            of the calling thread; for instance `stages.py build/release/benchmarks scope_4`
  stages.py FOLDER OPERATION --beside   of all other threads, until the server has the record
"""

import collections
import os
import pathlib
import re
import sys
import tempfile

import scenarios

OPERATIONS = 2500
ROOMS = "benchmarks|exporter|http|include/langfuse|model|pipeline|sinks|storage|tracing"
# Where the cost that follows is: `fl=`, `fi=`, `fe=` for the file, `ob=` for the library; with a `c`, of what is called. The
# first time a name comes it comes with a number, later the number is all.
PLACE = {"file": re.compile(r"(c?)f[lie]=\((\d+)\)(?: (.*))?"), "object": re.compile(r"(c?)ob=\((\d+)\)(?: (.*))?")}


def by_file(text):
    """The instructions of each source file, or where that is unknown, of each library."""
    names = {"file": {}, "object": {}}
    current = {"file": "", "object": ""}
    found = collections.Counter()
    is_call = False
    for line in text.splitlines():
        for kind, pattern in PLACE.items():
            match = pattern.match(line)
            if match:
                is_called, number, name = match.groups()
                if name:
                    names[kind][number] = name
                if not is_called:
                    current[kind] = names[kind][number]
        if line.startswith("calls="):
            is_call = True  # the line that follows is what the called function costs
        elif re.match(r"[+*-]?\d* ?\d", line) and "=" not in line and ":" not in line:
            cost = int(line.split()[-1])
            if not is_call:
                found[current["file"] if current["file"] != "???" else current["object"]] += cost
            is_call = False
    return found


def short(path):
    """Ours from the room on; of others the last two parts."""
    path = os.path.normpath(path)
    ours = re.search(rf".*/((?:{ROOMS})/.*)", path)
    return ours.group(1) if ours and not path.startswith("/usr") else "/".join(pathlib.PurePosixPath(path).parts[-2:])


def caller_by_file(program, operation, url):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "bursts", operation, f"--count={OPERATIONS}", f"--url={url}"]
        threads = scenarios.callgrind(command, folder, "--collect-atstart=no", "--toggle-collect=*run_burst*")[1]
    return {path: cost / OPERATIONS for path, cost in by_file(threads[0]).items()}


def main():
    folder, operation, *options = sys.argv[1:]
    program = pathlib.Path(folder) / "langfuse_scenarios"
    with scenarios.Server(folder) as url:
        if options == ["--beside"]:
            costs = scenarios.beside_the_caller(program, operation, url, by_file)
        else:
            costs = caller_by_file(program, operation, url)
    files = collections.Counter()
    for path, cost in costs.items():
        files[short(path)] += cost
    print(f"{operation}: {sum(files.values()):.0f} instructions")
    for path, cost in files.most_common():
        if cost >= 0.5:
            print(f"{cost:8.1f}  {path}")


if __name__ == "__main__":
    main()
