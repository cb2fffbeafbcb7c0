// Where records go: addresses, and what follows from them.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/pipeline/settings/config_fixture.h"

namespace langfuse::internal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ConfigTest, TheBaseAddressHasThreeNamesInOrder) {
  set("LANGFUSE_BASEURL", "https://third.test");
  EXPECT_EQ(resolve_with_keys().settings.base_url, "https://third.test");
  set("LANGFUSE_HOST", "https://second.test");
  EXPECT_EQ(resolve_with_keys().settings.base_url, "https://second.test");
  set("LANGFUSE_BASE_URL", "https://first.test");
  EXPECT_EQ(resolve_with_keys().settings.base_url, "https://first.test");
}

TEST_F(ConfigTest, AddressesThatAreSoundAreTakenWithoutTheirTrailingSlashes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"https://example.test", "https://example.test"},
      {"https://example.test/", "https://example.test"},
      {"https://example.test///", "https://example.test"},
      {"HTTPS://Example.test", "HTTPS://Example.test"},
      {"https://example.test:65535/base/path/", "https://example.test:65535/base/path"},
      {"http://localhost:3000", "http://localhost:3000"},
      {"http://[::1]:3000/", "http://[::1]:3000"},
      {"http://10.1.2.3:1", "http://10.1.2.3:1"},
  };
  for (const auto& [given, used] : cases) {
    const Resolution found = with("LANGFUSE_BASE_URL", given);

    EXPECT_EQ(found.why_disabled, "") << given;
    EXPECT_EQ(found.settings.base_url, used);
    EXPECT_EQ(found.settings.traces_url, used + "/api/public/otel/v1/traces");
    EXPECT_EQ(found.settings.scores_url, used);
  }
}

TEST_F(ConfigTest, AMalformedAddressDisablesAndNamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"cloud.langfuse.com", "must begin with http:// or https://"},
      {"ftp://example.test", "must begin with http:// or https://"},
      {"http:/example.test", "must begin with http:// or https://"},
      {"https://", "has no host"},
      {"https:///path", "has no host"},
      {"https://:3000", "has no host"},
      {"https://example.test:", "has a port"},
      {"https://example.test:0", "has a port"},
      {"https://example.test:65536", "has a port"},
      {"https://example.test:80a", "has a port"},
      {"https://exa mple.test", "has a space"},
      {"https://example.test\n", "has a space, a control character"},
      {"https://ex\xc3\xa4mple.test", "has a space, a control character or a character outside"},
      {"https://exa%6dple.test", "has a host that is neither"},
      {"https://[::1", "has an IPv6 address with unbalanced brackets"},
      {"https://[::1]x", "has an IPv6 address with unbalanced brackets"},
      {"https://[::zz]", "has a host that is neither"},
      {"https://example.test?key=1", "has a query"},
      {"https://example.test#part", "has a query"},
      {"https://example.test\\@other.test", "has user information"},
  };
  for (const auto& [given, problem] : cases) {
    const Resolution found = with("LANGFUSE_BASE_URL", given);

    EXPECT_EQ(found.error.code, ErrorCode::disabled) << given;
    EXPECT_THAT(found.error.message, StartsWith("LANGFUSE_BASE_URL ")) << given;
    EXPECT_THAT(found.error.message, HasSubstr(problem)) << given;
    EXPECT_EQ(found.why_disabled, found.error.message) << given;
    EXPECT_EQ(found.settings.traces_url, "") << given;
    EXPECT_EQ(found.settings.scores_url, "") << given;
  }
}

TEST_F(ConfigTest, ScoresMayGoToAServerOfTheirOwn) {
  set("LANGFUSE_BASE_URL", "http://localhost:4318");
  const Resolution found = with("LANGFUSE_CPP_SCORES_URL", "https://langfuse.test/base/");

  EXPECT_EQ(found.why_disabled, "");
  EXPECT_EQ(found.settings.traces_url, "http://localhost:4318/api/public/otel/v1/traces");
  EXPECT_EQ(found.settings.scores_url, "https://langfuse.test/base");
  EXPECT_THAT(found.settings.in_force,
              Contains("scores_url = https://langfuse.test/base (LANGFUSE_CPP_SCORES_URL)"));
}

