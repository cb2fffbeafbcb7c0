#!/usr/bin/env python3
"""Who may include what: the include directions of docs/architecture.md, and what belongs to one file.

  layers.py              checks the project
  layers.py --self-test  checks that each rule finds a seeded violation
  layers.py --picture    prints which room includes which
"""

import re
import sys

import project

# Data and includes run this way: a room includes itself and the rooms behind it. A room may have no files yet.
ROOMS = ["integrations", "sinks", "tracing", "api", "pipeline", "exporter", "storage", "http", "model"]
# Folders inside a room, the lowest first: each includes itself and those before it. "" is the root of the room; where it is not
# named it comes last: it may include all of them, and none of them includes it.
SUB_ROOMS = {
    "cli": ["terminal", "server", "drawing", "program", "commands"],
    "pipeline": ["settings", "", "diagnosis"],
    "receiver": ["base", "http", "rows", "spans", "store", "ingest", "api"],
    "tracing": ["bytes", "context"],
}
# Of these, the ones that do not know each other although one is lower.
APART = {
    "receiver": [
        {"http", "rows"},
        {"http", "spans"},
        {"http", "store"},
        {"ingest", "api"},
        {"ingest", "store"},
        {"spans", "store"},
    ],
}
# Neither includes the other.
BESIDE = {"integrations", "sinks"}
# Opt-in headers at the root of the public face that extend `tracing/`.
EXTENSIONS = {
    "include/langfuse/asio.h": "tracing",
    "include/langfuse/coroutine.h": "tracing",
    "include/langfuse/json.h": "tracing",
}
# The sink headers: all that knows spdlog.
SPDLOG_HEADERS = {
    "include/langfuse/sinks/spdlog_attach.h",
    "include/langfuse/sinks/spdlog_mdc.h",
    "include/langfuse/sinks/spdlog_sink.h",
}
ENVIRONMENT_READER = "pipeline/settings/process_environment.cpp"
# Knows the mutexes of the standard library, whose use clang cannot check. Public headers cannot include it.
MUTEX_HEADER = "model/mutex.h"
# Rooms that a port to another system leaves as they are.
WITHOUT_POSIX = {"sinks", "tracing", "model"}
# The programs beside the library, and which of our own folders each may include.
PROGRAMS = {
    "receiver": {"receiver"},
    "cli": {"cli", "receiver", "langfuse"},
    "examples": {"examples", "langfuse"},
}

