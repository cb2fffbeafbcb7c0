// What the receiver of a test holds, in the words of its own page.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "receiver/server.h"
#include "tests/support/http_client.h"

namespace langfuse::testing {

inline nlohmann::json read_json(const langfuse_receiver::Server& receiver,
                                const std::string& path) {
  langfuse_test::HttpClient client(receiver.url());
  const langfuse_test::HttpAnswer result = client.get(path);
  if (!result || result.status != 200) throw std::runtime_error("cannot read " + path);
  return nlohmann::json::parse(result.body);
}

// The traces, oldest first: `name`, `observations`, `events`, `errors`, ….
inline std::vector<nlohmann::json> received_traces(const langfuse_receiver::Server& receiver) {
  const nlohmann::json newest_first = read_json(receiver, "/local/traces").at("traces");
  return {newest_first.rbegin(), newest_first.rend()};
}

// The observations of a trace: `name`, `type`, `level`, `statusMessage`, `message`, ….
inline std::vector<nlohmann::json> received_observations(const langfuse_receiver::Server& receiver,
                                                         const nlohmann::json& trace) {
  const auto id = trace.at("id").get<std::string>();
  return read_json(receiver, "/local/traces/" + id).at("observations");
}

namespace internal {

// What the public interface says.
inline nlohmann::json read_data(const langfuse_receiver::Server& receiver,
                                const std::string& path) {
  langfuse_test::HttpClient client(receiver.url());
  client.set_basic_auth("pk-lf-local", "sk-lf-local");
  const langfuse_test::HttpAnswer result = client.get(path);
  if (result.status != 200) throw std::runtime_error("cannot read " + path);
  return nlohmann::json::parse(result.body).at("data");
}

}  // namespace internal

// The only root of that name, with `userId`, `tags`, ….
inline nlohmann::json received_root(const langfuse_receiver::Server& receiver,
                                    const std::string& name) {
  nlohmann::json found;
  for (const nlohmann::json& row : internal::read_data(
           receiver, "/api/public/v2/observations?fields=basic,trace_context&limit=1000")) {
    if (row.at("name") != name || !row.at("parentObservationId").is_null()) continue;
    if (!found.is_null()) throw std::runtime_error("two roots: " + name);
    found = row;
  }
  return found;
}

// The scores: `name`, `value`, `dataType`, ….
inline nlohmann::json received_scores(const langfuse_receiver::Server& receiver) {
  return internal::read_data(receiver, "/api/public/v3/scores");
}

}  // namespace langfuse::testing
