// Every setting of the library, as data.
//
// Fill in what you want to say in code and pass it to `langfuse::init`. A field that is left alone
// (empty text, no value) is taken from its environment variable, and where that is not set either,
// from its default. Nothing here reads the environment or checks anything: `init` does both, once,
// and reports every problem together.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "langfuse/ids.h"
#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// Durations in settings: seconds, fractions allowed. `config.flush_interval =
// std::chrono::milliseconds{250};` works.
using Seconds = std::chrono::duration<double>;

enum class Compression : std::uint8_t { none, gzip };

// One message of the library about itself: what `Config::on_error` receives. `message` has no line
// break, never contains a secret, and is valid only during the call.
struct Diagnostic {
  enum class Severity : std::uint8_t { info, warning, error };
  Severity severity = Severity::warning;
  std::string_view message;
};

// What became of the records of one request: what `Config::on_batch` receives.
struct BatchReport {
  std::uint64_t records = 0;
  bool is_delivered = false;
  DropReason dropped_as = DropReason::rejected;  // when not delivered
  // Of the request; 0 where there was none, or no answer to it.
  int status = 0;              // HTTP
  std::size_t sent_bytes = 0;  // of its body, as it was sent
  Seconds duration{0};
};

// What `Config::sampler` decides about: a trace that begins in this process, or enters it.
struct SamplingInput {
  TraceId trace_id;
  // Of the observation; valid only during the call. Empty where no observation is known: for a
  // score by trace id, and for a line or score directly below an observation of another process.
  std::string_view root_name;
  bool is_sampled_by_rate;
};

struct Config {
  // The project's public key, `pk-lf-…`. `LANGFUSE_PUBLIC_KEY`. Without both keys the library is
  // off.
  std::string public_key;
  // The project's secret key, `sk-lf-…`; never printed. `LANGFUSE_SECRET_KEY`.
  std::string secret_key;
  // Where Langfuse is: scheme, host, optional port and path. `LANGFUSE_BASE_URL`, else
  // `LANGFUSE_HOST`, else `LANGFUSE_BASEURL`. Default `https://cloud.langfuse.com`. One that cannot
  // be used switches the library off; it never falls back to another host.
  std::string base_url;
  // The path below `base_url` that takes traces. `LANGFUSE_OTEL_TRACES_EXPORT_PATH`. Default
  // `api/public/otel/v1/traces`.
  std::string traces_export_path;
  // The id of the project that the keys belong to, as its page's address shows it: letters, digits,
  // `-`, `_` and `.`. Only `trace_url` needs it. `LANGFUSE_CPP_PROJECT_ID`. Default: none.
  std::string project_id;
  // The server that takes scores, where traces go to an OpenTelemetry collector, which takes none:
  // as `base_url`, with the same keys. `LANGFUSE_CPP_SCORES_URL`. Default: `base_url`.
  std::string scores_url;
  // The name of this program, shown with each observation. `OTEL_SERVICE_NAME`. Default: the name
  // of the executable.
  std::string service_name;
  // `production`, `staging`, …: lower-case letters, digits, `-` and `_`, at most 40, not beginning
  // with `langfuse`. `LANGFUSE_TRACING_ENVIRONMENT`. Default: none (the server says `default`).
  std::string environment;
  // The release of this program. `LANGFUSE_RELEASE`, else the commit variable of the CI system that
  // built it (`GITHUB_SHA`, `CI_COMMIT_SHA` and others). Default: none.
  std::string release;

  // False switches everything off. `LANGFUSE_TRACING_ENABLED` and `LANGFUSE_ENABLED` (both must
  // allow it). Default true.
  std::optional<bool> enabled;
  // Prints the settings in force and each request's status, size and time on stderr.
  // `LANGFUSE_DEBUG`. Default false.
  std::optional<bool> debug;
  // The share of traces that is kept, 0 to 1, decided from the trace id as the Python SDK does.
  // Lines outside any scope are not subject to it. `LANGFUSE_SAMPLE_RATE`. Default 1.
  std::optional<double> sample_rate;

  // A batch closes when it holds this many records. 1 sends each record at once.
  // `LANGFUSE_FLUSH_AT`. Default 512. Higher: fewer requests. Lower: records are visible sooner.
  std::optional<std::size_t> flush_at;
  // Open batches close this often, so that no record waits longer. `LANGFUSE_FLUSH_INTERVAL`,
  // seconds. Default 5.
  std::optional<Seconds> flush_interval;
  // A batch closes before it exceeds this size, in bytes before compression.
  // `LANGFUSE_CPP_BATCH_MAX_BYTES`. Default 4 000 000 (Langfuse Cloud takes 5 MB; many proxies take
  // 1 MB, which is learned from their 413).
  std::optional<std::size_t> batch_max_bytes;
  // At most this many records are held in memory; what comes when it is full is dropped and
  // counted. Log lines may use three quarters of it. `LANGFUSE_CPP_QUEUE_MAX_RECORDS`.
  // Default 32768.
  std::optional<std::size_t> queue_max_records;
  // The same in bytes. `LANGFUSE_CPP_QUEUE_MAX_BYTES`. Default 64 MiB.
  std::optional<std::size_t> queue_max_bytes;
  // A longer value is cut at a character boundary and marked. `LANGFUSE_CPP_VALUE_MAX_BYTES`.
  // Default 1 MiB.
  std::optional<std::size_t> value_max_bytes;
  // Of a larger record the longest texts are cut and marked; still too large, it is dropped and
  // counted as `too_large`. `LANGFUSE_CPP_RECORD_MAX_BYTES`. Default 4 MiB.
  std::optional<std::size_t> record_max_bytes;

