// The options of each stage behind the client, made from the settings in force.
#pragma once

#include "exporter/exporter.h"
#include "http/curl_options.h"
#include "pipeline/flusher.h"
#include "pipeline/settings/settings.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

ExporterOptions exporter_options(const Settings& settings);
CurlOptions curl_options(const Settings& settings);
// The first tick is random within the interval.
FlusherOptions flusher_options(const Settings& settings);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
