// Asio takes it that clang has `<coroutine>` with its own library only.
#if defined(__clang__)
#define ASIO_HAS_CO_AWAIT 1
#define ASIO_HAS_STD_COROUTINE 1
#endif
#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>
//
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/asio.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "tests/support/capture.h"
#include "tests/support/nested_steps.h"

namespace langfuse::internal {
namespace {

using asio::awaitable;
using asio::use_awaitable;

SpanId current_id() {
  return current_context().span.span_id;
}

// Lets others run, here or on another thread.
awaitable<void> pause() {
  co_await asio::post(co_await asio::this_coro::executor, use_awaitable);
}

TEST(ContextExecutor, IsAnExecutor) {
  asio::thread_pool pool(1);
  const auto executor = context_executor(pool);
  const asio::any_io_executor any = executor;

  EXPECT_TRUE(asio::execution::is_executor_v<std::decay_t<decltype(executor)>>);
  EXPECT_EQ(&asio::query(any, asio::execution::context), &pool);
  EXPECT_EQ(any, asio::any_io_executor(executor));
  EXPECT_NE(any, asio::any_io_executor(context_executor(pool)));
}

TEST(ContextExecutor, KeepsTheContextOfACoroutine) {
  Capture capture;
  asio::io_context io;
  auto outer = observe("outer");
  asio::co_spawn(
      context_executor(io),
      []() -> awaitable<void> {
        auto step = observe("step");
        co_await pause();
        EXPECT_EQ(current_id(), step.id());
        auto inner = observe("inner");
        asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::microseconds(1));
        co_await timer.async_wait(use_awaitable);
        EXPECT_EQ(current_id(), inner.id());
      },
      asio::detached);
  outer.end();
  while (io.run_one() != 0) EXPECT_FALSE(current_context().is_valid());

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].name, "outer");
  EXPECT_EQ(spans[1].parent_span_id, spans[2].span_id);
  EXPECT_EQ(spans[2].parent_span_id, spans[0].span_id);
}

TEST(ContextExecutor, KeepsCoroutinesApartThatTakeTurnsOnOneThread) {
  Capture capture;
  asio::io_context io;
  const auto request = []() -> awaitable<void> {
    auto step = observe("step");
    for (int i = 0; i < 10; ++i) {
      co_await pause();
      EXPECT_EQ(current_id(), step.id());
    }
  };
  for (int i = 0; i < 10; ++i) asio::co_spawn(context_executor(io), request(), asio::detached);
  io.run();

  EXPECT_FALSE(current_context().is_valid());
  for (const DecodedSpan& span : capture.spans()) EXPECT_EQ(span.parent_span_id, "");
}

TEST(ContextExecutor, LeavesNothingBehindWhenAnExceptionEndsACoroutine) {
  Capture capture;
  asio::io_context io;
  asio::co_spawn(
      context_executor(io),
      []() -> awaitable<void> {
        auto step = observe("step");
        co_await pause();
        throw std::runtime_error("broken");
      },
      [](const std::exception_ptr& thrown) { std::rethrow_exception(thrown); });

  EXPECT_THROW(io.run(), std::runtime_error);
  EXPECT_FALSE(current_context().is_valid());
  EXPECT_EQ(open_observations(), 0u);
}

TEST(ContextExecutor, LeavesNothingBehindWhenACoroutineNeverGoesOn) {
  Capture capture;
  {
    asio::io_context io;
    asio::co_spawn(
        context_executor(io),
        []() -> awaitable<void> {
          auto step = observe("step");
          const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
          asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::hours(1));
          co_await never.async_wait(use_awaitable);
        },
        asio::detached);
    io.poll();
    EXPECT_FALSE(current_context().is_valid());
    EXPECT_EQ(open_observations(), 1u);
  }

  EXPECT_FALSE(current_context().is_valid());
  EXPECT_EQ(capture.only_span().name, "step");
}

TEST(ContextExecutor, LetsACoroutineSpawnOthersBesideIt) {
  Capture capture;
  asio::io_context io;
  asio::co_spawn(
      context_executor(io),
      []() -> awaitable<void> {
        auto parent = observe("parent");
        const auto child = []() -> awaitable<void> {
          auto step = observe("child");
          for (int i = 0; i < 3; ++i) {
            co_await pause();
            EXPECT_EQ(current_id(), step.id());
          }
        };
        const auto here = co_await asio::this_coro::executor;
        using namespace asio::experimental::awaitable_operators;
        co_await (asio::co_spawn(context_executor(here), child(), use_awaitable) &&
                  asio::co_spawn(context_executor(here), child(), use_awaitable));
        EXPECT_EQ(current_id(), parent.id());
      },
      asio::detached);
  io.run();

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].parent_span_id, spans[2].span_id);
  EXPECT_EQ(spans[1].parent_span_id, spans[2].span_id);
}

