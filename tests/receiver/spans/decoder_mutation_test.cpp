// Thousands of broken exports, the same ones each time: what the fuzzers in `tests/fuzz` look for
// at random, this looks for in every run of the tests.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "tests/receiver/spans/decoder_properties.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::Json;

constexpr int cases = 10'000;

// Three spans of the recording with all that they carry: enough to break, and quick to decode.
Json seed_export() {
  std::ifstream file(LANGFUSE_TEST_DATA "/js-sdk/otlp-request.json");
  Json request = Json::parse(file);
  Json& spans = request["resourceSpans"][0]["scopeSpans"][0]["spans"];
  spans.erase(spans.begin() + 3, spans.end());
  return request;
}

class Mutator {
 public:
  // One to eight changes of `bytes`, which put in some of `words`.
  std::string mutate(std::string bytes, const std::vector<std::string>& words) {
    for (std::size_t changes = below(8) + 1; changes > 0 && !bytes.empty(); --changes) {
      const std::size_t at = below(bytes.size());
      const std::size_t length = std::min(below(16) + 1, bytes.size() - at);
      switch (below(6)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 2:
          bytes.erase(at, length);
          break;
        case 3:
          bytes.insert(below(bytes.size()), bytes.substr(at, length));
          break;
        case 4:
          bytes.replace(at, length, words[below(words.size())]);
          break;
        default:
          bytes.resize(at);
      }
    }
    return bytes;
  }

 private:
  // Not a distribution of the standard library: those differ from one to another.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  std::mt19937_64 random_{20'261'121};
};

TEST(DecoderMutation, BrokenJsonIsRefusedOrRead) {
  const std::string seed = seed_export().dump();
  const std::vector<std::string> words = {"null",
                                          "[]",
                                          "{}",
                                          "\"",
                                          "\\",
                                          "\\ud800",
                                          "1e999",
                                          "-1",
                                          "18446744073709551616",
                                          "true",
                                          "{\"arrayValue\":{\"values\":[",
                                          "\"intValue\":",
                                          "\xff",
                                          "{\"key\":\"langfuse.version\"},",
                                          std::string(300, '['),
                                          "\"traceId\":\"\","};
  Mutator mutator;
  int read = 0;

  for (int i = 0; i < cases; ++i) {
    const std::string body = mutator.mutate(seed, words);
    read +=
        langfuse_test::decode_and_convert(body, langfuse_receiver::decode_otlp_json) > 0 ? 1 : 0;
  }

  // Both ways must have been gone.
  EXPECT_GT(read, 100);
  EXPECT_LT(read, cases - 100);
}

TEST(DecoderMutation, BrokenProtobufIsRefusedOrRead) {
  const std::string seed = langfuse_test::protobuf_of(seed_export());
  const std::vector<std::string> words = {std::string(1, '\0'),
                                          "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
                                          "\x0a",
                                          "\x12\x00",
                                          "\x4a",
                                          "\x2a\x02\x0a\x00",
                                          "\x32\x04\x0a\x02\x0a\x00",
                                          "\x3a\x01\xff",
                                          "\x80\x80\x80\x80\x10",
                                          "\x21\x00\x00\x00\x00\x00\x00\xf0\x7f",
                                          std::string(8, '\x7f')};
  Mutator mutator;
  int read = 0;

  for (int i = 0; i < cases; ++i) {
    const std::string body = mutator.mutate(seed, words);
    read += langfuse_test::decode_and_convert(body, langfuse_receiver::decode_otlp_protobuf) > 0
                ? 1
                : 0;
  }

  EXPECT_GT(read, 100);
  EXPECT_LT(read, cases - 100);
}

}  // namespace
