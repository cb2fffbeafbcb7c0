#!/usr/bin/env python3
"""What a header defines itself and what calls the library is hidden when the library is static.

Two shared objects that each contain the library would otherwise share such a function, where the
loader merges their symbols, and the calls of one would go to the client of the other. Read off the
object code of a unit that uses every header, compiled without inlining.

  visibility.py               checks the project
  visibility.py --self-test   checks that a visible caller is found
"""

import argparse
import pathlib
import re
import subprocess
import tempfile

import project

UNIT = pathlib.Path(__file__).parent / "data/inline_callers.cpp"
# Every copy of the library does the same here: a counted block is given back to the heap.
HARMLESS = "langfuse::v0_1::internal::PropagatedReference::"
OURS = re.compile(r"_ZZ?N(?:[VKRO]*)8langfuse")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compile_unit(source, folder):
    unit = pathlib.Path(folder) / "unit.o"
    run("g++", "-std=c++20", "-O0", "-ffunction-sections", "-fkeep-inline-functions", "-DSPDLOG_FMT_EXTERNAL",
        "-DSPDLOG_COMPILED_LIB", f"-I{project.ROOT / 'include'}", "-c", str(source), "-o", str(unit))
    return unit


def symbols(unit):
    """The names of what is hidden, and of functions of ours that a loader would merge."""
    hidden, merged = set(), set()
    for line in run("readelf", "--syms", "--wide", str(unit)).splitlines():
        fields = line.split()
        if len(fields) < 8 or "8langfuse" not in fields[7]:
            continue
        binding, visibility, name = fields[4], fields[5], fields[7]
        if visibility == "HIDDEN":
            hidden.add(name)
        elif binding == "WEAK" and OURS.match(name):
            merged.add(name)
    return hidden, merged


def visible_callers(unit):
    """Pairs of a function that a loader would merge, and something hidden that it refers to."""
    hidden, merged = symbols(unit)
    found, function = {}, None
    for line in run("readelf", "--relocs", "--wide", str(unit)).splitlines():
        section = re.match(r"Relocation section '\.rela\.text\.([^']*)'", line)
        fields = line.split()
        if section:
            function = section.group(1)
        elif line.startswith("Relocation section"):
            function = None
        elif function in merged and len(fields) >= 5 and fields[4] in hidden:
            found[function] = fields[4]
    return [(run("c++filt", caller).strip(), run("c++filt", called).strip()) for caller, called in found.items()]


def headers_left_out():
    """Those that the unit does not include, of those that call the library."""
    include = project.ROOT / "include"
    text = UNIT.read_text(encoding="utf-8")
    names = (p.relative_to(include).as_posix() for p in include.rglob("*.h") if "disabled" not in p.parts[-3:])
    return [f"{UNIT.name} does not include {name}" for name in sorted(names) if f"<{name}>" not in text]


def check():
    with tempfile.TemporaryDirectory() as folder:
        callers = visible_callers(compile_unit(UNIT, folder))
    return headers_left_out() + [
        f"{caller} is visible and refers to {called}; it is to be LANGFUSE_INLINE or LANGFUSE_LOCAL"
        for caller, called in callers
        if not caller.startswith(HARMLESS)
    ]


def self_test():
    source = """
        #include <langfuse/langfuse.h>
        namespace langfuse {
        inline FlushResult visible() { return flush(); }
        LANGFUSE_INLINE FlushResult concealed() { return flush(); }
        inline int harmless() { return 1; }
        }
    """
    with tempfile.TemporaryDirectory() as folder:
        unit = pathlib.Path(folder) / "unit.cpp"
        unit.write_text(source)
        callers = [caller for caller, _ in visible_callers(compile_unit(unit, folder))]
    return [] if callers == ["langfuse::visible()"] else [f"one visible caller was seeded, found: {callers}"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--self-test", action="store_true")
    if parser.parse_args().self_test:
        project.report("visibility self-test", self_test())
    project.report("visibility", check())
