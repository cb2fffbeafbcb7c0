// A program with spdlog and libcurl. `footprint_observed` is the same with this library in the
// usual places; what it is larger, once both are stripped, the library adds (`footprint.py`).
#include <curl/curl.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#ifdef FOOTPRINT_OBSERVED
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_attach.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <langfuse/tracing/observe.h>
#include <langfuse/tracing/propagation.h>
#include <langfuse/tracing/score.h>
#endif

#include <memory>
#include <string>

namespace {

std::string fetch(const std::string& url) {
#ifdef FOOTPRINT_OBSERVED
  auto call = langfuse::observe("fetch", langfuse::ObservationType::generation);
  call.set_input(url).set_model("m").set_usage("input", 7).set_cost("total", 0.5);
  langfuse::score_current_span("relevance", 0.5);
#endif
  CURL* const easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  const CURLcode result = curl_easy_perform(easy);
  curl_easy_cleanup(easy);
  spdlog::info("{}: {}", url, curl_easy_strerror(result));
  return curl_easy_strerror(result);
}

}  // namespace

int main(int argc, char** argv) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("program", sink));
#ifdef FOOTPRINT_OBSERVED
  langfuse::init();
  spdlog::default_logger()->sinks().push_back(std::make_shared<langfuse::SpdlogSink>());
  langfuse::attach(spdlog::default_logger());
  langfuse::PropagatedAttributes attributes;
  attributes.set_user_id("user-4711");
  const auto propagation = langfuse::propagate_attributes(attributes);
#endif
  for (int i = 1; i < argc; ++i) fetch(argv[i]);
}
