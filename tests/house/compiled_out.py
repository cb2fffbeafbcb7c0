#!/usr/bin/env python3
"""With LANGFUSE_DISABLED the public face is the same, needs no library, and leaves nothing behind.

  compiled_out.py [COMPILER...]  checks the project; g++ if none is given
  compiled_out.py --self-test    checks that what is missing or left behind is found
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

import project

SOURCES = project.ROOT / "tests/disabled"
FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", f"-I{project.ROOT / 'include'}"]
DISABLED = "-DLANGFUSE_DISABLED"
# Behind the sinks of spdlog; there is nothing of it when they are compiled out.
NOT_FOR_USERS = "include/langfuse/sinks/spdlog_support.h"

DECLARED = re.compile(r"(?<!friend )\bLANGFUSE_API\b([^();]*)[(;]")
NAME = re.compile(r"(operator \w+|~?\w+)\s*$")
# What a compiler calls a constant of its own.
CONSTANT = re.compile(r"\.L(?:C|\.str\.?)\d*")


def run(command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"compiled_out: failed: {' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def pkg_config(*what):
    return run(["pkg-config", *what, "spdlog"]).split()


def declared_names(header):
    """The functions and variables that the library provides for a header, by name."""
    source = project.without_comments(re.sub(r"^\s*#.*", "", header, flags=re.MULTILINE))
    return collections.Counter(NAME.search(before)[1] for before in DECLARED.findall(source))


def undefined_names(object_file):
    """What of ours the object needs from elsewhere, by name."""
    lines = run(["nm", "--undefined-only", "--demangle", object_file]).splitlines()
    symbols = {line.split(" U ", 1)[1] for line in lines if " U langfuse::" in line}
    return collections.Counter(re.sub(r"\[abi:\w+\]", "", s).split("(")[0].rsplit("::", 1)[1] for s in symbols)


def differences(declared, used):
    return [
        f"whole_api.cpp calls {used[name]} of {declared[name]} overloads of `{name}` that the headers declare"
        for name in sorted(declared | used)
        if declared[name] != used[name]
    ]


def check_whole_api(compiler, folder):
    """The same program uses all of the public face, in both modes."""
    headers = {path: project.read(path) for path in project.files(".h") if path.startswith("include/")}
    behind = declared_names(headers.pop(NOT_FOR_USERS))
    declared = sum((declared_names(header) for header in headers.values()), collections.Counter())

    problems = []
    source = [compiler, *FLAGS, *pkg_config("--cflags"), SOURCES / "programs/whole_api.cpp"]
    run([*source, "-std=c++20", "-c", "-o", folder / "enabled.o"])
    used = undefined_names(folder / "enabled.o")
    problems += differences(declared, collections.Counter({n: c for n, c in used.items() if n not in behind}))

    for standard in ("-std=c++17", "-std=c++20"):
        run([*source, standard, DISABLED, "-c", "-o", folder / "disabled.o"])
        problems += [f"`{name}` has no stub" for name in undefined_names(folder / "disabled.o")]
        if re.search(r"langfuse::v\d+_\d+::", run(["nm", "--demangle", folder / "disabled.o"])):
            problems.append("a name is the same with and without LANGFUSE_DISABLED")
        if not problems:
            run([compiler, folder / "disabled.o", "-o", folder / "disabled", *pkg_config("--libs"), "-pthread"])
            run([folder / "disabled"])
    return problems


def machine_code(compiler, define, source, folder):
    """What the functions of a source become, and what else is in the object."""
    out = folder / "code.o"
    run([compiler, "-std=c++17", "-O2", *FLAGS, define, "-c", source, "-o", out])
    code = run(["objdump", "--disassemble", "--reloc", "--demangle", out]).split("\n", 3)[3]
    names = [line.split(" ", 2)[-1] for line in run(["nm", "--demangle", out]).splitlines()]
    sections = re.findall(r"^\s*\d+ (\S+)", run(["objdump", "--section-headers", out]), re.MULTILINE)
    return CONSTANT.sub("constant", code), [name for name in names if "langfuse" in name], sections


def check_nothing_is_left(compiler, source, folder):
    plain, _, _ = machine_code(compiler, "-DPLAIN", source, folder)
    disabled, ours, sections = machine_code(compiler, DISABLED, source, folder)
    problems = [f"{compiler} leaves {name}" for name in ours]
    problems += [f"{compiler} leaves a static initialiser" for s in sections if re.match(r"\.(init_array|ctors)", s)]
    if disabled != plain:
        changed = [a for a, b in zip(plain.splitlines(), disabled.splitlines()) if a != b]
        problems.append(f"{compiler} compiles it to something else, from here on: {changed[:1]}")
    return problems


def check(compilers):
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for compiler in compilers:
            problems += check_whole_api(compiler, folder)
            problems += check_nothing_is_left(compiler, SOURCES / "observed_code.cpp", folder)
    return problems


LEFT_BEHIND = {
    "leaves langfuse::name": "namespace langfuse { inline int name = 1; }\nint f() { return OURS(langfuse::name) 1; }",
    "leaves a static initialiser": "int g();\nOURS(static int x = g();)\nint f() { return 1; }",
    "something else": "int g(int);\nint f(int x) { OURS(g(x);) return g(x); }",
}


def self_test():
    header = """// LANGFUSE_API int a();
#define LANGFUSE_API b()
LANGFUSE_API std::future<int> flush(Timeout timeout = Timeout());
LANGFUSE_API void flush();  friend LANGFUSE_API X f();
LANGFUSE_API extern int number;
int inline_function();
LANGFUSE_API explicit operator bool() const noexcept; LANGFUSE_API ~X();"""
    missed = []
    if declared_names(header) != {"flush": 2, "number": 1, "operator bool": 1, "~X": 1}:
        missed.append("declarations are misread")
    if len(differences(declared_names(header), collections.Counter({"flush": 1, "other": 1}))) != 5:
        missed.append("a function that is not called, or not declared, is not found")
    with tempfile.TemporaryDirectory() as name:
        source = pathlib.Path(name) / "seeded.cpp"
        for expected, text in LEFT_BEHIND.items():
            macro = "#if defined(PLAIN)\n#define OURS(x)\n#else\n#define OURS(x) x\n#endif\n"
            source.write_text(macro + text.replace("OURS(langfuse::name)", "OURS(langfuse::name +)"))
            if not any(expected in problem for problem in check_nothing_is_left("g++", source, pathlib.Path(name))):
                missed.append(f"a seeded violation is not found: {expected}")
    return missed


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        project.report("compiled_out self-test", self_test())
    project.report("compiled_out", check(sys.argv[1:] or ["g++"]))
