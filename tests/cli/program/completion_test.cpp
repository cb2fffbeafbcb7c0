// `langfuse-cpp completion`: what bash makes of the script, and that zsh's says the same.

#include "cli/program/completion.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/receiver_process.h"
#include "tests/support/temporary_folder.h"

namespace {

using langfuse::testing::ChildProcess;
using langfuse_cli::CommandFacts;

// All that it prints, without the last line break.
std::string output_of(const std::string& command) {
  ChildProcess shell({"/bin/bash", "--norc", "-c", command + "; echo; echo end"});
  std::string output;
  for (std::string line = shell.read_line(); line != "end"; line = shell.read_line()) {
    output += line + "\n";
  }
  EXPECT_EQ(shell.wait(), 0) << command;
  const std::size_t end = output.find_last_not_of('\n');
  return end == std::string::npos ? "" : output.substr(0, end + 1);
}

// What bash offers for the last of `words`, separated by spaces.
std::string offered(const std::string& words) {
  return output_of(std::string("source <(") + LANGFUSE_PROGRAM + " completion bash); COMP_WORDS=(" +
                   words + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _langfuse_cpp; " +
                   "echo \"${COMPREPLY[@]}\"");
}

TEST(Completion, OffersTheCommandsAndTheProgramsOptions) {
  EXPECT_EQ(offered("langfuse-cpp ''"),
            "completion doctor export import local manual show -h --help --version");
  EXPECT_EQ(offered("langfuse-cpp do"), "doctor");
  EXPECT_EQ(offered("langfuse-cpp --v"), "--version");
}

TEST(Completion, OffersTheOptionsOfTheCommandThatIsThere) {
  EXPECT_EQ(offered("langfuse-cpp local --"),
            "--help --port --db --memory --keys --max-traces --max-bytes --open");
  EXPECT_EQ(offered("langfuse-cpp show --al"), "--all");
  EXPECT_EQ(offered("langfuse-cpp show --last --j"), "--json");
  EXPECT_EQ(offered("langfuse-cpp doctor --json --p"), "--pid");
}

TEST(Completion, OffersTheChoicesOfAnArgument) {
  EXPECT_EQ(offered("langfuse-cpp completion ''"), "bash zsh -h --help");
  EXPECT_EQ(offered("langfuse-cpp completion z"), "zsh");
}

TEST(Completion, OffersFilesWhereAFileIsWanted) {
  const std::string folder = std::string(LANGFUSE_TEST_DATA) + "/js-sdk/";

  EXPECT_EQ(offered("langfuse-cpp local --db " + folder + "server"), folder + "server-rows.json");
}

TEST(Completion, OffersNamesWithSpacesWhole) {
  const langfuse_test::TemporaryFolder folder;
  std::ofstream(folder / "my traces.db");

  EXPECT_EQ(offered("langfuse-cpp local --db " + folder / "my"), folder / "my traces.db");
  EXPECT_EQ(
      output_of("source <(" LANGFUSE_PROGRAM " completion bash); COMP_WORDS=(langfuse-cpp local "
                "--db " +
                folder / "my" + "); COMP_CWORD=3; _langfuse_cpp; echo \"${#COMPREPLY[@]}\""),
      "1");
}

TEST(Completion, ZshTakesTheScript) {
  if (output_of("command -v zsh") == "") {
    GTEST_SKIP() << "zsh is not installed";
  }

  EXPECT_EQ(output_of("zsh -f -c 'compdef() { print -r -- $*; }; source <(" LANGFUSE_PROGRAM
                      " completion zsh)'"),
            "_langfuse-cpp langfuse-cpp");
  EXPECT_EQ(
      output_of("zsh -f -c 'compdef() { _arguments() { print -r -- ${argv[-1]}; "
                "state=arguments; }; words=(import); _langfuse-cpp; }; source <(" LANGFUSE_PROGRAM
                " completion zsh)'"),
      "*::argument:->arguments\n*:FILE:_files");
}

TEST(Completion, TheInstalledScriptsAreThoseOfTheProgram) {
  const std::string folder = LANGFUSE_SOURCE_DIR "/cli/program/completions/";

  EXPECT_EQ(output_of("cat " + folder + "langfuse-cpp"),
            output_of(LANGFUSE_PROGRAM " completion bash"))
      << "langfuse-cpp completion bash >cli/program/completions/langfuse-cpp";
  EXPECT_EQ(output_of("cat " + folder + "_langfuse-cpp"),
            output_of(LANGFUSE_PROGRAM " completion zsh"))
      << "langfuse-cpp completion zsh >cli/program/completions/_langfuse-cpp";
}

TEST(Completion, OffersNothingForAValueThatOnlyTheUserKnows) {
  EXPECT_EQ(offered("langfuse-cpp local --port ''"), "");
  EXPECT_EQ(offered("langfuse-cpp show --url ''"), "");
}

TEST(Completion, AnUnknownShellIsNamed) {
  ChildProcess program({"/bin/sh", "-c", std::string(LANGFUSE_PROGRAM) + " completion fish 2>&1"});

  EXPECT_NE(program.read_line().find("expected bash or zsh, got fish"), std::string::npos);
  EXPECT_EQ(WEXITSTATUS(program.wait()), 2);
}

CommandFacts example() {
  CommandFacts run;
  run.name = "run";
  run.description = "run it: now";
  run.options = {{{"-f", "--file"}, "FILE", {}, "", "what [to] run"},
                 {{"--how"}, "TEXT", {"fast", "slow"}, "", "Ada's way"},
                 {{"--quiet"}, "", {}, "", "say nothing"}};
  run.arguments = {{{"target"}, "FILE", {}, "", "where to"}};
  CommandFacts program;
  program.name = "langfuse-cpp";
  program.options = {{{"--version"}, "", {}, "", "the version"}};
  program.commands = {run};
  return program;
}

TEST(Completion, BashKnowsValuesFilesAndChoices) {
  const std::string script = langfuse_cli::bash_completion(example());

  EXPECT_NE(script.find("    \"run -f\"|\"run --file\") _langfuse_cpp_files; return ;;\n"),
            std::string::npos)
      << script;
  EXPECT_NE(script.find("    \"run --how\") COMPREPLY=($(compgen -W 'fast slow' -- "
                        "\"$current\")); return ;;\n"),
            std::string::npos)
      << script;
  EXPECT_NE(script.find("    run) words='-f --file --how --quiet'; files=yes ;;\n"),
            std::string::npos)
      << script;
}

TEST(Completion, ZshKnowsDescriptionsValuesFilesAndChoices) {
  const std::string script = langfuse_cli::zsh_completion(example());

  EXPECT_NE(script.find("'run:run it\\: now'\n"), std::string::npos) << script;
  EXPECT_NE(script.find("'(-f --file)--file[what \\[to\\] run]:FILE:_files'"), std::string::npos)
      << script;
  EXPECT_NE(script.find("'(--how)--how[Ada'\\''s way]:TEXT:(fast slow)'"), std::string::npos)
      << script;
  EXPECT_NE(script.find("'(--quiet)--quiet[say nothing]'"), std::string::npos) << script;
  EXPECT_NE(script.find("':FILE:_files'"), std::string::npos) << script;
}

}  // namespace
