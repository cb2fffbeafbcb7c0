#include "langfuse/config.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/settings.h"
#include "tests/support/environment.h"

namespace langfuse::internal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char secret[] = "sk-lf-very-hidden";

class ConfigTest : public EnvironmentTest {
 protected:
  static Resolution resolve_with_keys(Config config = {}) {
    config.public_key = "pk-lf-shown";
    config.secret_key = secret;
    return resolve(config);
  }

  // Resolves with `variable` alone set.
  static Resolution with(const char* variable, const std::string& value) {
    set(variable, value);
    Resolution found = resolve_with_keys();
    unsetenv(variable);
    return found;
  }

  // Everything that may be shown.
  static std::string shown(const Resolution& found) {
    std::string text = found.error.message + "\n" + found.why_disabled + "\n";
    for (const std::string& line : found.warnings) text += line + "\n";
    for (const std::string& line : found.settings.in_force) text += line + "\n";
    return text;
  }
};

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
            "accepted is for instance https://cloud.langfuse.com");
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
            "LANGFUSE_CPP_COMPRESSION is \"zstd\"; accepted is gzip or none; used is gzip");
}

TEST_F(ConfigTest, BooleansAreTheEightWordsInAnyCase) {
  for (const char* const yes : {"true", "1", "yes", "on", "TRUE", "Yes", " on "}) {
    EXPECT_TRUE(with("LANGFUSE_DEBUG", yes).settings.debug) << yes;
  }
  for (const char* const no : {"false", "0", "no", "off", "FALSE", "Off"}) {
    EXPECT_FALSE(with("LANGFUSE_CPP_EXIT_HOOK", no).settings.exit_hook) << no;
  }
}

