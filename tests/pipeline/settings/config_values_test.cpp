// Booleans and numbers: which texts are taken, and what happens to others.
#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/pipeline/settings/config_fixture.h"

namespace langfuse::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

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
  EXPECT_EQ(
      found.error.message,
      "LANGFUSE_TRACING_ENABLED \"flase\" is invalid: expected true, 1, yes, on, false, 0, no "
      "or off; using true");
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
      EXPECT_THAT(found.error.message, StartsWith(std::string(number.variable) + " \"" +
                                                  number.given + "\" is invalid: expected "));
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
            "timeout \"-1\" is invalid: expected seconds, more than 0, at most 1e9; using 5 s\n"
            "sample_rate \"2\" is invalid: expected a number from 0 to 1; using 1\n"
            "flush_at \"0\" is invalid: expected a whole number from 1 to 100000000; using 512");
}

TEST_F(ConfigTest, AnIntervalInMillisecondsIsSuspected) {
  const Resolution found = with("LANGFUSE_FLUSH_INTERVAL", "5000");

  EXPECT_EQ(found.settings.flush_interval, Seconds(5000));
  EXPECT_EQ(found.error.code, ErrorCode::none);
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("seconds, not milliseconds")));
  EXPECT_THAT(with("LANGFUSE_FLUSH_INTERVAL", "3600").warnings, IsEmpty());
}

}  // namespace
}  // namespace langfuse::internal
