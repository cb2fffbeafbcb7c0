#!/usr/bin/env python3
"""Every block of code in the pages can be copied: C++ compiles, CMake and meson configure, the rest parses.

  snippets.py BUILD [COMPILER...]  checks the pages; BUILD is a configured build folder of the project, which `find_package`
                                   and `dependency` find; g++ if no compiler is given
  snippets.py --self-test          checks that a broken block of each kind is found

A C++ block is a whole file, unless a comment right before it says how to paste it:

  <!-- snippet: in a function -->      below the includes, the block is the body of a function
  <!-- snippet: with search.h -->      the block stands behind this file of tests/house/data/snippets/, which declares what is
                                       the reader's own. It has no header but those of the standard library, so that a
                                       block names the others itself
  <!-- snippet: in C++20 -->

Several are joined by commas. The second also goes for CMake blocks.
"""

import ast
import collections
import concurrent.futures
import configparser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import project

try:
    import yaml
except ModuleNotFoundError:
    yaml = None

STAND_INS = project.ROOT / "tests/house/data/snippets"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
# Asio 1.22 does not know that newer clangs have coroutines; the page about them says so.
FOR_CLANG = ["-DASIO_HAS_CO_AWAIT"]

# `indent` and `fence` once more at the end: a fence inside another one is text.
FENCE = re.compile(
    r"(?:^[ ]*<!-- snippet: (?P<notes>[^>]*?) -->\n\s*)?"
    r"^(?P<indent> *)(?P<fence>```+|~~~+)(?P<language>[^\s`]*)[^\n]*\n(?P<text>.*?)^(?P=indent)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
NOTE = re.compile(r"<!-- *snippet\b")
DIRECTIVE = re.compile(r"^\s*#")
INCLUDE = re.compile(r"^\s*#\s*include\s*(\S+)", re.MULTILINE)
OF_THE_STANDARD_LIBRARY = re.compile(r"<[a-z_]+>$")

Block = collections.namedtuple("Block", "path line language text notes")


def blocks_of(path, page):
    """The blocks of a page, and what is wrong with how they are marked."""
    blocks, problems = [], []
    for match in FENCE.finditer(page):
        indent, notes = match["indent"], match["notes"]
        text = "".join(line.removeprefix(indent) for line in match["text"].splitlines(keepends=True))
        line = page.count("\n", 0, match.start("text")) + 1
        blocks.append(Block(path, line, match["language"], text, notes.split(", ") if notes else []))
    if len(NOTE.findall(page)) != sum(1 for block in blocks if block.notes):
        problems.append(f"{path}: a comment `snippet:` stands before no block")
    return blocks, problems


def stand_in(block):
    """The file that stands before the block; None without one."""
    names = [note[len("with ") :] for note in block.notes if note.startswith("with ")]
    return STAND_INS / names[0] if names else None


def run(command, text=None, **options):
    """What the program has to say, if it fails."""
    result = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, **options)
    return "" if result.returncode == 0 else (result.stderr + result.stdout).strip() or f"status {result.returncode}"


# ---- each returns what is wrong with the block, in words; empty: nothing


def translation_unit(block):
    """The block as a reader pastes it. Its lines keep the numbers they have in the page."""
    unit = ""
    if stand_in(block):
        unit += f'#include "{stand_in(block)}"\n'
    at = f'#line {block.line} "{block.path}"\n'
    if "in a function" not in block.notes:
        return unit + at + block.text
    lines = block.text.splitlines()
    directives = [line if DIRECTIVE.match(line) else "" for line in lines]
    body = ["" if DIRECTIVE.match(line) else line for line in lines]
    return unit + at + "\n".join(directives) + "\nvoid snippet() {\n" + at + "\n".join(body) + "\n}\n"


def spdlog_flags():
    """How the system's spdlog was built."""
    result = subprocess.run(["pkg-config", "--cflags", "spdlog"], capture_output=True, text=True, check=True)
    return result.stdout.split()


