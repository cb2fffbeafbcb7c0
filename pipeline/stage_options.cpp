#include "pipeline/stage_options.h"

#include <chrono>
#include <random>
#include <string_view>
#include <utility>

#include "exporter/endpoints.h"
#include "model/attribute_keys.h"
#include "model/version.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

ExporterOptions exporter_options(const Settings& settings) {
  const auto attribute = [](const AttributeKey& key, std::string_view value) {
    return std::pair<std::string, std::string>(key.text(), value);
  };
  ExporterOptions options;
  options.resource = {attribute(keys::service_name, settings.service_name),
                      attribute(keys::sdk_language, "cpp"),
                      attribute(keys::sdk_name, "langfuse-cpp"),
                      attribute(keys::sdk_version, version_text),
                      attribute(keys::environment, settings.environment),
                      attribute(keys::release, settings.release)};
  options.public_key = settings.public_key;
  options.traces_url = settings.traces_url;
  options.scores_url = settings.scores_url;
  options.compression = settings.compression;
  options.random_seed = std::random_device{}();
  return options;
}

CurlOptions curl_options(const Settings& settings) {
  CurlOptions options;
  options.user = settings.public_key;
  options.password = settings.secret_key;
  options.user_agent = std::string("langfuse-cpp/") + version_text;
  options.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(settings.timeout);
  options.ca_file = settings.ca_file;
  options.no_proxy = settings.no_proxy;
  options.headers = common_headers(settings.public_key, settings.headers);
  return options;
}

FlusherOptions flusher_options(const Settings& settings) {
  const std::chrono::nanoseconds interval =
      std::chrono::duration_cast<std::chrono::nanoseconds>(settings.flush_interval);
  std::random_device random;
  const double part = std::uniform_real_distribution<double>(0.1, 1.0)(random);
  return {settings.flush_at,
          settings.batch_max_bytes,
          interval,
          std::chrono::nanoseconds(
              static_cast<std::int64_t>(static_cast<double>(interval.count()) * part)),
          settings.on_batch,
          settings.on_drop};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
