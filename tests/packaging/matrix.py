"""What `packaging.py matrix` builds: consumers by each compiler and standard, and with each switch that they may set.

All of them link one static library. Headers of others are system headers, as with any package manager; ours are not, so that
what they draw is seen.
"""

import concurrent.futures
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NEWER_SPDLOG = ROOT / "build/newer-spdlog"

WARNINGS = [
    "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wold-style-cast", "-Werror",
]
# The installed spdlog, compiled, with the installed fmt; the same, header-only; a newer one, header-only, with its own fmt and
# with the installed one.
SPDLOGS = {
    "compiled": ["-DSPDLOG_COMPILED_LIB", "-DSPDLOG_SHARED_LIB", "-DSPDLOG_FMT_EXTERNAL", "-lspdlog", "-lfmt"],
    "headers": ["-DSPDLOG_FMT_EXTERNAL", "-lfmt"],
    "newer": ["-isystem", str(NEWER_SPDLOG)],
    "newer, fmt external": ["-isystem", str(NEWER_SPDLOG), "-DSPDLOG_FMT_EXTERNAL", "-lfmt"],
}
COMPILERS = ("g++-12", "clang++-14", "clang++-16", "clang++-19")


def cases():
    """Name, compiler, standard, spdlog, switches."""
    for number, compiler in enumerate(COMPILERS):
        for standard in ("c++17", "c++20", "c++2b"):
            spdlog = ("compiled", "newer")[(number + int(standard == "c++20")) % 2]
            yield f"{compiler} {standard}", compiler, standard, spdlog, []
    yield "-O3", "g++-12", "c++20", "compiled", ["-O3", "-DNDEBUG"]
    yield "-O3 with clang", "clang++-19", "c++2b", "newer", ["-O3", "-DNDEBUG"]
    yield "link time optimisation", "g++-12", "c++17", "compiled", ["-O2", "-flto=auto", "-Werror=odr"]
    for compiler in ("g++-12", "clang++-16"):
        yield (f"{compiler} without exceptions and RTTI", compiler, "c++17", "newer",
               ["-fno-exceptions", "-fno-rtti", "-DSPDLOG_NO_EXCEPTIONS"])
    yield "SPDLOG_NO_EXCEPTIONS alone", "clang++-14", "c++17", "headers", ["-DSPDLOG_NO_EXCEPTIONS"]
    yield "SPDLOG_NO_TLS", "g++-12", "c++17", "newer", ["-DSPDLOG_NO_TLS"]
    yield "SPDLOG_NO_ATOMIC_LEVELS", "clang++-14", "c++17", "newer", ["-DSPDLOG_NO_ATOMIC_LEVELS"]
    yield "fmt external", "g++-12", "c++17", "newer, fmt external", []
    yield "hidden by default", "clang++-16", "c++20", "headers", ["-fvisibility=hidden", "-fvisibility-inlines-hidden"]


def build(case, flags, folder):
    """Empty, or what went wrong."""
    name, compiler, standard, spdlog, switches = case
    program = folder / "".join(c if c.isalnum() else "-" for c in name)
    words = SPDLOGS[spdlog]
    compile_words = [word for word in words if not word.startswith("-l")]
    libraries = [word for word in words if word.startswith("-l")]
    command = [compiler, f"-std={standard}", *WARNINGS, *compile_words, *switches, HERE / "matrix.cpp", "-o", program,
               *flags, *libraries, "-pthread"]
    result = subprocess.run(command, capture_output=True, text=True)
    said = result.stdout + result.stderr
    if result.returncode == 0 and not said:
        result = subprocess.run([program], capture_output=True, text=True)
        said = result.stdout + result.stderr
        if said == "off\n":
            return ""
    return f"{name}, {spdlog} spdlog:\n{' '.join(map(str, command))}\n{said}"


def units():
    """Name, compiler, standard: the library as a part of a program that is compiled so. Others are the main builds."""
    for compiler, standard in (("clang++-16", "c++20"), ("clang++-19", "c++2b"), ("g++-12", "c++2b")):
        yield f"the library, {compiler} {standard}", compiler, standard, ""


def check_unit(case):
    """Empty, or what the compiler says of all sources of the library together."""
    name, compiler, standard, _ = case
    listed = re.search(r"add_library\(langfuse\n(.*?)\)", (ROOT / "CMakeLists.txt").read_text(), re.S)[1].split()
    unit = "".join(f'#include "{ROOT / source}"\n' for source in listed)
    command = [compiler, f"-std={standard}", *WARNINGS, "-Wno-shadow", "-Wno-unknown-warning-option", f"-I{ROOT}",
               f"-I{ROOT / 'include'}", "-fvisibility=hidden", "-fsyntax-only", "-xc++", "-"]
    result = subprocess.run([str(word) for word in command], input=unit, capture_output=True, text=True)
    return "" if result.returncode == 0 else f"{name}:\n{result.stderr}"


def run(flags, folder):
    """The cases that were built, those that cannot be built here and why, and what went wrong.

    `flags`: what the installed library is compiled and linked with.
    """
    possible, skipped = [], []
    for case in (*cases(), *units()):
        if shutil.which(case[1]) is None:
            skipped.append(f"{case[0]}: {case[1]} is missing")
        elif case[3].startswith("newer") and not (NEWER_SPDLOG / "spdlog/version.h").exists():
            skipped.append(f"{case[0]}: there is no newer spdlog in {NEWER_SPDLOG}")
        else:
            possible.append(case)
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        problems = list(pool.map(lambda case: build(case, flags, folder) if case[3] else check_unit(case), possible))
    return possible, skipped, [problem for problem in problems if problem]
