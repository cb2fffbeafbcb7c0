// The checks that need an answer of the server: health, authentication, clock, body_limit, canary.

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/endpoints.h"
#include "exporter/reply_body.h"
#include "model/diagnostics.h"
#include "pipeline/diagnosis/canary.h"
#include "pipeline/diagnosis/diagnosis.h"
#include "pipeline/diagnosis/server_version.h"
#include "pipeline/settings/setting_values.h"
#include "pipeline/stage_options.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t tolerated_skew_seconds = 5;
// libcurl waits a second for the permission to send a body.
constexpr auto body_limit_time = std::chrono::milliseconds(1500);

}  // namespace

std::string Examination::status_of(const HttpReply& reply) {
  return "status " + std::to_string(reply.status);
}

void Examination::check_health() {
  const HttpReply& reply = health_.http;
  if (!reply.error.empty()) {
    fail(CheckNumber::health, reply.error,
         "something takes the connection and does not answer as Langfuse does: check the port and "
         "the scheme (http or https) in LANGFUSE_BASE_URL, and whether the server is overloaded");
    return;
  }
  if (reply.status >= 300 && reply.status < 400) {
    fail(CheckNumber::health, status_of(reply) + ", redirects to " + reply.location,
         "redirects are never followed: set LANGFUSE_BASE_URL to the final address");
    return;
  }
  const std::optional<std::string> version = read_health(reply.body);
  if (!version.has_value()) {
    look_for_collector(reply);
    return;
  }
  diagnosis_.server_version = *version;
  const std::string seen = "Langfuse " + (version->empty() ? "of unknown version" : *version);
  if (reply.status != 200) {
    fail(CheckNumber::health, seen + ", not in order (" + status_of(reply) + ")",
         "look at the server's own logs");
    return;
  }
  const VersionVerdict verdict = judge_version(*version);
  switch (verdict.support) {
    case ServerSupport::none:
      fail(CheckNumber::health, seen + ": " + verdict.what_is_lost,
           "upgrade the server, best to version 4 or newer");
      return;
    case ServerSupport::some_is_lost:
      add(CheckNumber::health, CheckStatus::warning, seen + ": " + verdict.what_is_lost,
          "upgrade the server to 3.106.4 or newer");
      return;
    case ServerSupport::full:
      add(CheckNumber::health, CheckStatus::ok, seen);
      return;
  }
}

// Takes an export of nothing for the sign of a collector. The keys are not shown: it may be
// anybody.
void Examination::look_for_collector(const HttpReply& health) {
  ProbeRequest request;
  request.url = settings_.traces_url;
  request.content_type = otlp_content_type;
  const HttpReply reply = probe(curl_options(settings_), request, deadline_).http;
  is_collector_ = reply.status == 200 && is_protobuf(reply);
  if (is_collector_) {
    add(CheckNumber::health, CheckStatus::warning,
        "not Langfuse, but something that takes traces as an OpenTelemetry Collector does",
        "nothing can be read back from it: check the server behind it, too, with "
        "LANGFUSE_BASE_URL set to that server's address");
  } else {
    fail(CheckNumber::health, status_of(health) + ", and the answer is not Langfuse's",
         "check LANGFUSE_BASE_URL: another program or a login page may answer there; for an "
         "OpenTelemetry Collector, set LANGFUSE_OTEL_TRACES_EXPORT_PATH to its path (v1/traces)");
  }
}

void Examination::check_authentication() {
  if (is_collector_) {
    add(CheckNumber::authentication, CheckStatus::skipped,
        "only the server behind the collector knows the keys");
    return;
  }
  const HttpReply reply = ask("/api/public/projects", true).http;
  if (!reply.error.empty()) {
    add(CheckNumber::authentication, CheckStatus::failed, reply.error, "try again");
    return;
  }
  const std::optional<Project> project =
      reply.status == 200 ? read_project(reply.body) : std::nullopt;
  if (project.has_value()) {
    diagnosis_.project = project->name;
    diagnosis_.project_id = project->id;
    diagnosis_.organization = project->organization;
    add(CheckNumber::authentication, CheckStatus::ok,
        "project " + in_quotes(project->name, Secrets(settings_.secret_key)) + " of " +
            in_quotes(project->organization, Secrets(settings_.secret_key)));
  } else if (reply.status == 401) {
    add(CheckNumber::authentication, CheckStatus::failed, "the server does not know the keys (401)",
        "check LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, and that LANGFUSE_BASE_URL is the "
        "region they belong to: keys belong to one region (https://cloud.langfuse.com, "
        "https://us.cloud.langfuse.com, https://jp.cloud.langfuse.com, "
        "https://hipaa.cloud.langfuse.com); a key that was unknown stays so for five minutes after "
        "the last try");
  } else if (reply.status == 403) {
    add(CheckNumber::authentication, CheckStatus::failed, "the keys are not a project's (403)",
        "use the keys of a project, not those of an organization");
  } else {
    add(CheckNumber::authentication, CheckStatus::failed, status_of(reply) + ", without a project",
        "check LANGFUSE_BASE_URL and the keys");
  }
}

