#include "examples/email_workflow/stand_in_model.h"

#include <httplib.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "examples/email_workflow/stand_in_answers.h"

namespace email_workflow {
namespace {

using nlohmann::json;

struct Conversation {
  std::string model;
  std::string system;
  std::string user;
};

// Throws `json::exception` if it is not a chat request.
Conversation parse_conversation(const std::string& body) {
  const json request = json::parse(body);
  Conversation conversation;
  conversation.model = request.at("model").get<std::string>();
  for (const json& message : request.at("messages")) {
    const auto role = message.at("role").get<std::string>();
    const auto content = message.at("content").get<std::string>();
    if (role == "system") conversation.system = content;
    if (role == "user") conversation.user = content;
  }
  return conversation;
}

}  // namespace

struct StandInModel::State {
  httplib::Server server;
  std::thread thread;
  int port = 0;
  std::atomic<int> answered{0};
  std::mutex mutex;
  std::set<std::string> seen_prompts;  // guarded by mutex

  // Providers bill a known beginning of a prompt as cached. Here that is a repeated system message.
  int cached_tokens(const std::string& system) {
    const std::lock_guard<std::mutex> lock(mutex);
    return seen_prompts.insert(system).second ? 0 : stand_in_tokens(system);
  }

  json answer(const Conversation& conversation) {
    const std::string content = stand_in_answer(conversation.system, conversation.user);
    const int prompt = stand_in_tokens(conversation.system) + stand_in_tokens(conversation.user);
    const int completion = stand_in_tokens(content);
    return {{"id", "chatcmpl-" + std::to_string(++answered)},
            {"object", "chat.completion"},
            {"model", conversation.model},
            {"choices", json::array({{{"index", 0},
                                      {"message", {{"role", "assistant"}, {"content", content}}},
                                      {"finish_reason", "stop"}}})},
            {"usage",
             {{"prompt_tokens", prompt},
              {"completion_tokens", completion},
              {"total_tokens", prompt + completion},
              {"prompt_tokens_details", {{"cached_tokens", cached_tokens(conversation.system)}}}}}};
  }

  void handle(const httplib::Request& request, httplib::Response& response) {
    try {
      response.set_content(answer(parse_conversation(request.body)).dump(), "application/json");
    } catch (const json::exception& error) {
      response.status = 400;
      const json body = {{"error", {{"message", error.what()}, {"type", "invalid_request_error"}}}};
      response.set_content(body.dump(-1, ' ', false, json::error_handler_t::replace),
                           "application/json");
    }
  }
};

StandInModel::StandInModel() : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  state.server.set_tcp_nodelay(true);
  state.server.set_keep_alive_timeout(1);
  state.server.Post("/v1/chat/completions",
                    [&state](const httplib::Request& request, httplib::Response& response) {
                      state.handle(request, response);
                    });
  state.server.Get("/health", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("{}", "application/json");
  });
  state.port = state.server.bind_to_any_port("127.0.0.1");
  if (state.port <= 0) throw std::runtime_error("the stand-in model finds no free port");
  state.thread = std::thread([&state] { state.server.listen_after_bind(); });
  // `stop` before the server has begun to accept would be lost; an answer shows that it has.
  httplib::Client("127.0.0.1", state.port).Get("/health");
}

StandInModel::~StandInModel() {
  state_->server.stop();
  state_->thread.join();
}

std::string StandInModel::base_url() const {
  return "http://127.0.0.1:" + std::to_string(state_->port) + "/v1";
}

}  // namespace email_workflow
