#!/usr/bin/env python3
"""The program in the README compiles: the first C++ block that has a `main`.

  readme.py [COMPILER...]   g++ if none is given
"""

import re
import subprocess
import sys

import project

BLOCK = re.compile(r"^```cpp\n(.*?)^```", re.MULTILINE | re.DOTALL)


def check(compilers):
    programs = [block for block in BLOCK.findall(project.read("README.md")) if "int main(" in block]
    if not programs:
        return ["README.md shows no complete program"]
    problems = []
    for compiler in compilers:
        command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
        command += [f"-I{project.ROOT / 'include'}", "-xc++", "-"]
        result = subprocess.run(command, input=programs[0], capture_output=True, text=True)
        if result.returncode != 0:
            problems.append(f"the first program does not compile with {compiler}:\n{result.stderr}")
    return problems


if __name__ == "__main__":
    project.report("README", check(sys.argv[1:] or ["g++"]))