TEST_F(ConfigTest, ABooleanThatIsNoneOfTheseKeepsTheDefaultAndIsSaid) {
  const Resolution found = with("LANGFUSE_TRACING_ENABLED", "flase");

  EXPECT_EQ(found.why_disabled, "");
  EXPECT_EQ(found.error.code, ErrorCode::bad_setting);
  EXPECT_EQ(found.error.message,
            "LANGFUSE_TRACING_ENABLED is \"flase\"; accepted is true, 1, yes, on, false, 0, no or "
            "off; used is true");
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

struct Number {
  const char* variable;
  const char* given;
  double used;
  bool is_good;
};

double used_value(const Settings& settings, const std::string& variable) {
  if (variable == "LANGFUSE_FLUSH_AT") return static_cast<double>(settings.flush_at);
  if (variable == "LANGFUSE_FLUSH_INTERVAL") return settings.flush_interval.count();
  if (variable == "LANGFUSE_TIMEOUT") return settings.timeout.count();
  if (variable == "LANGFUSE_SAMPLE_RATE") return settings.sample_rate;
  if (variable == "LANGFUSE_CPP_QUEUE_MAX_RECORDS") {
    return static_cast<double>(settings.queue_max_records);
  }
  if (variable == "LANGFUSE_CPP_QUEUE_MAX_BYTES") {
    return static_cast<double>(settings.queue_max_bytes);
  }
  if (variable == "LANGFUSE_CPP_BATCH_MAX_BYTES") {
    return static_cast<double>(settings.batch_max_bytes);
  }
  if (variable == "LANGFUSE_CPP_VALUE_MAX_BYTES") {
    return static_cast<double>(settings.value_max_bytes);
  }
  if (variable == "LANGFUSE_CPP_RECORD_MAX_BYTES") {
    return static_cast<double>(settings.record_max_bytes);
  }
  if (variable == "LANGFUSE_CPP_FLUSH_TIMEOUT") return settings.flush_timeout.count();
  if (variable == "LANGFUSE_CPP_SHUTDOWN_TIMEOUT") return settings.shutdown_timeout.count();
  if (variable == "LANGFUSE_CPP_EXIT_TIMEOUT") return settings.exit_timeout.count();
  ADD_FAILURE() << variable;
  return -1;
}

TEST_F(ConfigTest, ANumberIsTakenOrItsDefaultKeptAndTheProblemSaid) {
  const std::vector<Number> cases = {
      {"LANGFUSE_FLUSH_AT", "1", 1, true},
      {"LANGFUSE_FLUSH_AT", " 15 ", 15, true},
      {"LANGFUSE_FLUSH_AT", "0", 512, false},
      {"LANGFUSE_FLUSH_AT", "-1", 512, false},
      {"LANGFUSE_FLUSH_AT", "1.5", 512, false},
      {"LANGFUSE_FLUSH_AT", "12x", 512, false},
      {"LANGFUSE_FLUSH_AT", "99999999999999999999", 512, false},
      {"LANGFUSE_FLUSH_INTERVAL", "0.25", 0.25, true},
      {"LANGFUSE_FLUSH_INTERVAL", "60", 60, true},
      {"LANGFUSE_FLUSH_INTERVAL", "0", 5, false},
      {"LANGFUSE_FLUSH_INTERVAL", "-2", 5, false},
      {"LANGFUSE_FLUSH_INTERVAL", "0,5", 5, false},
      {"LANGFUSE_FLUSH_INTERVAL", "inf", 5, false},
      {"LANGFUSE_FLUSH_INTERVAL", "nan", 5, false},
      {"LANGFUSE_FLUSH_INTERVAL", "1e300", 5, false},
      {"LANGFUSE_TIMEOUT", "2.5", 2.5, true},
      {"LANGFUSE_TIMEOUT", "5s", 5, false},
      {"LANGFUSE_SAMPLE_RATE", "0", 0, true},
      {"LANGFUSE_SAMPLE_RATE", "0.2", 0.2, true},
      {"LANGFUSE_SAMPLE_RATE", "1", 1, true},
      {"LANGFUSE_SAMPLE_RATE", "1.01", 1, false},
      {"LANGFUSE_SAMPLE_RATE", "-0.1", 1, false},
      {"LANGFUSE_SAMPLE_RATE", "half", 1, false},
      {"LANGFUSE_CPP_QUEUE_MAX_RECORDS", "100", 100, true},
      {"LANGFUSE_CPP_QUEUE_MAX_RECORDS", "many", 32'768, false},
      {"LANGFUSE_CPP_QUEUE_MAX_BYTES", "1000000", 1'000'000, true},
      {"LANGFUSE_CPP_QUEUE_MAX_BYTES", "64M", 67'108'864, false},
      {"LANGFUSE_CPP_BATCH_MAX_BYTES", "900000", 900'000, true},
      {"LANGFUSE_CPP_BATCH_MAX_BYTES", "4000000000", 4'000'000, false},
      {"LANGFUSE_CPP_VALUE_MAX_BYTES", "1000", 1000, true},
      {"LANGFUSE_CPP_VALUE_MAX_BYTES", "0", 1'048'576, false},
      {"LANGFUSE_CPP_RECORD_MAX_BYTES", "1000", 1000, true},
      {"LANGFUSE_CPP_RECORD_MAX_BYTES", "0", 4'194'304, false},
      {"LANGFUSE_CPP_FLUSH_TIMEOUT", "0", 0, true},
      {"LANGFUSE_CPP_FLUSH_TIMEOUT", "-1", 10, false},
      {"LANGFUSE_CPP_SHUTDOWN_TIMEOUT", "0.5", 0.5, true},
      {"LANGFUSE_CPP_SHUTDOWN_TIMEOUT", "soon", 5, false},
      {"LANGFUSE_CPP_EXIT_TIMEOUT", "1", 1, true},
      {"LANGFUSE_CPP_EXIT_TIMEOUT", "1.0.0", 2, false},
  };
  for (const Number& number : cases) {
    const Resolution found = with(number.variable, number.given);

    const std::string name = std::string(number.variable) + "=" + number.given;
    EXPECT_EQ(used_value(found.settings, number.variable), number.used) << name;
    EXPECT_EQ(found.why_disabled, "") << name;
    EXPECT_EQ(found.error.code, number.is_good ? ErrorCode::none : ErrorCode::bad_setting) << name;
    if (!number.is_good) {
      EXPECT_THAT(found.error.message, StartsWith(std::string(number.variable) + " is \"" +
                                                  number.given + "\"; accepted is "));
    }
  }
}

TEST_F(ConfigTest, NumbersFromCodeAreCheckedAsWell) {
  Config config;
  config.flush_at = 0;
  config.sample_rate = 2;
  config.timeout = std::chrono::seconds(-1);

  const Resolution found = resolve_with_keys(config);

  EXPECT_EQ(found.error.message,
            "flush_at is \"0\"; accepted is a whole number from 1 to 100000000; used is 512\n"
            "sample_rate is \"2\"; accepted is a number from 0 to 1; used is 1\n"
            "timeout is \"-1\"; accepted is seconds, more than 0, at most 1e9; used is 5 s");
}

TEST_F(ConfigTest, AnIntervalInMillisecondsIsSuspected) {
  const Resolution found = with("LANGFUSE_FLUSH_INTERVAL", "5000");

  EXPECT_EQ(found.settings.flush_interval, Seconds(5000));
  EXPECT_EQ(found.error.code, ErrorCode::none);
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("seconds, not milliseconds")));
  EXPECT_THAT(with("LANGFUSE_FLUSH_INTERVAL", "3600").warnings, IsEmpty());
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
    EXPECT_THAT(found.error.message, StartsWith("LANGFUSE_TRACING_ENVIRONMENT is ")) << bad;
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
  EXPECT_EQ(found.error.message,
            "LANGFUSE_CPP_PROJECT_ID is \"../other\"; accepted is letters, digits, -, _ and .; "
            "used is none");
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
  EXPECT_EQ(found.error.message,
            "LANGFUSE_DEBUG is \"maybe\"; accepted is true, 1, yes, on, false, 0, no or off; used "
            "is false\n"
            "LANGFUSE_TRACING_ENVIRONMENT is \"PROD\"; accepted is at most 40 lower-case letters, "
            "digits, - and _, not beginning with langfuse; used is none\n"
            "LANGFUSE_BASE_URL \"nowhere\" must begin with http:// or https://; accepted is for "
            "instance https://cloud.langfuse.com\n"
            "LANGFUSE_FLUSH_AT is \"abc\"; accepted is a whole number from 1 to 100000000; used "
            "is 512\n"
            "LANGFUSE_SAMPLE_RATE is \"7\"; accepted is a number from 0 to 1; used is 1");
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
