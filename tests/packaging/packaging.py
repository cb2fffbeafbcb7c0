#!/usr/bin/env python3
"""Consumes the library in the ways that others do: builds a small program each way and runs it.

  packaging.py SCENARIO WORK_DIR   a scenario is one of the functions named scenario_...

Each setting of the library is built once: `static` leaves its installation for the scenarios that only consume it. Where how
the library is compiled is not the question, its sources are compiled together (CMAKE_UNITY_BUILD), which is several times
faster. A scenario that cannot run here says why and ends with status 77.
"""

import base64
import concurrent.futures
import gzip
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading

import matrix

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Neither the tests nor what they need: BUILD_TESTING decides about both.
LIBRARY_ONLY = [
    "-DBUILD_TESTING=OFF",
    "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON",
    "-DLANGFUSE_BUILD_EXAMPLES=OFF",
    "-DLANGFUSE_BUILD_TOOLS=OFF",
]
TOGETHER = ["-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=12"]
# How it is put together is what counts, not how fast it is.
PLAIN = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", *TOGETHER]


def run(command, expect_failure=False, **more):
    """Runs a command, shows what it was if it went wrong, and returns what it printed."""
    command = [str(word) for word in command]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more
    )
    if (result.returncode != 0) != expect_failure:
        print(result.stdout)
        sys.exit(f"packaging: {'succeeded' if expect_failure else 'failed'}: {' '.join(command)}")
    return result.stdout


def expect(condition, claim):
    if not condition:
        sys.exit(f"packaging: not so: {claim}")


