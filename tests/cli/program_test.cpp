// The built program from outside: what it prints, how it ends.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "receiver/base/json_text.h"
#include "tests/support/http_client.h"
#include "tests/support/receiver_process.h"
#include "tests/support/temporary_folder.h"

namespace {

using langfuse::testing::ChildProcess;
using langfuse::testing::Ended;
using langfuse::testing::run_in_shell;
using langfuse_receiver::Json;
using langfuse_test::ReceiverProcess;
using langfuse_test::TemporaryFolder;

// Runs the program to its end; without the line breaks at the end of what it says.
Ended run(const std::string& arguments) {
  Ended ended = run_in_shell(LANGFUSE_PROGRAM " " + arguments);
  while (!ended.output.empty() && ended.output.back() == '\n') ended.output.pop_back();
  return ended;
}

std::string port_of(const ReceiverProcess& receiver) {
  return receiver.url().substr(receiver.url().rfind(':') + 1);
}

void post_recording(const ReceiverProcess& receiver) {
  std::ifstream file(LANGFUSE_TEST_DATA "/js-sdk/otlp-request.json");
  const std::string body{std::istreambuf_iterator<char>(file), {}};
  langfuse_test::HttpClient client(receiver.url());
  client.set_basic_auth(receiver.public_key(), receiver.secret_key());
  const auto result = client.post("/api/public/otel/v1/traces", body, "application/json");
  ASSERT_TRUE(result);
  ASSERT_EQ(result.status, 200);
}

TEST(Program, AnUnknownSubcommandIsNamed) {
  const Ended ended = run("frobnicate");

  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.output,
            "langfuse-cpp: error: there is no subcommand \"frobnicate\"; there are: completion, "
            "doctor, export, import, local, manual, show (see langfuse-cpp --help)");
}

TEST(Program, AnUnknownOptionIsNamed) {
  const Ended ended = run("local --prot 1");

  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.output,
            "langfuse-cpp: error: there is no option --prot (see langfuse-cpp local --help)");
}

TEST(Program, AWordTooManyIsNamed) {
  const Ended ended = run("doctor twice");

  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.output,
            "langfuse-cpp: error: \"twice\" is one word too many (see langfuse-cpp doctor --help)");
}

TEST(Program, BadValuesAreNamed) {
  EXPECT_EQ(run("local --port 70000").status, 2);
  EXPECT_EQ(run("local --port three").output,
            "langfuse-cpp: error: --port: expected a number from 0 to 65535, got three (see "
            "langfuse-cpp local --help)");
  EXPECT_EQ(run("local --max-bytes 5XB").output,
            "langfuse-cpp: error: --max-bytes: expected a size, 500MB for instance, got 5XB (see "
            "langfuse-cpp local --help)");
  EXPECT_EQ(run("export --all --format x").output,
            "langfuse-cpp: error: --format: expected otlp or chrome, got x (see langfuse-cpp "
            "export --help)");
  EXPECT_EQ(run("local --db x --memory").status, 2);
  EXPECT_EQ(run("show --all --last").status, 2);
  EXPECT_EQ(run("local --max-traces 0").output,
            "langfuse-cpp: error: --max-traces: expected a number above 0, got 0 (see langfuse-cpp "
            "local --help)");
  EXPECT_EQ(run("local --max-bytes -5").output,
            "langfuse-cpp: error: --max-bytes: expected a number above 0, got -5 (see langfuse-cpp "
            "local --help)");
  EXPECT_EQ(run("doctor --pid 0").status, 2);
  for (const std::string seconds : {"0", "nan", "1e300", "soon"}) {
    const std::string complaint = ": expected seconds above 0 and up to 86400, got " + seconds;
    EXPECT_EQ(run("show --follow --interval " + seconds).output,
              "langfuse-cpp: error: --interval" + complaint + " (see langfuse-cpp show --help)");
    EXPECT_EQ(run("doctor --timeout " + seconds).output,
              "langfuse-cpp: error: --timeout" + complaint + " (see langfuse-cpp doctor --help)");
  }
  const Ended keys = run("local --keys nonsense");
  EXPECT_EQ(keys.status, 1);
  EXPECT_EQ(
      keys.output,
      "langfuse-cpp: error: --keys: expected PUBLIC:SECRET, for instance pk-lf-local:sk-lf-local");
}

