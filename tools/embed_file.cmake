# Writes a file as a C++ array, so that a program carries it. Used by the CMake build; the meson build
# uses embed_file.py, and both write the same bytes.
#   cmake -DINPUT=… -DOUTPUT=… -DNAMESPACE=… -DNAME=… -P embed_file.cmake
foreach(argument INPUT OUTPUT NAMESPACE NAME)
  if("${${argument}}" STREQUAL "")
    message(FATAL_ERROR "embed_file.cmake: -D${argument}= is missing")
  endif()
endforeach()
file(READ "${INPUT}" bytes HEX)
string(REPEAT "[0-9a-f]" 32 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "\n$" "" bytes "${bytes}")
file(SIZE "${INPUT}" size)
file(WRITE "${OUTPUT}" "// Generated; do not edit.
#include <cstddef>
namespace ${NAMESPACE} {
extern const unsigned char ${NAME}[];
extern const std::size_t ${NAME}_size;
const unsigned char ${NAME}[] = {
${bytes}
};
const std::size_t ${NAME}_size = ${size};
}  // namespace ${NAMESPACE}
")
