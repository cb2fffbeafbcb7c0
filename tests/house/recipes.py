#!/usr/bin/env python3
"""The recipes of packaging/ are sound: they parse, and name options and a version that the build files have.

  recipes.py              checks the project
  recipes.py --self-test  checks that each rule finds a seeded violation
"""

import ast
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import project

VERSION = re.compile(r"^#define LANGFUSE_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", re.MULTILINE)
NAME = re.compile(r"\bLANGFUSE_[A-Z_]+\b")
FEATURES = {"spdlog", "tools"}
# What a port calls; those that give a value back do so.
STUBS = """
cmake_minimum_required(VERSION 3.18)
foreach(name IN ITEMS vcpkg_cmake_configure vcpkg_cmake_install vcpkg_cmake_config_fixup vcpkg_fixup_pkgconfig
    vcpkg_copy_tools vcpkg_install_copyright vcpkg_check_features)
  cmake_language(EVAL CODE "function(${name})\\nendfunction()")
endforeach()
set(CURRENT_PACKAGES_DIR ${CMAKE_CURRENT_LIST_DIR}/packages)
set(PORT langfuse-cpp)
set(FEATURES core spdlog tools)
include(${CMAKE_CURRENT_LIST_DIR}/portfile.cmake)
if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/share/langfuse-cpp/usage)
  message(FATAL_ERROR "the port installs no usage")
endif()
"""


def check_port_runs(port, usage):
    """CMake runs the port with functions of vcpkg that do nothing. Returns what it says against it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("portfile.cmake", port), ("usage", usage), ("run.cmake", STUBS)):
            (pathlib.Path(folder) / name).write_text(text, encoding="utf-8")
        result = subprocess.run(["cmake", "-P", f"{folder}/run.cmake"], capture_output=True, text=True)
    return [] if result.returncode == 0 else [f"portfile.cmake: CMake refuses it:\n{result.stderr}"]


def conan_options(tree):
    """The options that the class declares, from their literals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["options"]:
            return set(ast.literal_eval(node.value))
    return set()


def check(texts):
    """`texts`: name of a file → its text."""
    problems = []
    declared = set(NAME.findall(texts["CMakeLists.txt"]))
    for name in ("portfile.cmake", "conanfile.py"):
        unknown = sorted(set(NAME.findall(texts[name])) - declared - {"LANGFUSE_VERSION_", "LANGFUSE_SHARED", "LANGFUSE_DISABLED"})
        problems += [f"{name} sets {option}, which CMakeLists.txt does not have" for option in unknown]

    try:
        manifest = json.loads(texts["vcpkg.json"])
    except json.JSONDecodeError as error:
        return problems + [f"vcpkg.json: {error}"]
    version = ".".join(VERSION.findall(texts["langfuse.h"]))
    if manifest.get("version") != version:
        problems.append(f"vcpkg.json is version {manifest.get('version')}, langfuse.h is {version}")
    if set(manifest.get("features", {})) != FEATURES:
        problems.append(f"vcpkg.json: its features are not {', '.join(sorted(FEATURES))}")

    try:
        options = conan_options(ast.parse(texts["conanfile.py"]))
    except SyntaxError as error:
        return problems + [f"conanfile.py: {error}"]
    if not FEATURES <= options:
        problems.append(f"conanfile.py: its options lack one of {', '.join(sorted(FEATURES))}")
    return problems + check_port_runs(texts["portfile.cmake"], texts["usage"])


def project_texts():
    port = "packaging/vcpkg/langfuse-cpp/"
    paths = [port + "portfile.cmake", port + "usage", port + "vcpkg.json", "packaging/conan/conanfile.py", "CMakeLists.txt",
             "include/langfuse/langfuse.h"]
    return {path.rsplit("/", 1)[-1]: project.read(path) for path in paths}


VIOLATIONS = {
    "portfile.cmake sets LANGFUSE_BUILD_TOOL,": ("portfile.cmake", "LANGFUSE_BUILD_TOOLS", "LANGFUSE_BUILD_TOOL"),
    "conanfile.py sets LANGFUSE_SPDLOGS,": ("conanfile.py", "LANGFUSE_SPDLOG", "LANGFUSE_SPDLOGS"),
    "vcpkg.json is version 9": ("vcpkg.json", '"version": "', '"version": "9'),
    "vcpkg.json: its features": ("vcpkg.json", '"tools": {', '"tool": {'),
    "vcpkg.json: Expecting": ("vcpkg.json", "{", "{,"),
    "conanfile.py: its options": ("conanfile.py", '"tools": [', '"tool": ['),
    "conanfile.py: invalid syntax": ("conanfile.py", "class ", "class class "),
    "CMake refuses it": ("portfile.cmake", "vcpkg_cmake_install()", "vcpkg_cmake_install("),
    "the port installs no usage": ("portfile.cmake", "file(INSTALL", "message(STATUS"),
}


def self_test():
    texts = project_texts()
    missed = []
    for expected, (name, old, new) in VIOLATIONS.items():
        if not any(expected in problem for problem in check({**texts, name: texts[name].replace(old, new, 1)})):
            missed.append(f"a seeded violation is not found: {expected}")
    return missed


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        project.report("recipes self-test", self_test())
    project.report("recipes", check(project_texts()))