TEST(Program, WithoutASubcommandItExplainsItselfAndFails) {
  const Ended ended = run("");

  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.output.find("langfuse-cpp local --db traces.db"), std::string::npos)
      << ended.output;
}

TEST(Program, HelpAndVersionSucceed) {
  EXPECT_EQ(run("--version").output, "langfuse-cpp " LANGFUSE_PROGRAM_VERSION);
  EXPECT_EQ(run("--version").status, 0);
  EXPECT_EQ(run("--help").status, 0);
  const Ended ended = run("import --help");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.output.substr(0, ended.output.find("\n\nArguments:")),
            "langfuse-cpp import: send the traces that `export` printed to a server\n\n"
            "Usage: langfuse-cpp import files... [options]");
}

TEST(Program, APortInUseIsNamedAndTheNextFreeOneOffered) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  const std::string port = port_of(receiver);

  const Ended ended = run("local --port " + port);

  EXPECT_EQ(ended.status, 1);
  const std::string expected = "langfuse-cpp: error: cannot listen on port " + port +
                               ": Address already in use\nThe next free port is ";
  EXPECT_EQ(ended.output.substr(0, expected.size()), expected);
  const std::string offered = ended.output.substr(
      expected.size(), ended.output.find(':', expected.size()) - expected.size());
  EXPECT_EQ(ended.output.substr(ended.output.rfind('\n') + 1),
            "  langfuse-cpp local --port " + offered);
  EXPECT_GT(std::stoi(offered), std::stoi(port));
}

TEST(Program, TheCommandOfferedForTheNextFreePortKeepsTheOtherOptions) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);

  const Ended ended =
      run("local --port " + port_of(receiver) + " --db \"ada's traces.db\" --keys pk:sk");

  const std::string expected = R"( --db 'ada'\''s traces.db' --keys pk:sk)";
  ASSERT_GE(ended.output.size(), expected.size()) << ended.output;
  EXPECT_EQ(ended.output.substr(ended.output.size() - expected.size()), expected);
}

TEST(Program, AnEmptyDatabaseNameIsNotMemory) {
  const Ended ended = run("local --port 0 --db ''");

  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.output.find("--db: the name of the file is empty"), std::string::npos)
      << ended.output;
}

TEST(Program, ADatabaseFileOfAnotherProgramIsNamed) {
  const TemporaryFolder folder;
  std::ofstream(folder / "notes.txt") << "these are notes of mine, and no database of yours";

  const Ended ended = run("local --port 0 --db " + folder / "notes.txt");

  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.output,
            "langfuse-cpp: error: cannot use " + folder / "notes.txt" +
                " as the database: it is not a database; give another file with --db");
}

TEST(Program, WhatOthersCouldReadIsNotUsedForTheData) {
  const TemporaryFolder folder;
  const std::string database = folder / "traces.db";
  std::filesystem::create_directory_symlink("/tmp", database + "-media");
  std::filesystem::create_symlink(folder / "elsewhere.db", folder / "link.db");

  EXPECT_EQ(run("local --port 0 --db " + database).output,
            "langfuse-cpp: error: cannot keep media in " + database +
                "-media: it is a symbolic link; or give another file with --db");
  EXPECT_EQ(run("local --port 0 --db " + folder / "link.db").output,
            "langfuse-cpp: error: cannot use " + folder / "link.db" +
                " as the database: it is a symbolic link, and what it leads to cannot be reached "
                "(No such file or directory); give another file with --db");
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere.db"));
}

TEST(Program, SignalsEndItCleanly) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ReceiverProcess receiver(LANGFUSE_PROGRAM);
    receiver.get("/api/public/health");

    const int status = receiver.end(signal);

    ASSERT_TRUE(WIFEXITED(status)) << signal;
    EXPECT_EQ(WEXITSTATUS(status), 0) << signal;
  }
}