C_HEADERS = {
    f"{name}.h"
    for name in "assert ctype errno fenv float inttypes limits locale math setjmp stdarg stddef "
    "stdint stdio stdlib string time uchar wchar wctype".split()
}
POSIX_HEADER = re.compile(
    r"(?:(?:sys|net|netinet|arpa|linux|asm|bits)/.*|(?:aio|dirent|dlfcn|fcntl|fnmatch|ftw|glob|grp|"
    r"link|netdb|poll|pthread|pwd|regex|sched|semaphore|signal|spawn|syslog|termios|unistd|wait)\.h)$"
)
# A port replaces these as a whole.
POSIX_FILES = {"model/forks.cpp", "model/standard_error.cpp"}
CXX_HEADER = re.compile(r"(?:[a-z_0-9]+|cxxabi\.h)$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
GETENV = re.compile(r"\b(?:secure_)?getenv\b|\benviron\b")
UNCHECKED_LOCK = re.compile(r"\bstd\s*::\s*(?:\w*mutex|lock_guard|unique_lock|scoped_lock|condition_variable\w*)\b")


def room_of(path):
    """The library's room that a file belongs to; None for files outside the library."""
    if path in EXTENSIONS:
        return EXTENSIONS[path]
    parts = path.split("/")
    if parts[0] == "include":
        if parts[2] == "disabled":  # the stubs of a header belong where the header does
            del parts[2]
        return parts[2] if len(parts) > 3 else "model"
    return parts[0] if parts[0] in ROOMS else None


def kind_of_system_header(name):
    if POSIX_HEADER.match(name):
        return "posix"
    if name in C_HEADERS or CXX_HEADER.match(name):
        return "standard"
    return "third party"


def own_header(path, tree):
    """The header that a source implements: the one of its base name, in its room."""
    if not path.endswith(".cpp"):
        return None
    base = path.rsplit("/", 1)[1][: -len(".cpp")] + ".h"
    for candidate in sorted(tree):
        if candidate.rsplit("/", 1)[-1] == base and (room_of(path) or path.split("/")[0]) in (
            room_of(candidate),
            candidate.split("/")[0],
        ):
            return candidate
    return None


def include_name(path):
    return path[len("include/") :] if path.startswith("include/") else path


def check(tree):
    """`tree`: path → source. Returns the violations, one text each."""
    problems = []
    third_party = {}  # (header, room where one a room is allowed) → files

    for path, raw in sorted(tree.items()):
        source = project.without_comments(raw)
        includes = INCLUDE.findall(source)
        room = room_of(path)
        program = path.split("/")[0]

        if room is not None:
            problems += check_room(path, room, includes)
            for bracket, name in includes:
                if bracket == "<" and kind_of_system_header(name) == "third party":
                    where = room if name.startswith("nlohmann/") else ""
                    third_party.setdefault((name, where), []).append(path)
            if path != ENVIRONMENT_READER and GETENV.search(source):
                problems.append(f"{path}: only {ENVIRONMENT_READER} reads the environment")
            if path != MUTEX_HEADER and not path.startswith("include/") and UNCHECKED_LOCK.search(source):
                problems.append(f"{path}: a lock that clang cannot check; {MUTEX_HEADER} has those it can")
        elif program in PROGRAMS:
            for bracket, name in includes:
                if bracket == '"' and name.split("/")[0] not in PROGRAMS[program]:
                    allowed = ", ".join(sorted(PROGRAMS[program]))
                    problems.append(f'{path}: includes "{name}"; {program}/ may include {allowed}')

        header = own_header(path, tree)
        if header is not None and (not includes or includes[0][1] != include_name(header)):
            problems.append(f'{path}: its first include must be "{include_name(header)}"')

    for (name, _), paths in sorted(third_party.items()):
        if len(paths) > 1:
            problems.append(f"<{name}> has more than one including file: {', '.join(paths)}")
    return problems + check_sub_rooms(tree) + check_cycles(tree) + check_base_names(tree)


def sub_room_of(path):
    """The room with sub-rooms that a file belongs to, and its sub-room there ("" at the root)."""
    room, _, rest = path.partition("/")
    return (room, rest.rpartition("/")[0].split("/")[0]) if room in SUB_ROOMS else (None, "")


def place_of(room, sub_room):
    return f"{room}/{sub_room}" if sub_room else f"the root of {room}/"


def order_in(room):
    return SUB_ROOMS[room] if "" in SUB_ROOMS[room] else [*SUB_ROOMS[room], ""]


def check_sub_rooms(tree):
    problems = []
    for path, raw in sorted(tree.items()):
        room, sub_room = sub_room_of(path)
        if room is None:
            continue
        order = order_in(room)
        if sub_room not in order:
            problems.append(f"{path}: {room}/ has no sub-room {sub_room}/; there are {', '.join(filter(None, order))}")
            continue
        for bracket, name in INCLUDE.findall(project.without_comments(raw)):
            target_room, target = sub_room_of(name)
            if bracket == '"' and target_room == room and target in order and order.index(target) > order.index(sub_room):
                where = place_of(room, target)
                problems.append(f'{path}: "{name}" looks up, from {place_of(room, sub_room)} to {where}')
            elif bracket == '"' and target_room == room and {sub_room, target} in APART.get(room, []):
                problems.append(f'{path}: "{name}"; {room}/{sub_room} and {room}/{target} do not know each other')
    return problems


def check_cycles(tree):
    """A header and its source are one; in the library, and in a room that has sub-rooms, none includes another that includes it."""
    edges = {}
    for path, raw in sorted(tree.items()):
        if room_of(path) is not None or sub_room_of(path)[0] is not None:
            names = {name.rsplit(".", 1)[0] for bracket, name in INCLUDE.findall(project.without_comments(raw)) if bracket == '"'}
            base = path.rsplit(".", 1)[0]
            edges.setdefault(base, set()).update(names - {base})

    problems = []
    done = set()

    def visit(base, way):
        if base in way:
            problems.append("a cycle: " + " → ".join([*way[way.index(base) :], base]))
        elif base not in done:
            for target in sorted(edges.get(base, ())):
                visit(target, [*way, base])
            done.add(base)

    for base in sorted(edges):
        visit(base, [])
    return problems


def check_room(path, room, includes):
    problems = []
    is_public = path.startswith("include/")
    for bracket, name in includes:
        if bracket == "<":
            kind = kind_of_system_header(name)
            if kind == "posix" and (is_public or room in WITHOUT_POSIX) and path not in POSIX_FILES:
                problems.append(f"{path}: <{name}> is POSIX; that belongs to a room between")
            if name.startswith(("spdlog/", "fmt/")) and path not in SPDLOG_HEADERS:
                problems.append(f"{path}: <{name}>; only the spdlog sink headers know spdlog")
            if is_public and kind == "third party" and not may_be_public(path, name):
                problems.append(f"{path}: <{name}> in a public header")
            continue
        if is_public and not name.startswith("langfuse/"):
            problems.append(f'{path}: a public header includes "{name}", which is not public')
            continue
        target = f"include/{name}" if name.startswith("langfuse/") else name
        target_room = room_of(target)
        if target_room not in ROOMS:
            problems.append(f'{path}: "{name}" is not root-relative or not part of the library')
        elif {room, target_room} == BESIDE:
            problems.append(f'{path}: "{name}"; {room}/ and {target_room}/ do not know each other')
        elif ROOMS.index(target_room) < ROOMS.index(room):
            problems.append(f'{path}: "{name}" looks back, from {room} to {target_room}')
    return problems


def may_be_public(path, name):
    return (path in SPDLOG_HEADERS and name.startswith("spdlog/")) or (
        path == "include/langfuse/json.h" and name.startswith("nlohmann/")
    )


def check_base_names(tree):
    """Within the library, and within the receiver and its program, no two files share a name."""
    problems = []
    places = {}  # (which of the two, base name) → file
    for path in sorted(tree):
        in_library = room_of(path) is not None
        if in_library or path.startswith(("receiver/", "cli/")):
            key = (in_library, path.rsplit("/", 1)[-1])
            if key in places:
                problems.append(f"{path} and {places[key]} have the same base name")
            places[key] = path
    return problems


VIOLATIONS = {
    "looks back": {"exporter/a.cpp": '#include "pipeline/client.h"\n'},
    "looks back, from http to exporter": {"http/a.h": '#include "exporter/endpoints.h"\n'},
    "integrations/ and sinks/ do not know each other": {"integrations/a.h": '#include "sinks/b.h"\n'},
    "looks back, from tracing to integrations": {"tracing/a.h": '#include "integrations/a.h"\n'},
    "looks back, from model": {"include/langfuse/ids.h": '#include "langfuse/tracing/observe.h"\n'},
    "looks back, from model to tracing": {
        "include/langfuse/disabled/ids_stubs.h": '#include "langfuse/tracing/observe.h"\n'
    },
    "which is not public": {"include/langfuse/sinks/a.h": '#include "model/record.h"\n'},
    "not root-relative": {"sinks/a.cpp": '#include "b.h"\n'},
    "is POSIX": {"tracing/a.cpp": "#include <unistd.h>\n"},
    "only the spdlog sink headers": {"sinks/a.cpp": "#include <spdlog/spdlog.h>\n"},
    "in a public header": {"include/langfuse/config.h": "#include <curl/curl.h>\n"},
    "reads the environment": {"pipeline/a.cpp": 'auto* home = ::secure_getenv("HOME");\n'},
    "sinks/a.cpp: a lock that clang cannot check": {"sinks/a.cpp": "static std::mutex mutex;\n"},
    "pipeline/a.h: a lock that clang cannot check": {"pipeline/a.h": "std::condition_variable_any changed;\n"},
    "<curl/curl.h> has more than one": {
        "exporter/a.cpp": "#include <curl/curl.h>\n",
        "pipeline/b.cpp": "  #  include <curl/curl.h>\n",
    },
    "<nlohmann/json.hpp> has more than one": {
        "exporter/a.cpp": "#include <nlohmann/json.hpp>\n",
        "exporter/b.cpp": "#include <nlohmann/json.hpp>\n",
    },
    "its first include must be": {
        "model/a.h": "",
        "model/a.cpp": '#include <string>\n#include "model/a.h"\n',
    },
    "first include must be \"langfuse/sinks/b.h\"": {
        "include/langfuse/sinks/b.h": "",
        "sinks/b.cpp": '#include "model/record.h"\n',
    },
    "exporter/a.h have the same base name": {"model/a.h": "", "exporter/a.h": ""},
    "cli/a.h have the same base name": {"cli/a.h": "", "receiver/a.h": ""},
    "receiver/ may include": {"receiver/a.cpp": '#include "model/record.h"\n'},
    "cli/ may include": {"cli/a.cpp": '#include "pipeline/client.h"\n'},
    "looks up, from cli/drawing to cli/commands": {"cli/drawing/a.cpp": '#include "cli/commands/b.h"\n'},
    "looks up, from cli/commands to the root of cli/": {"cli/commands/a.cpp": '#include "cli/b.h"\n'},
    "cli/ has no sub-room other/": {"cli/other/a.cpp": ""},
    "looks up, from receiver/store to receiver/api": {"receiver/store/a.h": '#include "receiver/api/b.h"\n'},
    "receiver/api and receiver/ingest do not know each other": {
        "receiver/api/a.cpp": '#include "receiver/ingest/b.h"\n'
    },
    "receiver/ingest and receiver/store do not know each other": {
        "receiver/ingest/a.cpp": '#include "receiver/store/b.h"\n'
    },
    "receiver/store and receiver/spans do not know each other": {
        "receiver/store/a.cpp": '#include "receiver/spans/b.h"\n'
    },
    "a cycle: receiver/spans/a → receiver/spans/b → receiver/spans/a": {
        "receiver/spans/a.cpp": '#include "receiver/spans/b.h"\n',
        "receiver/spans/b.cpp": '#include "receiver/spans/a.h"\n',
    },
    "looks up, from tracing/bytes to tracing/context": {"tracing/bytes/a.h": '#include "tracing/context/b.h"\n'},
    "looks up, from tracing/context to the root of tracing/": {"tracing/context/a.cpp": '#include "tracing/b.h"\n'},
    "looks up, from pipeline/settings to the root of pipeline/": {
        "pipeline/settings/a.cpp": '#include "pipeline/client.h"\n'
    },
    "looks up, from the root of pipeline/ to pipeline/diagnosis": {
        "pipeline/a.cpp": '#include "pipeline/diagnosis/b.h"\n'
    },
    "a cycle: http/a → http/b → http/a": {
        "http/a.h": '#include "http/b.h"\n',
        "http/b.h": "",
        "http/b.cpp": '#include "http/b.h"\n#include "http/a.h"\n',
    },
    "a cycle: cli/server/a → cli/server/b → cli/server/a": {
        "cli/server/a.h": "",
        "cli/server/a.cpp": '#include "cli/server/a.h"\n#include "cli/server/b.h"\n',
        "cli/server/b.h": '#include "cli/server/a.h"\n',
    },
}

ALLOWED = {
    "model/a.h": "#include <cstdint>\n",
    "model/a.cpp": '#include "model/a.h"\n\n#include <time.h>\n#include <nlohmann/json.hpp>\n',
    "http/e.cpp": '#include "model/clock.h"\n',
    "integrations/f.cpp": '#include "api/b.h"\n#include "storage/a.h"\n',
    "exporter/b.cpp": '#include "langfuse/config.h"\n#include <nlohmann/json.hpp>\n#include <poll.h>\n',
    "exporter/c.cpp": '// getenv\n/* #include "pipeline/client.h" */\n',
    "include/langfuse/config.h": '#include "langfuse/ids.h"\n',
    "include/langfuse/ids.h": "",
    "include/langfuse/tracing/observe.h": '#include "langfuse/disabled/tracing/observe_stubs.h"\n',
    "include/langfuse/disabled/tracing/observe_stubs.h": '#include "langfuse/tracing/observe.h"\n',
    "receiver/a.h": '#include "receiver/ingest/b.h"\n#include "receiver/api/b.h"\n',
    "receiver/ingest/b.h": '#include "receiver/spans/b.h"\n#include "receiver/http/b.h"\n',
    "include/langfuse/json.h": '#include "langfuse/tracing/observe.h"\n#include <nlohmann/json.hpp>\n',
    "include/langfuse/sinks/spdlog_sink.h": "#include <spdlog/sinks/sink.h>\n",
    "model/mutex.h": "std::mutex mutex_;\n",
    "pipeline/locked.cpp": '#include <mutex>\nMutex mutex;  // not std::mutex\nstd::once_flag once;\n',
    "receiver/locked.cpp": "std::mutex mutex;\n",
    "pipeline/settings/process_environment.cpp": '#include <cstdlib>\nauto* p = getenv("A");\n',
    "cli/main.cpp": '#include "cli/commands/e.h"\n#include "cli/terminal/e.h"\n',
    "cli/commands/e.cpp": '#include "cli/commands/f.h"\n#include "cli/server/e.h"\n#include "receiver/a.h"\n',
    "pipeline/g.cpp": '#include "pipeline/settings/g.h"\n',
    "pipeline/diagnosis/h.cpp": '#include "pipeline/client.h"\n#include "pipeline/settings/g.h"\n',
    "tracing/i.cpp": '#include "langfuse/tracing/observe.h"\n#include "tracing/bytes/i.h"\n#include "tracing/context/i.h"\n',
    "tracing/context/j.cpp": '#include "langfuse/tracing/observe.h"\n#include "tracing/bytes/i.h"\n',
    "sinks/d.cpp": '#include "tracing/d.h"\n#include "pipeline/client.h"\n',
}


def picture(tree):
    """One line a place, the highest first: the places that it includes."""
    places = [(room, sub) for room in ROOMS for sub in reversed(order_in(room) if room in SUB_ROOMS else [""])]
    places += [(room, sub) for room in SUB_ROOMS if room not in ROOMS for sub in reversed(order_in(room))]

    def place_of_file(path):
        room = room_of(path)
        sub_room = sub_room_of(path)
        if path.startswith("include/"):
            return ("include/langfuse", "")
        return sub_room if sub_room[0] is not None else (room, "")

    edges = {}
    for path, raw in tree.items():
        for bracket, name in INCLUDE.findall(project.without_comments(raw)):
            if bracket == '"' and not name.startswith("langfuse/"):
                edges.setdefault(place_of_file(path), set()).add(place_of_file(name))
    lines = []
    for place in places:
        below = [other for other in places if other in edges.get(place, ()) and other != place]
        if place in edges or any(place in targets for targets in edges.values()):
            lines.append(f"{'/'.join(filter(None, place)):<20} → {', '.join('/'.join(filter(None, b)) for b in below) or '·'}")
    return lines


def self_test():
    missed = [
        f"a seeded violation is not found: {expected}"
        for expected, tree in VIOLATIONS.items()
        if not any(expected in problem for problem in check(tree))
    ]
    return missed + [f"a false alarm: {problem}" for problem in check(ALLOWED)]


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        project.report("layers self-test", self_test())
    sources = {p: project.read(p) for p in project.files(".h", ".cpp") if not p.startswith("tests/")}
    if sys.argv[1:] == ["--picture"]:
        print("\n".join(picture(sources)))
        sys.exit(0)
    project.report("layers", check(sources))