void Examination::check_clock() {
  if (!health_.date.has_value()) {
    add(CheckNumber::clock, CheckStatus::skipped, "the server does not say what time it is");
    return;
  }
  const std::int64_t skew = *health_.date - asked_at_;
  diagnosis_.has_clock_skew = true;
  diagnosis_.clock_skew_seconds = skew;
  if (std::abs(skew) <= tolerated_skew_seconds) {
    add(CheckNumber::clock, CheckStatus::ok, "agrees with the server's");
    return;
  }
  add(CheckNumber::clock, CheckStatus::warning,
      "the server's clock is " + std::to_string(std::abs(skew)) + " s " +
          (skew > 0 ? "ahead of" : "behind") + " ours",
      "set this machine's clock: traces are shown at the times it says, so that a wrong day hides "
      "them");
}

// Announces a full batch and sees whether that alone is refused, as proxies do. Nothing is sent,
// the keys least of all.
void Examination::check_body_limit() {
  if (deadline_ - steady_clock::now() < body_limit_time) {
    add(CheckNumber::body_limit, CheckStatus::skipped, "no time was left");
    return;
  }
  ProbeRequest request;
  request.url = settings_.traces_url;
  request.content_type = otlp_content_type;
  request.announced_bytes = settings_.batch_max_bytes;
  const ProbeReply reply = probe(curl_options(settings_), request, deadline_);
  const std::string size = std::to_string(settings_.batch_max_bytes) + " bytes";
  if (reply.http.status == 413) {
    add(CheckNumber::body_limit, CheckStatus::warning, "a body of " + size + " is refused (413)",
        "it is split and sent again each time: raise the limit of the proxy (nginx: "
        "client_max_body_size), or lower LANGFUSE_CPP_BATCH_MAX_BYTES, for instance to 1000000");
  } else {
    add(CheckNumber::body_limit, CheckStatus::ok,
        "an announced body of " + size + " is not refused");
  }
}

void Examination::check_canary() {
  if (diagnosis_.project_id.empty() && !is_collector_) {
    add(CheckNumber::canary, CheckStatus::skipped, "check 9 (authentication) failed");
    return;
  }
  if (!may_wait()) {
    add(CheckNumber::canary, CheckStatus::skipped,
        "diagnose() was called on a thread of the library, which cannot wait for itself");
    return;
  }
  Canary canary(settings_);
  diagnosis_.canary_trace_id = std::string(canary.trace_id().hex());
  const std::string trouble = subject_.client != nullptr
                                  ? canary.send_through(*subject_.client, deadline_)
                                  : canary.send_directly(deadline_);
  if (!trouble.empty()) {
    add(CheckNumber::canary, CheckStatus::failed, "not delivered: " + trouble,
        "the server answers and takes no traces: check LANGFUSE_OTEL_TRACES_EXPORT_PATH, the usage "
        "limit of the organization, and what the server's logs say");
    return;
  }
  if (is_collector_) {
    add(CheckNumber::canary, CheckStatus::warning,
        "the collector took it: trace " + diagnosis_.canary_trace_id,
        "look for that trace in Langfuse in half a minute; if it is not there, look at the "
        "collector's own logs");
    return;
  }
  diagnosis_.canary_url = settings_.base_url + "/project/" + diagnosis_.project_id + "/traces/" +
                          diagnosis_.canary_trace_id;
  if (canary.is_readable(diagnosis_.server_version, deadline_)) {
    add(CheckNumber::canary, CheckStatus::ok, "sent and read back: " + diagnosis_.canary_url);
  } else {
    add(CheckNumber::canary, CheckStatus::warning,
        "sent, not yet visible (up to 30 s on the cloud): " + diagnosis_.canary_url,
        "look at that address in half a minute; if it stays empty on a server of your own, look at "
        "its worker's logs");
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
