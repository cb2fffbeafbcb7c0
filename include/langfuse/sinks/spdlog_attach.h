// Capture in front of a logger. A line is taken on the thread that logs it, below the observation
// that is current there, and then goes its usual way, synchronous or asynchronous.
//
//     langfuse::attach(spdlog::default_logger());  // captures `spdlog::info` and its like
//     auto log = langfuse::attach(spdlog::get("app"));
//
// Attach at start-up: spdlog does not allow to replace the default logger while other threads use
// it. The front logger takes the original's place in the registry and as default logger. Log
// through the logger that `attach` returns, or ask the registry again.
//
// A pointer to the original that was kept, for instance from `default_logger_raw()`, reaches only
// the original, which stays unchanged and captures nothing. Where a flush can detect such a
// pointer, it names the logger once in a diagnostic. Only the level is kept equal: a level set on
// either of the two reaches the other with the front's next line or flush.
//
// Lines that a filtering sink suppresses are captured before they reach it. To avoid that, put a
// `SpdlogSink` behind the filter instead (docs/logging.md). The entries of spdlog's mapped
// diagnostic context (`spdlog::mdc`, 1.14 and newer) become metadata: see `spdlog_mdc.h`.
#pragma once

#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>
#if defined(__cpp_rtti)
#include <typeinfo>
#endif

#include "langfuse/sinks/spdlog_mdc.h"
#include "langfuse/sinks/spdlog_sink.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// `level` is the lowest level that is sent. The logger's own level also applies: a line is sent if
// it passes both. A line of a dumped backtrace only needs to pass `level`.
using AttachOptions = SpdlogSinkOptions;

#if !defined(LANGFUSE_SPDLOG_STUBS)
namespace internal {

using LoggerPointer = std::shared_ptr<::spdlog::logger>;

// The front logger. It copies the original's name, sinks, levels, error handler and backtrace, and
// acts alone from then on: `set_level`, `flush_on`, `enable_backtrace` and `set_pattern`, called on
// it or through the registry, work as on any logger.
//
// It calls a plain logger's sinks itself, so sinks added or removed later count. Any other logger
// (asynchronous, or of a class of the user's own) receives the lines unchanged; sinks that are
// added to its front stay unused.
class LANGFUSE_LOCAL FrontLogger final : public ::spdlog::logger {
 public:
  LoggerPointer original;  // null: a clone, whose level is its own

  FrontLogger(const LoggerPointer& attached, const AttachOptions& options)
      : ::spdlog::logger(*attached),
        original(attached),
        capture_level_(options.level),
        capture_(std::make_shared<SpdlogCapture>(options)),
        level_in_step_(std::make_shared<std::atomic<int>>(level_.load())) {
    capture_->set_pattern<::spdlog::logger>(options.pattern);
#if defined(__cpp_rtti)
    const ::spdlog::logger& object = *original;
    if (typeid(object) == typeid(::spdlog::logger)) return;
#endif
    target_ = without_our_sinks(original);
  }

  // Puts it into the list of fronts. A line that goes directly to a plain original without a sink
  // of ours is not captured.
  void list(const std::weak_ptr<void>& self) const {
    bool is_only_way = target_ == nullptr;
    for (const auto& sink : sinks_) is_only_way = is_only_way && !LiveSink::contains(sink.get());
    add_front(self, original, name_, is_only_way ? level_in_step_ : nullptr);
  }

  // The clone is a front logger with the same target.
  LoggerPointer clone(std::string name) override {
    const auto copy = std::make_shared<FrontLogger>(*this);
    copy->name_ = std::move(name);
    copy->original = nullptr;
    return copy;
  }

 protected:
  void sink_it_(const ::spdlog::details::log_msg& message) override {
    const bool was_enabled = should_log(message.level);  // false: kept for a backtrace
    keep_level_in_step(true);
    if (is_line(message)) {  // false: a backtrace's banner
      if (was_enabled && !should_log(message.level)) return;
      if (message.level >= capture_level_) {
        LogLine line = to_line(message, sink_thread(), true);
        const MdcFields fields(line);
        capture_->submit(message, line);
      }
    }
    if (target_ == nullptr) {
      // A sink of ours ignores the message that is named here. A sink of the user's may log in
      // turn, and may throw.
      const CapturedMessage captured(&message);
      logger::sink_it_(message);
      return;
    }
    Backdoor::sink(*target_, message);
    // At its own flush level the target flushes on its own thread.
    if (should_flush_(message) && message.level < target_->flush_level()) flush_();
  }

