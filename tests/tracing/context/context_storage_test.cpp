// Fibers: each has its own current context, on whichever thread it runs.
#include <gtest/gtest.h>
#include <ucontext.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/tracing/context_stack.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "tests/support/capture.h"

#if defined(__SANITIZE_THREAD__)
#define TEST_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TEST_TSAN
#endif
#endif
#if defined(TEST_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace langfuse::internal {
namespace {

SpanId current_id() {
  return current_context().span.span_id;
}

// A fiber in the smallest form: code with a stack of its own, which any thread resumes, and which
// goes back to that thread where it yields.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body) : body_(std::move(body)), memory_(64 * 1024) {
    getcontext(&own_);
    own_.uc_stack.ss_sp = memory_.data();
    own_.uc_stack.ss_size = memory_.size();
    own_.uc_link = nullptr;
    makecontext(&own_, &Fiber::main, 0);
#if defined(TEST_TSAN)
    tsan_fiber_ = __tsan_create_fiber(0);
#endif
  }
  ~Fiber() {
#if defined(TEST_TSAN)
    __tsan_destroy_fiber(tsan_fiber_);
#endif
  }
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void resume() {
    set_running(this);
#if defined(TEST_TSAN)
    tsan_resumer_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(tsan_fiber_, 0);
#endif
    swapcontext(&resumer_, &own_);
    set_running(nullptr);
  }

  static void yield() {
    Fiber* const fiber = running();
#if defined(TEST_TSAN)
    __tsan_switch_to_fiber(fiber->tsan_resumer_, 0);
#endif
    swapcontext(&fiber->own_, &fiber->resumer_);
  }

  static ContextSlot* slot_of_running() noexcept {
    Fiber* const fiber = running();
    return fiber == nullptr ? nullptr : &fiber->slot_;
  }

  bool has_ended() const {
    return has_ended_;
  }

 private:
  // Not inline: a compiler may keep the place of a thread's variable across a switch.
  [[gnu::noinline]] static Fiber*& running_here() {
    static thread_local Fiber* fiber = nullptr;
    return fiber;
  }
  [[gnu::noinline]] static Fiber* running() noexcept {
    return running_here();
  }
  [[gnu::noinline]] static void set_running(Fiber* fiber) {
    running_here() = fiber;
  }

  static void main() {
    Fiber* const fiber = running();
    fiber->body_();
    fiber->has_ended_ = true;
    yield();
  }

  std::function<void()> body_;
  std::vector<char> memory_;
  ucontext_t own_ = {};
  ucontext_t resumer_ = {};
  ContextSlot slot_;
  bool has_ended_ = false;
#if defined(TEST_TSAN)
  void* tsan_fiber_ = nullptr;
  void* tsan_resumer_ = nullptr;
#endif
};

class ContextStorageTest : public ::testing::Test {
 protected:
  ContextStorageTest() { set_context_storage(&Fiber::slot_of_running); }
  ~ContextStorageTest() override { set_context_storage(nullptr); }

  Capture capture_;
};

void observe_across_switches(const char* name) {
  auto step = observe(name);
  for (int i = 0; i < 10; ++i) {
    Fiber::yield();
    EXPECT_EQ(current_id(), step.id());
    auto inner = observe(name);
    Fiber::yield();
    EXPECT_EQ(current_id(), inner.id());
  }
}

TEST_F(ContextStorageTest, GivesFibersThatTakeTurnsTheirOwnContext) {
  auto outside = observe("outside");
  Fiber a([] { observe_across_switches("a"); });
  Fiber b([] { observe_across_switches("b"); });

  while (!a.has_ended() || !b.has_ended()) {
    if (!a.has_ended()) a.resume();
    EXPECT_EQ(current_id(), outside.id());
    if (!b.has_ended()) b.resume();
  }

  std::map<std::string, std::string> trace_of;
  const std::vector<DecodedSpan> spans = capture_.spans();
  EXPECT_EQ(spans.size(), 22u);
  for (const DecodedSpan& span : spans) {
    const std::string& trace = trace_of.emplace(span.name, span.trace_id).first->second;
    EXPECT_EQ(span.trace_id, trace);
  }
  EXPECT_NE(trace_of["a"], trace_of["b"]);
}

TEST_F(ContextStorageTest, FollowsFibersThroughThreadsInManySwitches) {
  constexpr int fibers = 50;
  std::deque<std::unique_ptr<Fiber>> ready;
  for (int i = 0; i < fibers; ++i) {
    ready.push_back(std::make_unique<Fiber>([i] {
      const auto who = propagate_attributes(PropagatedAttributes().set_user_id(std::to_string(i)));
      for (int round = 0; round < 10; ++round) observe_across_switches("step");
    }));
  }
  std::mutex mutex;
  int switches = 0;  // guarded by mutex, as is the queue
  const auto run = [&] {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex);
      if (ready.empty()) return;
      std::unique_ptr<Fiber> fiber = std::move(ready.front());
      ready.pop_front();
      ++switches;
      lock.unlock();
      fiber->resume();
      EXPECT_FALSE(current_context().is_valid());
      if (fiber->has_ended()) continue;
      lock.lock();
      ready.push_back(std::move(fiber));
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(run);
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(switches, fibers * (10 * 20 + 1));  // 10 050
  const std::vector<DecodedSpan> spans = capture_.spans();
  EXPECT_EQ(spans.size(), fibers * 110u);
  std::map<std::string, const DecodedSpan*> by_id;
  for (const DecodedSpan& span : spans) by_id[span.span_id] = &span;
  int wrong = 0;
  for (const DecodedSpan& span : spans) {
    if (span.parent_span_id.empty()) continue;
    const auto parent = by_id.find(span.parent_span_id);
    const bool is_right = parent != by_id.end() &&
                          parent->second->text("user.id") == span.text("user.id") &&
                          parent->second->trace_id == span.trace_id;
    wrong += is_right ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(ContextStorageTest, GivesBackWhatAFiberHoldsThatNeverEnds) {
  Fiber fiber([] {
    const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
    for (;;) Fiber::yield();
  });
  fiber.resume();

  EXPECT_FALSE(current_context().is_valid());
}

TEST_F(ContextStorageTest, LetsAContextStackBeEnteredInAFiber) {
  ContextStack stack;
  Fiber a([&stack] {
    auto own = observe("own");
    stack.enter();
    EXPECT_FALSE(current_context().is_valid());
    auto step = observe("step");
    stack.leave();
    EXPECT_EQ(current_id(), own.id());
  });
  a.resume();

  EXPECT_TRUE(a.has_ended());
}

}  // namespace
}  // namespace langfuse::internal
