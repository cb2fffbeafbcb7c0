#include "langfuse/tracing/wrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/json.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

int add(int a, int b) {
  return a + b;
}

struct Index {
  int size = 3;
  std::string search(const std::string& query) const { return "found " + query; }
  int& size_of() & { return size; }
};

struct Immovable {
  explicit Immovable(int number) : value(number) {}
  Immovable(const Immovable&) = delete;
  Immovable& operator=(const Immovable&) = delete;
  int value;
};

WrapOptions capturing(std::string_view name) {
  return WrapOptions(name).set_capture_input(IoCapture::yes).set_capture_output(IoCapture::yes);
}

std::string input_of(const DecodedSpan& span) {
  return span.text("langfuse.observation.input");
}
std::string output_of(const DecodedSpan& span) {
  return span.attribute("langfuse.observation.output");
}

TEST(Observed, CallsAFunctionAndGivesBackItsResult) {
  Capture capture;

  EXPECT_EQ(observed("add", add, 2, 3), 5);

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "add");
  EXPECT_EQ(attributes_text(span),
            "  langfuse.observation.type = \"span\"\n"
            "  langfuse.observation.level = \"DEFAULT\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  status 0 \"\"\n");
}

TEST(Observed, IsTheParentOfWhatTheCallableOpens) {
  Capture capture;
  observed("outer", [] { auto inner = observe("inner"); });

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_span_id, spans[1].span_id);
}

TEST(Observed, HasTheTypeItIsTold) {
  Capture capture;
  observed(WrapOptions("search").set_type(ObservationType::retriever), [] {});

  EXPECT_EQ(capture.only_span().text("langfuse.observation.type"), "retriever");
}

TEST(Observed, CallsMembersOfObjectsReferencesAndPointers) {
  Capture capture;
  Index index;
  const auto pointer = std::make_unique<Index>();

  EXPECT_EQ(observed("search", &Index::search, index, "x"), "found x");
  EXPECT_EQ(observed("search", &Index::search, &index, "y"), "found y");
  EXPECT_EQ(observed("search", &Index::search, pointer, "z"), "found z");
  EXPECT_EQ(&observed("size", &Index::size, index), &index.size);

  EXPECT_EQ(capture.spans().size(), 4u);
}

TEST(Observed, GivesBackResultsOfAnyType) {
  Capture capture;
  Index index;
  const auto nothing = [] {};
  const auto reference = [&index]() -> Index&& { return std::move(index); };
  static_assert(std::is_void<decltype(observed("void", nothing))>::value);
  static_assert(std::is_same<decltype(observed("ref", &Index::size_of, index)), int&>::value);
  static_assert(std::is_same<decltype(observed("rvalue", reference)), Index&&>::value);

  EXPECT_EQ(&observed("reference", &Index::size_of, index), &index.size);
  Index&& same = observed("rvalue", reference);
  EXPECT_EQ(&same, &index);
  EXPECT_EQ(*observed(capturing("move-only"), [] { return std::make_unique<int>(7); }), 7);
  const Immovable immovable = observed(capturing("immovable"), [] { return Immovable(9); });
  EXPECT_EQ(immovable.value, 9);

  EXPECT_EQ(capture.spans().size(), 4u);
}

TEST(Observed, ForwardsArgumentsAsTheyAre) {
  Capture capture;
  auto moved = std::make_unique<int>(7);
  int number = 1;

  EXPECT_EQ(observed(
                capturing("forward"),
                [](std::unique_ptr<int> taken, int& changed, const std::string& text) {
                  changed = 2;
                  return *taken + static_cast<int>(text.size());
                },
                std::move(moved), number, "four"),
            11);

  EXPECT_EQ(moved, nullptr);
  EXPECT_EQ(number, 2);
}

TEST(Observed, CallsAnRvalueCallableAsOne) {
  struct Once {
    int operator()() && { return 1; }
    int operator()() & { return 2; }
  };
  Capture capture;
  Once once;

  EXPECT_EQ(observed("rvalue", Once()), 1);
  EXPECT_EQ(observed("lvalue", once), 2);
  EXPECT_EQ(observe_fn("rvalue", Once())(), 1);
  auto wrapped = observe_fn("lvalue", Once());
  EXPECT_EQ(wrapped(), 2);
}

TEST(Observed, EndsAsAnErrorWithTypeAndTextAndLetsTheSameExceptionThrough) {
  Capture capture;
  const void* thrown = nullptr;
  const void* caught = nullptr;
  try {
    observed("fails", [&thrown] {
      try {
        throw std::out_of_range("too far");
      } catch (const std::out_of_range& exception) {
        thrown = &exception;
        throw;
      }
    });
  } catch (const std::out_of_range& exception) {
    caught = &exception;
  }

  EXPECT_NE(caught, nullptr);
  EXPECT_EQ(caught, thrown);
  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.level"), "ERROR");
  EXPECT_EQ(span.text("langfuse.observation.status_message"), "std::out_of_range: too far");
}

TEST(Observed, LetsAnythingThroughThatIsThrown) {
  Capture capture;
  EXPECT_THROW(observed("int", [] { throw 42; }), int);
  EXPECT_THROW(observed("pointer", [] { throw "text"; }), const char*);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].text("langfuse.observation.status_message"), "int");
  EXPECT_EQ(spans[1].text("langfuse.observation.status_message"), "char const*: text");
}

TEST(Observed, JustCallsWhenNothingIsConfigured) {
  Client::forget();
  EXPECT_EQ(observed(capturing("add"), add, 2, 3), 5);
  EXPECT_THROW(observed("int", [] { throw 42; }), int);
}

