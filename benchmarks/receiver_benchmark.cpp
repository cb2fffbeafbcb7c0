// What the local receiver takes and how fast it answers when much is in it: exports are taken while
// a page reads the list, then the list, the search and a large trace are read from what is stored.
//
//   receiver_benchmark [SPANS]      default 1 000 000
//
// Prints the figures as JSON, for `tools/bench_report.py`. Everything runs on one core, which the
// program chooses for itself; requests are handed to the routes without sockets. The text is of
// random words whose frequency falls as that of a language does: a trace is a root, two
// generations, two tool calls and five log lines.

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <protozero/pbf_writer.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "receiver/routes.h"
#include "tests/support/temporary_folder.h"

namespace {

using langfuse_receiver::answer;
using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::RouteOptions;
using langfuse_receiver::Store;
using Clock = std::chrono::steady_clock;

constexpr int spans_of_trace = 10;
constexpr int spans_of_export = 500;
constexpr int large_trace = 20'000;
constexpr std::uint64_t first_start = 1'786'000'000'000'000'000U;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void stay_on_one_core() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(::sched_getcpu(), &cores);
  ::sched_setaffinity(0, sizeof(cores), &cores);
}

class Words {
 public:
  Words() {
    for (int i = 0; i < 20'000; ++i) {
      std::string word;
      for (auto length = 3 + random_() % 8; length > 0; --length) {
        word += static_cast<char>('a' + random_() % 26);
      }
      words_.push_back(std::move(word));
    }
  }

  std::string text(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const double place = std::uniform_real_distribution<double>(0, 1)(random_);
      const double rank = place * place * place * static_cast<double>(words_.size() - 1);
      text += words_[static_cast<std::size_t>(rank)] + " ";
    }
    return text;
  }

  std::string id(std::size_t bytes) {
    std::string id;
    while (id.size() < bytes) {
      id += static_cast<char>(random_() % 256);
    }
    return id;
  }

  const std::string& common() const { return words_[0]; }
  const std::string& rare() const { return words_[15'000]; }

 private:
  std::mt19937_64 random_{1};
  std::vector<std::string> words_;
};

void add_attribute(protozero::pbf_writer& span, const char* key, const std::string& value) {
  protozero::pbf_writer attribute(span, 9);
  attribute.add_string(1, key);
  protozero::pbf_writer any(attribute, 2);
  any.add_string(1, value);
}

// One span; `number` counts them within the trace.
void add_span(protozero::pbf_writer& scope, Words& words, const std::string& trace_id,
              const std::string& root_id, int number, std::uint64_t start) {
  const int kind = number % spans_of_trace;
  protozero::pbf_writer span(scope, 2);
  span.add_bytes(1, trace_id);
  span.add_bytes(2, number == 0 ? root_id : words.id(8));
  if (number != 0) {
    span.add_bytes(4, root_id);
  }
  span.add_string(5, kind == 0   ? "request"
                     : kind <= 2 ? "chat"
                     : kind <= 4 ? "search"
                                 : "log.info");
  span.add_fixed64(7, start);
  span.add_fixed64(8, start + (kind <= 4 ? 5'000'000U : 0U));
  add_attribute(span, "langfuse.observation.type",
                kind == 0   ? "span"
                : kind <= 2 ? "generation"
                : kind <= 4 ? "tool"
                            : "event");
  add_attribute(span, "langfuse.trace.name", "answer");
  add_attribute(span, "user.id", "user " + std::to_string(start % 50));
  add_attribute(span, "session.id", "session " + std::to_string(start / 100'000'000 % 1000));
  add_attribute(span, "langfuse.observation.input",
                words.text(kind == 0   ? 15
                           : kind <= 2 ? 60
                                       : 10));
  if (kind <= 4) {
    add_attribute(span, "langfuse.observation.output", words.text(kind <= 2 ? 40 : 15));
  } else {
    add_attribute(span, "langfuse.observation.metadata.code.file.path", "src/agent/answer.cpp");
    add_attribute(span, "langfuse.observation.metadata.code.line.number", std::to_string(number));
  }
  if (kind == 1 || kind == 2) {
    add_attribute(span, "langfuse.observation.model.name", "qwen3-8b");
    add_attribute(span, "langfuse.observation.usage_details", R"({"input":812,"output":256})");
  }
}

// An export of `count` spans, of traces of `spans_in_trace`.
HttpRequest export_request(Words& words, int count, int spans_in_trace, std::uint64_t& start) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/api/public/otel/v1/traces";
  request.headers = {{"host", "127.0.0.1:3000"},
                     {"authorization", "Basic cGstbGYtbG9jYWw6c2stbGYtbG9jYWw="},
                     {"content-type", "application/x-protobuf"}};
  protozero::pbf_writer body(request.body);
  protozero::pbf_writer resource_spans(body, 1);
  {
    protozero::pbf_writer resource(resource_spans, 1);
    protozero::pbf_writer attribute(resource, 1);
    attribute.add_string(1, "service.name");
    protozero::pbf_writer any(attribute, 2);
    any.add_string(1, "benchmark");
  }
  protozero::pbf_writer scope_spans(resource_spans, 2);
  {
    protozero::pbf_writer scope(scope_spans, 1);
    scope.add_string(1, "langfuse-sdk");
  }
  std::string trace_id;
  std::string root_id;
  for (int i = 0; i < count; ++i) {
    if (i % spans_in_trace == 0) {
      trace_id = words.id(16);
      root_id = words.id(8);
    }
    add_span(scope_spans, words, trace_id, root_id, i % spans_in_trace, start += 1'000'000);
  }
  return request;
}

