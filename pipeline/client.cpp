#include "pipeline/client.h"

#include <algorithm>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include "exporter/exporter.h"
#include "http/curl_transport.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/diagnostics.h"
#include "model/presentable.h"
#include "model/random_ids.h"
#include "pipeline/flush_sources.h"
#include "pipeline/flusher.h"
#include "pipeline/internal_error.h"
#include "pipeline/last_threads.h"
#include "pipeline/queue.h"
#include "pipeline/stage_options.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// How long a shutdown waits beyond its deadline for the flusher to let go of its connection. It
// does so within some milliseconds, name resolution that hangs included.
constexpr std::chrono::milliseconds parking_time{500};

// Empty for an empty text.
std::string encode_attribute(const AttributeKey& key, std::string_view text) {
  std::string bytes;
  if (!text.empty()) append_text_attribute(bytes, key.text(), text);
  return bytes;
}

// Runs the flush sources in half of the time. `pending` when one of them left something behind.
FlushStatus run_sources(SteadyTime deadline) {
  const SteadyTime now = std::chrono::steady_clock::now();
  FlushSources& sources = FlushSources::instance();
  sources.run(now + (deadline - now) / 2);
  return sources.is_any_unfinished() ? FlushStatus::pending : FlushStatus::ok;
}

std::atomic<std::uint64_t> clients_so_far{0};

}  // namespace

// A number, because a pointer with the value `uninitialised` is not a constant expression. It would
// be set when the library's static objects are made, and undo an `init()` of an earlier static
// constructor.
std::uintptr_t client_in_force = Client::uninitialised;
std::atomic<void (*)() noexcept> Client::resume_in_child_{nullptr};
Client* Client::newest_ = nullptr;

Client::Client(const Settings& settings, std::unique_ptr<HttpTransport> transport,
               const TimeSource& time)
    : settings_(settings),
      release_attribute_(encode_attribute(keys::release, settings_.release)),
      environment_attribute_(encode_attribute(keys::environment, settings_.environment)),
      salt_(random_bits()),
      number_(clients_so_far.fetch_add(1, std::memory_order_relaxed)),
      transport_(std::move(transport)),
      exporter_(std::make_unique<Exporter>(exporter_options(settings_), *transport_, time)),
      queue_(
          new Queue({settings_.queue_max_records, settings_.queue_max_bytes}, counters_.dropped)),
      flusher_(new Flusher(flusher_options(settings_), *queue_, *exporter_, *transport_, time)) {
  queue_->set_wake([this] { transport_->wake(); });
}

Error Client::start(Settings settings, std::unique_ptr<HttpTransport> transport,
                    const TimeSource* time) noexcept {
  try {
    process_generation();
    const Client* const running = current_or_null();
    if (running != nullptr && !running->is_closed()) {
      return {ErrorCode::already_running,
              "init: already running; the first configuration stays in force until shutdown"};
    }
    auto kept = std::make_unique<const Settings>(std::move(settings));
    Error error = launch(*kept, std::move(transport), time);
    static_cast<void>(kept.release());  // the client's now
    return error;
  } catch (const std::exception& exception) {
    return internal_error("init: ", exception.what());
  }
}

Error Client::launch(const Settings& settings, std::unique_ptr<HttpTransport> transport,
                     const TimeSource* time) {
  static const TimeSource* const real_time = new TimeSource();
  if (transport == nullptr) {
    transport = std::make_unique<CurlTransport>(curl_options(settings), route_count);
  }
  Client* const client =
      new Client(settings, std::move(transport), time == nullptr ? *real_time : *time);
  newest_ = client;
  // A clock of a test says nothing about threads.
  if (time == nullptr) {
    client->flusher_->watch_for_last_threads();
    set_last_threads_look(look_for_last_threads);
  }
  if (!start_thread("langfuse", [flusher = client->flusher_] { flusher->run(); })) {
    return internal_error("init: the system has no thread for the background work");
  }
  put_in_force(client);
  const auto resume = resume_in_child_.load(std::memory_order_acquire);
  if (resume != nullptr) resume();
  return {};
}

bool Client::submit(RecordPtr record) noexcept {
  return queue_->push(std::move(record));
}

bool Client::submit(EncodedRecord span) noexcept {
  if (span.record == nullptr) {
    counters_.dropped.add(span.dropped_as);
    return false;
  }
  if (span.cut_texts != 0) counters_.cut_texts.add(span.cut_texts);
  return submit(std::move(span.record));
}

void Client::wake() noexcept {
  if (!is_closed()) flusher_->wake();
}

void Client::look_for_last_threads() noexcept {
  Client* const client = current_or_null();
  if (client != nullptr && !client->is_closed()) client->flusher_->look_for_last_threads();
}

bool Client::is_closed() const noexcept {
  return queue_->is_closed();
}

// The flush order: first what buffers in front of the queue, for it may create records; then the
// watermark; then the queue.
FlushResult Client::flush(const FlushLimit& limit) noexcept {
  if (!may_wait()) return result_of(FlushStatus::would_deadlock, queue_->held_records());
  if (is_closed()) return result_after_shutdown(limit.deadline);
  FlushStatus status = FlushStatus::ok;
  std::uint64_t pending = 0;
  try {
    status = run_sources(limit.deadline);
    pending = wait_until_settled(limit);
  } catch (const std::exception& exception) {
    report(Diagnostic::Severity::error, "flush: ", exception.what());
    pending = queue_->held_records();
  }
  return result_of(status, pending);
}

std::uint64_t Client::wait_until_settled(const FlushLimit& limit) {
  return flusher_->flush(queue_->watermarks(), limit);
}

