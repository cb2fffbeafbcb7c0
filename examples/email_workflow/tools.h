// The tools that a plan may use: the knowledge base, the order book, the calendar, the ticket list.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "examples/email_workflow/knowledge.h"
#include "examples/email_workflow/plan.h"

namespace email_workflow {

// A tool could not do its work; `what()` has the reason.
class ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Toolbox {
 public:
  // `data` holds `knowledge/`, `orders.json` and `calendar.json`. Throws `std::runtime_error`,
  // naming what cannot be read.
  explicit Toolbox(const std::filesystem::path& data);

  // The description of the tools for the model, one line each.
  static std::string description();

  // Whether `tool` looks something up in the knowledge base.
  static bool is_retriever(const std::string& tool) { return tool == "search_knowledge"; }

  // Runs one step. Throws `ToolError`, also for a tool that does not exist.
  nlohmann::json run(const ToolStep& step);

 private:
  nlohmann::json search_knowledge(const nlohmann::json& arguments) const;
  nlohmann::json look_up_order(const nlohmann::json& arguments) const;
  nlohmann::json find_free_slot();
  nlohmann::json open_ticket(const nlohmann::json& arguments);

  KnowledgeBase knowledge_;
  nlohmann::json orders_;
  nlohmann::json free_slots_;
  std::size_t next_slot_ = 0;
  int next_ticket_ = 1001;
};

}  // namespace email_workflow