TEST(Program, UnderNohupItOutlivesTheTerminal) {
  ChildProcess local(
      {"/bin/sh", "-c", "trap '' HUP; exec \"$0\" local --port 0", LANGFUSE_PROGRAM});
  const std::string url = local.read_line().substr(std::string("listening on ").size());

  local.send(SIGHUP);

  const auto answer = langfuse_test::HttpClient(url).get("/api/public/health");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(WEXITSTATUS(local.end(SIGTERM)), 0);
}

TEST(Program, WhatWasAnsweredIsInTheFileAfterAKill) {
  const TemporaryFolder folder;
  {
    ReceiverProcess receiver(LANGFUSE_PROGRAM, {"--db", folder / "traces.db"});
    post_recording(receiver);
    receiver.end(SIGKILL);
  }

  const ReceiverProcess again(LANGFUSE_PROGRAM, {"--db", folder / "traces.db"});

  EXPECT_EQ(Json::parse(again.get("/api/public/v2/observations"))["data"].size(), 12U);
}

TEST(Program, OtherKeysMayBeChosen) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM, {"--keys", "pk-lf-mine:sk-lf-mine"});
  langfuse_test::HttpClient client(receiver.url());

  client.set_basic_auth("pk-lf-mine", "sk-lf-mine");
  EXPECT_EQ(client.get("/api/public/projects").status, 200);
  client.set_basic_auth(receiver.public_key(), receiver.secret_key());
  EXPECT_EQ(client.get("/api/public/projects").status, 401);
}

TEST(Program, ShowDrawsTheTracesOfAReceiver) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  const std::string url = " --url " + receiver.url();
  const Ended none = run("show" + url);
  const Ended none_of_all = run("show --all" + url);
  const Ended no_json = run("show --all --json" + url);
  post_recording(receiver);

  const Ended newest = run("show" + url);
  const Ended one = run("show bbdfb255021cbb47837dde7523039d44" + url);
  const Ended all = run("show --all" + url);
  const Ended json = run("show --all --json" + url);

  EXPECT_EQ(none.status, 1);
  EXPECT_EQ(none.output, "langfuse-cpp: no trace has arrived yet");
  EXPECT_EQ(none_of_all.status, 1);
  EXPECT_EQ(none_of_all.output, none.output);
  EXPECT_EQ(no_json.status, 0);
  EXPECT_EQ(no_json.output, "[]");
  EXPECT_EQ(newest.output.substr(0, 10), "late-root ");
  EXPECT_EQ(one.output.substr(0, 11), "rich-trace ");
  EXPECT_NE(one.output.find("│  └─ calc-tool "), std::string::npos) << one.output;
  EXPECT_NE(all.output.find("\n\nlate-root "), std::string::npos) << all.output;
  EXPECT_EQ(Json::parse(json.output).size(), 12U);
}

TEST(Program, ShowSaysWhatToDoWhenItCannotRead) {
  ReceiverProcess receiver(LANGFUSE_PROGRAM, {"--keys", "pk-lf-mine:sk-lf-mine"});

  const Ended refused = run("show --url " + receiver.url());
  const Ended no_host = run("show --url http://");
  const Ended unknown = run("show --url ftp://localhost");

  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.output.find("does not know these keys (401)"), std::string::npos);
  EXPECT_EQ(unknown.status, 1);
  EXPECT_EQ(unknown.output,
            "langfuse-cpp: error: the address \"ftp://localhost\" does not begin with http:// or "
            "https://");
  EXPECT_EQ(no_host.output, "langfuse-cpp: error: the address \"http://\" has no host");

  receiver.end(SIGTERM);
  const Ended gone = run("show --url " + receiver.url());

  EXPECT_EQ(gone.status, 1);
  EXPECT_EQ(gone.output, "langfuse-cpp: error: cannot reach " + receiver.url() +
                             ": nothing answers there\nIs the receiver running? Start it with:\n"
                             "  langfuse-cpp local");
}

TEST(Program, OnlyForThisMachineItOffersToStartTheReceiver) {
  const Ended elsewhere =
      run_in_shell("env no_proxy='*' " LANGFUSE_PROGRAM " show --url http://0.0.0.0:1");

  EXPECT_EQ(elsewhere.output,
            "langfuse-cpp: error: cannot reach http://0.0.0.0:1: nothing answers there\n");
}