HttpRequest get_request(const std::string& path,
                        const std::multimap<std::string, std::string>& query = {}) {
  HttpRequest request;
  request.method = "GET";
  request.path = path;
  request.query = query;
  request.headers = {{"host", "127.0.0.1:3000"}};
  return request;
}

class Benchmark {
 public:
  explicit Benchmark(const std::string& path) : store_(path) {
    options_.port = 3000;
    options_.max_body_bytes = 64U << 20U;
  }

  // Takes `count` spans while the list is read five times a second; only what the receiver does is
  // counted.
  void ingest(int count) {
    std::atomic<bool> over{false};
    std::vector<double> list_times;
    std::thread reader([&] {
      while (!over.load()) {
        list_times.push_back(time_of(get_request("/local/traces")));
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
      }
    });
    double cpu = 0;
    double wall = 0;
    for (int sent = 0; sent < count;) {
      std::vector<HttpRequest> requests;  // made before the clock runs
      for (; sent < count && requests.size() < 40; sent += spans_of_export) {
        requests.push_back(export_request(words_, spans_of_export, spans_of_trace, start_));
      }
      const double cpu_before = cpu_seconds();
      const Clock::time_point begin = Clock::now();
      for (const HttpRequest& request : requests) {
        expect_ok(request);
      }
      wall += seconds_since(begin);
      cpu += cpu_seconds() - cpu_before;
    }
    over.store(true);
    reader.join();
    add("receiver, taken per CPU second", count / cpu / 1e3, "k spans/s", 20, "more");
    add("receiver, taken on one core, wall clock", count / wall / 1e3, "k spans/s", {}, "more");
    add("receiver, list while taking, median", median(list_times) * 1e3, "ms", {}, "less");
  }

  void index() {
    const Clock::time_point begin = Clock::now();
    index_rest();
    add("receiver, indexing what was taken", seconds_since(begin), "s", {}, "less");
  }

  void read() {
    const HttpRequest large = export_request(words_, large_trace, large_trace, start_);
    expect_ok(large);
    index_rest();
    const Json newest =
        Json::parse(answer(get_request("/local/traces", {{"limit", "1"}}), options_, store_).body);
    const std::string large_id = newest["traces"][0]["id"].get<std::string>();
    add_time("receiver, list", get_request("/local/traces"), 100);
    add_time("receiver, list, full page", get_request("/local/traces", {{"limit", "500"}}), 100);
    add_time("receiver, list of a user", get_request("/local/traces", {{"user", "user 7"}}), 100);
    add_time("receiver, list with text", get_request("/local/traces", {{"q", words_.common()}}),
             300);
    add_time("receiver, search, common word",
             get_request("/local/search", {{"q", words_.common()}}), 300);
    add_time("receiver, search, rare word", get_request("/local/search", {{"q", words_.rare()}}),
             300);
    add_time("receiver, search, beginning of words",
             get_request("/local/search", {{"q", words_.rare().substr(0, 2)}}), 300);
    add_time("receiver, sessions", get_request("/local/sessions"), {});
    add_time("receiver, facets", get_request("/local/facets"), {});
    add_time("receiver, trace of 20 000 observations", get_request("/local/traces/" + large_id),
             1000);
  }

  const Json& figures() const { return figures_; }

 private:
  void index_rest() {
    while (store_.search("x", 1).not_searched > 0) {
    }
  }

  double time_of(const HttpRequest& request) {
    const Clock::time_point begin = Clock::now();
    expect_ok(request);
    return seconds_since(begin);
  }

  void expect_ok(const HttpRequest& request) {
    const HttpResponse response = answer(request, options_, store_);
    if (response.status != 200) {
      throw std::runtime_error(request.path + ": " + response.body);
    }
  }

  static double median(std::vector<double> times) {
    std::sort(times.begin(), times.end());
    return times.empty() ? 0 : times[times.size() / 2];
  }

  void add(const std::string& name, double value, const char* unit, const Json& target,
           const char* better) {
    figures_.push_back({{"name", name},
                        {"value", value},
                        {"unit", unit},
                        {"target", target.is_number() ? target : Json()},
                        {"better", better}});
    std::fprintf(stderr, "%-45s %10.1f %s\n", name.c_str(), value, unit);
  }

  // The CPU time is said, too: on a machine that is busy with other things it is the better figure.
  void add_time(const std::string& name, const HttpRequest& request, const Json& target) {
    std::vector<double> times;
    std::vector<double> cpu_times;
    for (int i = 0; i < 9; ++i) {
      const double cpu_before = cpu_seconds();
      times.push_back(time_of(request));
      cpu_times.push_back(cpu_seconds() - cpu_before);
    }
    add(name, median(times) * 1e3, "ms", target, "less");
    add(name + ", CPU", median(cpu_times) * 1e3, "ms", {}, "less");
  }

  Words words_;
  std::uint64_t start_ = first_start;
  Store store_;
  RouteOptions options_;
  Json figures_ = Json::array();
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const langfuse_test::TemporaryFolder folder;
    stay_on_one_core();
    Benchmark benchmark(folder / "traces.db");
    benchmark.ingest(argc > 1 ? std::stoi(argv[1]) : 1'000'000);
    benchmark.index();
    benchmark.read();
    std::printf("%s\n", benchmark.figures().dump().c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "receiver_benchmark: %s\n", error.what());
    return 1;
  }
}
