#include "pipeline/diagnosis/canary.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/body.h"
#include "exporter/endpoints.h"
#include "exporter/partial_success.h"
#include "exporter/retry_policy.h"
#include "http/curl_probe.h"
#include "http/curl_transport.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/presentable.h"
#include "model/random_ids.h"
#include "model/version.h"
#include "pipeline/diagnosis/server_facts.h"
#include "pipeline/diagnosis/server_version.h"
#include "pipeline/stage_options.h"
#include "storage/span_record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{1000};
constexpr std::size_t most_server_words = 200;

// What the server, or the way to it, has made impossible; not what a full queue did.
std::uint64_t refused(const DropCounts& dropped) noexcept {
  return dropped[DropReason::rejected] + dropped[DropReason::too_large];
}

}  // namespace

Canary::Canary(const Settings& settings) : settings_(settings), trace_id_(random_trace_id()) {}

RecordPtr Canary::make_record() const {
  const Text name = Text::well_formed("langfuse.diagnose");
  const Text type = Text::well_formed("span");
  const Text environment(settings_.environment);
  const Text release(settings_.release);
  SpanFields fields;
  fields.trace_id = trace_id_;
  fields.span_id = random_span_id();
  fields.name = name;
  fields.start_unix_nano = wall_now_ns();
  fields.end_unix_nano = fields.start_unix_nano;
  EncodedRecord encoded = encode_span(
      fields, settings_.record_max_bytes, TextAttribute(keys::type, type),
      TextAttribute(keys::trace_name, name), optional_text(keys::environment, environment),
      optional_text(keys::release, release), keys::is_app_root);
  return std::move(encoded.record);
}

std::string Canary::send_through(Client& client, SteadyTime deadline) {
  RecordPtr record = make_record();
  if (record == nullptr) return "a record may not be larger than record_max_bytes";
  const std::uint64_t refused_before = refused(client.stats().dropped);
  if (!client.submit(std::move(record))) return "the queue is full";
  const std::uint64_t pending = client.wait_until_settled(deadline);
  const Stats stats = client.stats();
  if (pending == 0 && refused(stats.dropped) == refused_before) return {};
  const std::string trouble =
      pending == 0 ? "refused" : std::to_string(pending) + " records wait, this one among them";
  return stats.last_error.text.empty() ? trouble : trouble + ": " + stats.last_error.text;
}

std::string Canary::send_directly(SteadyTime deadline) {
  RecordPtr record = make_record();
  if (record == nullptr) return "a record may not be larger than record_max_bytes";
  RecordRuns records;
  records.push_back(std::move(record));
  const ExporterOptions options = exporter_options(settings_);
  std::string body;
  build_spans_body({options.resource, version_text, options.public_key}, records, body);
  CurlTransport transport(curl_options(settings_), 1);
  transport.start(0, request_to(Endpoint::traces, settings_.traces_url, {body}, false));
  HttpReply reply;
  while (!transport.finished(0, reply)) {
    if (std::chrono::steady_clock::now() >= deadline) return "no answer in time";
    transport.wait(deadline);
  }
  if (!reply.error.empty()) {
    return shortened(reply.error, most_server_words, Secrets(settings_.secret_key));
  }
  if (classify(reply) == Verdict::delivered) {
    const PartialSuccess partial = read_partial_success(reply);
    if (partial.rejected_spans == 0) return {};
    return "refused: " + shortened(partial.words, most_server_words, Secrets(settings_.secret_key));
  }
  return "status " + std::to_string(reply.status) + " " +
         shortened(reply.body, most_server_words, Secrets(settings_.secret_key));
}

bool Canary::is_readable(const std::string& server_version, SteadyTime deadline) const {
  const std::string id(trace_id_.hex());
  const bool is_by_observation = has_observations_api(server_version);
  ProbeRequest request;
  request.url =
      settings_.base_url + (is_by_observation ? "/api/public/v2/observations?limit=1&traceId=" + id
                                              : "/api/public/traces/" + id);
  request.with_credentials = true;
  const CurlOptions options = curl_options(settings_);
  std::chrono::milliseconds pause = first_pause;
  while (true) {
    const HttpReply reply = probe(options, request, deadline).http;
    if (reply.status == 200 && (!is_by_observation || has_observation(reply.body))) return true;
    if (std::chrono::steady_clock::now() + pause >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, longest_pause);
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