TEST_F(ConfigTest, AMalformedAddressForScoresDisables) {
  const Resolution found = with("LANGFUSE_CPP_SCORES_URL", "langfuse.test");

  EXPECT_EQ(found.error.code, ErrorCode::disabled);
  EXPECT_EQ(found.error.message,
            "LANGFUSE_CPP_SCORES_URL \"langfuse.test\" must begin with http:// or https://; "
            "expected an address, for instance https://cloud.langfuse.com");
  EXPECT_EQ(found.settings.traces_url, "");
}

TEST_F(ConfigTest, AnUnencryptedAddressForScoresIsAWarning) {
  const Resolution found = with("LANGFUSE_CPP_SCORES_URL", "http://langfuse.test");

  ASSERT_EQ(found.warnings.size(), 1u);
  EXPECT_THAT(found.warnings[0], StartsWith("LANGFUSE_CPP_SCORES_URL \"http://langfuse.test\" is "
                                            "not encrypted"));
}

TEST_F(ConfigTest, APasswordInAnAddressIsNotShown) {
  const Resolution found = with("LANGFUSE_BASE_URL", "https://user:passphrase@example.test");

  EXPECT_EQ(found.error.code, ErrorCode::disabled);
  EXPECT_THAT(found.error.message, HasSubstr("user information"));
  EXPECT_THAT(shown(found), Not(HasSubstr("passphrase")));
}

TEST_F(ConfigTest, TheExportPathIsAppendedToTheAddress) {
  EXPECT_EQ(with("LANGFUSE_OTEL_TRACES_EXPORT_PATH", "/v1/traces").settings.traces_url,
            "https://cloud.langfuse.com/v1/traces");
  for (const char* const bad : {"/", "a b", "a?b", "https://other.test/v1/traces", "x@y"}) {
    const Resolution found = with("LANGFUSE_OTEL_TRACES_EXPORT_PATH", bad);

    EXPECT_EQ(found.error.code, ErrorCode::disabled) << bad;
    EXPECT_THAT(found.error.message, StartsWith("LANGFUSE_OTEL_TRACES_EXPORT_PATH ")) << bad;
  }
}

TEST_F(ConfigTest, PlainHttpWarnsUnlessTheServerIsThisMachine) {
  EXPECT_THAT(with("LANGFUSE_BASE_URL", "http://langfuse.example.test").warnings,
              ElementsAre(StartsWith(
                  "LANGFUSE_BASE_URL \"http://langfuse.example.test\" is not encrypted")));
  EXPECT_THAT(with("LANGFUSE_BASE_URL", "http://localhost.example.test").warnings,
              ElementsAre(HasSubstr("is not encrypted")));
  for (const char* const local : {"http://localhost:1", "http://LOCALHOST", "http://127.0.0.1",
                                  "http://127.8.8.8:3", "http://[::1]", "https://example.test"}) {
    EXPECT_THAT(with("LANGFUSE_BASE_URL", local).warnings, IsEmpty()) << local;
  }
}

TEST_F(ConfigTest, BodiesAreCompressedExceptToThisMachine) {
  EXPECT_EQ(resolve_with_keys().settings.compression, Compression::gzip);
  for (const char* const local : {"http://localhost:1", "http://127.8.8.8:3", "http://[::1]"}) {
    EXPECT_EQ(with("LANGFUSE_BASE_URL", local).settings.compression, Compression::none) << local;
  }
  EXPECT_EQ(with("LANGFUSE_CPP_COMPRESSION", "None").settings.compression, Compression::none);
  const Resolution bad = with("LANGFUSE_CPP_COMPRESSION", "zstd");
  EXPECT_EQ(bad.settings.compression, Compression::gzip);
  EXPECT_EQ(bad.error.message,
            "LANGFUSE_CPP_COMPRESSION \"zstd\" is invalid: expected gzip or none; using gzip");
}

}  // namespace
}  // namespace langfuse::internal
