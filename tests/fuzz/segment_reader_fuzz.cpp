// libFuzzer: any bytes as a segment file, and as the blocks of one.

#include <cstdint>
#include <string>

#include "tests/storage/segment_reader_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  langfuse_test::read_any_file(bytes);
  langfuse_test::read_any_blocks(bytes);
  return 0;
}