def wrong_cpp(block, compilers, flags):
    is_cxx20 = "in C++20" in block.notes
    standard = "-std=c++20" if is_cxx20 else "-std=c++17"
    wrong = []
    for compiler in compilers:
        command = [compiler, standard, *WARNINGS, *flags, *(FOR_CLANG if is_cxx20 and "clang" in compiler else [])]
        command += [f"-I{project.ROOT / 'include'}", "-fsyntax-only", "-xc++", "-"]
        said = run(command, translation_unit(block))
        if said:
            wrong.append(f"does not compile with {compiler}:\n{said}")
    return "\n".join(wrong)


def wrong_cmake(block, build):
    with tempfile.TemporaryDirectory() as folder:
        before = stand_in(block).read_text(encoding="utf-8") if stand_in(block) else ""
        (pathlib.Path(folder) / "CMakeLists.txt").write_text(before + block.text, encoding="utf-8")
        (pathlib.Path(folder) / "main.cpp").write_text("int main() {}\n", encoding="utf-8")
        return run(["cmake", "-S", folder, "-B", f"{folder}/build", f"-Dlangfuse_DIR={build}",
                    f"-DFETCHCONTENT_SOURCE_DIR_LANGFUSE={project.ROOT}"])


def wrong_meson(block, build):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "meson.build").write_text(block.text, encoding="utf-8")
        (pathlib.Path(folder) / "main.cpp").write_text("int main() {}\n", encoding="utf-8")
        searched = os.pathsep.join(filter(None, [str(build), os.environ.get("PKG_CONFIG_PATH")]))
        return run(["meson", "setup", f"{folder}/build", folder], env={**os.environ, "PKG_CONFIG_PATH": searched})


def wrong_shell(block):
    return run(["bash", "-n"], block.text)