FlushResult Client::shutdown(const FlushLimit& limit) noexcept {
  if (!may_wait()) return result_of(FlushStatus::would_deadlock, queue_->held_records());
  const CancellationGuard no_cancellation;
  {
    MutexLock lock(shutdown_mutex_);
    if (is_shutting_down_) {
      lock.unlock();
      return result_after_shutdown(limit.deadline);
    }
    is_shutting_down_ = true;
  }
  // Each step is taken, whatever became of the one before.
  FlushStatus status = FlushStatus::ok;
  try {
    status = run_sources(limit.deadline);
  } catch (const std::exception& exception) {
    report(Diagnostic::Severity::error, "shutdown: ", exception.what());
  }
  queue_->close();
  // A producer that is in the middle of a push is nanoseconds from its end, unless the system took
  // its core away.
  while (!queue_->is_quiet() && std::chrono::steady_clock::now() < limit.deadline)
    std::this_thread::yield();
  try {
    flusher_->flush(queue_->watermarks(), limit);
  } catch (const std::exception& exception) {
    report(Diagnostic::Severity::error, "shutdown: ", exception.what());
  }
  FlushSources::instance().retire();
  flusher_->stop(std::max(limit.deadline, std::chrono::steady_clock::now()) + parking_time);
  // Nothing is held where the flusher has ended: what it could not send is dropped and counted.
  // Where it has not, because a callback does not return, what it has not come to is pending.
  FlushResult result = result_of(status, queue_->held_records());
  say_goodbye();
  const MutexLock lock(shutdown_mutex_);
  is_shut_down_ = true;
  shutdown_done_.notify_all();
  return result;
}

// Of a call that finds the shutdown begun: what that has left when it is over, or when the time is.
FlushResult Client::result_after_shutdown(SteadyTime deadline) noexcept {
  {
    const CancellationGuard no_cancellation;
    MutexLock lock(shutdown_mutex_);
    shutdown_done_.wait_until(
        lock, deadline, [this]() LANGFUSE_REQUIRES(shutdown_mutex_) { return is_shut_down_; });
  }
  return result_of(FlushStatus::after_shutdown, queue_->held_records());
}

FlushResult Client::not_flushed() noexcept {
  return result_of(FlushStatus::pending, queue_->held_records());
}

// The one way in which a result comes about. `status` is what it is where nothing is pending.
FlushResult Client::result_of(FlushStatus status, std::uint64_t pending) noexcept {
  const bool would_have_waited = status == FlushStatus::would_deadlock;
  return result_since_last(pending == 0 || would_have_waited ? status : FlushStatus::pending,
                           pending);
}

FlushResult Client::result_since_last(FlushStatus status, std::uint64_t pending) noexcept {
  FlushResult result;
  result.status = status;
  result.pending = pending;
  result.open = open_observations();
  Stats now = stats();
  result.last_error = std::move(now.last_error);
  const MutexLock lock(report_mutex_);
  result.delivered = now.delivered - std::min(now.delivered, reported_delivered_);
  reported_delivered_ = std::max(now.delivered, reported_delivered_);
  for (int i = 0; i < drop_reason_count; ++i) {
    std::uint64_t& reported = reported_dropped_.counts[i];
    result.dropped.counts[i] = now.dropped.counts[i] - std::min(now.dropped.counts[i], reported);
    reported = std::max(now.dropped.counts[i], reported);
  }
  return result;
}

// One line at the end, if anything did not arrive.
void Client::say_goodbye() const noexcept {
  const Stats total = stats();
  if (total.dropped.total() == 0 && total.queued == 0 && total.open == 0) return;
  try {
    std::string line = "shutdown: delivered " + std::to_string(total.delivered) + " of " +
                       std::to_string(total.submitted);
    for (int i = 0; i < drop_reason_count; ++i) {
      if (total.dropped.counts[i] == 0) continue;
      line += ", dropped " + std::to_string(total.dropped.counts[i]) + " (" +
              to_string(static_cast<DropReason>(i)) + ")";
    }
    if (total.queued != 0) line += ", pending " + std::to_string(total.queued);
    if (total.open != 0) line += ", still open " + std::to_string(total.open);
    report_last(Diagnostic::Severity::warning, line);
  } catch (const std::exception&) {
    report_last(Diagnostic::Severity::warning,
                "shutdown: not everything was delivered");  // no memory for the numbers
  }
}

Stats Client::stats() const noexcept {
  Stats result;
  // Refused records count as offered and dropped; pushed ones as offered. What is pushed after
  // `pushed` is read can only be missing from it, so read it last.
  result.delivered = flusher_->delivered();
  const DropCounts refused = counters_.dropped.counts();
  result.dropped = flusher_->dropped();
  for (int i = 0; i < drop_reason_count; ++i) result.dropped.counts[i] += refused.counts[i];
  result.queued = queue_->held_records();
  result.queued_bytes = queue_->held_bytes();
  result.submitted = queue_->pushed() + refused.total();
  result.sampled_out = counters_.sampled_out.value();
  result.held = counters_.held.value();
  result.truncated = counters_.cut_texts.value() + flusher_->cut_texts();
  result.lost_values = counters_.lost_values.value();
  result.ignored_updates = counters_.ignored_updates.value();
  result.rate_limited = counters_.rate_limited.value();
  result.open = open_observations();
  result.requests = flusher_->requests();
  result.retained_bytes = queue_->retained_bytes();
  result.last_error = last_error();
  return result;
}

LastError Client::last_error() const noexcept {
  try {
    LastError error = flusher_->last_error();
    error.text = presentable(error.text, Secrets(settings_.secret_key));
    return error;
  } catch (const std::bad_alloc&) {
    return {};
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
