#!/usr/bin/env python3
"""Consumes the library in the ways that others do: builds a small program each way and runs it.

  packaging.py SCENARIO WORK_DIR   a scenario is one of the functions named scenario_...
"""

import base64
import concurrent.futures
import gzip
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBRARY_ONLY = [
    "-DLANGFUSE_BUILD_EXAMPLES=OFF",
    "-DLANGFUSE_BUILD_TESTS=OFF",
    "-DLANGFUSE_BUILD_TOOLS=OFF",
]


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
    # How it is put together is what counts here, not how fast it is.
    plain = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0"]
    command = ["cmake", "-S", source, "-B", build, *plain, *options]
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


def consume_installed(work, prefix):
    """By find_package and by pkg-config."""
    found = f"-DCMAKE_PREFIX_PATH={prefix}"
    configure(HERE / "cmake_consumer", work / "consumer", found, "-Dwanted_version=0.1")
    build(work / "consumer")
    run_consumer(work / "consumer/consumer")
    for other in ("0.0", "0.2", "1.0"):
        text = configure(HERE / "cmake_consumer", work / f"wants-{other}", found, f"-Dwanted_version={other}",
                         expect_failure=True)
        expect("compatible with requested version" in re.sub(r"\s+", " ", text), f"{other} is refused as a version")

    # The core can be found where there is no spdlog.
    configure(HERE / "core_consumer", work / "core", found, "-DCMAKE_DISABLE_FIND_PACKAGE_spdlog=ON")
    build(work / "core")
    run_consumer(work / "core/consumer")
    run_consumer(work / "core/disabled_consumer")

    consume_by_pkg_config(work, next(prefix.rglob("langfuse.pc")).parent)


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


def scenario_shared(work):
    prefix = install(work, "-DBUILD_SHARED_LIBS=ON")
    library = next(prefix.rglob("liblangfuse.so"))
    expect(library.resolve().name == "liblangfuse.so.0.1.0", "the file carries the version")
    dynamic = run(["readelf", "-d", library])
    expect("[liblangfuse.so.0.1]" in dynamic, "the SONAME is 0.MINOR")
    expect("NODELETE" in dynamic, "dlclose leaves it in place")
    expect_only_the_public_face(library)

    # A shared library has what it needs inside: a consumer needs no libcurl and no zlib of its own.
    configure(HERE / "core_consumer", work / "alone", f"-DCMAKE_PREFIX_PATH={prefix}",
              "-DCMAKE_DISABLE_FIND_PACKAGE_CURL=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON")
    consume_installed(work, prefix)


def expect_only_the_public_face(library):
    symbols = run(["nm", "--dynamic", "--defined-only", "--demangle", library]).splitlines()
    names = [line.split(" ", 2)[2] for line in symbols]
    ours = re.compile(r"(?:[\w ]+ for )?langfuse::v0_1::")
    foreign = [name for name in names if not ours.match(name)]
    expect(any("langfuse::v0_1::init(" in name for name in names), "init is exported")
    expect(not foreign, "only langfuse::v0_1:: is exported, and not:\n  " + "\n  ".join(foreign))


def scenario_subdirectory(work):
    configure(HERE / "subdirectory_consumer", work / "consumer", f"-DFETCHCONTENT_SOURCE_DIR_LANGFUSE={ROOT}")
    build(work / "consumer")
    run_consumer(work / "consumer/consumer")
    expect(not (work / "consumer/_deps/langfuse-build/tests").exists(), "a consumer gets no tests")


def scenario_meson(work):
    project = work / "project"
    (project / "subprojects").mkdir(parents=True)
    for name in ("consumer.cpp", "meson_consumer/meson.build"):
        shutil.copy(HERE / name, project)
    (project / "meson.build").write_text((project / "meson.build").read_text().replace("../", ""))
    (project / "subprojects/langfuse").symlink_to(ROOT)
    run(["meson", "setup", "--buildtype=plain", f"--prefix={work / 'prefix'}", "--libdir=lib", work / "consumer",
         project])
    run(["ninja", "-C", work / "consumer"])
    run_consumer(work / "consumer/consumer")
    expect(not (work / "consumer/subprojects/langfuse/tests").exists(), "a consumer gets no tests")

    # What meson installs is consumed like what CMake installs, as far as meson makes it.
    run(["meson", "install", "-C", work / "consumer"])
    consume_by_pkg_config(work, work / "prefix/lib/pkgconfig")


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
