#include "model/short_number.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace langfuse::internal {
namespace {

std::string short_text(double value) {
  char text[longest_number];
  const char* const end = write_short_real(text, value);
  return end == nullptr ? "<not short>" : std::string(text, static_cast<std::size_t>(end - text));
}

TEST(ShortNumber, IsWrittenWithoutAnExponent) {
  EXPECT_EQ(short_text(0), "0");
  EXPECT_EQ(short_text(1), "1");
  EXPECT_EQ(short_text(0.7), "0.7");
  EXPECT_EQ(short_text(0.0123), "0.0123");
  EXPECT_EQ(short_text(0.0003), "0.0003");
  EXPECT_EQ(short_text(0.000001), "0.000001");
  EXPECT_EQ(short_text(12.05), "12.05");
  EXPECT_EQ(short_text(100'000), "100000");
  EXPECT_EQ(short_text(999'999.999999), "999999.999999");
}

TEST(ShortNumber, EveryOtherIsLeftToTheGeneralWay) {
  for (const double value :
       {-0.0, -1.5, 1.0 / 3, 1'000'000.0, 0.0000001, 1e300, 5e-324,
        std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(short_text(value), "<not short>") << value;
  }
}

TEST(ShortNumber, IsReadAsTheSameNumberAgain) {
  std::mt19937_64 random(4711);
  for (int i = 0; i < 200'000; ++i) {
    const double decimal = static_cast<double>(random() % 1'000'000'000'000) / 1e6;
    const double value = i % 2 == 0 ? decimal : std::nextafter(decimal, 1e6);
    char text[longest_number + 1] = {};
    *write_real_text(text, value) = '\0';
    ASSERT_EQ(std::strtod(text, nullptr), value) << text;
  }
}

}  // namespace
}  // namespace langfuse::internal
