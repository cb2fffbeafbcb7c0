// A plugin with a project of its own: it logs through the sink, inside and outside a scope.
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <langfuse/tracing/observe.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace {

std::string plugin_name;

}  // namespace

extern "C" {

// What is logged by this plugin carries `name` and goes to the server at `url`. 0 on success.
int plugin_start(const char* name, const char* url) {
  plugin_name = name;
  langfuse::Config config;
  config.public_key = "pk-lf-" + plugin_name;
  config.secret_key = "sk-lf-" + plugin_name;
  config.base_url = url;
  if (langfuse::init(config)) return 1;
  // In the registry of the shared libspdlog, beside the other plugin's logger.
  spdlog::register_logger(
      std::make_shared<spdlog::logger>(plugin_name, std::make_shared<langfuse::SpdlogSink>()));
  return 0;
}

void plugin_log(int number) {
  const auto logger = spdlog::get(plugin_name);
  logger->info("outside {} of {}.", number, plugin_name);
  auto step = langfuse::observe("scope " + std::to_string(number) + " of " + plugin_name + ".");
  logger->info("inside {} of {}.", number, plugin_name);
}

// 0 when everything was delivered.
int plugin_stop() {
  const langfuse::FlushResult result = langfuse::flush();
  langfuse::shutdown();
  return result.status == langfuse::FlushStatus::ok && result.dropped.total() == 0 ? 0 : 1;
}

}  // extern "C"
