#include "storage/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using langfuse::internal::crc32c;
using langfuse::internal::crc32c_portable;

struct Vector {
  const char* name;
  std::string bytes;
  std::uint32_t crc;
};

std::string counting(int first, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += static_cast<char>(first + step * i);
  return bytes;
}

// RFC 3720, appendix B.4, whose last one is an iSCSI Read (10) command; and the check value of the
// catalogue of CRCs.
std::vector<Vector> published_vectors() {
  const std::string read_command(
      "\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\x04\0\0\0\0\x14\0\0\0\x18"
      "\x28\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0",
      48);
  return {{"32 of 00", std::string(32, '\0'), 0x8a9136aa},
          {"32 of ff", std::string(32, '\xff'), 0x62a8ab43},
          {"00 to 1f", counting(0, 1), 0x46dd794e},
          {"1f to 00", counting(31, -1), 0x113fdb5c},
          {"read command", read_command, 0xd9963a56},
          {"check", "123456789", 0xe3069283},
          {"nothing", "", 0}};
}

TEST(Crc32c, GivesThePublishedValues) {
  for (const Vector& vector : published_vectors()) {
    EXPECT_EQ(crc32c(0, vector.bytes.data(), vector.bytes.size()), vector.crc) << vector.name;
  }
}

TEST(Crc32c, GivesThePublishedValuesWithoutTheInstruction) {
  for (const Vector& vector : published_vectors()) {
    EXPECT_EQ(crc32c_portable(0, vector.bytes.data(), vector.bytes.size()), vector.crc)
        << vector.name;
  }
}

TEST(Crc32c, IsTheSameWithAndWithoutTheInstruction) {
  std::mt19937 random(20);
  std::string bytes(20'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());

  for (int round = 0; round < 4000; ++round) {
    // Small ones, and those around the lengths that are split into thirds.
    const std::size_t size = random() % (round % 4 == 0 ? 16'000 : 900);
    const std::size_t begin = random() % 64;
    const auto before = static_cast<std::uint32_t>(random());
    ASSERT_EQ(crc32c(before, bytes.data() + begin, size),
              crc32c_portable(before, bytes.data() + begin, size))
        << size << " bytes from " << begin;
  }
}

TEST(Crc32c, IsTheSameInOnePieceAndInTwo) {
  std::string bytes(5000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i);
  const std::uint32_t whole = crc32c(0, bytes.data(), bytes.size());

  for (std::size_t first = 0; first <= bytes.size(); first += 7) {
    const std::uint32_t begin = crc32c(0, bytes.data(), first);
    ASSERT_EQ(crc32c(begin, bytes.data() + first, bytes.size() - first), whole);
  }
}

}  // namespace
