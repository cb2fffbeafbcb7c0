#!/usr/bin/env python3
"""No name of a library or program of ours is defined twice: all its sources compile as one unit, without a warning.

  one_unit.py BUILD_DIR     checks those of the build, by its compile_commands.json
  one_unit.py --self-test   checks that a name that is there twice is found

What is twice in two units is either a violation of the one-definition rule or, in unnamed namespaces, what a unity build
(CMAKE_UNITY_BUILD, meson's --unity) of a user's fails at. Test programs are not built so: see `tests/CMakeLists.txt`.
"""

import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

TARGETS = ["langfuse", "langfuse_receiver", "langfuse-cpp", "email_workflow_parts"]


def sources_and_flags(entries, target):
    """What the target is made of, and how its first source is compiled."""
    own = [entry for entry in entries if f"CMakeFiles/{target}.dir/" in entry["command"]]
    if not own:
        return [], []
    words = shlex.split(own[0]["command"])
    compiler = next(i for i, word in enumerate(words) if not word.endswith("ccache"))
    flags, skip = [], False
    for word in words[compiler:]:
        if not skip and word not in ("-o", "-c") and word != own[0]["file"]:
            flags.append(word)
        skip = word == "-o"
    return [entry["file"] for entry in own], flags


def problem_of(sources, flags):
    """What the compiler says of all sources together; empty: nothing."""
    unit = "".join(f'#include "{source}"\n' for source in sources)
    # A local name may be that of something in another file.
    command = [*flags, "-O0", "-Werror", "-Wno-shadow", "-fsyntax-only", "-xc++", "-"]
    result = subprocess.run(command, input=unit, capture_output=True, text=True)
    return "" if result.returncode == 0 else result.stderr


def check(build):
    entries = json.loads((pathlib.Path(build) / "compile_commands.json").read_text())
    units = {target: sources_and_flags(entries, target) for target in TARGETS}
    units = {target: unit for target, unit in units.items() if unit[0]}
    if "langfuse" not in units:
        sys.exit("one_unit: the library is not in compile_commands.json")
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        problems = dict(zip(units, pool.map(lambda unit: problem_of(*unit), units.values())))
    for target, problem in problems.items():
        if problem:
            print(f"{target} does not compile as one unit:\n{problem}")
    if any(problems.values()):
        sys.exit(1)
    print("one unit:", ", ".join(f"{target} ({len(unit[0])} sources)" for target, unit in units.items()))


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sources = [str(folder / name) for name in ("a.cpp", "b.cpp", "c.cpp")]
        for source, name in zip(sources, ("twice", "once", "twice")):
            pathlib.Path(source).write_text(
                f"namespace {{\nint {name}() {{\n  return 1;\n}}\n}}  // namespace\nint from_{pathlib.Path(source).stem}() {{\n"
                f"  return {name}();\n}}\n"
            )
        entries = [
            {"command": f"/usr/bin/ccache g++ -std=c++17 -Wall -o CMakeFiles/x.dir/{source}.o -c {source}", "file": source}
            for source in sources
        ]
        found, flags = sources_and_flags(entries, "x")
        assert found == sources and flags == ["g++", "-std=c++17", "-Wall"], (found, flags)
        assert sources_and_flags(entries, "y") == ([], [])
        assert problem_of(sources[:2], flags) == "", problem_of(sources[:2], flags)
        assert re.search(r"redefinition of .*twice", problem_of(sources, flags))
    print("one unit self-test: ok")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    self_test() if sys.argv[1] == "--self-test" else check(sys.argv[1])
