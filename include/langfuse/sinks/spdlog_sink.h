// The spdlog sink: every line of a logger that has it becomes an event in Langfuse.
//
//     #include <spdlog/spdlog.h>
//     #include <langfuse/sinks/spdlog_sink.h>
//
//     spdlog::default_logger()->sinks().push_back(std::make_shared<langfuse::SpdlogSink>());
//
// Header-only, for spdlog 1.10 and newer, compiled or header-only, with any fmt. Include
// <spdlog/spdlog.h> where you construct a sink; to name the type, this header is enough.
//
// Put the sink into a synchronous logger: it never waits for the network itself. A line then
// becomes a child of the observation that is current where it is logged.
//
// In an `async_logger` the sink runs on a thread of its pool, and looks up what was current on the
// line's thread at the line's time. Every thread records its contexts for that: for good from the
// first such line or `watch()` on, and before that while any sink has had no line
// (docs/logging.md). If the look-up is not certain, the line is marked `context=unresolved`. With
// SPDLOG_CLOCK_COARSE or SPDLOG_NO_THREAD_ID it is never certain.
//
// `attach()` (`spdlog_attach.h`) captures lines of any logger on the calling thread. It knows every
// parent, and costs less.
#pragma once

#include <spdlog/sinks/sink.h>
#include <spdlog/version.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "langfuse/sinks/log_line.h"
#include "langfuse/sinks/spdlog_support.h"

#if SPDLOG_VERSION < 11000 && !defined(LANGFUSE_DISABLED)
#error "langfuse needs spdlog 1.10 or newer, and <spdlog/version.h> is that of an older one"
#endif
// Compiled out, or after the error above: every name exists and does nothing, so that no further
// error follows.
#if SPDLOG_VERSION < 11000 || defined(LANGFUSE_DISABLED)
#define LANGFUSE_SPDLOG_STUBS
#endif

#if !defined(LANGFUSE_SPDLOG_STUBS)
// The parts of spdlog that are used here, declared because its headers are long.
#if defined(SPDLOG_NAMESPACE_BEGIN)
SPDLOG_NAMESPACE_BEGIN
#else
namespace spdlog {
#endif
class logger;
class async_logger;
namespace details {
class registry;
namespace os {
SPDLOG_API std::size_t thread_id() SPDLOG_NOEXCEPT;
SPDLOG_API log_clock::time_point now() SPDLOG_NOEXCEPT;
}  // namespace os
}  // namespace details
#if defined(SPDLOG_NAMESPACE_END)
SPDLOG_NAMESPACE_END
#else
}
#endif
#endif  // LANGFUSE_SPDLOG_STUBS

