#include "model/protobuf_writer.h"

#include <google/protobuf/io/coded_stream.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace langfuse::internal {
namespace {

using google::protobuf::io::CodedInputStream;

TEST(ProtobufWriter, WritesVarintsOfEveryLengthAsProtobufReadsThem) {
  for (int bits = 0; bits <= 64; ++bits) {
    const std::uint64_t value = bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1;
    char bytes[10];

    const char* const end = write_varint(bytes, value);

    const std::size_t size = static_cast<std::size_t>(end - bytes);
    EXPECT_EQ(size, varint_size(value)) << bits;
    CodedInputStream reader(reinterpret_cast<const std::uint8_t*>(bytes), static_cast<int>(size));
    std::uint64_t read = 0;
    EXPECT_TRUE(reader.ReadVarint64(&read));
    EXPECT_EQ(read, value);
  }
}

TEST(ProtobufWriter, PadsEveryLengthToFiveBytes) {
  for (const std::uint32_t length : {0u, 1u, 127u, 128u, 70'000u, UINT32_MAX}) {
    char bytes[padded_length_size];

    const char* const end = write_padded_length(bytes, length);

    EXPECT_EQ(end, bytes + padded_length_size);
    CodedInputStream reader(reinterpret_cast<const std::uint8_t*>(bytes), padded_length_size);
    std::uint32_t read = 0;
    EXPECT_TRUE(reader.ReadVarint32(&read));
    EXPECT_EQ(read, length);
    EXPECT_EQ(reader.CurrentPosition(), static_cast<int>(padded_length_size));
  }
}

TEST(ProtobufWriter, WritesFixed64WithTheLowestByteFirst) {
  char bytes[9];

  write_fixed64(bytes, 7, 0x0102030405060708u);

  EXPECT_EQ(std::string_view(bytes, 9), "\x39\x08\x07\x06\x05\x04\x03\x02\x01");
}

}  // namespace
}  // namespace langfuse::internal
