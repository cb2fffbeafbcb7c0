// Media: announced, uploaded, read, kept.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "receiver/routes.h"
#include "receiver/store/media_store.h"
#include "tests/receiver/receiver_requests.h"
#include "tests/receiver/spans/otlp_builder.h"
#include "tests/support/temporary_folder.h"

namespace {

using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::MediaStore;
using langfuse_receiver::Store;
using langfuse_test::get_request;
using langfuse_test::post_request;

constexpr const char* hello = "hello langfuse";
constexpr const char* hello_sha256 = "EkaSq4d1gtFKnnSBoO6LijGgCTRt9bdPAakens4dDI8=";
constexpr const char* hello_id = "EkaSq4d1gtFKnnSBoO6Lij";
constexpr const char* trace_id = "0af7651916cd43dd8448eb211c80319c";

Json announcement() {
  return {{"traceId", trace_id}, {"observationId", "b7ad6b7169203331"},
          {"field", "input"},    {"contentType", "text/plain"},
          {"contentLength", 14}, {"sha256Hash", hello_sha256}};
}

class MediaRoutes : public ::testing::Test {
 protected:
  HttpResponse answer(const HttpRequest& request) {
    langfuse_receiver::RouteOptions options = langfuse_test::route_options();
    options.media = &media_;
    return langfuse_receiver::answer(request, options, store_);
  }

  HttpResponse announce(const Json& body) {
    return answer(post_request("/api/public/media", body.dump()));
  }

  HttpResponse upload(const std::string& bytes, const std::string& content_type = "text/plain") {
    HttpRequest request =
        post_request(std::string("/local/media/") + hello_id, bytes, content_type);
    request.method = "PUT";
    request.headers.erase("authorization");
    return answer(request);
  }