TEST(Observed, KeepsArgumentsAndResultToItselfUnlessTold) {
  Capture capture;
  observed("add", add, 2, 3);
  observed(WrapOptions("input").set_capture_input(IoCapture::yes), add, 2, 3);
  observed(WrapOptions("output").set_capture_output(IoCapture::yes), add, 2, 3);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].attribute("langfuse.observation.input"), "<absent>");
  EXPECT_EQ(output_of(spans[0]), "<absent>");
  EXPECT_EQ(input_of(spans[1]), "[2,3]");
  EXPECT_EQ(output_of(spans[1]), "<absent>");
  EXPECT_EQ(spans[2].attribute("langfuse.observation.input"), "<absent>");
  EXPECT_EQ(output_of(spans[2]), "\"5\"");
}

TEST(Observed, CapturesWhereTheSettingSaysSoUnlessTold) {
  Settings settings = capture_settings();
  settings.capture_io = true;
  Capture capture(settings);
  observed("add", add, 2, 3);
  observed(WrapOptions("secret").set_capture_input(IoCapture::no).set_capture_output(IoCapture::no),
           add, 2, 3);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(input_of(spans[0]), "[2,3]");
  EXPECT_EQ(output_of(spans[0]), "\"5\"");
  EXPECT_EQ(spans[1].attribute("langfuse.observation.input"), "<absent>");
  EXPECT_EQ(output_of(spans[1]), "<absent>");
}

TEST(Observed, WritesArgumentsAsAJsonArray) {
  Capture capture;
  const auto take = [](auto&&...) {};
  const std::string text = "a \"quoted\" \xFF";
  const char* const null_text = nullptr;
  observed(capturing("all"), take, text, "literal", std::string_view("view"), null_text, true, -1,
           std::numeric_limits<std::uint64_t>::max(), 0.5, std::nan(""),
           nlohmann::json{{"key", {1, 2}}});
  observed(capturing("none"), take);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(input_of(spans[0]),
            "[\"a \\\"quoted\\\" \xEF\xBF\xBD\",\"literal\",\"view\",\"\",true,-1,"
            "18446744073709551615,0.5,\"NaN\",{\"key\":[1,2]}]");
  EXPECT_EQ(input_of(spans[1]), "[]");
}

TEST(Observed, MarksWhatHasNoConversion) {
  Capture capture;
  char buffer[4] = {'n', 'o', 't', ' '};  // not terminated: it is for the callable to fill
  char* const pointer = buffer;
  observed(
      capturing("marks"), [](auto&&...) { return Index(); }, Index(), buffer, pointer, add,
      std::make_unique<int>(1));

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(input_of(span), R"(["<not serializable>","<not serializable>","<not serializable>",)"
                            R"("<not serializable>","<not serializable>"])");
  EXPECT_EQ(output_of(span), "\"<not serializable>\"");
}

TEST(Observed, LeavesTheObjectOfAMemberOutOfTheArguments) {
  Capture capture;
  observed(capturing("search"), &Index::search, Index(), "x");

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(input_of(span), "[\"x\"]");
  EXPECT_EQ(output_of(span), "\"found x\"");
}

TEST(Observed, HasNoOutputWhereThereIsNoResult) {
  Capture capture;
  observed(capturing("void"), [] {});
  EXPECT_THROW(observed(capturing("throws"), []() -> int { throw 1; }), int);

  for (const DecodedSpan& span : capture.spans()) {
    EXPECT_EQ(output_of(span), "<absent>") << span.name;
  }
}

TEST(ObserveFn, ObservesEachCall) {
  Capture capture;
  const auto wrapped = observe_fn("add", add);
  EXPECT_EQ(wrapped(1, 2), 3);
  EXPECT_EQ(wrapped(3, 4), 7);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_NE(spans[0].trace_id, spans[1].trace_id);
}

TEST(ObserveFn, KeepsItsNameWhereverItGoes) {
  Capture capture;
  std::vector<std::function<int(int, int)>> functions;
  {
    const std::string name = "a name that is gone when the function is called";
    auto wrapped = observe_fn(name, add);
    functions.emplace_back(wrapped);
    functions.emplace_back(std::move(wrapped));
  }
  for (const auto& function : functions) function(1, 2);

  for (const DecodedSpan& span : capture.spans()) {
    EXPECT_EQ(span.name, "a name that is gone when the function is called");
  }
}

TEST(ObserveFn, TakesCallablesThatCannotBeCopied) {
  Capture capture;
  auto wrapped = observe_fn("move-only", [number = std::make_unique<int>(7)] { return *number; });
  auto moved = std::move(wrapped);

  EXPECT_EQ(moved(), 7);
}

TEST(ObserveFn, LetsACallableChangeItsState) {
  Capture capture;
  auto wrapped = observe_fn("count", [count = 0]() mutable { return ++count; });
  wrapped();

  EXPECT_EQ(wrapped(), 2);
}

TEST(ObserveFn, MayBeCalledByManyThreads) {
  Capture capture;
  const auto wrapped = observe_fn("add", add);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&wrapped] {
      for (int call = 0; call < 100; ++call) wrapped(call, 1);
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(capture.spans().size(), 400u);
}

TEST(ObserveFn, IsCallableOnlyAsItsCallableIs) {
  const auto wrapped = observe_fn("add", add);
  const auto counting = observe_fn("count", [count = 0]() mutable { return ++count; });
  using Wrapped = decltype(wrapped);
  using Counting = decltype(counting);

  EXPECT_TRUE((std::is_invocable_r<int, Wrapped&, int, int>::value));
  EXPECT_FALSE((std::is_invocable<Wrapped&, std::string>::value));
  EXPECT_FALSE((std::is_invocable<Wrapped&>::value));
  EXPECT_FALSE((std::is_invocable<Counting&>::value));
}

}  // namespace
}  // namespace langfuse::internal
