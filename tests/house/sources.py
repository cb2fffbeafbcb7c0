#!/usr/bin/env python3
"""Both build systems name every source, in the same order, and no other.

  sources.py              checks the project
  sources.py --self-test  checks that each difference is found
"""

import posixpath
import re
import sys

import project

CMAKE_COMMENT = re.compile(r"#[^\n]*")
CMAKE_CALL = re.compile(r"\w+\s*\(([^()]*)\)")
CMAKE_SOURCE = re.compile(r"(?<![\w$}/.-])[\w/.-]+\.cpp(?![\w.])")
MESON_COMMENT = re.compile(r"#[^\n]*")
MESON_OUTPUT = re.compile(r"output\s*:\s*'[^']*'")
MESON_SOURCE = re.compile(r"'([\w/.-]+\.cpp)'")


def cmake_groups(text, to_root=""):
    """The sources of each call that has any, in order, relative to the file's folder."""
    text = CMAKE_COMMENT.sub("", text).replace("${CMAKE_CURRENT_SOURCE_DIR}/", "")
    text = text.replace("${PROJECT_SOURCE_DIR}/", to_root)
    groups = [CMAKE_SOURCE.findall(call) for call in CMAKE_CALL.findall(text)]
    return [group for group in groups if group]


def meson_sources(text):
    return MESON_SOURCE.findall(MESON_OUTPUT.sub("", MESON_COMMENT.sub("", text)))


def below(folder, names):
    return [posixpath.normpath(posixpath.join(folder, name)) for name in names]


def check(tree):
    """`tree`: path → text of the build files; of sources only the path matters."""
    problems = []
    by_cmake, by_meson = {}, {}  # folder of the build file → sources
    for path, text in sorted(tree.items()):
        folder, _, name = path.rpartition("/")
        if name == "CMakeLists.txt":
            groups = cmake_groups(text, "../" * path.count("/"))
            for group in groups:
                if group != sorted(group):
                    problems.append(f"{path}: not in alphabetical order: {' '.join(group)}")
            by_cmake[folder] = below(folder, [source for group in groups for source in group])
        elif name == "meson.build":
            by_meson[folder] = below(folder, meson_sources(text))

    for folder in sorted({*by_cmake, *by_meson}):
        cmake, meson = by_cmake.get(folder, []), by_meson.get(folder, [])
        for source in sorted({*cmake} - {*meson}):
            problems.append(f"{source}: CMake builds it, meson does not")
        for source in sorted({*meson} - {*cmake}):
            problems.append(f"{source}: meson builds it, CMake does not")
        if cmake != meson and sorted(cmake) == sorted(meson):
            problems.append(f"{folder or 'the root'}: CMake and meson name the sources in different orders")

    built = {source for sources in by_cmake.values() for source in sources}
    on_disk = {path for path in tree if path.endswith(".cpp")}
    problems += [f"{source}: no build file names it" for source in sorted(on_disk - built)]
    problems += [f"{source}: is not there" for source in sorted(built - on_disk)]
    return problems


GOOD = {
    "CMakeLists.txt": "add_library(x  # a comment\n  model/a.cpp\n  model/b.cpp\n)\n",
    "meson.build": "x = files(\n  'model/a.cpp',  # it's a comment\n  'model/b.cpp',\n)\n",
    "tests/CMakeLists.txt": "add_executable(t ${PROJECT_SOURCE_DIR}/model/a.cpp)\n",
    "tests/meson.build": "executable('t', '../model/a.cpp')\n",
    "receiver/CMakeLists.txt": "add_library(r ${CMAKE_CURRENT_SOURCE_DIR}/c.cpp ${CMAKE_CURRENT_BINARY_DIR}/page.cpp)\n",
    "receiver/meson.build": "page = custom_target('p', output: 'page.cpp')\nr = files('c.cpp')\n",
    "model/a.cpp": "",
    "model/b.cpp": "",
    "receiver/c.cpp": "",
}
VIOLATIONS = {
    "CMake builds it, meson does not": {"meson.build": "x = files('model/a.cpp')\n"},
    "meson builds it, CMake does not": {"CMakeLists.txt": "add_library(x model/a.cpp)\n"},
    "different orders": {"meson.build": "x = files('model/b.cpp', 'model/a.cpp')\n"},
    "alphabetical order": {"CMakeLists.txt": "add_library(x model/b.cpp model/a.cpp)\n"},
    "no build file names it": {"tracing/new.cpp": ""},
    "is not there": {
        "receiver/CMakeLists.txt": "add_library(r STATIC c.cpp gone.cpp)\n",
        "receiver/meson.build": "r = files('c.cpp', 'gone.cpp')\n",
    },
}


def self_test():
    missed = [
        f"a seeded difference is not found: {expected}"
        for expected, change in VIOLATIONS.items()
        if not any(expected in problem for problem in check({**GOOD, **change}))
    ]
    return missed + [f"a false alarm: {problem}" for problem in check(GOOD)]


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        project.report("sources self-test", self_test())
    paths = project.files("CMakeLists.txt", "meson.build", ".cpp")
    project.report("sources", check({path: "" if path.endswith(".cpp") else project.read(path) for path in paths}))
