// libFuzzer: any bytes as an export in OTLP/protobuf.

#include <cstdint>

#include "tests/receiver/spans/decoder_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  langfuse_test::decode_and_convert({reinterpret_cast<const char*>(data), size},
                                    langfuse_receiver::decode_otlp_protobuf);
  return 0;
}
