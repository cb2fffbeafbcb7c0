#include "cli/commands/export_command.h"

#include <cstdio>

#include "cli/server/server_settings.h"
#include "cli/terminal/command_error.h"

namespace langfuse_cli {

int run_export(const ExportOptions& options) {
  if (options.all == !options.trace_id.empty()) {
    throw CommandError("name a trace, or say --all");
  }
  const bool is_plain =
      options.trace_id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!is_plain) {
    throw CommandError("\"" + options.trace_id + "\" is not the id of a trace");
  }
  const std::string trace = options.all ? "all" : options.trace_id;
  reader_of(options.url)
      .download("/local/export?trace=" + trace + "&format=" + options.format,
                [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
  return 0;
}

}  // namespace langfuse_cli
