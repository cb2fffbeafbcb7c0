// The seeds of the fuzzer, and some thousand changes of each, always the same.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/storage/segment_reader_properties.h"

namespace langfuse_test {
namespace {

std::vector<std::string> seeds() {
  std::vector<std::string> contents;
  for (const auto& entry : std::filesystem::directory_iterator(LANGFUSE_TEST_DATA "/segments")) {
    std::ifstream file(entry.path(), std::ios::binary);
    contents.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return contents;
}

TEST(SegmentCorpus, EverySeedIsReadAsAFileAndAsBlocks) {
  ASSERT_GE(seeds().size(), 3U);
  for (const std::string& seed : seeds()) {
    EXPECT_GT(read_any_file(seed), 0U);
    read_any_blocks(seed);
    read_any_blocks(std::string_view(seed).substr(2 * 4096));
  }
}

TEST(SegmentCorpus, NoChangeOfASeedBreaksTheReader) {
  std::mt19937 random(2026);
  for (const std::string& seed : seeds()) {
    for (int round = 0; round < 1500; ++round) {
      std::string changed = seed;
      // Mostly where something is written: most of a small file is 0.
      for (auto changes = 1 + random() % 8; changes > 0; --changes) {
        std::size_t at = random() % changed.size();
        for (int i = 0; i < 30 && changed[at] == 0; ++i) at = random() % changed.size();
        changed[at] = static_cast<char>(random());
      }
      if (round % 5 == 0) changed.resize(random() % changed.size());
      if (round % 7 == 0 && changed.size() > 2 * 4096) {
        const std::size_t from = random() % (changed.size() / 64) * 64;
        changed.replace(random() % (changed.size() / 64) * 64, 64, changed, from, 64);
      }
      read_any_file(changed);
      if (changed.size() > 2 * 4096) read_any_blocks(std::string_view(changed).substr(2 * 4096));
    }
  }
}

}  // namespace
}  // namespace langfuse_test
