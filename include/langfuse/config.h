// Every setting of the library, as data.
//
// Fill in what you set in code and pass it to `langfuse::init`. Where a field is left alone (empty
// text, no value), its environment variable counts; where that is not set either, its default. This
// header reads no environment and checks nothing: `init` does both, once, and reports all problems
// together.
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

// One message of the library about itself, as `Config::on_error` receives it. `message` is one line
// without secrets, valid only during the call.
struct Diagnostic {
  enum class Severity : std::uint8_t { info, warning, error };
  Severity severity = Severity::warning;
  std::string_view message;
};

// The outcome of the records of one request, as `Config::on_batch` receives it.
struct BatchReport {
  std::uint64_t records = 0;
  bool is_delivered = false;
  DropReason dropped_as = DropReason::rejected;  // when not delivered
  // Of the request. 0 if no request was made, or none was answered.
  int status = 0;              // HTTP
  std::size_t sent_bytes = 0;  // of its body, after compression
  Seconds duration{0};
};

// What `Config::sampler` decides about: a trace that begins in this process or enters it.
struct SamplingInput {
  TraceId trace_id;
  // The name of the observation; valid only during the call. Empty where no observation is known:
  // for a score by trace id, and for a line or score directly below an observation of another
  // process.
  std::string_view root_name;
  bool is_sampled_by_rate;  // what `Config::sample_rate` alone decides
};

struct Config {
  // The project's public key, `pk-lf-…`. `LANGFUSE_PUBLIC_KEY`. With neither key the library is
  // off; with only one of them it is disabled, and `init` reports the missing one.
  std::string public_key;
  // The project's secret key, `sk-lf-…`; never printed. `LANGFUSE_SECRET_KEY`.
  std::string secret_key;
  // The address of Langfuse: scheme, host, optional port and path. `LANGFUSE_BASE_URL`, else
  // `LANGFUSE_HOST`, else `LANGFUSE_BASEURL`. Default `https://cloud.langfuse.com`. An address that
  // cannot be used disables the library; it never falls back to another host.
  std::string base_url;
  // The path below `base_url` that accepts traces. `LANGFUSE_OTEL_TRACES_EXPORT_PATH`. Default
  // `api/public/otel/v1/traces`.
  std::string traces_export_path;
  // The id of the keys' project, as in the address of its page: letters, digits, `-`, `_` and `.`.
  // Only `trace_url` uses it. `LANGFUSE_CPP_PROJECT_ID`. Default: none.
  std::string project_id;
  // The server for scores, with the same keys and rules as `base_url`. Set it when traces go to an
  // OpenTelemetry collector, which accepts no scores. `LANGFUSE_CPP_SCORES_URL`. Default:
  // `base_url`.
  std::string scores_url;
  // The name of this program, shown with each observation. `OTEL_SERVICE_NAME`. Default: the name
  // of the executable.
  std::string service_name;
  // `production`, `staging`, …: at most 40 lower-case letters, digits, `-` and `_`, not beginning
  // with `langfuse`. `LANGFUSE_TRACING_ENVIRONMENT`. Default: none, which Langfuse shows as
  // `default`.
  std::string environment;
  // The release of this program. `LANGFUSE_RELEASE`, else the commit variable of a CI or hosting
  // system (`GITHUB_SHA`, `CI_COMMIT_SHA` and others). Default: none.
  std::string release;

  // False switches everything off. `LANGFUSE_TRACING_ENABLED` and `LANGFUSE_ENABLED`: either of
  // them can switch it off. Default true.
  std::optional<bool> enabled;
  // Prints debug lines on stderr, such as the settings in force and each request's status, size and
  // time. `LANGFUSE_DEBUG`. Default false.
  std::optional<bool> debug;
  // The share of traces that is sent, 0 to 1. The trace id decides, as in the Python SDK, so other
  // processes decide the same. Log lines outside any observation are always sent.
  // `LANGFUSE_SAMPLE_RATE`. Default 1.
  std::optional<double> sample_rate;

  // A batch is sent when it holds this many records. While a request is under way, the next batch
  // of spans goes on growing, to 512 KiB. 1 sends each record at once. `LANGFUSE_FLUSH_AT`. Default
  // 512. Higher: fewer requests. Lower: records are visible sooner.
  std::optional<std::size_t> flush_at;
  // Batches that are not full are sent this often. `LANGFUSE_FLUSH_INTERVAL`, seconds. Default 5.
  // Higher: fewer requests. Lower: records are visible sooner.
  std::optional<Seconds> flush_interval;
  // The largest batch, in bytes before compression. `LANGFUSE_CPP_BATCH_MAX_BYTES`. Default
  // 4000000: Langfuse Cloud accepts 5 MB. Many proxies accept 1 MB, which the library learns from
  // their 413 answers. Higher: fewer requests.
  std::optional<std::size_t> batch_max_bytes;
  // The most records held in memory. A record that comes when it is full is dropped and counted as
  // `queue_full`. Log lines may use three quarters of it. `LANGFUSE_CPP_QUEUE_MAX_RECORDS`. Default
  // 32768. Higher: survives longer outages, takes more memory.
  std::optional<std::size_t> queue_max_records;
  // The most bytes of records held in memory. A record that would exceed it is dropped and counted
  // as `queue_bytes`. Log lines may use three quarters of it. `LANGFUSE_CPP_QUEUE_MAX_BYTES`.
  // Default 64 MiB.
  std::optional<std::size_t> queue_max_bytes;
  // The longest value, in bytes. A longer one is cut at a character boundary and marked.
  // `LANGFUSE_CPP_VALUE_MAX_BYTES`. Default 1 MiB.
  std::optional<std::size_t> value_max_bytes;
  // The largest record, in bytes. A larger record has its longest texts cut and marked; if it is
  // still too large, it is dropped as `too_large`. `LANGFUSE_CPP_RECORD_MAX_BYTES`. Default 4 MiB.
  std::optional<std::size_t> record_max_bytes;