  Store store_{""};
  MediaStore media_{""};
};

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

TEST_F(MediaRoutes, AFileIsAnnouncedUploadedAndReadInTheShapesOfAServer) {
  const HttpResponse announced = announce(announcement());
  const HttpResponse uploaded = upload(hello);
  HttpRequest patch = post_request(std::string("/api/public/media/") + hello_id,
                                   R"({"uploadedAt":"2026-08-06T07:06:43Z","uploadHttpStatus":200,)"
                                   R"("uploadTimeMs":3})");
  patch.method = "PATCH";
  const HttpResponse reported = answer(patch);
  const HttpResponse read = answer(get_request(std::string("/api/public/media/") + hello_id));
  const HttpResponse bytes = answer(get_request(std::string("/local/media/") + hello_id));

  EXPECT_EQ(announced.status, 201);
  EXPECT_EQ(announced.body,
            R"({"mediaId":"EkaSq4d1gtFKnnSBoO6Lij",)"
            R"("uploadUrl":"http://127.0.0.1:3000/local/media/EkaSq4d1gtFKnnSBoO6Lij"})");
  EXPECT_EQ(uploaded.status, 200) << uploaded.body;
  EXPECT_EQ(reported.status, 200);
  EXPECT_EQ(reported.body, R"({"message":"OK"})");
  const Json description = Json::parse(read.body);
  EXPECT_EQ(description["contentType"], "text/plain");
  EXPECT_EQ(description["contentLength"], 14);
  EXPECT_EQ(description["url"], std::string("http://127.0.0.1:3000/local/media/") + hello_id);
  EXPECT_EQ(bytes.body, hello);
}

TEST_F(MediaRoutes, BytesThatAreHereAreNotUploadedAgain) {
  announce(announcement());
  upload(hello);
  Json again = announcement();
  again["field"] = "output";

  const HttpResponse response = announce(again);

  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, R"({"mediaId":"EkaSq4d1gtFKnnSBoO6Lij","uploadUrl":null})");
}

TEST_F(MediaRoutes, ATraceListsItsMediaOnceTheyAreHere) {
  const auto media_of_trace = [this] {
    const std::string path = std::string("/local/traces/") + trace_id;
    return Json::parse(answer(get_request(path)).body).value("media", Json());
  };
  answer(post_request(
      "/api/public/otel/v1/traces",
      langfuse_test::export_of({langfuse_test::span("b7ad6b7169203331", "step")}).dump()));
  announce(announcement());

  const Json before = media_of_trace();
  upload(hello);

  EXPECT_EQ(before, Json::array());
  EXPECT_EQ(media_of_trace().dump(),
            R"([{"mediaId":"EkaSq4d1gtFKnnSBoO6Lij","observationId":"b7ad6b7169203331",)"
            R"("field":"input","contentType":"text/plain","contentLength":14,)"
            R"("url":"/local/media/EkaSq4d1gtFKnnSBoO6Lij"}])");
}

TEST_F(MediaRoutes, AnAnnouncementIsRefusedByTheNameOfItsField) {
  const std::vector<std::tuple<const char*, Json, const char*>> table = {
      {"traceId", Json(), "traceId: is missing"},
      {"field", "comment", "field: expected input, output or metadata"},
      {"contentType", "text/exe", "contentType: text/exe is not accepted"},
      {"contentLength", 0, "contentLength: expected 1 to 1048576 bytes"},
      {"contentLength", 1'048'577, "contentLength: expected 1 to 1048576 bytes"},
      {"contentLength", "14", "contentLength: expected an integer"},
      {"sha256Hash", "abc", "sha256Hash: expected the 44 characters of a SHA-256 in base64"},
      {"sha256Hash", "../../../../../../../../../../../etc/passwd=",
       "sha256Hash: expected the 44 characters of a SHA-256 in base64"}};
  for (const auto& [field, value, message] : table) {
    Json body = announcement();
    body[field] = value;

    const HttpResponse response = announce(body);

    EXPECT_EQ(response.status, 400) << field;
    EXPECT_EQ(Json::parse(response.body)["error"], message);
  }
}

TEST_F(MediaRoutes, OnlyTheAnnouncedBytesAreKept) {
  announce(announcement());

  EXPECT_EQ(upload("hello Langfuse").status, 400);
  EXPECT_EQ(upload("hello").status, 400);
  EXPECT_EQ(upload(hello, "text/html").status, 400);
  EXPECT_EQ(answer(get_request(std::string("/local/media/") + hello_id)).status, 404);
}

TEST_F(MediaRoutes, WhatWasNotAnnouncedIsNotFound) {
  HttpRequest patch =
      post_request("/api/public/media/unknown",
                   R"({"uploadedAt":"2026-08-06T07:06:43Z","uploadHttpStatus":200})");
  patch.method = "PATCH";

  EXPECT_EQ(upload(hello).status, 404);
  EXPECT_EQ(answer(patch).status, 404);
  EXPECT_EQ(answer(get_request("/api/public/media/../../x")).status, 404);
  EXPECT_EQ(answer(get_request("/local/media/../receiver.db")).status, 404);
}

TEST_F(MediaRoutes, KeysAreNeededToAnnounceAndToRead) {
  HttpRequest request = post_request("/api/public/media", announcement().dump());
  request.headers.erase("authorization");

  EXPECT_EQ(answer(request).status, 401);
}

TEST_F(MediaRoutes, ABrowserShowsNothingThatCouldRun) {
  Json page = announcement();
  page["contentType"] = "text/html";
  announce(page);
  upload(hello, "text/html");
  const HttpResponse as_text = answer(get_request(std::string("/local/media/") + hello_id));
  Json script = announcement();
  script["contentType"] = "application/javascript";
  announce(script);
  upload(hello, "application/javascript");
  const HttpResponse as_file = answer(get_request(std::string("/local/media/") + hello_id));

  EXPECT_EQ(as_text.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(header(as_text, "Content-Disposition"), "inline");
  EXPECT_EQ(header(as_text, "Content-Security-Policy"), "sandbox");
  EXPECT_EQ(header(as_text, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(as_file, "Content-Disposition"), "attachment");
}

langfuse_receiver::Media hello_media() {
  langfuse_receiver::Media media;
  media.sha256 = hello_sha256;
  media.content_type = "text/plain";
  media.content_length = 14;
  return media;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

std::size_t entries_in(const std::string& directory) {
  std::size_t count = 0;
  for (auto at = std::filesystem::recursive_directory_iterator(directory);
       at != std::filesystem::recursive_directory_iterator(); ++at) {
    ++count;
  }
  return count;
}

TEST(MediaStore, FilesSurviveTheStoreAndAreTheirOwnersOnly) {
  const langfuse_test::TemporaryFolder directory;
  const std::string database = directory / "traces.db";
  {
    MediaStore store(database);
    EXPECT_FALSE(store.announce(hello_media(), {trace_id, "", "input"}));
    store.keep(hello_id, hello, 7);
  }

  MediaStore store(database);

  EXPECT_EQ(store.bytes(hello_id), hello);
  ASSERT_EQ(store.of_trace(trace_id).size(), 1U);
  EXPECT_EQ(store.of_trace(trace_id)[0].uploaded_unix_nano, 7);
  EXPECT_TRUE(store.announce(hello_media(), {trace_id, "", "input"}));
  EXPECT_EQ(mode_of(database + "-media"), 0700U);
  EXPECT_EQ(mode_of(database + "-media/" + hello_id + ".bin"), 0600U);
  EXPECT_EQ(mode_of(database + "-media/" + hello_id + ".json"), 0600U);
}

TEST(MediaStore, AFileGoesWithTheLastOfItsTraces) {
  const langfuse_test::TemporaryFolder directory;
  const std::string database = directory / "traces.db";
  MediaStore store(database);
  store.announce(hello_media(), {trace_id, "", "input"});
  store.announce(hello_media(), {trace_id, "", "output"});
  store.announce(hello_media(), {"other", "", "input"});
  store.keep(hello_id, hello, 7);

  store.forget({trace_id, "unknown"});

  EXPECT_EQ(store.bytes(hello_id), hello);
  EXPECT_EQ(store.of_trace(trace_id).size(), 0U);
  EXPECT_EQ(MediaStore(database).of_trace(trace_id).size(), 0U);
  EXPECT_EQ(store.of_trace("other").size(), 1U);

  store.forget({"other"});

  EXPECT_FALSE(store.find(hello_id));
  EXPECT_EQ(entries_in(database + "-media"), 0U);
}

TEST(MediaStore, AFileOfNoTraceStays) {
  MediaStore store("");
  store.announce(hello_media(), {});

  store.forget({trace_id});

  EXPECT_TRUE(store.find(hello_id));
}

TEST(MediaStore, FilesOfOthersInItsDirectoryAreLeftAlone) {
  const langfuse_test::TemporaryFolder directory;
  const std::string database = directory / "traces.db";
  ASSERT_EQ(::mkdir((database + "-media").c_str(), 0700), 0);
  std::ofstream(database + "-media/" + hello_id + ".json") << R"({"sha256Hash":"x"})";
  std::ofstream(database + "-media/notes.json") << "{}";

  const MediaStore store(database);

  EXPECT_FALSE(store.find(hello_id));
}

// One that never ends, or leads elsewhere, is not read.
TEST(MediaStore, WhatIsNoRegularFileInItsDirectoryIsLeftAlone) {
  const langfuse_test::TemporaryFolder directory;
  const std::string database = directory / "traces.db";
  const std::string folder = database + "-media/";
  const std::string elsewhere = directory / "elsewhere.json";
  std::ofstream(elsewhere)
      << R"({"sha256Hash":")" + std::string(43, 'A') +
             R"(=","contentType":"text/plain","contentLength":5,"uploadedUnixNano":1,"links":[]})";
  ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
  ASSERT_EQ(::mkfifo((folder + hello_id + ".json").c_str(), 0600), 0);
  const std::string linked_id(22, 'A');
  ASSERT_EQ(::symlink(elsewhere.c_str(), (folder + linked_id + ".json").c_str()), 0);

  const MediaStore store(database);

  EXPECT_FALSE(store.find(hello_id));
  EXPECT_FALSE(store.find(linked_id));
}

// What `MediaStore(database)` throws.
std::string refusal_of(const std::string& database) {
  try {
    const MediaStore store(database);
    return "taken";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(MediaStore, AFolderThatIsNotOursAloneIsRefused) {
  const langfuse_test::TemporaryFolder directory;
  const std::string database = directory / "traces.db";
  const std::string folder = database + "-media";
  const std::string begin = "cannot keep media in " + folder + ": ";
  const std::string end = "; or give another file with --db";
  const std::string open_folder = directory / "open";
  ASSERT_EQ(::mkdir(open_folder.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(open_folder.c_str(), 0777), 0);

  ASSERT_EQ(::symlink(open_folder.c_str(), folder.c_str()), 0);
  EXPECT_EQ(refusal_of(database), begin + "it is a symbolic link" + end);
  ASSERT_EQ(::unlink(folder.c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", folder.c_str()), 0);
  EXPECT_EQ(refusal_of(database), begin + "it is a symbolic link" + end);
  ASSERT_EQ(::unlink(folder.c_str()), 0);
  std::ofstream(folder) << "a file";
  EXPECT_EQ(refusal_of(database), begin + "it is no folder" + end);
  ASSERT_EQ(::unlink(folder.c_str()), 0);
  ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
  for (const auto& [mode, text] :
       {std::pair<::mode_t, std::string>{0777, "0777"}, {0750, "0750"}, {0701, "0701"}}) {
    ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
    EXPECT_EQ(refusal_of(database),
              begin + "its mode " + text + " lets other users in: make it 0700" + end);
  }
  ASSERT_EQ(::chmod(folder.c_str(), 0700), 0);
  EXPECT_EQ(refusal_of(database), "taken");
  if (::geteuid() == 0) {  // nobody else can give a folder away
    ASSERT_EQ(::chown(folder.c_str(), 1, 1), 0);
    EXPECT_EQ(refusal_of(database), begin + "it belongs to another user" + end);
  }
}

TEST(MediaStore, ALinkThatComesAfterTheStartIsNotFollowed) {
  const langfuse_test::TemporaryFolder directory;
  const std::string database = directory / "traces.db";
  const std::string open_folder = directory / "open";
  ASSERT_EQ(::mkdir(open_folder.c_str(), 0700), 0);
  MediaStore store(database);
  ASSERT_EQ(::symlink(open_folder.c_str(), (database + "-media").c_str()), 0);

  EXPECT_THROW(store.announce(hello_media(), {trace_id, "", "input"}), std::runtime_error);

  EXPECT_EQ(entries_in(open_folder), 0U);
}

TEST(MediaStore, WithoutADatabaseAllGoesWithTheStore) {
  const langfuse_test::TemporaryFolder directory;
  const char* before = ::getenv("TMPDIR");
  const std::string restored = before == nullptr ? "/tmp" : before;
  ::setenv("TMPDIR", directory.path().c_str(), 1);
  auto store = std::make_unique<MediaStore>("");
  store->announce(hello_media(), {trace_id, "", "input"});
  store->keep(hello_id, hello, 7);
  ::setenv("TMPDIR", restored.c_str(), 1);

  EXPECT_EQ(entries_in(directory.path()), 3U);  // a directory with two files
  store.reset();

  EXPECT_EQ(entries_in(directory.path()), 0U);
}

}  // namespace
