#include "langfuse/coroutine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/start_observation.h"
#include "tests/support/capture.h"
#include "tests/support/nested_steps.h"
#include "tests/support/task.h"

namespace langfuse::internal {
namespace {

SpanId current_id() {
  return current_context().span.span_id;
}

bool is_clean(Workers& workers, std::size_t index) {
  return workers.run(index, [] { return !current_context().is_valid(); });
}

TEST(Coroutine, KeepsItsContextOnOtherThreads) {
  Capture capture;
  Workers workers(3);
  run_to_end([](Workers& on) -> Task {
    auto step = observe("step");
    for (const std::size_t index : {1u, 2u, 1u, 0u}) {
      co_await on.on(index);
      EXPECT_EQ(current_id(), step.id());
    }
    auto inner = observe("inner");
    co_await on.on(2);
    EXPECT_EQ(current_id(), inner.id());
    inner.end();
    EXPECT_EQ(current_id(), step.id());
  }(workers));

  EXPECT_EQ(capture.spans().size(), 2u);
  EXPECT_EQ(open_observations(), 0u);
}

TEST(Coroutine, ReachesItsObservationThroughItsScopesOnOtherThreads) {
  Capture capture;
  Workers workers(3);
  LineOptions options;
  options.into_observations = true;
  LineGate gate(options);
  run_to_end([](Workers& on, LineGate& lines) -> Task {
    auto step = observe("step");
    const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
    co_await on.on(1);
    const auto topic = propagate_attributes(PropagatedAttributes().add_tag("late"));
    co_await on.on(2);
    const ContextScope here(current_context());
    LogLine line;
    line.message = "in step";
    EXPECT_TRUE(lines.submit(line));
    auto root = observe("root", ObservationOptions().set_root());
  }(workers, gate));

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  for (const DecodedSpan& span : spans) {
    EXPECT_EQ(span.text("user.id"), "u-7") << span.name;
    EXPECT_EQ(span.attribute("langfuse.trace.tags"), "[\"late\"]") << span.name;
  }
  EXPECT_NE(spans[1].text("langfuse.observation.metadata.log").find("info: in step"),
            std::string::npos);
}

TEST(Coroutine, LeavesNothingOnTheThreadThatItLeft) {
  Capture capture;
  Workers workers(2);
  Event go_on;
  Task task = [](Workers& on, Event& event) -> Task {
    auto step = observe("step");
    const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
    co_await on.on(0);
    auto inner = observe("inner");
    co_await on.on(1);
    co_await event;
  }(workers, go_on);

  task.start();

  EXPECT_FALSE(current_context().is_valid());
  EXPECT_TRUE(is_clean(workers, 0));
  EXPECT_TRUE(is_clean(workers, 1));
  go_on.set();
  EXPECT_FALSE(current_context().is_valid());
  EXPECT_TRUE(task.is_done());
}

TEST(Coroutine, SeesOnlyItsOwnAmongOthersOnTheSameThread) {
  Capture capture;
  const auto request = [](Event& event, const char* name) -> Task {
    auto step = observe(name);
    co_await event;
    EXPECT_EQ(current_id(), step.id());
    auto inner = observe("inner");
    co_await event;
    EXPECT_EQ(current_id(), inner.id());
  };
  Event events[2];
  const Task a = request(events[0], "a");
  const Task b = request(events[1], "b");

  a.start();
  b.start();
  for (const int turn : {0, 1, 1, 0}) {
    auto around = observe("around");  // whoever resumes them stands somewhere else
    events[turn].set();
    EXPECT_EQ(current_id(), around.id());
  }

  EXPECT_TRUE(a.is_done());
  EXPECT_TRUE(b.is_done());
  EXPECT_FALSE(current_context().is_valid());
}

TEST(Coroutine, BelongsToWhatIsCurrentWhereItIsCalled) {
  Capture capture;
  Workers workers(2);
  const auto child = [](Workers& on) -> Task {
    auto step = observe("child");
    co_await on.on(1);
  };
  run_to_end([](Workers& on, auto call) -> Task {
    auto parent = observe("parent");
    Task later = call(on);
    auto between = observe("between");
    co_await on.on(0);
    co_await std::move(later);
    EXPECT_EQ(current_id(), between.id());
  }(workers, child));

  std::map<std::string, DecodedSpan> spans;
  for (const DecodedSpan& span : capture.spans()) spans[span.name] = span;
  EXPECT_EQ(spans["child"].parent_span_id, spans["parent"].span_id);
  EXPECT_EQ(spans["between"].parent_span_id, spans["parent"].span_id);
}

TEST(Coroutine, CarriesPropagatedAttributes) {
  Capture capture;
  Workers workers(1);
  run_to_end([](Workers& on) -> Task {
    const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
    co_await on.on(0);
    auto step = observe("step");
  }(workers));

  EXPECT_EQ(capture.only_span().text("user.id"), "u-7");
}

TEST(Coroutine, LeavesNothingBehindWhenAnExceptionEndsIt) {
  Capture capture;
  Workers workers(2);
  const auto child = [](Workers& on) -> Task {
    auto step = observe("child");
    const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
    co_await on.on(1);
    throw std::runtime_error("broken");
  };
  run_to_end([](Workers& on, auto call) -> Task {
    auto parent = observe("parent");
    EXPECT_THROW(co_await call(on), std::runtime_error);
    EXPECT_EQ(current_id(), parent.id());
  }(workers, child));

  EXPECT_TRUE(is_clean(workers, 0));
  EXPECT_TRUE(is_clean(workers, 1));
  EXPECT_EQ(open_observations(), 0u);
}

TEST(Coroutine, LeavesNothingBehindWhenItIsDestroyedWhileItWaits) {
  Capture capture;
  Event never;
  auto outer = observe("outer");
  const ContextScope scope(outer.context());  // must not be taken for the coroutine's own
  {
    const Task task = [](Event& event) -> Task {
      auto step = observe("step");
      const ContextScope inner{Context()};
      const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
      co_await event;
    }(never);
    task.start();
    EXPECT_EQ(current_id(), outer.id());
  }

  EXPECT_EQ(current_id(), outer.id());
  EXPECT_EQ(capture.only_span().name, "step");
}

struct FailsToSuspend {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const { throw std::runtime_error("full"); }
  void await_resume() const noexcept {}
};

struct GoesOnAtOnce {
  bool is_ready;

