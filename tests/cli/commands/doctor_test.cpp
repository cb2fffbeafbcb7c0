// `langfuse-cpp doctor` from outside: what it prints, and how it ends.

#include <gtest/gtest.h>

#include <string>

#include "receiver/base/json_text.h"
#include "tests/support/receiver_process.h"

namespace {

using langfuse::testing::ChildProcess;
using langfuse::testing::Ended;
using langfuse::testing::run_in_shell;
using langfuse_receiver::Json;
using langfuse_test::ReceiverProcess;

// Runs `langfuse-cpp doctor` with no other environment than `environment`, standard error included.
Ended doctor(const std::string& environment, const std::string& arguments = "") {
  return run_in_shell("env -i " + environment + " " + LANGFUSE_PROGRAM + " doctor " + arguments);
}

std::string settings_for(const ReceiverProcess& receiver, const std::string& secret_key) {
  return "LANGFUSE_BASE_URL=" + receiver.url() + " LANGFUSE_PUBLIC_KEY=" + receiver.public_key() +
         " LANGFUSE_SECRET_KEY=" + secret_key;
}

TEST(Doctor, EndsWithZeroWhereAllIsWell) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);

  const Ended ended = doctor(settings_for(receiver, receiver.secret_key()));

  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_NE(ended.output.find("✓  9 authentication  project \"Local receiver\" of \"Local\"\n"),
            std::string::npos)
      << ended.output;
  EXPECT_NE(ended.output.find("✓ 12 canary          sent and read back: " + receiver.url()),
            std::string::npos)
      << ended.output;
}

TEST(Doctor, EndsWithTheNumberOfTheFirstCheckThatFailedAndSaysWhatToDo) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);

  const Ended ended = doctor(settings_for(receiver, "sk-lf-wrong"));

  EXPECT_EQ(ended.status, 9) << ended.output;
  EXPECT_NE(ended.output.find("✗  9 authentication  the server does not know the keys (401)\n"
                              "                     → check LANGFUSE_PUBLIC_KEY"),
            std::string::npos)
      << ended.output;
  EXPECT_NE(ended.output.find("– 12 canary          check 9 (authentication) failed\n"),
            std::string::npos)
      << ended.output;
  EXPECT_EQ(ended.output.find("sk-lf-wrong"), std::string::npos) << ended.output;
}

TEST(Doctor, WithoutKeysItEndsWithTwo) {
  const Ended ended = doctor("");

  EXPECT_EQ(ended.status, 2) << ended.output;
}

TEST(Doctor, PrintsJson) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);

  const Ended ended = doctor(settings_for(receiver, receiver.secret_key()), "--json");

  EXPECT_EQ(ended.status, 0);
  const auto answer = langfuse_receiver::parse_json(ended.output);
  ASSERT_TRUE(answer) << ended.output;
  EXPECT_EQ((*answer)["ok"], true);
  EXPECT_EQ((*answer)["project"], "Local receiver");
  ASSERT_EQ((*answer)["checks"].size(), 12u);
  EXPECT_EQ((*answer)["checks"][11]["name"], "canary");
  const std::string trace = (*answer)["canary_trace_id"].get<std::string>();
  EXPECT_NE(receiver.get("/api/public/v2/observations?traceId=" + trace).find("langfuse.diagnose"),
            std::string::npos);
}

TEST(Doctor, ReadsTheSettingsOfARunningProcess) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  // A process with these settings, which lives until the end of the test.
  ChildProcess other({"/bin/sh", "-c",
                      "exec env -i " + settings_for(receiver, receiver.secret_key()) +
                          " /bin/sh -c 'echo $$; exec tail -f /dev/null'"});
  const std::string pid = other.read_line();

  const Ended ended = doctor("LANGFUSE_SECRET_KEY=sk-lf-our-own", "--pid " + pid);

  EXPECT_EQ(ended.status, 0) << ended.output;
}

TEST(Doctor, AProcessThatIsNotThereIsNamed) {
  const Ended ended = doctor("", "--pid 2147483647");

  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.output,
            "langfuse-cpp: error: cannot read /proc/2147483647/environ: No such file or directory\n"
            "Is the process running, and is it yours?\n");
}

TEST(Doctor, WrongOptionsAreNamed) {
  EXPECT_EQ(doctor("", "--pid none").status, 2);
  EXPECT_EQ(doctor("", "--timeout -1").status, 2);
}

}  // namespace
