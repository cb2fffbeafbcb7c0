// The client: the one door through which every record enters the pipeline.
//
// There is at most one at a time. `init()` makes it, `shutdown()` closes it for good, and a later
// `init()` makes another. A client is never destroyed, because application threads may hold a
// pointer to it as long as the process lives.
//
// In a forked child no client is in force. The first use there makes a successor to the one that
// was in force in the parent: with its settings, and nothing else of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/http_transport.h"
#include "langfuse/client_in_force.h"
#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "model/counters.h"
#include "model/forks.h"
#include "model/mutex.h"
#include "pipeline/flush_limit.h"
#include "pipeline/settings/settings.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Exporter;
class Flusher;
class Queue;

class Client {
 public:
  // The client in force; null when nothing is configured. Costs one acquire load, but for the first
  // use in a process, which may make a successor. Any thread.
  static Client* current() noexcept {
    const std::uintptr_t client = fork_page.client.load(std::memory_order_acquire);
    if (client > nobody) return to_client(client);
    return client == nobody ? nullptr : first_use();
  }

  // The client in force, or null, also in a child that has no successor yet. Without the warning
  // about a missing `init()`. For the library's own start and stop.
  static Client* current_or_null() noexcept {
    const std::uintptr_t client = fork_page.client.load(std::memory_order_acquire);
    return client > nobody ? to_client(client) : nullptr;
  }
  // As `current`, without that warning.
  static Client* current_or_successor() noexcept {
    return current_or_parents() == nullptr ? nullptr : current();
  }
  // The client in force; in a child without one the parent's, which is only to be asked whether it
  // is closed.
  static Client* current_or_parents() noexcept {
    const std::uintptr_t client = fork_page.client.load(std::memory_order_acquire);
    if (client > nobody) return to_client(client);
    const std::uintptr_t parents = __atomic_load_n(&client_in_force, __ATOMIC_ACQUIRE);
    return parents > uninitialised ? to_client(parents) : nullptr;
  }

  // Whether it was made by a parent of this process: then it is the parent's to use.
  bool is_parents() const noexcept { return !is_of_this_process(generation_); }

  // Queues the record, or drops and counts it. True when it was queued. Any thread; never blocks.
  bool submit(RecordPtr record) noexcept;
  // Queues an encoded record, and counts its cut texts. False when it was dropped, by the encoder
  // or the queue. Any thread; never blocks.
  bool submit(EncodedRecord span) noexcept;

  // The counters of records and values that are not queued.
  Counters& counters() noexcept { return counters_; }

  // The attributes that every span and log line carries (environment, release), encoded as
  // `Span.attributes` fields.
  std::string_view release_attribute() const noexcept { return release_attribute_; }
  std::string_view environment_attribute() const noexcept { return environment_attribute_; }
  const Settings& settings() const noexcept { return settings_; }
  // Random; different for each client.
  std::uint64_t salt() const noexcept { return salt_; }
  // Its number among the clients of this process and of the processes that it was forked from.
  std::uint64_t number() const noexcept { return number_; }

  // Makes the flusher send the queued records. Any thread; never blocks.
  void wake() noexcept;

  // Makes the flusher of the client in force, if any, check whether only the library's threads are
  // left. Any thread.
  static void look_for_last_threads() noexcept;

  // Implement `langfuse::flush` and `langfuse::shutdown`.
  FlushResult flush(const FlushLimit& limit) noexcept;
  FlushResult shutdown(const FlushLimit& limit) noexcept;
  // The result of a flush that could not begin.
  FlushResult not_flushed() noexcept;
  // Waits until everything submitted so far is settled, or cannot be settled within `limit`.
  // Returns the number of records that are not. Runs no flush sources. Throws only for lack of
  // memory. REQUIRES: `may_wait()`.
  std::uint64_t wait_until_settled(const FlushLimit& limit);
  Stats stats() const noexcept;
  bool is_closed() const noexcept;

  // Makes a client, starts its thread and puts it in force. Tests give their own transport and
  // clock; null means the real ones. Returns `already_running` when a client is in force that was
  // not shut down.
  static Error start(Settings settings, std::unique_ptr<HttpTransport> transport,
                     const TimeSource* time) noexcept;

  // From now on, `resume` is called whenever a client has been put in force, because that may be in
  // a forked child. One thread at a time.
  static void resume_in_child(void (*resume)() noexcept) noexcept {
    resume_in_child_.store(resume, std::memory_order_release);
  }

  // Puts no client in force. The client that was in force is not touched.
  static void forget() noexcept { put_in_force(nullptr); }

  // The value of `client_in_force` before the first `init()`: an address that no object can have.
  static constexpr std::uintptr_t uninitialised = 1;

 private:
  // `settings` are borrowed for good.
  Client(const Settings& settings, std::unique_ptr<HttpTransport> transport,
         const TimeSource& time);
  ~Client() = delete;

  FlushResult result_after_shutdown(SteadyTime deadline) noexcept;
  FlushResult result_of(FlushStatus status, std::uint64_t pending) noexcept;
  FlushResult result_since_last(FlushStatus status, std::uint64_t pending) noexcept;
  void say_goodbye() const noexcept;
  LastError last_error() const noexcept;

  // Instead of a client in `ForkPage::client`; 0 before the first use of the process.
  static constexpr std::uintptr_t nobody = 1;
  static Client* to_client(std::uintptr_t value) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    return reinterpret_cast<Client*>(value);
  }
  static Client* first_use() noexcept;
  static Client* succeed(const Client& parents) noexcept;
  static Error launch(const Settings& settings, std::unique_ptr<HttpTransport> transport,
                      const TimeSource* time);
  // `client_in_force` stays what it is in a forked child, where it is the parent's. Release: who
  // finds the client finds it whole.
  static void put_in_force(Client* client) noexcept {
    const auto value = reinterpret_cast<std::uintptr_t>(client);
    __atomic_store_n(&client_in_force, value, __ATOMIC_RELEASE);
    fork_page.client.store(client == nullptr ? nobody : value, std::memory_order_release);
  }

  static std::atomic<void (*)() noexcept> resume_in_child_;
  // The clients of earlier runs, which threads may still hold. Linked, so that leak checkers find
  // them.
  static Client* newest_;

  [[maybe_unused]] Client* const previous_ = newest_;
  const std::uint64_t generation_ = process_generation();
  const Settings& settings_;
  const std::string release_attribute_;
  const std::string environment_attribute_;
  const std::uint64_t salt_;
  const std::uint64_t number_;
  const std::unique_ptr<HttpTransport> transport_;
  const std::unique_ptr<Exporter> exporter_;
  Counters counters_;
  Queue* const queue_;  // never destroyed: threads keep slots in it
  Flusher* const
      flusher_;  // never destroyed: its thread may outlive a shutdown that ran out of time

  Mutex shutdown_mutex_;
  Condition shutdown_done_;
  bool is_shutting_down_ LANGFUSE_GUARDED_BY(shutdown_mutex_) =
      false;                                                        // one caller does the work …
  bool is_shut_down_ LANGFUSE_GUARDED_BY(shutdown_mutex_) = false;  // … and the others wait for it

  Mutex report_mutex_;
  std::uint64_t reported_delivered_ LANGFUSE_GUARDED_BY(report_mutex_) = 0;
  DropCounts reported_dropped_ LANGFUSE_GUARDED_BY(report_mutex_);
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
