"""The recipe of langfuse-cpp for Conan 2. It builds the checkout that it is in."""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.1"


class LangfuseCppConan(ConanFile):
    name = "langfuse-cpp"
    description = "Traces, generations and log lines of C++ programs, in Langfuse"
    license = "MIT"
    topics = ("langfuse", "llm", "observability", "spdlog", "tracing")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "shared": [True, False],
        "fPIC": [True, False],
        "spdlog": [True, False],  # the sink
        "tools": [True, False],  # the program with the local receiver
    }
    default_options = {"shared": False, "fPIC": True, "spdlog": True, "tools": False}

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._root, "include", "langfuse", "langfuse.h"))
        self.version = ".".join(re.findall(r"#define LANGFUSE_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        for pattern in ("*.h", "*.cpp", "*.cmake", "*.in", "*.map", "CMakeLists.txt", "LICENSE", "*.md", "docs/*", "receiver/page/index.html",
                        "cli/program/completions/*"):
            copy(self, pattern, self._root, self.export_sources_folder, excludes=("build/*", "tests/*", "packaging/*", ".git/*"))

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("concurrentqueue/1.0.4")
        self.requires("libcurl/[>=8 <9]")
        self.requires("libdeflate/[>=1.18 <2]")
        self.requires("nlohmann_json/[>=3.11 <4]")
        self.requires("zlib/[>=1.2.11 <2]")
        if self.options.spdlog:
            self.requires("spdlog/[>=1.10 <2]", transitive_headers=True, transitive_libs=True)
        if self.options.tools:
            self.requires("boost/[>=1.74 <2]", options={"header_only": True})
            self.requires("cli11/[>=2.1 <3]")
            self.requires("openssl/[>=1.1 <4]")
            self.requires("protozero/[>=1.7 <2]")
            self.requires("sqlite3/[>=3.40 <4]", options={"enable_fts5": True})
            self.requires("sqlitecpp/[>=3 <4]")

    def validate(self):
        if self.settings.os != "Linux" or self.settings.arch not in ("x86_64", "armv8"):
            raise ConanInvalidConfiguration("langfuse-cpp needs Linux on x86-64 or aarch64")
        check_min_cppstd(self, 17)

    def build_requirements(self):
        self.tool_requires("cmake/[>=3.16]")

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["LANGFUSE_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["LANGFUSE_BUILD_TESTS"] = False
        toolchain.cache_variables["LANGFUSE_BUILD_TOOLS"] = bool(self.options.tools)
        toolchain.cache_variables["LANGFUSE_FETCH_DEPS"] = False
        toolchain.cache_variables["LANGFUSE_SPDLOG"] = bool(self.options.spdlog)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        for folder in ("cmake", "pkgconfig"):  # Conan writes both for whoever uses the package
            rmdir(self, os.path.join(self.package_folder, "lib", folder))
        rmdir(self, os.path.join(self.package_folder, "share", "doc"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "langfuse")

        library = self.cpp_info.components["langfuse"]
        library.set_property("cmake_target_name", "langfuse::langfuse")
        library.set_property("pkg_config_name", "langfuse")
        library.libs = ["langfuse"]
        library.requires = ["concurrentqueue::concurrentqueue", "libcurl::libcurl", "libdeflate::libdeflate",
                            "nlohmann_json::nlohmann_json", "zlib::zlib"]
        if self.options.shared:
            library.defines = ["LANGFUSE_SHARED"]
        else:
            library.system_libs = ["pthread"]

        if self.options.spdlog:
            sink = self.cpp_info.components["spdlog"]
            sink.set_property("cmake_target_name", "langfuse::spdlog")
            sink.set_property("pkg_config_name", "langfuse-spdlog")
            sink.libdirs = []
            sink.requires = ["langfuse", "spdlog::spdlog"]

        disabled = self.cpp_info.components["disabled"]
        disabled.set_property("cmake_target_name", "langfuse::disabled")
        disabled.set_property("pkg_config_name", "langfuse-disabled")
        disabled.libdirs = []
        disabled.defines = ["LANGFUSE_DISABLED"]

        if self.options.tools:
            program = self.cpp_info.components["tools"]
            program.libdirs = []
            program.includedirs = []
            program.requires = ["boost::headers", "cli11::cli11", "openssl::openssl", "protozero::protozero", "sqlite3::sqlite3",
                                "sqlitecpp::sqlitecpp"]
