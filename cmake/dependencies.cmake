# The libraries that this project is built from, taken from the system.
#
# With LANGFUSE_FETCH_DEPS=ON, what the system lacks is fetched at a fixed tag; never without it. A
# target that the parent project already has is used as it is. libcurl and zlib always come from the
# system: they carry its certificates and its security updates.
include(FetchContent)

# What we set for a fetched project is meant, also where that project asks for an older CMake.
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)

# Makes `target` known: from the parent project, from `find_package(package)`, or fetched.
macro(langfuse_dependency package target repository tag debian_package)
  if(NOT TARGET ${target})
    find_package(${package} QUIET)
  endif()
  if(NOT TARGET ${target} AND LANGFUSE_FETCH_DEPS)
    message(STATUS "Fetching ${package} ${tag}")
    FetchContent_Declare(${package} GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW ON)
    FetchContent_MakeAvailable(${package})
    langfuse_mark_system(${target})
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "${package} is missing: install it (Debian: ${debian_package}) or set LANGFUSE_FETCH_DEPS=ON.")
  endif()
endmacro()

# The headers of a fetched target are not ours to warn about.
function(langfuse_mark_system target)
  get_target_property(real ${target} ALIASED_TARGET)
  if(NOT real)
    set(real ${target})
  endif()
  get_target_property(directories ${real} INTERFACE_INCLUDE_DIRECTORIES)
  if(directories)
    set_target_properties(${real} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${directories}")
  endif()
endfunction()

if(NOT TARGET CURL::libcurl)
  find_package(CURL REQUIRED)
endif()
find_package(Threads REQUIRED)
if(NOT TARGET ZLIB::ZLIB)
  find_package(ZLIB REQUIRED)
endif()

# libdeflate compresses twice as fast as zlib.
set(langfuse_libdeflate OFF)
if(LANGFUSE_LIBDEFLATE)
  list(INSERT CMAKE_MODULE_PATH 0 ${PROJECT_SOURCE_DIR}/cmake)
  find_package(LangfuseLibdeflate QUIET)
  list(REMOVE_AT CMAKE_MODULE_PATH 0)
  set(langfuse_libdeflate ${LangfuseLibdeflate_FOUND})
endif()

# The queue is one header and its CMake packages disagree about its place, so the header is looked
# for itself. `pipeline/` includes it by whichever of these names exists.
find_path(langfuse_concurrentqueue_dir NAMES
  concurrentqueue/concurrentqueue.h
  concurrentqueue/moodycamel/concurrentqueue.h
  moodycamel/concurrentqueue.h
  concurrentqueue.h)
if(NOT langfuse_concurrentqueue_dir AND LANGFUSE_FETCH_DEPS)
  message(STATUS "Fetching concurrentqueue v1.0.4")
  FetchContent_Declare(concurrentqueue
    GIT_REPOSITORY https://github.com/cameron314/concurrentqueue GIT_TAG v1.0.4 GIT_SHALLOW ON)
  FetchContent_MakeAvailable(concurrentqueue)
  set(langfuse_concurrentqueue_dir ${concurrentqueue_SOURCE_DIR})
endif()
if(NOT langfuse_concurrentqueue_dir)
  message(FATAL_ERROR "concurrentqueue.h is missing: install it (Debian: libconcurrentqueue-dev) or set LANGFUSE_FETCH_DEPS=ON.")
endif()

langfuse_dependency(nlohmann_json nlohmann_json::nlohmann_json
  https://github.com/nlohmann/json v3.11.3 nlohmann-json3-dev)

if(LANGFUSE_SPDLOG)
  if(LANGFUSE_INSTALL)
    # A fetched spdlog is installed beside the library, which would be of no use without it.
    set(SPDLOG_INSTALL ON)
  endif()
  langfuse_dependency(spdlog spdlog::spdlog https://github.com/gabime/spdlog v1.15.3 libspdlog-dev)
endif()

if(LANGFUSE_BUILD_TESTS)
  set(INSTALL_GTEST OFF)
  langfuse_dependency(GTest GTest::gmock_main
    https://github.com/google/googletest v1.15.2 libgmock-dev)
endif()