// The two build systems embed files with two scripts; the programs must not differ.
TEST(EmbedFile, BothScriptsWriteTheSameBytes) {
  const TemporaryFolder folder;
  const std::string tools = LANGFUSE_SOURCE_DIR "/tools/";
  for (const std::size_t size : {1U, 16U, 17U, 1000U}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) {
      bytes += static_cast<char>(i * 7);
    }
    std::ofstream(folder / "input", std::ios::binary) << bytes;
    const std::string by_cmake = folder / "by_cmake.cpp";
    const std::string by_python = folder / "by_python.cpp";
    ChildProcess cmake({"/usr/bin/env", "cmake", "-DINPUT=" + folder / "input",
                        "-DOUTPUT=" + by_cmake, "-DNAMESPACE=example", "-DNAME=data", "-P",
                        tools + "embed_file.cmake"});
    ASSERT_EQ(cmake.wait(), 0);
    ChildProcess python({"/usr/bin/env", "python3", tools + "embed_file.py", folder / "input",
                         by_python, "example", "data"});
    ASSERT_EQ(python.wait(), 0);

    std::ifstream first(by_cmake);
    std::ifstream second(by_python);
    const std::string first_text{std::istreambuf_iterator<char>(first), {}};
    const std::string second_text{std::istreambuf_iterator<char>(second), {}};
    EXPECT_GT(first_text.size(), size * 5);
    EXPECT_EQ(first_text, second_text) << size;
  }
}

TEST(Program, WhatIsExportedCanBeImported) {
  const TemporaryFolder folder;
  const std::string file = folder / "traces.jsonl";
  const ReceiverProcess from(LANGFUSE_PROGRAM);
  const ReceiverProcess to(LANGFUSE_PROGRAM);
  post_recording(from);

  const Ended exported = run("export --all --url " + from.url() + " > " + file);
  const Ended imported = run("import --url " + to.url() + " " + file);

  EXPECT_EQ(exported.status, 0);
  EXPECT_EQ(imported.status, 0) << imported.output;
  const std::string fields =
      "/api/public/v2/observations?limit=1000&fields=basic,io,metadata,model,usage,trace_context";
  EXPECT_EQ(Json::parse(to.get(fields))["data"].size(),
            Json::parse(from.get(fields))["data"].size());
}