// A coroutine may be resumed on another thread while the step that suspended it still returns.
TEST(ContextExecutor, RunsNothingWhileAnotherThreadIsInAStep) {
  bool is_second_called = false;
  asio::thread_pool pool(2);
  const auto executor = context_executor(pool);
  asio::post(executor, [&] {
    std::promise<void> submitted;
    std::future<void> is_submitted = submitted.get_future();
    asio::post(pool, [&, submitted = std::move(submitted)]() mutable {
      asio::dispatch(executor, [&] { is_second_called = true; });
      submitted.set_value();
    });
    is_submitted.wait();
    EXPECT_FALSE(is_second_called);
  });
  pool.join();

  EXPECT_TRUE(is_second_called);
}

TEST(ContextExecutor, CallsEverythingThatIsSubmittedAtOnceFromManyThreads) {
  constexpr int calls = 1000;
  int called = 0;  // by one thread at a time
  asio::thread_pool pool(4);
  const auto executor = context_executor(pool);
  for (int i = 0; i < calls; ++i) {
    asio::post(pool, [&] { asio::dispatch(executor, [&called] { ++called; }); });
  }
  pool.join();

  EXPECT_EQ(called, calls);
}

TEST(ContextExecutor, ThrowsOnWhatAStepThrowsAndCallsTheOthers) {
  asio::io_context io;
  const auto executor = context_executor(io);
  int called = 0;
  asio::post(executor, [&] {
    asio::dispatch(executor, [&called] { ++called; });  // waits for this one
    throw std::runtime_error("broken");
  });

  EXPECT_THROW(io.run(), std::runtime_error);
  EXPECT_EQ(called, 1);
}

// Many requests at once, each with steps inside steps, one of them spawned beside it.
awaitable<void> nested(asio::thread_pool& pool, int depth, std::atomic<int>& switches) {
  auto step = observe(std::to_string(depth));
  for (int i = 0; i < 4; ++i) {
    co_await pause();
    ++switches;
    EXPECT_EQ(current_id(), step.id());
  }
  if (depth == 3) co_return;
  co_await nested(pool, depth + 1, switches);
  EXPECT_EQ(current_id(), step.id());
  co_await asio::co_spawn(context_executor(pool), nested(pool, depth + 1, switches), use_awaitable);
  EXPECT_EQ(current_id(), step.id());
}

// A step that has to wait is moved, which is the user's code: here it runs another one.
TEST(ContextExecutor, MovesAStepUnderNoLock) {
  ExecutorContext context;
  std::vector<std::string> calls;
  struct Step {
    Step(ExecutorContext& executor, std::vector<std::string>& names)
        : context(executor), calls(names) {}
    Step(Step&& other) noexcept : context(other.context), calls(other.calls) {
      auto another = [names = &calls] { names->emplace_back("while it is moved"); };
      context.run(another);
    }
    void operator()() const { calls.emplace_back("it"); }

    ExecutorContext& context;
    std::vector<std::string>& calls;
  };
  auto outer = [&context, &calls] {
    Step step(context, calls);
    context.run(step);
    calls.emplace_back("outer");
  };

  context.run(outer);

  EXPECT_EQ(calls, (std::vector<std::string>{"outer", "while it is moved", "it"}));
}

TEST(ContextExecutor, NeverTakesAWrongParentInManySwitches) {
  constexpr int requests = 200;
  Capture capture;
  std::atomic<int> switches{0};
  asio::thread_pool pool(4);
  for (int i = 0; i < requests; ++i) {
    asio::co_spawn(context_executor(pool), nested(pool, 0, switches), asio::detached);
  }
  pool.join();

  EXPECT_EQ(switches.load(), requests * 15 * 4);  // 12 000
  const std::vector<DecodedSpan> spans = capture.spans();
  EXPECT_EQ(spans.size(), requests * 15u);
  EXPECT_EQ(wrong_parents(spans), 0);
}

}  // namespace
}  // namespace langfuse::internal
