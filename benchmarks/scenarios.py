"""Runs the scenario programs: their figures, and the instructions that callgrind counts in them."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

# The C library picks its memcpy by processor. With these off it takes the one that every x86-64 has, so that counts
# agree between machines.
BASELINE = "glibc.cpu.hwcaps=" + ",".join(
    f"-{name}"
    for name in "AVX AVX2 AVX_Fast_Unaligned_Load AVX512F AVX512VL AVX512BW ERMS FSRM BMI2 RTM".split()
)
Cost = collections.namedtuple("Cost", "instructions allocations")


class Server:
    """The server that reads and drops, as a process of its own: `with Server(folder) as url`."""

    def __init__(self, folder):
        self.program = pathlib.Path(folder) / "langfuse_discard_server"

    def __enter__(self):
        self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.communicate()


def environment(**more):
    """Without the settings of the person who runs this, and without what the programs would say of themselves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANGFUSE_", "OTEL_"))}
    return {**kept, **more}


def run(command, **more):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment(**more))
    if result.returncode != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}\n{result.stderr}")
    return result


def figures(program, scenario, operation, url, *options):
    """What one run of a scenario prints."""
    return json.loads(run([program, scenario, operation, f"--url={url}", *options]).stdout)


def has_callgrind():
    return shutil.which("valgrind") is not None


def callgrind(command, folder, *options):
    """What the program printed, and the files that callgrind wrote: one a thread."""
    result = run(
        ["valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={folder}/out", *options, *command],
        GLIBC_TUNABLES=BASELINE,
    )
    return result.stdout, [path.read_text() for path in sorted(pathlib.Path(folder).glob("out-*"))]


def instructions_of(text):
    return int(re.search(r"^totals: (\d+)", text, re.MULTILINE).group(1))


def cost_on_the_calling_thread(program, operation, url, operations=2500):
    """Instructions and allocations of one operation, counted in the bursts alone and on their thread alone."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "bursts", operation, f"--count={operations}", f"--url={url}"]
        printed, threads = callgrind(command, folder, "--collect-atstart=no", "--toggle-collect=*run_burst*")
    return Cost(instructions_of(threads[0]) / operations, json.loads(printed)["allocations"])


def beside_the_caller(program, operation, url, measure):
    """`measure` of the files of all threads but the caller's, for one record on its way to the server: what more records cost
    more. `measure` returns a Counter."""
    few, many = 2048, 12288
    found = []
    for count in (few, many):
        with tempfile.TemporaryDirectory() as folder:
            command = [program, "end_to_end", operation, f"--count={count}", f"--url={url}"]
            threads = callgrind(command, folder)[1]
            found.append(sum((measure(text) for text in threads if "run_burst" not in text), collections.Counter()))
    found[1].subtract(found[0])
    return {name: cost / (many - few) for name, cost in found[1].items()}
