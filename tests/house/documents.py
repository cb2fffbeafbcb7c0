#!/usr/bin/env python3
"""What the documents say is so: the program in the README compiles, every setting has its line, the program has its name.

  documents.py [COMPILER...]   g++ if none is given
"""

import re
import subprocess
import sys

import project

BLOCK = re.compile(r"^```cpp\n(.*?)^```", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\b(?:LANGFUSE|OTEL)_[A-Z_]+\b")
QUOTED = re.compile(r"`[^`\n]+`")
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Langfuse's official command line is called `langfuse`; ours is `langfuse-cpp`.
OTHERS_COMMAND = re.compile(
    r"(?<!from )(?<![\w.:-])langfuse (?:completion|doctor|export|import|local|manual|show|COMMAND|--(?:help|version))\b"
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def check_readme(compilers):
    """The first C++ block that has a `main` is a whole program."""
    programs = [block for block in BLOCK.findall(project.read("README.md")) if "int main(" in block]
    if not programs:
        return ["README.md shows no complete program"]
    problems = []
    for compiler in compilers:
        command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
        command += [f"-I{project.ROOT / 'include'}", "-xc++", "-"]
        result = subprocess.run(command, input=programs[0], capture_output=True, text=True)
        if result.returncode != 0:
            problems.append(f"README.md: the first program does not compile with {compiler}:\n{result.stderr}")
    return problems


def check_settings():
    declared = set(VARIABLE.findall(" ".join(QUOTED.findall(project.read("include/langfuse/config.h")))))
    described = set(VARIABLE.findall(project.read("docs/configuration.md")))
    return [
        f"docs/configuration.md does not describe {name}" for name in sorted(declared - described)
    ] + [f"docs/configuration.md describes {name}, which config.h does not have" for name in sorted(described - declared)]


def check_links():
    problems = []
    for path in project.files(".md"):
        folder = (project.ROOT / path).parent
        for target in LINK.findall(CODE.sub("", project.read(path))):
            if not (folder / target).exists():
                problems.append(f"{path} points to {target}, which is not there")
    return problems


def check_program_name():
    return [
        f"{path}: `{call}`: the program is called langfuse-cpp"
        for path in project.files(".1", ".cmake", ".cpp", ".h", ".md", ".mjs", ".sh", ".txt", "dev", "meson.build")
        for call in OTHERS_COMMAND.findall(project.read(path))
    ]


if __name__ == "__main__":
    problems = check_readme(sys.argv[1:] or ["g++"]) + check_settings() + check_links() + check_program_name()
    project.report("documents", problems)
