// docs/segment_format.md shows a file byte by byte. It is the golden file of this version: what the
// writer makes, and what later versions must be able to read.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/storage/segment_fixture.h"

namespace langfuse_test {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string golden_file() {
  return read_file(LANGFUSE_TEST_DATA "/segments/version_1.lfs");
}

// As `hexdump -C` shows it, without lines of 0.
std::string dump(const std::string& content) {
  std::string text;
  bool is_skipping = false;
  for (std::size_t at = 0; at < content.size(); at += 16) {
    const std::string line = content.substr(at, 16);
    if (line == std::string(line.size(), '\0')) {
      if (!is_skipping) text += "*\n";
      is_skipping = true;
      continue;
    }
    is_skipping = false;
    char part[32];
    std::snprintf(part, sizeof(part), "%08zx ", at);
    text += part;
    std::string readable;
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::snprintf(part, sizeof(part), i == 8 ? "  %02x" : " %02x",
                    static_cast<unsigned char>(line[i]));
      text += part;
      readable += line[i] >= ' ' && line[i] <= '~' ? line[i] : '.';
    }
    text += "  |" + readable + "|\n";
  }
  return text;
}

TEST(SegmentPage, ShowsTheGoldenFile) {
  const std::string page = read_file(LANGFUSE_TEST_DATA "/../../docs/segment_format.md");

  EXPECT_NE(page.find("```text\n" + dump(golden_file()) + "```\n"), std::string::npos)
      << dump(golden_file());
}

TEST(SegmentPage, TheWriterMakesTheGoldenFile) {
  WrittenSegment segment(fixed_head(4096, 2));

  segment.writer.append(numbered_record(1), "a span");
  segment.writer.append(numbered_record(2, RecordKind::log_line), "a log line");
  segment.writer.finish();

  EXPECT_TRUE(content_of(segment.file) == golden_file()) << dump(content_of(segment.file));
}

TEST(SegmentPage, TheReaderReadsTheGoldenFile) {
  const Descriptor file(anonymous_file(golden_file()));

  const Reading reading = read_segment(file);

  EXPECT_EQ(reading.numbers(), "1 2");
  EXPECT_EQ(reading.damage(), "");
  EXPECT_EQ(reading.records[0].bytes, "a span");
  EXPECT_EQ(reading.records[1].bytes, "a log line");
  EXPECT_EQ(reading.head.base_url, "https://cloud.langfuse.com");
}

}  // namespace
}  // namespace langfuse_test
