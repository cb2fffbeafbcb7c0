// The exporter: batches in, outcomes out.
//
// It turns each closed batch into a request, sends the batches of a route one after the other and
// in order, and decides what an answer means: delivered, try again, wait for the configuration to
// change, split, or give up. It never calls back; the flusher thread, which owns it, asks with
// `poll` what was settled. Routes fail and hold independently of each other.
//
// Scores are answered one by one, and have a second address: where the server no longer has the
// first, and is Langfuse, they go there one a request. Where it is not Langfuse (a collector), the
// route is switched off for good: what cannot be sent must not stop the spans.
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
#include "model/record.h"

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
  // Whether a request was ever answered, borrowed; null: by that of the whole process.
  std::atomic<bool>* has_reached_a_server = nullptr;
};

// Whether any request of this process was ever answered. Publishes nothing but itself.
std::atomic<bool>& process_has_reached_a_server() noexcept;

class Exporter {
 public:
  // `transport` and `time` are borrowed.
  Exporter(ExporterOptions options, HttpTransport& transport, const TimeSource& time);
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // Takes a batch that is not empty. Batches of a route are sent in the order they were added.
  void add(Batch batch);
  // The same for the one batch of the list, without needing memory.
  void add(std::list<Batch>& batch) noexcept;

  // Collects what has ended, starts what is due, and appends to `settled` what was settled since
  // the last call. What lacks memory is put off for a second; no record is lost by it. REQUIRES, as
  // for `abandon`: `settled` has room for a few settlements.
  void poll(std::vector<Settlement>& settled) noexcept;

  // When `poll` next has something to do that no reply will announce; `SteadyTime::max()` when
  // never.
  SteadyTime due() const;

  // A flush is waiting: tries held and backed-off batches now, once, except where the server named
  // a time or refused the keys.
  void probe();

  // Until when somebody waits, which shortens back-offs; `SteadyTime::min()`: nobody does.
  void set_waited_until(SteadyTime time) noexcept { waited_until_ = time; }

  // Records in batches with an epoch of at most `epoch` that are not settled.
  std::uint64_t unsettled(std::uint64_t epoch) const;

  // Whether none of them can be delivered in the time that is left to a flush. REQUIRES: there are
  // some, and `poll` was called since the last `add`.
  bool is_in_vain(std::uint64_t epoch, const Patience& patience) const;

  // What stands in the way of them, by route.
  Troubles troubles_of(std::uint64_t epoch) const;

  // Gives up everything, in flight or not, as `at_shutdown`.
  void abandon(std::vector<Settlement>& settled) noexcept;

  // Requests that were answered or failed, by route.
  Answers answers() const noexcept;

  // Texts that were cut because their record, alone, was too large for the server.
  std::uint64_t cut_texts() const noexcept { return cut_texts_; }

  // The last request that did not deliver, in words; empty: all did. `troubles` counts them.
  const std::string& last_trouble() const noexcept { return last_trouble_; }
  std::uint64_t troubles() const noexcept { return troubles_; }

 private:
  // What an answer makes of records that it does not take, and the reason that is counted.
  struct Refusal {
    Verdict verdict;
    DropReason reason;
  };

  void work_on(Lane& lane, std::vector<Settlement>& settled);
  void collect(Lane& lane, std::vector<Settlement>& settled);
  void send_first(Lane& lane);
  std::string_view build_body(Lane& lane, bool& is_gzip);
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
