#!/usr/bin/env python3
"""The hot path takes no more instructions and allocations than the table says, with a margin of a tenth.

  instructions.py FOLDER COMPILER_ID COMPILER_VERSION BUILD_TYPE PROCESSOR
  instructions.py FOLDER --print     what the table would say now

FOLDER has the scenario programs (`benchmarks/scenarios/`). Callgrind counts what the calling thread executes; time is
measured nowhere here. Counts are those of one compiler on one kind of processor: elsewhere, and without valgrind, this says
so and ends with status 77.
"""

import concurrent.futures
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))
import scenarios

# Of one operation on the calling thread, in the steady state. A change that makes one lighter lowers its line.
TABLE = {
    # operation: (instructions, allocations)
    "scope_0": (1491, 0),
    "scope_4": (2394, 0),  # texts of 20 bytes
    "scope_4_long": (4374, 1),  # of 2 KB
    "scope_4_foreign": (2897, 0),  # of 20 bytes, not all ASCII
    "scope_10": (4180, 0),
    "scope_10_long": (6168, 1),
    "scope_10_foreign": (4677, 0),
    "propagated_scope": (2510, 0),  # `scope_4` inside five propagated attributes
    "disabled_scope": (43, 0),  # `scope_4` where nothing is configured
    "line": (3199, 0),  # of which 2 052 are spdlog's own, to its null_sink
    "attached_line": (3256, 0),
    "score": (9929, 6),
}
MARGIN = 1.1
COUNTED_WITH = ("GNU", "12", "RelWithDebInfo", "x86_64")


def why_not(compiler, version, build_type, processor):
    if (compiler, version.split(".")[0], build_type, processor) != COUNTED_WITH:
        return f"the counts are those of g++ 12, RelWithDebInfo, x86-64, not of {compiler} {version}, {build_type}, {processor}"
    if not scenarios.has_callgrind():
        return "callgrind counts the instructions, and valgrind is not installed (Debian: valgrind)"
    return ""


def measure(folder):
    """The cost of each operation, by its name."""
    program = pathlib.Path(folder) / "langfuse_scenarios"
    with scenarios.Server(folder) as url, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        costs = pool.map(lambda name: scenarios.cost_on_the_calling_thread(program, name, url), TABLE)
        return dict(zip(TABLE, costs))


def main():
    folder, *built_by = sys.argv[1:]
    if built_by == ["--print"]:
        for name, cost in measure(folder).items():
            print(f'    "{name}": ({cost.instructions:.0f}, {round(cost.allocations, 2):g}),')
        return
    reason = why_not(*built_by)
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    failed = False
    for name, cost in measure(folder).items():
        instructions, allocations = TABLE[name]
        is_over = cost.instructions > MARGIN * instructions or cost.allocations > allocations + 0.01
        failed = failed or is_over
        print(
            f"{name:18} {cost.instructions:7.0f} instructions of {instructions:5} · "
            f"{cost.allocations:5.2f} allocations of {allocations:g}{'  OVER' if is_over else ''}"
        )
    sys.exit(failed)


if __name__ == "__main__":
    main()
