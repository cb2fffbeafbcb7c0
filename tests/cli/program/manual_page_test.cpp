// The manual page: the one in docs/ is what the program says of itself.

#include "cli/program/manual_page.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using langfuse_cli::CommandFacts;

TEST(ManualPage, TheInstalledOneIsThatOfTheProgram) {
  const std::string made = ::testing::TempDir() + "langfuse-manual-" + std::to_string(::getpid());
  ASSERT_EQ(std::system((std::string(LANGFUSE_PROGRAM) + " manual > " + made).c_str()), 0);
  std::ifstream of_program(made);
  std::ifstream in_docs(LANGFUSE_SOURCE_DIR "/docs/langfuse-cpp.1");

  const std::string expected{std::istreambuf_iterator<char>(of_program), {}};
  const std::string found{std::istreambuf_iterator<char>(in_docs), {}};

  std::remove(made.c_str());
  EXPECT_NE(expected, "");
  EXPECT_EQ(found, expected) << "langfuse-cpp manual > docs/langfuse-cpp.1";
}

TEST(ManualPage, HasCommandsWithTheirOptionsAndExamples) {
  CommandFacts run;
  run.name = "run";
  run.description = "run it";
  run.footer = "Examples:\n  langfuse-cpp run -f x\n.hidden\\n";
  run.options = {{{"-f", "--file"}, "FILE", {}, "x.txt", "what to run"},
                 {{"--how"}, "TEXT", {"fast", "slow"}, "", "the way"}};
  run.arguments = {{{"target"}, "FILE", {}, "", "where to"}};
  CommandFacts program;
  program.description = "does things";
  program.footer = "Examples:\n  langfuse-cpp run";
  program.commands = {run};

  const std::string page = langfuse_cli::manual_page(program);

  const std::string section =
      ".SS \\fBlangfuse\\-cpp run\\fR \\fI[target]\\fR [\\fIoptions\\fR]\n"
      "run it\n"
      ".TP\n\\fItarget\\fR\nwhere to\n"
      ".TP\n\\fB\\-f\\fR, \\fB\\-\\-file\\fR \\fIFILE\\fR\nwhat to run (default: x.txt)\n"
      ".TP\n\\fB\\-\\-how\\fR \\fITEXT\\fR\nthe way: fast, slow\n"
      ".PP\n.nf\nExamples:\n  langfuse\\-cpp run \\-f x\n\\&.hidden\\en\n.fi\n";
  EXPECT_NE(page.find(section), std::string::npos) << page;
  EXPECT_NE(page.find(".SH NAME\nlangfuse\\-cpp \\- does things\n"), std::string::npos) << page;
  EXPECT_NE(page.find(".SH EXAMPLES\n.PP\n.nf\n  langfuse\\-cpp run\n.fi\n"), std::string::npos)
      << page;
}

}  // namespace
