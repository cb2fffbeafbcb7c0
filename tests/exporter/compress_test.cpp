#include "exporter/compress.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/gunzip.h"

namespace langfuse::internal {
namespace {

std::string compressed(Gzip& gzip, const std::string& input) {
  std::string output;
  EXPECT_TRUE(gzip.compress(input, output));
  return output;
}

TEST(Gzip, ZlibReadsWhatItWrites) {
  Gzip gzip;
  std::string repetitive;
  for (int i = 0; i < 10'000; ++i) repetitive += "langfuse.observation.type";
  std::mt19937 random(1);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());

  for (const std::string& input : {std::string(), std::string("x"), repetitive, noise}) {
    EXPECT_EQ(gunzip(compressed(gzip, input)), input);
  }
}

TEST(Gzip, MakesRepetitiveBodiesMuchSmaller) {
  Gzip gzip;
  const std::string input(1'000'000, 'a');

  EXPECT_LT(compressed(gzip, input).size(), input.size() / 50);
}

TEST(Gzip, ReplacesWhatTheOutputHeld) {
  Gzip gzip;
  std::string output(1000, 'z');

  ASSERT_TRUE(gzip.compress("short", output));

  EXPECT_EQ(gunzip(output), "short");
}

}  // namespace
}  // namespace langfuse::internal
