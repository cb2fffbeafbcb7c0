#include "receiver/ingest/score_handler.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Keys;
using langfuse_receiver::receive_score;
using langfuse_receiver::receive_score_batch;
using langfuse_receiver::ScoreRow;

HttpRequest request_with(const std::string& body) {
  HttpRequest request;
  request.method = "POST";
  request.headers = {{"authorization", "Bearer pk-lf-local"}, {"content-type", "application/json"}};
  request.body = body;
  return request;
}

TEST(ScoreHandler, AScoreIsStoredForThePublicKeyAlone) {
  std::vector<std::string> stored;

  const HttpResponse response =
      receive_score(request_with(R"({"id":"one","traceId":"a","name":"quality","value":1})"),
                    Keys{}, [&](const std::vector<ScoreRow>& rows) {
                      for (const ScoreRow& row : rows) {
                        stored.push_back(row.id + " " + row.name);
                      }
                    });

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(stored, std::vector<std::string>{"one quality"});
}

TEST(ScoreHandler, NothingIsStoredWhereThereIsNoScore) {
  const auto never = [](const std::vector<ScoreRow>&) { FAIL(); };
  HttpRequest stranger = request_with(R"({"traceId":"a","name":"quality","value":1})");
  stranger.headers.erase("authorization");

  EXPECT_EQ(receive_score(request_with("{}"), Keys{}, never).status, 400);
  EXPECT_EQ(receive_score(stranger, Keys{}, never).status, 401);
  EXPECT_EQ(receive_score_batch(request_with(R"({"batch":[]})"), Keys{}, never).status, 207);
}

}  // namespace