def wrong_python(block):
    try:
        compile(block.text, block.path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return str(error)
    return ""


def wrong_json(block):
    try:
        json.loads(block.text)
    except json.JSONDecodeError as error:
        return str(error)
    return ""


def wrong_yaml(block):
    try:
        yaml.safe_load(block.text)
    except yaml.YAMLError as error:
        return str(error)
    return ""


def wrong_ini(block):
    try:
        configparser.ConfigParser().read_string(block.text)
    except configparser.Error as error:
        return str(error)
    return ""


# ---- all of them


def unknown_notes(block):
    """Notes that mean nothing, and stand-ins that are not there or say more than they may."""
    problems = []
    for note in block.notes:
        if note.startswith("with ") and block.language in ("cpp", "cmake"):
            path = STAND_INS / note[len("with ") :]
            if not path.is_file():
                problems.append(f"there is no {path.relative_to(project.ROOT)}")
            elif block.language == "cpp":
                more = [name for name in INCLUDE.findall(path.read_text()) if not OF_THE_STANDARD_LIBRARY.match(name)]
                problems += [f"{path.name} includes {name}; the block has to" for name in more]
        elif block.language != "cpp" or note not in ("in a function", "in C++20"):
            problems.append(f"`{note}` means nothing before a block of {block.language}")
    return problems


def unchecked(language):
    """Why a block of the language is not checked here; None: it is."""
    if language == "text":
        return "is a picture or what a program prints"
    if language in ("yaml", "yml") and yaml is None:
        return "needs python3-yaml"
    if language == "meson" and run(["sh", "-c", "command -v meson"]):
        return "needs meson"
    return None


def check(blocks, compilers, build):
    flags = spdlog_flags() if any(block.language == "cpp" for block in blocks) else []
    checks = {
        "cpp": lambda block: wrong_cpp(block, compilers, flags),
        "cmake": lambda block: wrong_cmake(block, build),
        "meson": lambda block: wrong_meson(block, build),
        "sh": wrong_shell,
        "python": wrong_python,
        "json": wrong_json,
        "yaml": wrong_yaml,
        "yml": wrong_yaml,
        "ini": wrong_ini,
    }
    problems, jobs, counts = [], [], collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for block in blocks:
            place = f"{block.path}:{block.line}: "
            wrong_marks = unknown_notes(block)
            problems += [place + wrong for wrong in wrong_marks]
            why_not = unchecked(block.language)
            if why_not:
                print(f"  {place}not checked: a block of {block.language} {why_not}")
            elif block.language not in checks:
                problems.append(f"{place}a block of `{block.language}`, which nothing here can check: name it `text` if it is "
                                "no code")
            elif not wrong_marks:
                counts[block.language] += 1
                jobs.append((place, pool.submit(checks[block.language], block)))
    for place, job in jobs:
        if job.result():
            problems.append(place + job.result())
    if counts:
        print("  " + ", ".join(f"{count} {language}" for language, count in sorted(counts.items())))
    return problems


def check_pages(compilers, build):
    blocks, problems = [], []
    for path in project.files(".md"):
        found, wrong = blocks_of(path, project.read(path))
        blocks += found
        problems += wrong
    used = {stand_in(block) for block in blocks}
    unused = [path for path in sorted(STAND_INS.iterdir()) if path not in used]
    problems += [f"{path.relative_to(project.ROOT)}: no block needs it" for path in unused]
    return problems + check(blocks, compilers, build)


# What is said of a page, and the page. Nothing may be said of the right one.
WRONG = [
    ("does not compile with g++", "```cpp\nint main() { return undeclared; }\n```\n"),
    ("does not compile with g++", "```cpp\nstd::string without_its_include;\n```\n"),
    ("does not compile with g++", "```cpp\ncall();\n```\n"),
    ("does not compile with g++", "<!-- snippet: in a function -->\n```cpp\nint twice = 1;\nint twice = 2;\n```\n"),
    ("means nothing", "<!-- snippet: in a funktion -->\n```cpp\nint x;\n```\n"),
    ("means nothing", "<!-- snippet: in a function -->\n```sh\ntrue\n```\n"),
    ("there is no tests/house/data/snippets/absent.h", "<!-- snippet: with absent.h -->\n```cpp\nint x;\n```\n"),
    ("stands before no block", "<!-- snippet: in C++20 -->\n\nProse.\n\n```cpp\nint x;\n```\n"),
    ("CMake Error", "```cmake\ncmake_minimum_required(VERSION 3.16)\nproject(app LANGUAGES NONE)\nadd_exe(app)\n```\n"),
    ("ERROR", "```meson\nproject('app'\n```\n"),
    ("unexpected EOF", "```sh\nif true; then echo \"half\n```\n"),
    ("was never closed", "```python\nprint(\n```\n"),
    ("Expecting", "```json\n{\"a\": }\n```\n"),
    ("expected", "```yaml\na: [1, 2\n```\n"),
    ("no section headers", "```ini\nurl = x\n```\n"),
    ("which nothing here can check", "```cobol\nSTOP RUN.\n```\n"),
    ("a block of ``", "```\nneither code nor text\n```\n"),
    ("indented.md:3: does not compile", "* item\n  ```cpp\n  int x\n  ```\n"),
]
RIGHT = """
<!-- snippet: in a function, in C++20 -->

```cpp
#include <string>
std::string text;
if (text.starts_with("x")) return;
```

````text
```cpp
no code
```
````

```sh
export A=b   # comment
```

```python
await x
```
"""


def self_test():
    missed = []
    with tempfile.TemporaryDirectory() as nowhere:
        for expected, page in WRONG:
            blocks, problems = blocks_of("indented.md" if page.startswith("*") else "page.md", page)
            if (unchecked(blocks[0].language) or "").startswith("needs"):
                continue
            problems += check(blocks, ["g++"], nowhere)
            if len(problems) != 1 or expected not in problems[0]:
                missed.append(f"a seeded violation is not found, or not alone: {expected}: {problems}")
        blocks, problems = blocks_of("right.md", RIGHT)
        missed += [f"a false alarm: {problem}" for problem in problems + check(blocks, ["g++"], nowhere)]
        if len(blocks) != 4:
            missed.append(f"{len(blocks)} blocks were found, not 4")
    return missed


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        project.report("snippets self-test", self_test())
    if not sys.argv[1:]:
        sys.exit(__doc__)
    project.report("snippets", check_pages(sys.argv[2:] or ["g++"], pathlib.Path(sys.argv[1]).resolve()))
