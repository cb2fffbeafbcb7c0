# `cmake --install`: the library, its headers, the CMake package and the pkg-config files.
include(CMakePackageConfigHelpers)

set(langfuse_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/langfuse)
set(langfuse_pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY include/langfuse DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)

# One file of targets a component: a consumer without spdlog can still load the core.
install(TARGETS langfuse langfuse_disabled EXPORT langfuse-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT langfuse-targets NAMESPACE langfuse:: DESTINATION ${langfuse_cmake_dir})
if(LANGFUSE_SPDLOG)
  install(TARGETS langfuse_spdlog EXPORT langfuse-spdlog-targets)
  install(EXPORT langfuse-spdlog-targets NAMESPACE langfuse:: DESTINATION ${langfuse_cmake_dir})
endif()

configure_package_config_file(cmake/langfuseConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/langfuseConfig.cmake INSTALL_DESTINATION ${langfuse_cmake_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/langfuseConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/langfuseConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/langfuseConfigVersion.cmake
  DESTINATION ${langfuse_cmake_dir})

# The pkg-config files find the rest from where they themselves are, so that the tree can be moved.
file(RELATIVE_PATH pkgconfig_to_prefix
  ${CMAKE_INSTALL_PREFIX}/${langfuse_pkgconfig_dir} ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pkgconfig_to_prefix "${pkgconfig_to_prefix}")
if(BUILD_SHARED_LIBS)
  set(pkgconfig_cflags " -DLANGFUSE_SHARED")
  set(pkgconfig_libs "")
  set(pkgconfig_requires "")
else()
  # Not in `Requires.private`: only this library is static, and `--static` would ask for all that a
  # static libcurl needs.
  set(pkgconfig_cflags "")
  set(pkgconfig_libs " -pthread")
  set(pkgconfig_requires "libcurl zlib")
  if(langfuse_libdeflate)
    string(APPEND pkgconfig_requires " libdeflate")
  endif()
endif()
configure_file(cmake/langfuse.pc.in ${CMAKE_CURRENT_BINARY_DIR}/langfuse.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/langfuse.pc DESTINATION ${langfuse_pkgconfig_dir})
configure_file(cmake/langfuse-disabled.pc.in ${CMAKE_CURRENT_BINARY_DIR}/langfuse-disabled.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/langfuse-disabled.pc DESTINATION ${langfuse_pkgconfig_dir})
if(LANGFUSE_SPDLOG)
  configure_file(cmake/langfuse-spdlog.pc.in ${CMAKE_CURRENT_BINARY_DIR}/langfuse-spdlog.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/langfuse-spdlog.pc DESTINATION ${langfuse_pkgconfig_dir})
endif()