  void flush_() override {
    keep_level_in_step(false);
    target_ != nullptr ? target_->flush() : logger::flush_();
    wake();
  }

 private:
  // `set_level` cannot be overridden, so its effect is looked for here.
  void keep_level_in_step(bool is_line) {
    if (original == nullptr) return;
    const int level = agree(*level_in_step_, level_.load(), original->level(), is_line);
    if (level_.load() != level) set_level(static_cast<::spdlog::level::level_enum>(level));
    if (original->level() != level) original->set_level(this->level());
  }

  // Passes a message to another logger unchanged. That logger's public functions would apply its
  // own level and backtrace, and mark the line as logged now, by this thread.
  struct Backdoor : ::spdlog::logger {
    static void sink(::spdlog::logger& target, const ::spdlog::details::log_msg& message) {
      (target.*&Backdoor::sink_it_)(message);
    }
  };

  // A sink of ours on another thread could not know that a line is already submitted. So the lines
  // go to a copy of the logger that feeds the same queue and has no such sink.
  static LoggerPointer without_our_sinks(const LoggerPointer& logger) {
    std::vector<::spdlog::sink_ptr> others;
    for (const ::spdlog::sink_ptr& sink : logger->sinks()) {
      if (!LiveSink::contains(sink.get())) others.push_back(sink);
    }
    if (others.size() == logger->sinks().size()) return logger;
    auto copy = logger->clone(logger->name());
    copy->sinks() = std::move(others);
    copy->disable_backtrace();
    // The original leaves the registry; pointers to it that were kept may still be logged through.
    watch_queue(std::make_unique<SpdlogQueue<::spdlog::logger>>(logger));
    return copy;
  }

  LoggerPointer target_;  // null: the original is plain
  ::spdlog::level::level_enum capture_level_;
  std::shared_ptr<SpdlogCapture> capture_;  // shared with clones
  std::shared_ptr<std::atomic<int>> level_in_step_;
};

// Puts `next` in the place of `current` in spdlog's registry, if it is there.
LANGFUSE_INLINE void replace_logger(const LoggerPointer& current, const LoggerPointer& next) {
  if (::spdlog::default_logger() == current) {
    ::spdlog::set_default_logger(next);
  } else if (::spdlog::get(current->name()) == current) {
    ::spdlog::drop(current->name());
    ::spdlog::register_logger(next);
  }
}

}  // namespace internal

// Puts a front logger before `logger` and returns it. A second call, with either of the two,
// returns the same front, and puts it in the original's place if that has come into spdlog's
// registry again. A null logger gives null. Throws `std::bad_alloc`, and what spdlog throws. Any
// thread.
//
// A `SpdlogSink` of the logger stays in the original, for lines that are logged through it. A line
// is never sent twice, unless that sink is wrapped in another sink of an asynchronous logger.
//
// A logger class of your own that has a `SpdlogSink` must override `clone`.
LANGFUSE_INLINE std::shared_ptr<::spdlog::logger> attach(
    const std::shared_ptr<::spdlog::logger>& logger, const AttachOptions& options = {}) {
  if (logger == nullptr) return nullptr;
  const internal::AttachLock lock;
  auto front = std::static_pointer_cast<internal::FrontLogger>(internal::find_front(logger.get()));
  const bool is_new = front == nullptr;
  if (is_new) front = std::make_shared<internal::FrontLogger>(logger, options);
  internal::replace_logger(front->original, front);
  if (is_new) front->list(front);
  return front;
}

// Puts the original back in the front's place, with the front's present level and flush level, and
// returns it. `logger` may be either of the two; any other logger is returned unchanged. A pointer
// to the front that was kept goes on capturing. Any thread.
LANGFUSE_INLINE std::shared_ptr<::spdlog::logger> detach(const internal::LoggerPointer& logger) {
  const internal::AttachLock lock;
  const auto front =
      std::static_pointer_cast<internal::FrontLogger>(internal::find_front(logger.get()));
  if (front == nullptr) return logger;
  internal::LoggerPointer original = front->original;
  original->set_level(front->level());
  original->flush_on(front->flush_level());
  internal::replace_logger(front, original);
  internal::remove_front(front.get());
  return original;
}
#endif  // LANGFUSE_SPDLOG_STUBS

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_SPDLOG_STUBS)
#include "langfuse/disabled/sinks/spdlog_attach_stubs.h"
#endif
