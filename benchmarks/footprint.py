#!/usr/bin/env python3
"""What the library does not cost: the size that it adds to a program, and the CPU time that its headers add to a compilation.

  footprint.py FOLDER [--size-only]   FOLDER has the programs `footprint_plain` and `footprint_observed`

Ends with status 1 when the size is above what it was. Times are never a reason to fail.
"""

import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
ADDED_BYTES_TARGET = 150 * 1024
ADDED_BYTES_LIMIT = 640_000  # what it is, and a little: whoever makes it smaller lowers this
# figure → (what is compiled, beside what, limit in ms): the limit is for the difference, or for the whole where there is none.
HEADERS = {
    "langfuse/tracing/observe.h": ("langfuse/tracing/observe.h", None, 60),
    "langfuse/sinks/spdlog_sink.h over spdlog/spdlog.h": ("langfuse/sinks/spdlog_sink.h", "spdlog/spdlog.h", 20),
}
ROUNDS = 15


def stripped_bytes(program, folder):
    target = pathlib.Path(folder) / program.name
    subprocess.run(["strip", "-o", target, program], check=True)
    return target.stat().st_size


def added_bytes(folder):
    with tempfile.TemporaryDirectory() as stripped:
        plain, observed = (stripped_bytes(folder / f"footprint_{name}", stripped) for name in ("plain", "observed"))
    return plain, observed - plain


def compile_ms(headers, folder):
    """CPU time of the compiler in ms."""
    source = pathlib.Path(folder) / "unit.cpp"
    source.write_text("".join(f"#include <{header}>\n" for header in headers if header))
    command = ["g++", "-std=c++17", "-O2", "-DSPDLOG_COMPILED_LIB", "-DSPDLOG_FMT_EXTERNAL", f"-I{ROOT / 'include'}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "-c", source, "-o", source.with_suffix(".o")], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def compile_times():
    """The median time of each unit in ms; they take turns."""
    units = {unit for header, base, _ in HEADERS.values() for unit in ((base, header), (base,))}
    times = {unit: [] for unit in units}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for unit in units:
                times[unit].append(compile_ms(unit, folder))
    return {unit: statistics.median(some) for unit, some in times.items()}


def main():
    folder, options = pathlib.Path(sys.argv[1]), sys.argv[2:]
    plain, added = added_bytes(folder)
    print(f"stripped size added to a program of {plain} bytes with spdlog and libcurl: {added} bytes, of {ADDED_BYTES_TARGET}")
    if options != ["--size-only"]:
        times = compile_times()
        for name, (header, base, limit) in HEADERS.items():
            whole, without = times[(base, header)], times[(base,)]
            shown = whole - without if base else whole
            print(f"{name}: {shown:.0f} ms, of {limit} (without it {without:.0f} ms, with it {whole:.0f} ms, {whole / without:.2f} x)")
    sys.exit(added > ADDED_BYTES_LIMIT)


if __name__ == "__main__":
    main()
