#include "exporter/exporter.h"

#include <algorithm>
#include <new>

#include "exporter/body.h"
#include "exporter/event_outcomes.h"
#include "exporter/reply_body.h"
#include "exporter/trouble.h"
#include "model/diagnostics.h"
#include "model/forks.h"
#include "model/score_layout.h"
#include "model/version.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr int most_failures = 32;         // far beyond where the back-off stops growing
constexpr int successes_until_trust = 3;  // in a row, before failures are forgotten
constexpr std::size_t worth_a_trim = std::size_t{64} * 1024;  // of memory for bodies
constexpr int deliveries_per_increase = 100;                  // of a learned body limit
constexpr std::chrono::seconds until_there_is_memory{1};

Trouble trouble_in(Verdict verdict, const HttpReply& reply) noexcept {
  if (reply.found_nobody) return Trouble::nobody;
  if (!reply.error.empty()) return Trouble::silent;
  return verdict == Verdict::hold ? Trouble::refused : Trouble::unready;
}

std::atomic<bool> has_process_reached{false};
ForkEntry has_reached_entry{[]() noexcept { has_process_reached.store(false); }};

}  // namespace

std::atomic<bool>& process_has_reached_a_server() noexcept {
  return has_process_reached;
}

Exporter::Exporter(ExporterOptions options, HttpTransport& transport, const TimeSource& time)
    : options_(std::move(options)),
      header_(options_.resource, version_text, options_.public_key),
      transport_(transport),
      time_(time),
      policy_(options_.random_seed),
      has_reached_a_server_(options_.has_reached_a_server == nullptr
                                ? process_has_reached_a_server()
                                : *options_.has_reached_a_server) {
  for (const Route route : {Route::spans, Route::scores}) {
    lanes_.push_back(std::make_unique<Lane>(route));
  }
}

Exporter::~Exporter() {
  // The transport reads the bodies that go down with us.
  if (std::any_of(lanes_.begin(), lanes_.end(),
                  [](const auto& lane) { return lane->is_in_flight; })) {
    transport_.cancel_all();
  }
}

void Exporter::add(Batch batch) {
  std::list<Batch> one;
  one.push_back(std::move(batch));
  add(one);
}

void Exporter::add(std::list<Batch>& batch) noexcept {
  Lane& lane = *lanes_[static_cast<std::size_t>(batch.front().route)];
  if (lane.trouble != Trouble::none) batch.front().records.keep();  // it may wait for long
  lane.batches.splice(lane.batches.end(), batch);
}

bool Exporter::is_busy(Route route) const noexcept {
  return !lanes_[static_cast<std::size_t>(route)]->batches.empty();
}

void Exporter::trim() noexcept {
  for (const auto& lane : lanes_) lane->trim();
}

bool Exporter::has_spare_memory() const noexcept {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) {
    return lane->body.capacity() + lane->compressed.capacity() > worth_a_trim;
  });
}

void Exporter::poll(std::vector<Settlement>& settled) noexcept {
  for (const auto& lane : lanes_) {
    try {
      work_on(*lane, settled);
    } catch (const std::bad_alloc&) {
      // Each step leaves every record in the lane or settled. What it wanted to do or to say is
      // done when there is memory; a request that had ended is made again.
      lane->failed_at = time_.now();
      if (lane->trouble == Trouble::none) lane->trouble = Trouble::silent;
      lane->not_before =
          std::max(lane->not_before, saturating_add(lane->failed_at, until_there_is_memory));
      report(Diagnostic::Severity::error, "no memory to send records; next try in a second");
    }
  }
}

void Exporter::work_on(Lane& lane, std::vector<Settlement>& settled) {
  collect(lane, settled);
  if (lane.is_off) lane.drop_all(DropReason::no_route, settled);
  if (!lane.is_in_flight && !lane.batches.empty() && lane.next_try(waited_until_) <= time_.now()) {
    send_first(lane);
  }
}

SteadyTime Exporter::due() const {
  SteadyTime due = SteadyTime::max();
  for (const auto& lane : lanes_) {
    if (lane->is_in_flight || lane->batches.empty()) continue;
    due = std::min(due, lane->next_try(waited_until_));
  }
  return due;
}

void Exporter::probe() {
  for (const auto& lane : lanes_) {
    if (lane->pause != Pause::fixed) lane->not_before = SteadyTime::min();
  }
}

std::uint64_t Exporter::unsettled(std::uint64_t epoch) const {
  std::uint64_t records = 0;
  for (const auto& lane : lanes_) records += lane->waiting(epoch);
  return records;
}

bool Exporter::is_in_vain(std::uint64_t epoch, const Patience& patience) const {
  const bool has_reached = has_reached_a_server_.load(std::memory_order_relaxed);
  return std::all_of(lanes_.begin(), lanes_.end(), [&](const auto& lane) {
    return lane->waiting(epoch) == 0 ||
           internal::is_in_vain(*lane, trouble_of(*lane), patience, time_.now(), has_reached);
  });
}

// A name that is still asked for may as well be unknown.
Trouble Exporter::trouble_of(const Lane& lane) const noexcept {
  return lane.trouble == Trouble::none && lane.is_in_flight &&
                 transport_.is_looking_up(channel_of(lane.route))
             ? Trouble::nobody
             : lane.trouble;
}

Troubles Exporter::troubles_of(std::uint64_t epoch) const {
  Troubles troubles{};
  for (const auto& lane : lanes_) {
    if (lane->waiting(epoch) == 0) continue;
    troubles[static_cast<std::size_t>(lane->route)] = trouble_of(*lane);
  }
  return troubles;
}

