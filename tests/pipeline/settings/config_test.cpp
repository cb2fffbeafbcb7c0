// Which settings are in force, where they come from, and what is said about them.
#include <gmock/gmock.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/settings/process_environment.h"
#include "tests/pipeline/settings/config_fixture.h"

namespace langfuse::internal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ConfigTest, DefaultsAreInForceWithKeysAlone) {
  const Resolution found = resolve_with_keys();

  EXPECT_EQ(found.error.code, ErrorCode::none) << found.error.message;
  EXPECT_EQ(found.why_disabled, "");
  EXPECT_THAT(found.warnings, IsEmpty());
  const Settings& settings = found.settings;
  EXPECT_EQ(settings.base_url, "https://cloud.langfuse.com");
  EXPECT_EQ(settings.traces_url, "https://cloud.langfuse.com/api/public/otel/v1/traces");
  EXPECT_EQ(settings.scores_url, "https://cloud.langfuse.com");
  EXPECT_EQ(settings.service_name, program_invocation_short_name);
  EXPECT_EQ(settings.environment, "");
  EXPECT_EQ(settings.release, "");
  EXPECT_FALSE(settings.debug);
  EXPECT_EQ(settings.sample_rate, 1.0);
  EXPECT_EQ(settings.flush_at, 512U);
  EXPECT_EQ(settings.flush_interval, Seconds(5));
  EXPECT_EQ(settings.timeout, Seconds(5));
  EXPECT_EQ(settings.queue_max_records, 32'768U);
  EXPECT_EQ(settings.queue_max_bytes, 67'108'864U);
  EXPECT_EQ(settings.batch_max_bytes, 4'000'000U);
  EXPECT_EQ(settings.value_max_bytes, 1'048'576U);
  EXPECT_EQ(settings.record_max_bytes, 4'194'304U);
  EXPECT_EQ(settings.flush_timeout, Seconds(10));
  EXPECT_EQ(settings.shutdown_timeout, Seconds(5));
  EXPECT_EQ(settings.exit_timeout, Seconds(2));
  EXPECT_TRUE(settings.exit_hook);
  EXPECT_EQ(settings.compression, Compression::gzip);
}

TEST_F(ConfigTest, CodeComesBeforeTheEnvironment) {
  set("LANGFUSE_FLUSH_AT", "7");
  set("LANGFUSE_BASE_URL", "https://from.environment");
  Config config;
  config.flush_at = 9;
  config.base_url = "https://from.code";

  const Resolution found = resolve_with_keys(config);

  EXPECT_EQ(found.settings.flush_at, 9U);
  EXPECT_EQ(found.settings.base_url, "https://from.code");
}

TEST_F(ConfigTest, KeysComeFromTheEnvironment) {
  set("LANGFUSE_PUBLIC_KEY", "pk-lf-1");
  set("LANGFUSE_SECRET_KEY", "sk-lf-2");

  const Resolution found = resolve(Config());

  EXPECT_EQ(found.settings.public_key, "pk-lf-1");
  EXPECT_EQ(found.settings.secret_key, "sk-lf-2");
  EXPECT_EQ(found.why_disabled, "");
  EXPECT_TRUE(environment_has_keys());
}

TEST_F(ConfigTest, HalfAKeyPairInTheEnvironmentIsNotAPair) {
  EXPECT_FALSE(environment_has_keys());
  set("LANGFUSE_PUBLIC_KEY", "pk-lf-1");
  EXPECT_FALSE(environment_has_keys());
  set("LANGFUSE_SECRET_KEY", "");
  EXPECT_FALSE(environment_has_keys());
}

TEST_F(ConfigTest, NoKeysAtAllDisablesWithoutAWord) {
  set("LANGFUSE_FLUSH_AT", "abc");
  set("LANGFUSE_BASE_URL", "nonsense");

  const Resolution found = resolve(Config());

  EXPECT_EQ(found.error.code, ErrorCode::none);
  EXPECT_EQ(found.error.message, "");
  EXPECT_EQ(found.why_disabled, "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are not set");
}

TEST_F(ConfigTest, HalfAKeyPairDisablesAndSaysWhichHalfIsMissing) {
  set("LANGFUSE_PUBLIC_KEY", "pk-lf-1");

  const Resolution found = resolve(Config());

  EXPECT_EQ(found.error.code, ErrorCode::disabled);
  EXPECT_EQ(found.error.message,
            "LANGFUSE_SECRET_KEY is not set but LANGFUSE_PUBLIC_KEY is: set both, or neither");
  EXPECT_EQ(found.why_disabled, found.error.message);
}

struct BadKey {
  std::string public_key;
  std::string secret_key;
  std::string problem;
};

TEST_F(ConfigTest, KeysThatCouldBreakARequestAreRefusedByNameAndNeverShown) {
  using namespace std::string_literals;
  const std::vector<BadKey> cases = {
      {"pk-evil\r\nX-Injected: 1", secret, "public_key has a line break"},
      {"pk-evil\0more"s, secret, "public_key has a line break"},
      {"pk-ev\xc3\xa4il", secret, "public_key has a line break, another control character, or"},
      {"pk-evil:more", secret, "public_key has a colon"},
      {"pk evil", secret, "public_key has a space"},
      {"sk-lf-evil", secret, "public_key is a secret key"},
      {std::string(257, 'e'), secret, "public_key is longer than 256 characters"},
      {"pk-lf-fine", "sk-evil\n", "secret_key has a line break"},
      {"pk-lf-fine", "sk-evil\x7f", "secret_key has a line break"},
  };
  for (const BadKey& bad : cases) {
    Config config;
    config.public_key = bad.public_key;
    config.secret_key = bad.secret_key;

    const Resolution found = resolve(config);

    EXPECT_EQ(found.error.code, ErrorCode::disabled) << bad.problem;
    EXPECT_THAT(found.error.message, StartsWith(bad.problem));
    EXPECT_THAT(found.why_disabled, StartsWith(bad.problem));
    EXPECT_THAT(shown(found), Not(HasSubstr("evil")));
    EXPECT_THAT(shown(found), Not(HasSubstr(secret)));
  }
}

TEST_F(ConfigTest, AColonInTheSecretKeyIsTaken) {
  Config config;
  config.public_key = "pk-lf-1";
  config.secret_key = "sk:with:colons";

  EXPECT_EQ(resolve(config).why_disabled, "");
}

TEST_F(ConfigTest, ArgumentsAndResultsAreCapturedWhenTheVariableOfTheSdksSaysSo) {
  constexpr char variable[] = "LANGFUSE_OBSERVE_DECORATOR_IO_CAPTURE_ENABLED";
  EXPECT_FALSE(resolve_with_keys().settings.capture_io);
  EXPECT_TRUE(with(variable, "true").settings.capture_io);
  EXPECT_FALSE(with(variable, "false").settings.capture_io);

  Config config;
  config.capture_io = false;
  set(variable, "true");
  EXPECT_FALSE(resolve_with_keys(config).settings.capture_io);
}

TEST_F(ConfigTest, EitherSwitchDisablesWithoutAWord) {
  for (const char* const variable : {"LANGFUSE_TRACING_ENABLED", "LANGFUSE_ENABLED"}) {
    const Resolution found = with(variable, "off");

    EXPECT_EQ(found.error.code, ErrorCode::none) << variable;
    EXPECT_EQ(found.why_disabled, std::string(variable) + " is false");
  }
  Config config;
  config.enabled = false;
  EXPECT_EQ(resolve_with_keys(config).why_disabled, "Config::enabled is false");
}

TEST_F(ConfigTest, TheEnvironmentNameFollowsTheServersRule) {
  EXPECT_EQ(with("LANGFUSE_TRACING_ENVIRONMENT", "staging-2_b").settings.environment,
            "staging-2_b");
  EXPECT_EQ(with("LANGFUSE_TRACING_ENVIRONMENT", std::string(40, 'a')).settings.environment,
            std::string(40, 'a'));
  for (const std::string& bad : {std::string("Production"), std::string("langfuse-x"),
                                 std::string("a b"), std::string(41, 'a')}) {
    const Resolution found = with("LANGFUSE_TRACING_ENVIRONMENT", bad);

    EXPECT_EQ(found.settings.environment, "") << bad;
    EXPECT_EQ(found.error.code, ErrorCode::bad_setting) << bad;
    EXPECT_THAT(found.error.message, StartsWith("LANGFUSE_TRACING_ENVIRONMENT \"")) << bad;
  }
}

TEST_F(ConfigTest, TheReleaseFallsBackToTheBuildSystemsCommit) {
  const char* const variables[] = {"DRONE_COMMIT_SHA",  "BUILD_SOURCEVERSION", "BITBUCKET_COMMIT",
                                   "GITHUB_SHA",        "GIT_COMMIT",          "TRAVIS_COMMIT",
                                   "SOURCE_VERSION",    "CIRCLE_SHA1",         "CI_COMMIT_SHA",
                                   "RENDER_GIT_COMMIT", "LANGFUSE_RELEASE"};
  for (const char* const variable : variables) {
    set(variable, std::string("from ") + variable);

    EXPECT_EQ(resolve_with_keys().settings.release, std::string("from ") + variable);
  }
}

TEST_F(ConfigTest, TheProjectIsTakenIfItCanStandInAnAddress) {
  EXPECT_EQ(resolve_with_keys().settings.project_id, "");
  EXPECT_EQ(with("LANGFUSE_CPP_PROJECT_ID", "Cl-4_7.1").settings.project_id, "Cl-4_7.1");

  const Resolution found = with("LANGFUSE_CPP_PROJECT_ID", "../other");
  EXPECT_EQ(found.settings.project_id, "");
  EXPECT_EQ(
      found.error.message,
      "LANGFUSE_CPP_PROJECT_ID \"../other\" is invalid: expected letters, digits, -, _ and .; "
      "using none");
}

TEST_F(ConfigTest, TheServiceNameComesFromOpenTelemetrysVariable) {
  EXPECT_EQ(with("OTEL_SERVICE_NAME", "mail-agent").settings.service_name, "mail-agent");
}

TEST_F(ConfigTest, TheCertificateFileAndTheProxyExceptionsAreTaken) {
  set("LANGFUSE_CPP_CA_FILE", "/etc/own.pem");
  set("NO_PROXY", "upper.test");
  EXPECT_EQ(resolve_with_keys().settings.ca_file, "/etc/own.pem");
  EXPECT_EQ(resolve_with_keys().settings.no_proxy, "upper.test");
  set("no_proxy", "lower.test");
  EXPECT_EQ(resolve_with_keys().settings.no_proxy, "lower.test");
}

TEST_F(ConfigTest, HeadersThatCouldBreakARequestAreRefusedAndTheirValuesNeverShown) {
  using namespace std::string_literals;
  Config config;
  config.headers = {{"X-Team", "mail"},
                    {"X-Evil", "hidden\r\nX-Injected: 1"},
                    {"X-Evil\r\nY", "hidden"},
                    {"X-Null", "hidden\0x"s},
                    {"X-Umlaut", "hidden\xc3\xa4"},
                    {"", "hidden"},
                    {"Content-Length", "hidden"},
                    {"x-langfuse-PUBLIC-key", "hidden"}};

  const Resolution found = resolve_with_keys(config);

  EXPECT_THAT(found.settings.headers, ElementsAre(std::pair("X-Team"s, "mail"s)));
  EXPECT_EQ(found.error.code, ErrorCode::bad_setting);
  EXPECT_EQ(found.why_disabled, "");
  EXPECT_THAT(found.error.message, HasSubstr("headers[1] (X-Evil) has a value with a line break"));
  EXPECT_THAT(found.error.message, HasSubstr("headers[2] has a name that is not a token"));
  EXPECT_THAT(found.error.message, HasSubstr("headers[3] (X-Null)"));
  EXPECT_THAT(found.error.message, HasSubstr("headers[4] (X-Umlaut)"));
  EXPECT_THAT(found.error.message, HasSubstr("headers[5] has a name"));
  EXPECT_THAT(found.error.message, HasSubstr("headers[6] (Content-Length) is set by the library"));
  EXPECT_THAT(found.error.message, HasSubstr("headers[7] (x-langfuse-PUBLIC-key) is set by"));
  EXPECT_THAT(shown(found), Not(HasSubstr("hidden")));
}

TEST_F(ConfigTest, AllProblemsAreFoundAtOnceOneALine) {
  set("LANGFUSE_BASE_URL", "nowhere");
  set("LANGFUSE_FLUSH_AT", "abc");
  set("LANGFUSE_DEBUG", "maybe");
  set("LANGFUSE_SAMPLE_RATE", "7");
  set("LANGFUSE_TRACING_ENVIRONMENT", "PROD");

  const Resolution found = resolve_with_keys();

  EXPECT_EQ(found.error.code, ErrorCode::disabled);
  EXPECT_EQ(
      found.error.message,
      "LANGFUSE_BASE_URL \"nowhere\" must begin with http:// or https://; expected an address, "
      "for instance https://cloud.langfuse.com\n"
      "LANGFUSE_TRACING_ENVIRONMENT \"PROD\" is invalid: expected at most 40 lower-case "
      "letters, digits, - and _, not beginning with langfuse; using none\n"
      "LANGFUSE_SAMPLE_RATE \"7\" is invalid: expected a number from 0 to 1; using 1\n"
      "LANGFUSE_DEBUG \"maybe\" is invalid: expected true, 1, yes, on, false, 0, no or off; "
      "using false\n"
      "LANGFUSE_FLUSH_AT \"abc\" is invalid: expected a whole number from 1 to 100000000; "
      "using 512");
}

TEST_F(ConfigTest, TheSettingsInForceNameTheirSourcesAndHideTheSecret) {
  set("LANGFUSE_FLUSH_AT", "7");
  set("LANGFUSE_HOST", "https://second.test");
  set("LANGFUSE_TIMEOUT", "never");

  const Resolution found = resolve_with_keys();

  EXPECT_THAT(found.settings.in_force, Contains("public_key = pk-lf-shown (config)"));
  EXPECT_THAT(found.settings.in_force, Contains("secret_key = ******** (config)"));
  EXPECT_THAT(found.settings.in_force, Contains("base_url = https://second.test (LANGFUSE_HOST)"));
  EXPECT_THAT(found.settings.in_force, Contains("flush_at = 7 (LANGFUSE_FLUSH_AT)"));
  EXPECT_THAT(found.settings.in_force, Contains("flush_interval = 5 s (default)"));
  EXPECT_THAT(found.settings.in_force, Contains("timeout = 5 s (default)"));
  EXPECT_THAT(found.settings.in_force, Contains("debug = false (default)"));
  EXPECT_THAT(shown(found), Not(HasSubstr(secret)));
}

TEST_F(ConfigTest, ABadValueIsShownShortAndOnOneLine) {
  const Resolution found = with("LANGFUSE_FLUSH_AT", "1\n2" + std::string(200, 'x'));

  EXPECT_EQ(found.error.message.find('\n'), std::string::npos);
  EXPECT_THAT(found.error.message, HasSubstr("\"1?2" + std::string(77, 'x') + "...\""));
}

}  // namespace
}  // namespace langfuse::internal