namespace langfuse {
inline namespace LANGFUSE_ABI {

struct SpdlogSinkOptions : LineOptions {
  // The lowest level that is sent. Each line sent is an observation, which is billed on Langfuse
  // Cloud. `set_level` changes it.
  ::spdlog::level::level_enum level = ::spdlog::level::info;
  // A pattern as for `spdlog::set_pattern`. The line is sent as it formats it, without the line
  // break. Empty: the message alone. Level, logger, source location, thread and time are always
  // sent.
  std::string pattern;
};

#if !defined(LANGFUSE_SPDLOG_STUBS)
namespace internal {

// True if spdlog kept the message for later, in a backtrace or a queue. Such a message's text is in
// one piece, the logger's name first. A message that is logged now refers to its logger's name.
LANGFUSE_INLINE bool is_kept(const ::spdlog::details::log_msg& message) noexcept {
  return message.payload.data() == message.logger_name.data() + message.logger_name.size();
}

// True if the calling thread has this number of spdlog's. spdlog is asked once per thread, because
// asking is a call into another library.
LANGFUSE_INLINE bool is_calling_thread(SinkThread& thread, std::size_t number) noexcept {
  if (number == 0) return false;
  if (number == thread.number) return true;
  if (number != ::spdlog::details::os::thread_id()) return false;
  thread.number = number;
  return true;
}

LANGFUSE_INLINE std::int64_t unix_nano(const ::spdlog::details::log_msg& message) noexcept {
  return std::chrono::nanoseconds(message.time.time_since_epoch()).count();
}
LANGFUSE_INLINE std::string_view text_or_none(const char* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

// False when the message is not a line but a banner of a backtrace, or has level "off". A sink's
// level may hide the banners.
LANGFUSE_INLINE bool is_line(const ::spdlog::details::log_msg& message) noexcept {
  const int level = message.level;
  if (level < ::spdlog::level::trace || level > ::spdlog::level::critical) return false;
  const std::string_view text(message.payload.data(), message.payload.size());
  if (text.empty() || text.front() != '*') return true;
  return !note_banner(text, unix_nano(message));
}

// Views of the message, which is a line. `thread`: the calling one. `is_known_here`: the caller
// knows that it runs where the line was logged, even if the message has no thread id.
LANGFUSE_INLINE LogLine to_line(const ::spdlog::details::log_msg& message, SinkThread& thread,
                                bool is_known_here) noexcept {
  const std::int64_t time = unix_nano(message);
  const bool is_of_here =
      is_calling_thread(thread, message.thread_id) || (is_known_here && message.thread_id == 0);
  const bool is_replay = thread.is_replaying(time);
  const bool is_from_here = is_of_here && !is_replay && !is_kept(message);
  const bool has_exact_time = !is_of_here && !is_replay && is_exact(&::spdlog::details::os::now);
  const ::spdlog::source_loc& source = message.source;
  const bool has_source = !source.empty();
  return {static_cast<Severity>(message.level),
          std::string_view(message.payload.data(), message.payload.size()),
          std::string_view(message.logger_name.data(), message.logger_name.size()),
          has_source ? text_or_none(source.filename) : std::string_view(),
          has_source ? text_or_none(source.funcname) : std::string_view(),
          has_source ? source.line : 0,
          message.thread_id,
          time,
          is_from_here,
          has_exact_time};
}

// A sink used as a tool. It travels through an asynchronous logger's queue as a marker, or catches
// the formatter that a logger makes.
struct LANGFUSE_LOCAL SpdlogProbe final : ::spdlog::sinks::sink {
  explicit SpdlogProbe(Passage value) noexcept : passage(std::move(value)) {}
  void log(const ::spdlog::details::log_msg&) override {}
  void flush() override { passage.arrive(); }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<::spdlog::formatter> value) override {
    formatter = std::move(value);
  }

  Passage passage;
  std::unique_ptr<::spdlog::formatter> formatter;
};

// True if lines wait in a queue before they reach the sinks of `logger`. Without RTTI:
// `if_unknown`.
template <class Logger>
bool is_asynchronous([[maybe_unused]] const Logger& logger, bool if_unknown) noexcept {
#if defined(__cpp_rtti)
  // A base that only `async_logger` has; the definition of that class is long.
  using Base = std::enable_shared_from_this<::spdlog::async_logger>;
  if_unknown = dynamic_cast<const Base*>(&logger) != nullptr;
#endif
  return if_unknown;
}

// The queue of an asynchronous logger. A copy of the logger feeds the same queue. With a marker as
// the copy's only sink, its flush reaches the marker after all lines that were in the queue.
template <class Logger>
class LANGFUSE_LOCAL SpdlogQueue final : public LoggerQueue {
 public:
  explicit SpdlogQueue(const std::shared_ptr<Logger>& logger)
      : LoggerQueue(logger, logger->name(), is_asynchronous(*logger, true)), logger_(logger) {}

  void send(Passage marker) override {
    const std::shared_ptr<Logger> logger = logger_.lock();
    if (logger == nullptr) return;
    const std::shared_ptr<Logger> copy = logger->clone("langfuse");
    copy->sinks().assign(1, std::make_shared<SpdlogProbe>(std::move(marker)));
    // A pool that is gone (`spdlog::shutdown()`) holds no lines, so the user need not hear of it.
    copy->set_error_handler(&note_lost_queue);
    copy->flush();
  }

 private:
  std::weak_ptr<Logger> logger_;
};

// The common part of a sink and a front logger: submits lines according to the options. Any number
// of threads at once, without a lock. spdlog's formatters allow one thread at a time, so each call
// uses one of its own.
class LANGFUSE_LOCAL SpdlogCapture {
 public:
  explicit SpdlogCapture(const LineOptions& options) noexcept : gate_(options) {}
  ~SpdlogCapture() {
    while (void* const spare = spares_.take()) delete static_cast<::spdlog::formatter*>(spare);
  }

  // Makes spdlog create the formatter, whose class would need another header.
  template <class Logger>
  void set_pattern(const std::string& pattern) {
    if (pattern.empty()) return;
    const auto catcher = std::make_shared<SpdlogProbe>(Passage(nullptr));
    Logger("", catcher).set_pattern(pattern);
    original_ = std::move(catcher->formatter);
  }

  void submit(const ::spdlog::details::log_msg& message, const LogLine& line) noexcept {
    original_ == nullptr ? gate_.submit(line) : submit_formatted(message, line);
  }

 private:
  bool submit_formatted(const ::spdlog::details::log_msg& message, LogLine line) noexcept {
    ::spdlog::memory_buf_t text;
#if defined(__cpp_exceptions)
    try {
#endif
      line.message = format(message, text);
#if defined(__cpp_exceptions)
    } catch (...) {
      // No memory, or a pattern flag of the user's threw: the bare message is better than none.
    }
#endif
    return gate_.submit(line);
  }

  std::string_view format(const ::spdlog::details::log_msg& message, ::spdlog::memory_buf_t& text) {
    auto* const spare = static_cast<::spdlog::formatter*>(spares_.take());
    std::unique_ptr<::spdlog::formatter> formatter(spare);
    if (formatter == nullptr) formatter = original_->clone();
    formatter->format(message, text);
    if (spares_.put(formatter.get())) static_cast<void>(formatter.release());
    return without_line_break({text.data(), text.size()});
  }

  std::unique_ptr<::spdlog::formatter> original_;  // null: no pattern; only cloned
  Spares spares_;                                  // owns them
  LineGate gate_;
};

// Lists the queues of all registered loggers for the library's flush source. One per process, from
// the first sink to the exit.
template <class Registry, class Logger>
struct LANGFUSE_LOCAL SpdlogSource {
  // The registry is created first, so that it is destroyed last.
  SpdlogSource() { static_cast<void>(Registry::instance()), open_queues(&list); }
  ~SpdlogSource() { close_queues(); }

  // This must not wait: the registry is locked meanwhile.
  static void list(LoggerQueues& queues) {
    Registry::instance().apply_all([&queues](const std::shared_ptr<Logger>& logger) {
      queues.push_back(std::make_unique<SpdlogQueue<Logger>>(logger));
      bool& has_ours = queues.back()->has_ours;
      for (const auto& sink : logger->sinks()) has_ours |= LiveSink::contains(sink.get());
    });
  }
};

}  // namespace internal

// A sink as any other: any thread, any number of loggers, `set_level` and `should_log` as usual.
// Never throws, never waits for the network, and does nothing without keys. `spdlog::set_level` and
// `spdlog::cfg` (SPDLOG_LEVEL) set the levels of loggers, not of sinks: a line is sent if it passes
// both.
//
// `flush()`, `run_with_flush()` and the exit wait for lines in the queues of the asynchronous
// loggers in spdlog's registry. For a logger that is not registered, call `watch()`.
//
// As a class member, use a `spdlog::sink_ptr`: this class is hidden (see `export.h`), and g++ warns
// of members that are less visible than their class.
class LANGFUSE_LOCAL SpdlogSink final : public ::spdlog::sinks::sink {
 public:
  using Options = SpdlogSinkOptions;

  // Throws only `std::bad_alloc`. Leave the template parameters alone: they let this header do
  // without spdlog's definitions.
  template <class Registry = ::spdlog::details::registry, class Logger = ::spdlog::logger>
  explicit SpdlogSink(const Options& options = {}) : capture_(options) {
    static_assert(sizeof(Registry) > 0 && sizeof(Logger) > 0,
                  "include <spdlog/spdlog.h> where you construct a langfuse::SpdlogSink");
    set_level(options.level);
    capture_.template set_pattern<Logger>(options.pattern);
    static const internal::SpdlogSource<Registry, Logger> source;
  }

  void log(const ::spdlog::details::log_msg& message) noexcept override {
    // A front logger (`spdlog_attach.h`) has already submitted this message.
    internal::SinkThread& thread = internal::sink_thread();
    if (thread.captured == &message) return live_.end_trial();
    if (!internal::is_line(message)) return;
    const LogLine line = internal::to_line(message, thread, false);
    capture_.submit(message, line);
    if (line.is_from_here) return live_.end_trial();
    const bool is_of_pool =
        line.thread_id != 0 && !internal::is_calling_thread(thread, line.thread_id);
    if (is_of_pool && thread.replay_time == 0) internal::note_pool_line(line.logger);
  }

  // Makes the background thread send what is in the queue. Never waits; `langfuse::flush()` does.
  void flush() noexcept override { wake(); }

  // Ignored: spdlog's registry calls them for every logger, which does not mean that the user wants
  // a pattern here. See `SpdlogSinkOptions::pattern`.
  void set_pattern(const std::string&) noexcept override {}
  void set_formatter(std::unique_ptr<::spdlog::formatter>) noexcept override {}

  // Makes flushes wait for lines in the queue of an asynchronous logger that is not registered.
  // From now on, for good, every thread records its contexts for the look-up. Does not keep the
  // logger alive. Any thread, any time; takes a lock.
  template <class Logger, class Base = ::spdlog::logger>
  static void watch(const std::shared_ptr<Logger>& logger) {
    internal::expect_pool_lines();
    internal::watch_queue(std::make_unique<internal::SpdlogQueue<Base>>(logger));
  }

 private:
  internal::LiveSink live_{static_cast<::spdlog::sinks::sink*>(this)};
  internal::SpdlogCapture capture_;
};
#endif  // LANGFUSE_SPDLOG_STUBS

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_SPDLOG_STUBS)
#include "langfuse/disabled/sinks/spdlog_sink_stubs.h"
#endif
