# `cmake --install`: the library, its headers, the CMake package, the pkg-config files and the documents. The same package is
# written into the build folder, so that `langfuse_DIR=build/release` finds what was built there.
#
# As a part of another project that does not ask for it (LANGFUSE_INSTALL), nothing of ours is installed with `all`. The rules
# exist: what that project exports may need our targets, and `--component langfuse` installs them.
include(CMakePackageConfigHelpers)

if(NOT LANGFUSE_INSTALL)
  set(langfuse_not_with_all EXCLUDE_FROM_ALL)
endif()
# The name of the component is the default one where we are the whole project, for those who select by it already.
if(is_top_level)
  set(langfuse_component Unspecified)
  set(langfuse_doc_dir ${CMAKE_INSTALL_DOCDIR})
else()
  set(langfuse_component langfuse)
  set(langfuse_doc_dir ${CMAKE_INSTALL_DATAROOTDIR}/doc/langfuse)
endif()
set(langfuse_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/langfuse)
set(langfuse_pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

function(langfuse_install_files destination)
  install(FILES ${ARGN} DESTINATION ${destination} COMPONENT ${langfuse_component} ${langfuse_not_with_all})
endfunction()

install(DIRECTORY include/langfuse DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT ${langfuse_component} ${langfuse_not_with_all} FILES_MATCHING PATTERN *.h)

# One file of targets a component: a consumer without spdlog, or without libcurl, can still load the rest.
function(langfuse_install_targets target file)
  install(TARGETS ${target} EXPORT ${file}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${langfuse_component} ${langfuse_not_with_all}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${langfuse_component} ${langfuse_not_with_all})
  install(EXPORT ${file} NAMESPACE langfuse:: DESTINATION ${langfuse_cmake_dir}
    COMPONENT ${langfuse_component} ${langfuse_not_with_all})
  if(is_top_level)
    export(EXPORT ${file} NAMESPACE langfuse:: FILE ${CMAKE_CURRENT_BINARY_DIR}/${file}.cmake)
  endif()
endfunction()
langfuse_install_targets(langfuse langfuse-targets)
langfuse_install_targets(langfuse_disabled langfuse-disabled-targets)
if(LANGFUSE_SPDLOG)
  langfuse_install_targets(langfuse_spdlog langfuse-spdlog-targets)
endif()

configure_package_config_file(cmake/langfuseConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/langfuseConfig.cmake INSTALL_DESTINATION ${langfuse_cmake_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/langfuseConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
configure_file(cmake/FindLangfuseLibdeflate.cmake ${CMAKE_CURRENT_BINARY_DIR} COPYONLY)
langfuse_install_files(${langfuse_cmake_dir}
  ${CMAKE_CURRENT_BINARY_DIR}/langfuseConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/langfuseConfigVersion.cmake
  cmake/FindLangfuseLibdeflate.cmake)

# The documents refer to each other as they do here.
langfuse_install_files(${langfuse_doc_dir} CHANGELOG.md LICENSE README.md)
install(DIRECTORY docs DESTINATION ${langfuse_doc_dir} COMPONENT ${langfuse_component} ${langfuse_not_with_all}
  FILES_MATCHING PATTERN *.md PATTERN *.png)

# The pkg-config files find the rest from where they themselves are, so that the tree can be moved. Folders that were given
# as absolute paths stay where they are.
file(RELATIVE_PATH pkgconfig_to_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pkgconfig_to_prefix "${pkgconfig_to_prefix}")
foreach(kind IN ITEMS INCLUDE LIB)
  string(TOLOWER pkgconfig_${kind}dir variable)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}DIR}")
    set(${variable} ${CMAKE_INSTALL_${kind}DIR})
  else()
    set(${variable} "\${prefix}/${CMAKE_INSTALL_${kind}DIR}")
  endif()
endforeach()
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pkgconfig_prefix ${CMAKE_INSTALL_PREFIX})
else()
  set(pkgconfig_prefix "\${pcfiledir}/${pkgconfig_to_prefix}")
endif()
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
set(pkgconfig_files langfuse langfuse-disabled)
if(LANGFUSE_SPDLOG)
  list(APPEND pkgconfig_files langfuse-spdlog)
endif()
foreach(name IN LISTS pkgconfig_files)
  configure_file(cmake/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
  langfuse_install_files(${langfuse_pkgconfig_dir} ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc)
endforeach()
