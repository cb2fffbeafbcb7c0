// A workflow over real mail, observed in Langfuse: every message is a trace with its steps, tool
// calls, model calls and log lines.
//
//   email_workflow [PATH] [--outbox DIR] [--data DIR] [--verbose]
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "examples/email_workflow/chat_client.h"
#include "examples/email_workflow/mailbox.h"
#include "examples/email_workflow/outbox.h"
#include "examples/email_workflow/stand_in_model.h"
#include "examples/email_workflow/tools.h"
#include "examples/email_workflow/workflow.h"
#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_attach.h"

namespace {

using namespace email_workflow;

struct Options {
  std::filesystem::path mailbox;
  std::filesystem::path outbox;
  std::filesystem::path data = EMAIL_WORKFLOW_DATA;
  bool verbose = false;
};

std::string environment(const char* name, const std::string& otherwise = {}) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

void handle_mailbox(const Options& options, const std::vector<RawMail>& mails) {
  Endpoint endpoint{environment("OPENAI_BASE_URL"), environment("OPENAI_API_KEY"),
                    environment("OPENAI_MODEL", "gpt-4o-mini")};
  std::optional<StandInModel> stand_in;
  if (endpoint.base_url.empty()) {
    stand_in.emplace();
    endpoint = {stand_in->base_url(), {}, StandInModel::model_name};
  }
  ChatClient model(endpoint);
  Toolbox tools(options.data);
  const Outbox outbox(options.outbox);
  spdlog::info("messages: {}, model {} at {}", mails.size(), endpoint.model, endpoint.base_url);

  EmailWorkflow workflow(model, tools, outbox);
  const Summary summary = langfuse::run_workflow_with_flush(workflow, mails);
  std::printf("\nMessages: %d handled (%d answered, %d archived), %zu failed\n", summary.handled(),
              summary.answered, summary.archived, summary.failures.size());
  for (const std::string& failure : summary.failures) std::printf("  %s\n", failure.c_str());
  std::printf("Answers: %s\n", outbox.folder().c_str());
}

void print_flush_report() {
  if (!langfuse::enabled()) {
    std::printf("Langfuse: off, %s\n", langfuse::why_disabled().c_str());
    return;
  }
  const langfuse::FlushResult flush = langfuse::shutdown();
  const langfuse::Stats stats = langfuse::stats();
  std::printf("Langfuse: delivered %llu, dropped %llu, pending %llu\n",
              static_cast<unsigned long long>(stats.delivered),
              static_cast<unsigned long long>(stats.dropped.total()),
              static_cast<unsigned long long>(flush.pending));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.mailbox = options.data / "mailbox";
  CLI::App app("Answers the mail of a mailbox with a language model, observed in Langfuse.",
               "email_workflow");
  app.add_option("PATH", options.mailbox,
                 "a folder of .eml files, one .eml file or an mbox file (default: the mailbox that "
                 "comes with the example)");
  app.add_option("--outbox", options.outbox,
                 "the folder that answers are written to (default: a new temporary one)");
  app.add_option("--data", options.data, "the folder with knowledge/, orders.json, calendar.json");
  app.add_flag("--verbose", options.verbose, "log lines of level debug as well");
  app.footer(
      "Environment:\n"
      "  LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY, LANGFUSE_BASE_URL  where the traces go\n"
      "  OPENAI_BASE_URL  a server of OpenAI's chat API, https://api.openai.com/v1 for instance;\n"
      "                   without it, a stand-in answers by rules, and no mail leaves the machine\n"
      "  OPENAI_API_KEY, OPENAI_MODEL  its key and model (gpt-4o-mini)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  // Lines go to stderr, so that stdout holds the summary alone.
  spdlog::set_default_logger(spdlog::stderr_color_mt("email_workflow"));
  if (options.verbose) spdlog::set_level(spdlog::level::debug);
  try {
    const std::vector<RawMail> mails = read_mailbox(options.mailbox);
    langfuse::init();
    langfuse::install_exit_hooks();
    langfuse::attach(spdlog::default_logger());
    handle_mailbox(options, mails);
    print_flush_report();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "email_workflow: %s\n", error.what());
    return 1;
  }
}