  // How long one request may take. `LANGFUSE_TIMEOUT`, seconds. Default 5.
  std::optional<Seconds> timeout;
  // How long `flush()` waits when no time is given. `LANGFUSE_CPP_FLUSH_TIMEOUT`, seconds. Default
  // 10.
  std::optional<Seconds> flush_timeout;
  // How long `shutdown()` waits when no time is given. `LANGFUSE_CPP_SHUTDOWN_TIMEOUT`, seconds.
  // Default 5.
  std::optional<Seconds> shutdown_timeout;
  // How long the exit hook may delay the end of the process. The signal hooks use it too, unless
  // `ExitHookOptions` gives a time. `LANGFUSE_CPP_EXIT_TIMEOUT`, seconds. Default 2.
  std::optional<Seconds> exit_timeout;
  // Whether to flush when the process ends through `exit` or `return` from `main`.
  // `LANGFUSE_CPP_EXIT_HOOK`. Default true.
  std::optional<bool> exit_hook;

  // How request bodies are compressed. gzip costs about 1.5 µs of CPU for a typical observation and
  // makes it five times smaller. `LANGFUSE_CPP_COMPRESSION`, `gzip` or `none`. Default: none to a
  // loopback address, gzip to any other.
  std::optional<Compression> compression;
  // A file of PEM certificates to trust instead of the system's. `LANGFUSE_CPP_CA_FILE`. Default:
  // none.
  std::string ca_file;
  // More request headers. A name is an HTTP token; a value is printable ASCII. A pair that breaks
  // this, or that the library sets itself, is reported and not sent. Code only.
  std::vector<std::pair<std::string, std::string>> headers;

  // Whether log lines outside any observation are dropped, as `outside_scope`. Otherwise they are
  // gathered in a trace named after the service. `LANGFUSE_CPP_DROP_LINES_OUTSIDE_SCOPES`. Default
  // false.
  std::optional<bool> drop_lines_outside_scopes;

  // Whether functions wrapped by `tracing/wrap.h` send their arguments and results. Their own
  // options take precedence. `LANGFUSE_OBSERVE_DECORATOR_IO_CAPTURE_ENABLED`. Default false, unlike
  // the Python SDK: arguments may be large, and secret.
  std::optional<bool> capture_io;

  // Decides whether a trace is in the sample, overriding `sample_rate`. Called when a trace begins
  // in this process or enters it, once for each observation through which it does. Called on any
  // thread, several at once: be quick. When it throws, `sample_rate` decides; so it does for a
  // trace that the sampler itself begins.
  //
  // A score by trace id, and a line or score directly below an observation of another process,
  // follow the decision for an observation of that trace in this process. The last few thousand
  // decisions are remembered; without one, the sampler is asked about the trace alone. Code only.
  // Default: none.
  std::function<bool(const SamplingInput&)> sampler;
  // Whether traces outside the sample are held in memory, to be sent if they contain an error. When
  // an observation or line of the trace has level `error`, all of the trace is sent. Otherwise the
  // trace is forgotten when its first observation in this process ends. Costs as much as a sampled
  // trace, except for the sending. `LANGFUSE_CPP_KEEP_ON_ERROR`. Default false.
  std::optional<bool> keep_on_error;
  // The most traces held at once; the oldest is forgotten first. `LANGFUSE_CPP_HELD_MAX_TRACES`.
  // Default 64.
  std::optional<std::size_t> held_max_traces;
  // The most bytes held in all of them. `LANGFUSE_CPP_HELD_MAX_BYTES`. Default 4 MiB.
  std::optional<std::size_t> held_max_bytes;
  // Returns the part of a text that may be sent, before the library keeps any of it. It receives
  // inputs, outputs, metadata values, status messages, texts of exceptions and log messages. Each
  // comes as text: JSON as it is written, a number as its digits. It does not receive names, tags,
  // ids and scores.
  //
  // Called on the thread that sets the value, several at once. When it throws, the whole value is
  // masked. Values that it sets itself are masked as a whole. What it logs through a langfuse sink
  // is ignored. Code only. Default: none.
  std::function<std::string(std::string_view)> mask;

  // Receives the library's messages about itself, instead of stderr. Called on any thread, one call
  // at a time and under no lock, so it may call any function of the library. Messages of other
  // threads meanwhile are passed to it by the thread that is already in it. Its exceptions are
  // ignored, and so is what it logs through a langfuse sink. Problems of its own calls are not
  // reported. A `flush()` inside it is `would_deadlock`. Code only. Default: stderr.
  std::function<void(const Diagnostic&)> on_error;

  // Called after a batch was delivered or given up, and before a flush that waits for it returns.
  // Called on the background thread, which sends nothing meanwhile: return soon. Its first
  // exception is reported, and all are ignored. What it logs through a langfuse sink is ignored. A
  // `flush()` inside it is `would_deadlock`. Code only.
  std::function<void(const BatchReport&)> on_batch;
  // Called with a reason and the number of records dropped for it since the last call, refused ones
  // included. Called at most `flush_interval` after a drop, and before the next flush returns.
  // Drops after `shutdown()` are only counted in `stats()`. Called on the background thread, under
  // the rules of `on_batch`. Code only.
  std::function<void(DropReason, std::uint64_t)> on_drop;
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