  bool await_ready() const noexcept { return is_ready; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  void await_resume() const noexcept {}
};

TEST(Coroutine, KeepsItsContextWhenItIsNotSuspended) {
  Capture capture;
  run_to_end([]() -> Task {
    auto step = observe("step");
    EXPECT_THROW(co_await FailsToSuspend(), std::runtime_error);
    EXPECT_EQ(current_id(), step.id());
    co_await GoesOnAtOnce{true};
    EXPECT_EQ(current_id(), step.id());
    co_await GoesOnAtOnce{false};
    EXPECT_EQ(current_id(), step.id());
  }());

  EXPECT_FALSE(current_context().is_valid());
}

// Lets its caller go on with each number.
class Numbers {
 public:
  struct promise_type : TracedPromise {
    Numbers get_return_object() noexcept {
      return Numbers(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    auto initial_suspend() noexcept { return traced(std::suspend_always()); }
    auto final_suspend() noexcept { return traced(std::suspend_always()); }
    auto yield_value(int) noexcept { return traced(std::suspend_always()); }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };

  Numbers(Numbers&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Numbers& operator=(Numbers&&) = delete;
  ~Numbers() {
    if (handle_) handle_.destroy();
  }
  bool next() {
    handle_.resume();
    return !handle_.done();
  }

 private:
  explicit Numbers(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

TEST(Coroutine, KeepsItsContextAcrossAYield) {
  Capture capture;
  auto caller = observe("caller");
  Numbers numbers = []() -> Numbers {
    auto step = observe("step");
    for (int i = 0; i < 3; ++i) {
      co_yield i;
      EXPECT_EQ(current_id(), step.id());
    }
  }();

  while (numbers.next()) EXPECT_EQ(current_id(), caller.id());
  EXPECT_EQ(current_id(), caller.id());
}

TEST(Coroutine, ThatBeganBeforeInitTakesPartAfterwards) {
  Event event;
  const Task task = [](Event& waited) -> Task {
    co_await waited;
    auto step = observe("step");
    co_await waited;
    EXPECT_EQ(current_id(), step.id());
  }(event);
  task.start();

  Capture capture;
  event.set();
  EXPECT_FALSE(current_context().is_valid());
  event.set();

  EXPECT_TRUE(task.is_done());
}

TEST(CoroutineScope, CoversACoroutineOfAnyType) {
  Capture capture;
  Workers workers(2);
  const auto child = [](Workers& on, Context caller = current_context()) -> UntracedTask {
    const CoroutineScope here(std::move(caller));
    auto step = observe("child");
    co_await here.traced(on.on(1));
    EXPECT_EQ(current_id(), step.id());
  };
  run_to_end([](Workers& on, auto call) -> UntracedTask {
    const CoroutineScope here;
    auto parent = observe("parent");
    co_await here.traced(on.on(0));
    co_await here.traced(call(on));
    EXPECT_EQ(current_id(), parent.id());
  }(workers, child));

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_span_id, spans[1].span_id);
  EXPECT_TRUE(is_clean(workers, 0));
  EXPECT_TRUE(is_clean(workers, 1));
}

TEST(CoroutineScope, EndsWithACoroutineThatIsDestroyedWhileItWaits) {
  Capture capture;
  Event never;
  auto outer = observe("outer");
  {
    const UntracedTask task = [](Event& event) -> UntracedTask {
      const CoroutineScope here;
      auto step = observe("step");
      const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
      co_await here.traced(event);
    }(never);
    task.start();
  }

  EXPECT_EQ(current_id(), outer.id());
}

// The mistake that cannot be prevented costs parents, and nothing else.
TEST(CoroutineScope, HurtsNobodyWhenACoAwaitIsNotTraced) {
  Capture capture;
  Workers workers(3);
  run_to_end([](Workers& on) -> UntracedTask {
    const CoroutineScope here;
    auto step = observe("step");
    co_await here.traced(on.on(0));
    co_await on.on(1);  // without it
    auto lost = observe("its own trace");
    co_await here.traced(on.on(2));
    auto found = observe("in the trace again");
  }(workers));

  for (const std::size_t index : {0u, 1u, 2u}) {
    workers.run(index, [] { auto next = observe("next"); });
  }
  EXPECT_TRUE(is_clean(workers, 0));
  EXPECT_TRUE(is_clean(workers, 1));
  EXPECT_TRUE(is_clean(workers, 2));
  EXPECT_EQ(capture.spans().size(), 6u);
}

// Many requests at once, each with steps inside steps, over four threads.
Task nested(Workers& workers, int depth, std::size_t seed, std::atomic<int>& switches) {
  auto step = observe(std::to_string(depth));
  for (std::size_t i = 0; i < 4; ++i) {
    co_await workers.on((seed + 3 * i) % 4);
    ++switches;
    EXPECT_EQ(current_id(), step.id());
  }
  if (depth < 3) {
    co_await nested(workers, depth + 1, seed + 1, switches);
    EXPECT_EQ(current_id(), step.id());
    co_await nested(workers, depth + 1, seed + 2, switches);
    EXPECT_EQ(current_id(), step.id());
  }
}

TEST(Coroutine, NeverTakesAWrongParentInManySwitches) {
  constexpr int requests = 200;
  Capture capture;
  std::atomic<int> switches{0};
  std::atomic<int> running{requests};
  std::promise<void> all_ended;
  {
    Workers workers(4);
    for (std::size_t i = 0; i < requests; ++i) {
      [](Task task, std::atomic<int>& count, std::promise<void>& end) -> Detached {
        co_await std::move(task);
        if (--count == 0) end.set_value();
      }(nested(workers, 0, i, switches), running, all_ended);
    }
    all_ended.get_future().wait();
  }

  EXPECT_EQ(switches.load(), requests * 15 * 4);  // 12 000
  const std::vector<DecodedSpan> spans = capture.spans();
  EXPECT_EQ(spans.size(), requests * 15u);
  EXPECT_EQ(wrong_parents(spans), 0);
}

TEST(RunWithFlush, AwaitsATaskAndFlushes) {
  Capture capture;
  run_to_end([](Client& client) -> Task {
    co_await run_with_flush([]() -> Task {
      auto step = observe("step");
      co_return;
    }());
    EXPECT_EQ(client.stats().delivered, 1u);
    const auto fails = []() -> Task {
      auto step = observe("fails");
      throw std::runtime_error("broken");
      co_return;
    };
    EXPECT_THROW(co_await run_with_flush(fails()), std::runtime_error);
    EXPECT_EQ(client.stats().delivered, 2u);
  }(capture.client()));
}

}  // namespace
}  // namespace langfuse::internal