  // How long one request may take. `LANGFUSE_TIMEOUT`, seconds. Default 5.
  std::optional<Seconds> timeout;
  // How long `flush()` waits when it is not told. `LANGFUSE_CPP_FLUSH_TIMEOUT`, seconds.
  // Default 10.
  std::optional<Seconds> flush_timeout;
  // How long `shutdown()` waits when it is not told. `LANGFUSE_CPP_SHUTDOWN_TIMEOUT`, seconds.
  // Default 5.
  std::optional<Seconds> shutdown_timeout;
  // How long the end of the process may be delayed by the exit hook, and by the signal hooks unless
  // they are told. `LANGFUSE_CPP_EXIT_TIMEOUT`, seconds. Default 2.
  std::optional<Seconds> exit_timeout;
  // Flush when the process ends through `exit` or `return` from `main`. `LANGFUSE_CPP_EXIT_HOOK`.
  // Default true.
  std::optional<bool> exit_hook;

  // gzip costs about 1.5 µs of CPU for a typical observation and makes it five times smaller.
  // `LANGFUSE_CPP_COMPRESSION`, `gzip` or `none`. Default: none to a loopback address, gzip
  // elsewhere.
  std::optional<Compression> compression;
  // A file of PEM certificates to trust instead of the system's. `LANGFUSE_CPP_CA_FILE`. Default:
  // the system's.
  std::string ca_file;
  // More request headers. Names are tokens; neither names nor values contain CR, LF or NUL. Code
  // only.
  std::vector<std::pair<std::string, std::string>> headers;

  // Drop log lines that belong to no scope instead of gathering them under a process root.
  // `LANGFUSE_CPP_DROP_LINES_OUTSIDE_SCOPES`. Default false.
  std::optional<bool> drop_lines_outside_scopes;

  // Functions wrapped by `tracing/wrap.h` send their arguments and results, unless their own
  // options say otherwise. `LANGFUSE_OBSERVE_DECORATOR_IO_CAPTURE_ENABLED`. Default false, other
  // than in the Python SDK: arguments may be large, and secret.
  std::optional<bool> capture_io;

  // Has the last word on whether a trace is in the sample, where the trace begins in this process
  // or enters it. Called from any thread, several at once, for each observation by which it does:
  // be quick. A score by trace id, and a line or score directly below an observation of another
  // process, follow what was decided for an observation of that trace here, which is remembered for
  // the last few thousand traces; where there was none, it is asked about the trace alone. What it
  // throws leaves it at `sample_rate`. So is what it observes itself. Code only. Default: none.
  std::function<bool(const SamplingInput&)> sampler;
  // Traces outside the sample are held in memory until one of their observations or lines is an
  // error: then all of the trace is sent. Otherwise it is forgotten when its first observation in
  // this process ends. Costs what sampled traces cost, but for the sending.
  // `LANGFUSE_CPP_KEEP_ON_ERROR`. Default false.
  std::optional<bool> keep_on_error;
  // At most so many traces are held; the oldest is forgotten first. `LANGFUSE_CPP_HELD_MAX_TRACES`.
  // Default 64.
  std::optional<std::size_t> held_max_traces;
  // At most so many bytes in all of them. `LANGFUSE_CPP_HELD_MAX_BYTES`. Default 4 MiB.
  std::optional<std::size_t> held_max_bytes;
  // Returns what may be sent of a value: of inputs, outputs, metadata values, status messages,
  // texts of exceptions and log messages, each as text, JSON included, before anything of it is
  // kept. A number is masked as its text. Called on the thread that sets the value, several at
  // once. When it throws, the whole value is masked, and so are values that it sets itself;
  // what it logs through a langfuse sink is ignored. Names, tags, ids and scores are not masked.
  // Code only. Default: none.
  std::function<std::string(std::string_view)> mask;

  // Receives what the library has to say about itself instead of stderr. Called from any thread,
  // one call at a time and under no lock, so that it may call anything of the library: what other
  // threads have to say meanwhile they leave to the thread that is in it, and go on. What it throws
  // is ignored, what it logs through a langfuse sink is ignored, what its own calls have to say is
  // not said, and `flush()` inside it does not wait.
  std::function<void(const Diagnostic&)> on_error;

  // Called when records were delivered, or given up by the sending side, before the flush that
  // waits for them returns. Called on the background thread, which sends nothing meanwhile: return
  // soon. What it throws is reported once and ignored, what it logs through a langfuse sink is
  // ignored, and `flush()` inside it is `would_deadlock`. Code only.
  std::function<void(const BatchReport&)> on_batch;
  // Called in the same way with how many more records were dropped for a reason, those that the
  // queue refused included: these within `flush_interval`, and at the latest by the end of the next
  // flush. What is dropped after `shutdown()` is counted in `stats()` only. Code only.
  std::function<void(DropReason, std::uint64_t)> on_drop;
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
