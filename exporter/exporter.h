// The exporter: batches in, outcomes out.
//
// It turns each closed batch into a request, and sends the batches of a route in order, one at a
// time. It decides what an answer means: delivered, try again, wait for a change of the
// configuration, split, or give up. It never calls back: the flusher thread, which owns it, asks
// with `poll` which records are settled. Routes fail and hold independently of each other.
//
// Scores are answered one by one, and have a second address. If a server no longer has the first
// address, and is Langfuse, scores go to the second one, one a request. If it is not Langfuse (a
// collector), the route is switched off for good: scores that cannot be sent must not stop the
// spans.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/compress.h"
#include "exporter/lane.h"
#include "exporter/patience.h"
#include "exporter/retry_policy.h"
#include "http/http_transport.h"
#include "langfuse/config.h"
#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "model/otlp_batch.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct ExporterOptions {
  std::vector<std::pair<std::string, std::string>> resource;  // attributes of the OTLP resource
  std::string public_key;
  std::string traces_url;  // both as for `url_of`; named in diagnostics
  std::string scores_url;
  Compression compression = Compression::gzip;
  std::uint64_t random_seed = 0;  // of the jitter
  // Whether a request was ever answered; borrowed. Null: the one of the whole process.
  std::atomic<bool>* has_reached_a_server = nullptr;
};

// True once any request of this process was answered. Publishes only itself.
std::atomic<bool>& process_has_reached_a_server() noexcept;

class Exporter {
 public:
  // `transport` and `time` are borrowed.
  Exporter(ExporterOptions options, HttpTransport& transport, const TimeSource& time);
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // Takes a batch. Batches of a route are sent in the order in which they were added. REQUIRES: it
  // is not empty.
  void add(Batch batch);
  // Takes the only batch of the list, without needing memory. REQUIRES: it is not empty.
  void add(std::list<Batch>& batch) noexcept;

  // Collects finished requests, starts those that are due, and appends to `settled` what was
  // settled since the last call. Work that finds no memory is put off for a second; no record is
  // lost by that. REQUIRES, as for `abandon`: `settled` has room for a few settlements.
  void poll(std::vector<Settlement>& settled) noexcept;

  // When `poll` next has work that no reply will announce; `SteadyTime::max()`: never.
  SteadyTime due() const;

  // Whether a batch of the route would have to wait for others.
  bool is_busy(Route route) const noexcept;

  // Frees the memory of what no request needed since the last call.
  void trim() noexcept;
  // Whether later calls of `trim` would free something.
  bool has_spare_memory() const noexcept;

  // A flush is waiting: retry held and backed-off batches once, now, unless the server set a time
  // or rejected the keys.
  void probe();

  // The time until which a flush waits, which shortens back-offs; `SteadyTime::min()`: none waits.
  void set_waited_until(SteadyTime time) noexcept { waited_until_ = time; }

  // The number of unsettled records in batches with an epoch of at most `epoch`.
  std::uint64_t unsettled(std::uint64_t epoch) const;

  // True if none of them can be delivered in the time that is left to a flush. REQUIRES: there are
  // some, and `poll` was called since the last `add`.
  bool is_in_vain(std::uint64_t epoch, const Patience& patience) const;

  // The trouble that keeps them from being delivered, by route.
  Troubles troubles_of(std::uint64_t epoch) const;

  // Drops all records, in flight or not, as `at_shutdown`.
  void abandon(std::vector<Settlement>& settled) noexcept;

  // Requests that were answered or failed, by route.
  Answers answers() const noexcept;

  // The number of texts that were cut because a single record was too large for the server.
  std::uint64_t cut_texts() const noexcept { return cut_texts_; }

  // A description of the last request that delivered nothing; empty: all delivered. `troubles`
  // counts these requests.
  const std::string& last_trouble() const noexcept { return last_trouble_; }
  std::uint64_t troubles() const noexcept { return troubles_; }

 private:
  // What an answer means for records that it does not accept, and the reason that is counted.
  struct Refusal {
    Verdict verdict;
    DropReason reason;
  };

  void work_on(Lane& lane, std::vector<Settlement>& settled);
  void collect(Lane& lane, std::vector<Settlement>& settled);
  void send_first(Lane& lane);
  std::vector<std::string_view> build_body(Lane& lane, bool& is_gzip);
  void act_on(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled);
  bool make_smaller(Lane& lane);
  void drop_first(Lane& lane, Refusal refusal, const HttpReply& reply,
                  std::vector<Settlement>& settled);
  void act_on_health(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled);
  void settle_first(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled);
  void settle_events(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled);
  void note_success(Lane& lane);
  Trouble trouble_of(const Lane& lane) const noexcept;
  void note_trouble(std::string text);
  void try_again_later(Lane& lane, Verdict verdict, const HttpReply& reply);
  std::string address(const Lane& lane) const;

  const ExporterOptions options_;
  const OtlpBatchHeader header_;
  HttpTransport& transport_;
  const TimeSource& time_;
  RetryPolicy policy_;
  Gzip gzip_;
  std::atomic<bool>& has_reached_a_server_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  SteadyTime waited_until_ = SteadyTime::min();
  std::uint64_t cut_texts_ = 0;
  std::string last_trouble_;
  std::uint64_t troubles_ = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