void Exporter::abandon(std::vector<Settlement>& settled) noexcept {
  for (const auto& lane : lanes_) {
    try {
      collect(*lane, settled);  // an answer that is already here still counts …
    } catch (const std::bad_alloc&) {
      continue;  // … where there is memory to read it
    }
  }
  transport_.cancel_all();
  for (const auto& lane : lanes_) {
    lane->is_in_flight = false;
    lane->drop_all(DropReason::at_shutdown, settled);
  }
}

Answers Exporter::answers() const noexcept {
  Answers answers{};
  for (const auto& lane : lanes_) answers[static_cast<std::size_t>(lane->route)] = lane->answers;
  return answers;
}

void Exporter::collect(Lane& lane, std::vector<Settlement>& settled) {
  HttpReply reply;
  if (!lane.is_in_flight || !transport_.finished(channel_of(lane.route), reply)) return;
  lane.is_in_flight = false;
  ++lane.answers;
  if (reply.error.empty()) has_reached_a_server_.store(true, std::memory_order_relaxed);
  if (is_debugging()) {
    const char* const method = lane.endpoint == Endpoint::health ? "GET " : "POST ";
    report_debug(describe_request(reply, method + address(lane), lane.sent_bytes));
  }
  const std::size_t settled_before = settled.size();
  act_on(lane, reply, settled);
  for (std::size_t i = settled_before; i < settled.size(); ++i) {
    settled[i].status = reply.status;
    settled[i].sent_bytes = lane.sent_bytes;
    settled[i].duration = reply.duration;
  }
}

void Exporter::send_first(Lane& lane) {
  const std::size_t limit = lane.endpoint == Endpoint::scores ? 1 : lane.body_limit;
  try {
    if (lane.batches.front().records.size() > 1 && lane.batches.front().records.bytes() > limit) {
      lane.cut_first(limit);
    }
    bool is_gzip = false;
    std::vector<std::string_view> body = build_body(lane, is_gzip);
    const HttpRequest request = request_to(lane.endpoint, address(lane), std::move(body), is_gzip);
    lane.sent_bytes = request.body_bytes();
    transport_.start(channel_of(lane.route), request);
    lane.is_in_flight = true;
    lane.has_sent = true;
  } catch (const std::bad_alloc&) {
    // As with any other trouble, the records stay and the next try may find more memory.
    lane.free_bodies();
    HttpReply reply;
    reply.error = "no memory";
    try_again_later(lane, Verdict::retry, reply);
  }
}

// The records themselves, where nothing has to be made of them, stay where they are until libcurl
// reads them: they belong to the lane's first batch until the answer is there.
std::vector<std::string_view> Exporter::build_body(Lane& lane, bool& is_gzip) {
  const RecordRuns& records = lane.batches.front().records;
  switch (lane.endpoint) {
    case Endpoint::traces:
      if (options_.compression == Compression::none)
        return spans_body_in_pieces(header_, records, lane.body);
      build_spans_body(header_, records, lane.body);
      is_gzip = gzip_.compress(lane.body, lane.compressed);
      return {is_gzip ? lane.compressed : lane.body};
    case Endpoint::ingestion:  // takes no gzip
      build_scores_body(options_.public_key, records, lane.body);
      return {lane.body};
    case Endpoint::scores:
      return {score_body_of(records.front().bytes())};
    case Endpoint::health:
      return {};
  }
  return {};
}

void Exporter::note_success(Lane& lane) {
  if (!lane.said.empty()) report_debug(address(lane) + " works again");
  lane.said.clear();
  lane.holds_in_row = 0;
  lane.pause = Pause::back_off;
  lane.trouble = Trouble::none;
  if (++lane.successes_in_row >= successes_until_trust) lane.failures = 0;
  if (lane.body_limit != Lane::no_limit &&
      ++lane.deliveries_within_limit == deliveries_per_increase) {
    lane.deliveries_within_limit = 0;
    lane.body_limit += std::min(lane.body_limit / 10 + 1, Lane::no_limit - lane.body_limit);
  }
}

void Exporter::try_again_later(Lane& lane, Verdict verdict, const HttpReply& reply) {
  lane.successes_in_row = 0;
  lane.pause = Pause::back_off;
  lane.trouble = trouble_in(verdict, reply);
  lane.failed_at = time_.now();
  std::chrono::nanoseconds wait{0};
  if (verdict == Verdict::hold) {
    wait = RetryPolicy::hold(reply.status, ++lane.holds_in_row);
    lane.pause = reply.status == 401 ? Pause::fixed : Pause::hold;
  } else {
    lane.failures = std::min(lane.failures + 1, most_failures);
    if (reply.retry_after_seconds >= 0) {
      wait = policy_.requested(reply.retry_after_seconds);
      lane.pause = Pause::fixed;
    } else if (verdict == Verdict::throttle) {
      wait = policy_.throttle(lane.failures);
    } else {
      wait = policy_.back_off(lane.failures);
    }
  }
  lane.not_before = saturating_add(lane.failed_at, wait);
  for (Batch& batch : lane.batches) batch.records.keep();
  note_trouble(describe_trouble(verdict, reply, address(lane), lane.waiting(), wait));
  if (lane.is_news(verdict == Verdict::hold ? reply.status : 0)) {
    report(verdict == Verdict::hold ? Diagnostic::Severity::error : Diagnostic::Severity::warning,
           last_trouble_);
  }
}

void Exporter::note_trouble(std::string text) {
  last_trouble_ = std::move(text);
  ++troubles_;
}

std::string Exporter::address(const Lane& lane) const {
  return url_of(lane.endpoint, options_.traces_url, options_.scores_url);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