def configure(source, build, *options, expect_failure=False):
    command = ["cmake", "-S", source, "-B", build, *PLAIN, *options]
    for tool, option in (("ninja", "-GNinja"), ("ccache", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")):
        if shutil.which(tool):
            command.append(option)
    return run(command, expect_failure=expect_failure)


def build(folder):
    run(["cmake", "--build", folder, "-j2"])


def run_consumer(program, **environment):
    """Without any setting of the person who runs this, the consumer finds Langfuse off."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LANGFUSE_", "OTEL_"))}
    expect(run([program], env={**clean, **environment}) == "off\n", f"{program} runs and says `off`")


def install(work, *options):
    """The library under a prefix of its own, which is moved after the installation."""
    configure(ROOT, work / "library", f"-DCMAKE_INSTALL_PREFIX={work / 'first'}", *LIBRARY_ONLY, *options)
    build(work / "library")
    run(["cmake", "--install", work / "library"])
    (work / "first").rename(work / "prefix")
    return work / "prefix"


def consume_installed(work, prefix, is_static=True):
    """By find_package and by pkg-config."""
    found = f"-DCMAKE_PREFIX_PATH={prefix}"
    configure(HERE / "cmake_consumer", work / "consumer", found, "-Dwanted_version=0.1")
    build(work / "consumer")
    run_consumer(work / "consumer/consumer")
    for other in ("0.0", "0.2", "1.0"):
        text = configure(HERE / "cmake_consumer", work / f"wants-{other}", found, f"-Dwanted_version={other}",
                         expect_failure=True)
        expect("compatible with requested version" in re.sub(r"\s+", " ", text), f"{other} is refused as a version")

    # The core can be found where there is no spdlog; what is missing is named.
    without_spdlog = "-DCMAKE_DISABLE_FIND_PACKAGE_spdlog=ON"
    configure(HERE / "core_consumer", work / "core", found, without_spdlog)
    build(work / "core")
    run_consumer(work / "core/consumer")
    run_consumer(work / "core/disabled_consumer")

    for wanted, options, claim in (
        ("telepathy", [], "has no component telepathy; it has: langfuse, disabled, spdlog"),
        ("spdlog", [without_spdlog], "component spdlog of langfuse needs the package spdlog"),
    ):
        text = configure(HERE / "component_consumer", work / f"wants-{wanted}", found, f"-Dwanted={wanted}", *options,
                         expect_failure=True)
        expect(claim in re.sub(r"\s+", " ", text), claim)
    nothing = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in ("CURL", "Threads", "ZLIB", "spdlog")]
    configure(HERE / "component_consumer", work / "wants-disabled", found, "-Dwanted=disabled", *nothing)
    if is_static:  # a shared library has what it needs inside, and lacks nothing
        expect_what_is_missing_named(work, found, nothing)

    # Projects whose own minimum is older than what our package file is written in.
    for minimum in ("2.8.12", "3.1", "3.2"):
        configure(HERE / "old_cmake_consumer", work / f"minimum-{minimum}", found, f"-Dminimum={minimum}")
    build(work / "minimum-3.1")
    run_consumer(work / "minimum-3.1/consumer")

    expect_documents(prefix)
    consume_by_pkg_config(work, next(prefix.rglob("langfuse.pc")).parent)


def expect_documents(prefix):
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "docs/tracing.md", "docs/page.png"):
        expect((prefix / "share/doc/langfuse" / name).is_file(), f"{name} is installed")


def consume_by_pkg_config(work, folder):
    for packages in (["langfuse-spdlog"], ["langfuse-disabled", "spdlog"]):
        flags = run(["pkg-config", "--cflags", "--libs", *packages],
                    env={**os.environ, "PKG_CONFIG_PATH": str(folder)}).split()
        program = work / f"by-pkg-config-{packages[0]}"
        run(["c++", "-std=c++17", HERE / "consumer.cpp", "-o", program, *flags])
        run_consumer(program, LD_LIBRARY_PATH=str(folder.parent))


def scenario_static(work):
    prefix = install(work)
    consume_installed(work, prefix)
    expect_only_targets(work, prefix)

    # What was built is also found where it was built.
    configure(HERE / "core_consumer", work / "from-build", f"-Dlangfuse_DIR={work / 'library'}")
    build(work / "from-build")
    run_consumer(work / "from-build/consumer")


def expect_only_targets(work, prefix):
    """What the static library needs is found by find_package, and linked by where that found it: in a sysroot, say."""
    text = next(prefix.rglob("langfuse-targets.cmake")).read_text()
    needed = re.search(r'INTERFACE_LINK_LIBRARIES "([^"]*)"', text)[1].replace("\\", "").split(";")
    bare = [name for name in needed if not re.fullmatch(r"\$<LINK_ONLY:\$<1:\w+::\w+>>", name)]
    expect(not bare, f"the package links targets only, and not {bare}")

    moved = work / "moved"
    for folder, pattern in (("include", "libdeflate.h"), ("lib", "libdeflate.so*")):
        (moved / folder).mkdir(parents=True)
        found = [*pathlib.Path("/usr").glob(f"{folder}/{pattern}"), *pathlib.Path("/usr").glob(f"{folder}/*/{pattern}")]
        expect(found, f"{pattern} is installed")
        for file in found:
            shutil.copy(file, moved / folder, follow_symlinks=False)
    configure(HERE / "core_consumer", work / "sysroot", f"-DCMAKE_PREFIX_PATH={prefix};{moved}")
    build(work / "sysroot")
    expect(str(moved) in run(["readelf", "-d", work / "sysroot/consumer"]), "the linker is told where libdeflate was found")


def scenario_matrix(work):
    """The installed static library, in programs as others build them."""
    prefix = work.parent / "static/prefix"
    if not prefix.exists():
        prefix = install(work)
    folder = next(prefix.rglob("langfuse.pc")).parent
    flags = run(["pkg-config", "--cflags", "--libs", "langfuse"],
                env={**os.environ, "PKG_CONFIG_PATH": str(folder)}).split()
    built, skipped, problems = matrix.run(flags, work)
    expect(not problems, "each consumer is compiled without a warning, linked and run:\n" + "\n".join(problems))

    # A vendored spdlog, headers alone, beside the library.
    if matrix.NEWER_SPDLOG.exists():
        configure(HERE / "vendored_consumer", work / "vendored", f"-DCMAKE_PREFIX_PATH={prefix}",
                  f"-Dvendored={matrix.NEWER_SPDLOG}")
        build(work / "vendored")
        run_consumer(work / "vendored/consumer")
    print(f"packaging: {len(built)} ways")
    if skipped:
        print("packaging: skipped:", *skipped, sep="\n  ")
        sys.exit(77)


def scenario_shared(work):
    # As distributions build it: nothing is defined twice, nor in two ways, which is seen when all is linked at once.
    odr = "-Wodr -Wlto-type-mismatch -Werror=odr -Werror=lto-type-mismatch"
    prefix = install(work, "-DBUILD_SHARED_LIBS=ON", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_STANDARD=20",
                     "-DCMAKE_CXX_FLAGS_RELEASE=-O3 -DNDEBUG", "-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON",
                     "-DCMAKE_UNITY_BUILD=OFF", "-DLANGFUSE_WERROR=ON", f"-DCMAKE_CXX_FLAGS={odr}",
                     f"-DCMAKE_SHARED_LINKER_FLAGS={odr}")
    library = next(prefix.rglob("liblangfuse.so"))
    expect(library.resolve().name == "liblangfuse.so.0.1.0", "the file carries the version")
    dynamic = run(["readelf", "-d", library])
    expect("[liblangfuse.so.0.1]" in dynamic, "the SONAME is 0.MINOR")
    expect("NODELETE" in dynamic, "dlclose leaves it in place")
    expect_only_the_public_face(library)

    # A shared library has what it needs inside: a consumer needs no libcurl and no zlib of its own.
    configure(HERE / "core_consumer", work / "alone", f"-DCMAKE_PREFIX_PATH={prefix}",
              "-DCMAKE_DISABLE_FIND_PACKAGE_CURL=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON")
    consume_installed(work, prefix, is_static=False)


def expect_what_is_missing_named(work, found, nothing):
    """`nothing`: the options by which CMake finds none of the packages that a static library needs."""
    for optional in ("langfuse", "spdlog", "telepathy", "langfuse;spdlog"):
        configure(HERE / "component_consumer", work / f"may-have-{optional.replace(';', '-')}", found,
                  "-Dwanted=disabled", f"-Doptional={optional}", *nothing)
    text = configure(HERE / "component_consumer", work / "lacks-zlib", found, "-Dwanted=langfuse",
                     "-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON", expect_failure=True)
    expect("This langfuse needs what was not found: ZLIB." in re.sub(r"\s+", " ", text), "what is missing is named")


def expect_only_the_public_face(library):
    symbols = run(["nm", "--dynamic", "--defined-only", "--demangle", library]).splitlines()
    names = [line.split(" ", 2)[2] for line in symbols]
    ours = re.compile(r"(?:[\w ]+ for )?langfuse::v0_1::")
    foreign = [name for name in names if not ours.match(name)]
    expect(any("langfuse::v0_1::init(" in name for name in names), "init is exported")
    expect(not foreign, "only langfuse::v0_1:: is exported, and not:\n  " + "\n  ".join(foreign))


def scenario_subdirectory(work):
    # The parent's warnings are ours, too, and are errors where it says so.
    parent = [f"-DFETCHCONTENT_SOURCE_DIR_LANGFUSE={ROOT}", "-DBUILD_TESTING=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON"]
    configure(HERE / "subdirectory_consumer", work / "consumer", *parent, "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON",
              "-Dwarnings=-Wall;-Wextra;-Wconversion;-Wsign-conversion;-Wold-style-cast")
    build(work / "consumer")
    run_consumer(work / "consumer/consumer")
    expect(not (work / "consumer/_deps/langfuse-build/tests").exists(), "a consumer gets no tests")
    expect_parents_warnings(work, parent)
    consume_what_a_parent_exports(work)


def expect_parents_warnings(work, parent):
    """We add no warnings to those of a parent project, and make errors of none."""
    for name, warnings, werror in (("none", "", "OFF"), ("some", "-Wsign-conversion;-Wno-error", "OFF"), ("errors", "", "ON")):
        folder = work / f"warnings-{name}"
        configure(HERE / "subdirectory_consumer", folder, *parent, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                  f"-Dwarnings={warnings}", f"-DCMAKE_COMPILE_WARNING_AS_ERROR={werror}")
        commands = [entry["command"].split() for entry in json.loads((folder / "compile_commands.json").read_text())]
        given = {word for command in commands for word in command if word.startswith("-W")} - {"-Wno-restrict"}
        wanted = set(warnings.split(";")) - {""} | ({"-Werror"} if werror == "ON" else set())
        expect(given == wanted, f"the warnings of a parent project with {name} are {wanted}, not {given}")


def consume_what_a_parent_exports(work):
    """install(EXPORT) of a project that has us as a subdirectory; of us it installs what it is told to."""
    run(["cmake", "--install", work / "consumer", "--prefix", work / "parent"])
    expect(not [*work.glob("parent/**/langfuse*")], "nothing of ours is installed with a parent that does not ask for it")
    run(["cmake", "--install", work / "consumer", "--prefix", work / "parent", "--component", "langfuse"])
    expect_documents(work / "parent")
    configure(HERE / "exported_consumer", work / "exported", f"-DCMAKE_PREFIX_PATH={work / 'parent'}")
    build(work / "exported")
    run_consumer(work / "exported/consumer")


def scenario_meson(work):
    project = work / "project"
    (project / "subprojects").mkdir(parents=True)
    for name in ("consumer.cpp", "meson_consumer/meson.build"):
        shutil.copy(HERE / name, project)
    (project / "meson.build").write_text((project / "meson.build").read_text().replace("../", ""))
    (project / "subprojects/langfuse").symlink_to(ROOT)
    run(["meson", "setup", "--buildtype=plain", "--werror", "--unity=subprojects", f"--prefix={work / 'prefix'}",
         "--libdir=lib", work / "consumer", project])
    run(["ninja", "-C", work / "consumer"])
    run_consumer(work / "consumer/consumer")
    expect(not (work / "consumer/subprojects/langfuse/tests").exists(), "a consumer gets no tests")

    # What meson installs is consumed like what CMake installs, as far as meson makes it.
    run(["meson", "install", "-C", work / "consumer"])
    expect_documents(work / "prefix")
    consume_by_pkg_config(work, work / "prefix/lib/pkgconfig")


def scenario_install_page(work):
    """The blocks of docs/install.md do what they say, each in a project of its own."""
    prefix = work.parent / "static/prefix"
    if not prefix.exists():
        prefix = install(work)
    sections = dict(re.findall(r"^### (.*?)\n(.*?)(?=^###? |\Z)", (ROOT / "docs/install.md").read_text(), re.M | re.S))

    def project(section, **files):
        """A folder with blocks of a section as files: name → (language of the block, path in the folder)."""
        folder = work / section.replace(" ", "-")
        for language, path in files.values():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(re.search(rf"^```{language}\n(.*?)^```", sections[section], re.M | re.S)[1])
        shutil.copy(HERE / "consumer.cpp", folder / "main.cpp")
        return folder

    cmake = ("cmake", "CMakeLists.txt")
    found = f"-DCMAKE_PREFIX_PATH={prefix}"
    folder = project("find_package", cmake=cmake)
    configure(folder, folder / "build", found)
    build(folder / "build")
    run_consumer(folder / "build/app")

    if matrix.NEWER_SPDLOG.exists():
        folder = project("Your own spdlog", cmake=cmake)
        (folder / "third_party/spdlog").mkdir(parents=True)
        (folder / "third_party/spdlog/include").symlink_to(matrix.NEWER_SPDLOG)
        configure(folder, folder / "build", found)
        build(folder / "build")
        run_consumer(folder / "build/app")

    folder = project("pkg-config", shell=("sh", "build.sh"))
    run(["sh", "-e", "build.sh"], cwd=folder,
        env={**os.environ, "PKG_CONFIG_PATH": str(next(prefix.rglob("langfuse.pc")).parent)})
    run_consumer(folder / "app")

    # The scenarios `subdirectory` and `meson` build what these two only configure.
    folder = project("FetchContent", cmake=cmake)
    configure(folder, folder / "build", f"-DFETCHCONTENT_SOURCE_DIR_LANGFUSE={ROOT}")
    folder = project("meson", wrap=("ini", "subprojects/langfuse.wrap"), build=("meson", "meson.build"))
    (folder / "subprojects/langfuse").symlink_to(ROOT)
    run(["meson", "setup", folder / "build", folder])


def scenario_disabled(work):
    """Every example compiles with the library compiled out, and links without it."""
    examples = ROOT / "examples"
    programs = {source.stem: [source] for source in examples.glob("*.cpp")}
    programs["email_workflow"] = sorted((examples / "email_workflow").glob("*.cpp"))
    packages = ["gmime-3.0", "libcurl", "cpp-httplib", "openssl", "spdlog"]
    flags = ["-std=c++20", f"-I{ROOT}", f"-I{ROOT / 'include'}", "-DLANGFUSE_DISABLED",
             f'-DEMAIL_WORKFLOW_DATA="{examples / "data"}"', *run(["pkg-config", "--cflags", *packages]).split()]
    libraries = [*run(["pkg-config", "--libs", *packages]).split(), "-pthread"]

    def compile_one(source):
        out = work / f"{source.parent.name}-{source.stem}.o"
        run(["c++", *flags, "-c", source, "-o", out])
        return out

    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for name, sources in sorted(programs.items()):
            run(["c++", *pool.map(compile_one, sources), "-o", work / name, *libraries])
    run([work / "hello"])


def scenario_fetch_deps(work):
    """With the system's packages hidden, and small projects in the place of what would be fetched.

    What this cannot show is the download itself.
    """
    hidden = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in ("nlohmann_json", "spdlog")]
    text = configure(ROOT, work / "without", *LIBRARY_ONLY, *hidden, expect_failure=True)
    expect("set LANGFUSE_FETCH_DEPS=ON" in re.sub(r"\s+", " ", text), "what to do is said")

    queue = next(pathlib.Path("/usr/include/concurrentqueue").rglob("concurrentqueue.h"))
    stand_ins = {
        "nlohmann_json": (pathlib.Path("/usr/include/nlohmann"),
                          "add_library(nlohmann_json INTERFACE)\n"
                          "add_library(nlohmann_json::nlohmann_json ALIAS nlohmann_json)\n"
                          "target_include_directories(nlohmann_json INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})\n"),
        "spdlog": (pathlib.Path("/usr/include/spdlog"),
                   "add_library(spdlog INTERFACE)\n"
                   "add_library(spdlog::spdlog ALIAS spdlog)\n"
                   "target_include_directories(spdlog INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})\n"
                   "target_link_libraries(spdlog INTERFACE fmt)\n"),
        "concurrentqueue": (queue, "add_library(concurrentqueue INTERFACE)\n"),
    }
    options = []
    for name, (headers, targets) in stand_ins.items():
        folder = work / "fetched" / name
        folder.mkdir(parents=True)
        if headers.is_dir():
            shutil.copytree(headers, folder / headers.name)
        else:
            shutil.copy(headers, folder)
        (folder / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.10)\nproject({name} CXX)\n{targets}")
        options.append(f"-DFETCHCONTENT_SOURCE_DIR_{name.upper()}={folder}")
    # The queue is a header and no package: it is hidden by its folder, which the packages that stay
    # are told.
    hidden += ["-DCMAKE_IGNORE_PATH=/usr/include", "-DCURL_INCLUDE_DIR=/usr/include", "-DZLIB_INCLUDE_DIR=/usr/include"]
    text = configure(HERE / "subdirectory_consumer", work / "consumer", "-DLANGFUSE_FETCH_DEPS=ON",
                     f"-DFETCHCONTENT_SOURCE_DIR_LANGFUSE={ROOT}",
                     *hidden, *options)
    for name in stand_ins:
        expect(f"Fetching {name}" in text, f"{name} is fetched")
    build(work / "consumer")
    run_consumer(work / "consumer/consumer")


def scenario_two_plugins(work):
    """Two static libraries in one process: each line reaches the server of its own project."""
    configure(HERE / "two_plugins", work / "build", f"-Dlangfuse_source={ROOT}")
    build(work / "build")
    count = 100
    for flags in ("local", "global"):
        servers = {name: RecordingServer() for name in "ab"}
        places = [word for name, server in servers.items()
                  for word in (work / f"build/libplugin_{name}.so", server.url)]
        run([work / "build/host", flags, *places, count])
        for name, server in servers.items():
            expect_own_records(name, server.stop(), count, f"{flags}, plugin {name}")


def expect_own_records(name, received, count, where):
    credentials = base64.b64encode(f"pk-lf-{name}:sk-lf-{name}".encode()).decode()
    expect({request[0] for request in received} == {f"Basic {credentials}"}, f"{where}: only its own keys")
    found = re.findall(rb"(outside|inside|scope) (\d+) of (\w)\.", b"".join(body for _, body in received))
    wanted = {(kind, str(number).encode(), name.encode())
              for kind in (b"outside", b"inside", b"scope") for number in range(count)}
    expect(set(found) == wanted, f"{where}: each of its own records and no other")


def scenario_unloaded_plugin(work):
    """A plugin with the static library is unloaded in whatever way it was left: nothing of it may run then."""
    configure(HERE / "unloaded_plugin", work / "build", f"-Dlangfuse_source={ROOT}")
    build(work / "build")
    server = RecordingServer()
    environment = {**os.environ, "LANGFUSE_BASE_URL": server.url, "LANGFUSE_PUBLIC_KEY": "pk-lf-a",
                   "LANGFUSE_SECRET_KEY": "sk-lf-a"}
    # The end of a thread and the unloading race: many at once show it.
    for mode, wanted in (("shutdown", 0), ("late", 0), ("running", 0), ("signal", -signal.SIGTERM)):
        command = [work / "build/host", work / "build/libplugin.so", mode]
        for _ in range(5):
            hosts = [subprocess.Popen(command, env=environment) for _ in range(8)]
            ends = [host.wait() for host in hosts]
            expect(set(ends) == {wanted}, f"{mode}: each ends with {wanted}, and not with {ends}")
    server.stop()


class RecordingServer:
    """Keeps the credentials and the body of each request; answers that all is well."""

    def __init__(self):
        received = self.received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                received.append((self.headers["Authorization"], body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        return self.received


if __name__ == "__main__":
    scenario = globals().get(f"scenario_{sys.argv[1]}") if len(sys.argv) == 3 else None
    if scenario is None:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2]).resolve() / sys.argv[1]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    scenario(folder)
    print(f"packaging: {sys.argv[1]} ok")
