// Exceptions in an observation, recorded by hand.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <string>

#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"

// Not in the library's namespace: its inline part is spelled by one compiler and not by the other.
namespace exceptions_test {

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Silent {};
struct Mute : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

}  // namespace exceptions_test

namespace langfuse::internal {
namespace {

using namespace exceptions_test;  // NOLINT(google-build-using-namespace)

template <class Throw>
std::string message_of(Throw throw_it) {
  Capture capture;
  {
    auto step = observe("step");
    try {
      throw_it();
    } catch (...) {
      step.record_exception();
    }
  }
  const DecodedSpan span = capture.only_span();
  const std::string message = span.text("langfuse.observation.status_message");
  EXPECT_EQ(span.text("langfuse.observation.level"), "ERROR");
  const std::vector<std::pair<int, std::string>> expected = {{2, message}};
  EXPECT_EQ(span.statuses, expected);
  return message;
}

TEST(RecordException, TellsTypeAndText) {
  EXPECT_EQ(message_of([] { throw std::out_of_range("too far"); }), "std::out_of_range: too far");
  EXPECT_EQ(message_of([] { throw Refused("no"); }), "exceptions_test::Refused: no");
  EXPECT_EQ(message_of([] { throw Refused(""); }), "exceptions_test::Refused: ");
  EXPECT_EQ(message_of([] { throw std::bad_alloc(); }), "std::bad_alloc: std::bad_alloc");
}

TEST(RecordException, TellsTheTypeOfWhatIsNoStandardException) {
  EXPECT_EQ(message_of([] { throw 42; }), "int");
  EXPECT_EQ(message_of([] { throw "text"; }), "char const*: text");
  EXPECT_EQ(message_of([] { throw Silent(); }), "exceptions_test::Silent");
  EXPECT_EQ(message_of([] { throw Mute(); }), "exceptions_test::Mute");
}

TEST(RecordException, TakesAnExceptionAtHandWithItsDynamicType) {
  Capture capture;
  const std::out_of_range exception("too far");
  const std::exception& as_base = exception;
  {
    auto step = observe("step");
    step.record_exception(as_base);
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.status_message"),
            "std::out_of_range: too far");
}

TEST(RecordException, DoesNothingOutsideAHandler) {
  Capture capture;
  {
    auto step = observe("step");
    step.record_exception();
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.level"), "DEFAULT");
}

TEST(RecordException, CutsAndRepairsTheText) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 24;
  Capture capture(settings);
  {
    auto step = observe("step");
    step.record_exception(std::runtime_error("\xFF" + std::string(20'000'000, 'x')));
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.status_message"),
            "std::runtime_error: \xEF\xBF\xBDx\xE2\x80\xA6[truncated 19999999 bytes]");
}

TEST(RecordException, LeavesTheExceptionAsItIs) {
  Capture capture;
  const void* thrown = nullptr;
  const void* caught = nullptr;
  auto step = observe("step");
  try {
    try {
      throw Refused("no");
    } catch (const Refused& exception) {
      thrown = &exception;
      step.record_exception();
      throw;
    }
  } catch (const Refused& exception) {
    caught = &exception;
    EXPECT_STREQ(exception.what(), "no");
  }

  EXPECT_EQ(caught, thrown);
}

// glibc cancels a thread by an exception that is none of C++ and must not be caught for good.
TEST(RecordException, LetsACancelledThreadGo) {
  Capture capture;
  std::atomic<bool> is_ready{false};
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* ready) -> void* {
                  auto step = observe("cancelled");
                  try {
                    static_cast<std::atomic<bool>*>(ready)->store(true);
                    while (true) pthread_testcancel();
                  } catch (...) {
                    step.record_exception();
                    throw;
                  }
                },
                &is_ready),
            0);
  while (!is_ready.load()) pthread_testcancel();
  pthread_cancel(thread);
  void* result = nullptr;
  pthread_join(thread, &result);

  EXPECT_EQ(result, PTHREAD_CANCELED);
  EXPECT_EQ(capture.spans().size(), 1u);
}

}  // namespace
}  // namespace langfuse::internal
