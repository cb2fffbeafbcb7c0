#!/usr/bin/env python3
"""What the documents say is so: the README shows a program, every setting and build option has its line, links lead
somewhere, the program has its name. The code in them: snippets.py.
"""

import re

import project

BLOCK = re.compile(r"^```cpp\n(.*?)^```", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\b(?:LANGFUSE|OTEL)_[A-Z_]+\b")
QUOTED = re.compile(r"`[^`\n]+`")
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Langfuse's official command line is called `langfuse`; ours is `langfuse-cpp`.
OTHERS_COMMAND = re.compile(
    r"(?<!from )(?<![\w.:-])langfuse (?:completion|doctor|export|import|local|manual|show|COMMAND|--(?:help|version))\b"
)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")


def check_readme():
    """It shows a whole program; `snippets.py` compiles it."""
    return [] if any("int main(" in block for block in BLOCK.findall(project.read("README.md"))) else [
        "README.md shows no complete program"
    ]


def check_settings():
    declared = set(VARIABLE.findall(" ".join(QUOTED.findall(project.read("include/langfuse/config.h")))))
    described = set(VARIABLE.findall(project.read("docs/configuration.md")))
    return [
        f"docs/configuration.md does not describe {name}" for name in sorted(declared - described)
    ] + [f"docs/configuration.md describes {name}, which config.h does not have" for name in sorted(described - declared)]


def anchors(page):
    """What `#…` may follow a link to the page, as GitHub makes it of the headings."""
    return {NOT_IN_AN_ANCHOR.sub("", heading.lower()).replace(" ", "-") for heading in HEADING.findall(CODE.sub("", page))}


def check_links():
    problems = []
    for path in project.files(".md"):
        for target, anchor in LINK.findall(CODE.sub("", project.read(path))):
            file = (project.ROOT / path).parent / target if target else project.ROOT / path
            if not file.exists():
                problems.append(f"{path} points to {target}, which is not there")
            elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
                problems.append(f"{path} points to #{anchor} of {file.name}, which has no such heading")
    return problems


# `option(LANGFUSE_X "text" ON)`, `cmake_dependent_option(…)` and `set(LANGFUSE_X "" CACHE …)`.
CMAKE_OPTION = re.compile(r'''^\s*(?:option|cmake_dependent_option|set)\((LANGFUSE_\w+) (?:"" CACHE|"[^"]*" (\S+?)[ )])''', re.MULTILINE)
CMAKE_DEFAULTS = {"ON": "on", "OFF": "off", "": "empty", "${is_top_level}": "on when built alone", "${builds_tests}": "on when built alone"}
MESON_OPTION = re.compile(r"^option\('(\w+)', type: 'feature', value: '(\w+)'", re.MULTILINE)
OPTION_ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \| (?:`(\w+)`)? ?\|([^|]*)\|", re.MULTILINE)


def check_build_options():
    """The table of docs/install.md has every option of both build systems, with its default."""
    cmake = {}
    for name, default in CMAKE_OPTION.findall(project.read("CMakeLists.txt")):
        cmake.setdefault(name, CMAKE_DEFAULTS[default])
    meson = dict(MESON_OPTION.findall(project.read("meson_options.txt")))
    rows = OPTION_ROW.findall(project.read("docs/install.md").split("## Build options")[1])
    problems = []
    for described, built, place in (
        ({row[0]: row[1] for row in rows if row[0].startswith("LANGFUSE_")}, cmake, "CMakeLists.txt"),
        ({row[2]: row[3].strip() for row in rows if row[2] in meson}, meson, "meson_options.txt"),
    ):
        for name in sorted({*described, *built}):
            if described.get(name) != built.get(name):
                problems.append(
                    f"docs/install.md: the default of {name} is {described.get(name)} there, {built.get(name)} in {place}"
                )
    return problems


def check_program_name():
    return [
        f"{path}: `{call}`: the program is called langfuse-cpp"
        for path in project.files(".1", ".cmake", ".cpp", ".h", ".md", ".mjs", ".sh", ".txt", "dev", "meson.build")
        for call in OTHERS_COMMAND.findall(project.read(path))
    ]


if __name__ == "__main__":
    problems = check_readme() + check_settings() + check_links()
    problems += check_build_options() + check_program_name()
    project.report("documents", problems)
