# Finds libdeflate where the linker of a sysroot or of a moved prefix finds it, too. Debian 12's has a pkg-config file only,
# and newer ones call their CMake targets by two names. Installed with the library, which needs it where it is static.
#
#   langfuse::libdeflate      the target
#   LANGFUSE_LIBDEFLATE_LIBRARY, LANGFUSE_LIBDEFLATE_INCLUDE_DIR    what it is made of; may be set
find_path(LANGFUSE_LIBDEFLATE_INCLUDE_DIR libdeflate.h)
find_library(LANGFUSE_LIBDEFLATE_LIBRARY NAMES deflate deflatestatic)
mark_as_advanced(LANGFUSE_LIBDEFLATE_INCLUDE_DIR LANGFUSE_LIBDEFLATE_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LangfuseLibdeflate
  REQUIRED_VARS LANGFUSE_LIBDEFLATE_LIBRARY LANGFUSE_LIBDEFLATE_INCLUDE_DIR)

if(LangfuseLibdeflate_FOUND AND NOT TARGET langfuse::libdeflate)
  add_library(langfuse::libdeflate UNKNOWN IMPORTED)
  set_target_properties(langfuse::libdeflate PROPERTIES
    IMPORTED_LOCATION "${LANGFUSE_LIBDEFLATE_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LANGFUSE_LIBDEFLATE_INCLUDE_DIR}")
endif()
