#include "examples/email_workflow/tools.h"

#include <spdlog/spdlog.h>

#include <fstream>

namespace email_workflow {
namespace {

using nlohmann::json;

constexpr std::size_t most_articles = 2;

json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  json content = json::parse(file, nullptr, false);
  if (content.is_discarded()) throw std::runtime_error(path.string() + " is not JSON");
  return content;
}

std::string text_argument(const json& arguments, const std::string& name) {
  const auto argument = arguments.find(name);
  if (argument == arguments.end() || !argument->is_string()) {
    throw ToolError("the argument \"" + name + "\" is not a text");
  }
  return argument->get<std::string>();
}

}  // namespace

Toolbox::Toolbox(const std::filesystem::path& data)
    : knowledge_(data / "knowledge"),
      orders_(read_json(data / "orders.json")),
      free_slots_(read_json(data / "calendar.json").at("free")) {}

std::string Toolbox::description() {
  return "search_knowledge {\"query\": text}: articles of the knowledge base\n"
         "look_up_order {\"order\": \"A-1042\"}: state of an order\n"
         "find_free_slot {}: a free half hour in the calendar\n"
         "open_ticket {\"summary\": text}: a ticket for a colleague\n";
}

json Toolbox::run(const ToolStep& step) {
  if (step.tool == "search_knowledge") return search_knowledge(step.arguments);
  if (step.tool == "look_up_order") return look_up_order(step.arguments);
  if (step.tool == "find_free_slot") return find_free_slot();
  if (step.tool == "open_ticket") return open_ticket(step.arguments);
  throw ToolError("there is no tool \"" + step.tool + "\"");
}

json Toolbox::search_knowledge(const json& arguments) const {
  const std::string query = text_argument(arguments, "query");
  json articles = json::array();
  for (const FoundArticle& found : knowledge_.search(query, most_articles)) {
    articles.push_back({{"name", found.article->name},
                        {"title", found.article->title},
                        {"score", found.score},
                        {"text", found.article->text}});
  }
  if (articles.empty()) spdlog::warn("the knowledge base has nothing about \"{}\"", query);
  return articles;
}

json Toolbox::look_up_order(const json& arguments) const {
  const std::string number = text_argument(arguments, "order");
  const auto order = orders_.find(number);
  if (order == orders_.end()) throw ToolError("there is no order " + number);
  json result = *order;
  result["order"] = number;
  return result;
}

json Toolbox::find_free_slot() {
  if (next_slot_ == free_slots_.size()) throw ToolError("the calendar is full");
  return {{"slot", free_slots_[next_slot_++]}};
}

json Toolbox::open_ticket(const json& arguments) {
  const std::string ticket = "T-" + std::to_string(next_ticket_++);
  const std::string summary = text_argument(arguments, "summary");
  spdlog::info("opened ticket {}: {}", ticket, summary);
  return {{"ticket", ticket}, {"summary", summary}};
}

}  // namespace email_workflow