std::string text_in(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

// All times from 1970 to 2262, and names that the receiver itself adds.
TEST(Program, AnExportOfAnImportIsTheSameByteForByte) {
  const TemporaryFolder folder;
  const auto span = [](const std::string& trace_digit, const std::string& times) {
    return R"({"traceId":")" + std::string(32, trace_digit[0]) + R"(","spanId":"b7ad6b716920333)" +
           trace_digit + R"(","name":"step","startTimeUnixNano":")" + times +
           R"(","endTimeUnixNano":")" + times +
           R"(","attributes":[)"
           R"({"key":"langfuse.observation.metadata.scope.x","value":{"stringValue":"own"}},)"
           R"({"key":"langfuse.observation.metadata.resourceAttributes.y","value":{"intValue":"5"}},)"
           R"({"key":"langfuse.observation.metadata.attributes.user.id","value":{"stringValue":"z"}},)"
           R"({"key":"langfuse.observation.metadata.cut","value":{"stringValue":"\ud83e"}}]})";
  };
  std::ofstream(folder / "sent.jsonl")
      << R"({"resourceSpans":[{"scopeSpans":[{"scope":{"name":"my.library"},"spans":[)"
      << span("1", "0") << "," << span("2", "9223372036854775807") << "]}]}]}\n";
  const ReceiverProcess one(LANGFUSE_PROGRAM);
  const ReceiverProcess other(LANGFUSE_PROGRAM);

  EXPECT_EQ(run("import --url " + one.url() + " " + folder / "sent.jsonl").status, 0);
  run("export --all --url " + one.url() + " > " + folder / "first.jsonl");
  EXPECT_EQ(run("import --url " + other.url() + " " + folder / "first.jsonl").status, 0);
  run("export --all --url " + other.url() + " > " + folder / "second.jsonl");

  const std::string fields = "/api/public/v2/observations?fields=core,basic,metadata,metrics";
  EXPECT_NE(text_in(folder / "first.jsonl"), "");
  EXPECT_EQ(text_in(folder / "first.jsonl"), text_in(folder / "second.jsonl"));
  EXPECT_EQ(one.get(fields), other.get(fields));
  const Json metadata = Json::parse(other.get(fields))["data"][0]["metadata"];
  EXPECT_EQ(metadata["scope.x"], Json("own"));
  EXPECT_EQ(metadata["scope.name"], Json("my.library"));
  EXPECT_EQ(metadata["attributes.user.id"], Json("z"));
  const std::string shown = run("show --all --url " + other.url()).output;
  EXPECT_NE(shown.find("\n1970-01-01 00:00:00 UTC · 0.00 ms"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\n2262-04-11 23:47:16 UTC · 0.00 ms"), std::string::npos) << shown;
}

TEST(Program, ALineThatIsRefusedIsNamed) {
  const TemporaryFolder folder;
  const std::string file = folder / "traces.jsonl";
  std::ofstream(file) << "{}\nnot json\n";
  const ReceiverProcess to(LANGFUSE_PROGRAM);

  const Ended imported = run("import --url " + to.url() + " " + file);

  EXPECT_EQ(imported.status, 1);
  EXPECT_NE(imported.output.find(file + ":2: "), std::string::npos) << imported.output;
}

TEST(Program, AFolderIsNotImportedAsAnEmptyFile) {
  const TemporaryFolder folder;
  const ReceiverProcess to(LANGFUSE_PROGRAM);

  const Ended imported = run("import --url " + to.url() + " " + folder.path().string());

  EXPECT_EQ(imported.status, 1);
  EXPECT_EQ(imported.output,
            "langfuse-cpp: error: cannot read " + folder.path().string() + ": Is a directory");
}

TEST(Program, OutputThatCannotBeWrittenIsAFailure) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  const std::string url = " --url " + receiver.url();
  post_recording(receiver);

  for (const std::string& command :
       {std::string("manual"), std::string("--help"), "show" + url, "show --all --json" + url,
        "show --last --follow" + url, "export --all" + url}) {
    const Ended ended =
        run_in_shell("sh -c '" LANGFUSE_PROGRAM " " + command + " 2>&1 >/dev/full'");

    EXPECT_EQ(ended.status, 1) << command;
    EXPECT_EQ(ended.output, "langfuse-cpp: error: cannot write the output\n") << command;
  }
}

// A browser that says in a pipe what it was asked to show.
TEST(Program, OpenShowsThePageInABrowser) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "shown";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::ofstream(folder / "browser") << "#!/bin/sh\nprintf %s \"$1\" >'" << pipe << "'\n";
  std::filesystem::permissions(folder / "browser", std::filesystem::perms::owner_all);

  ChildProcess local({LANGFUSE_PROGRAM, "local", "--port", "0", "--open"},
                     {{"BROWSER", folder / "browser"}});
  const std::string first = local.read_line();
  std::string shown;
  std::getline(std::ifstream(pipe), shown);

  EXPECT_EQ(first, "listening on " + shown);
}

TEST(Program, WithoutABrowserOpenSaysWhereThePageIs) {
  ChildProcess local({"/bin/sh", "-c", "exec \"$0\" local --port 0 --open 2>&1", LANGFUSE_PROGRAM},
                     {{"PATH", "/nowhere"}, {"BROWSER", ""}});
  std::string line = local.read_line();
  const std::string url = line.substr(std::string("listening on ").size());
  while (line.rfind("langfuse-cpp: ", 0) != 0) {
    line = local.read_line();
  }

  EXPECT_EQ(line, "langfuse-cpp: warning: no browser could be started; the page is at " + url);
}

TEST(Program, RetentionIsAnOptionOfLocal) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM,
                                 {"--memory", "--max-traces", "1", "--max-bytes", "64MB"});
  post_recording(receiver);

  EXPECT_EQ(Json::parse(receiver.get("/local/traces"))["traces"].size(), 1U);
  EXPECT_EQ(run("local --max-traces 0").status, 2);
}

}  // namespace
