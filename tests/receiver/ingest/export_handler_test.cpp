#include "receiver/ingest/export_handler.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::Keys;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::receive_export;
using langfuse_test::export_of;
using langfuse_test::span;

constexpr std::size_t max_body_bytes = 1U << 20U;

HttpRequest request_with(const Json& body) {
  HttpRequest request;
  request.method = "POST";
  request.headers = {{"authorization", "Basic cGstbGYtbG9jYWw6c2stbGYtbG9jYWw="},
                     {"content-type", "application/json"},
                     {"x_langfuse_sdk_name", "cpp"}};
  request.body = body.dump();
  return request;
}

TEST(ExportHandler, AllRowsOfAnExportAreStoredAtOnce) {
  std::vector<std::vector<std::string>> stored;

  const HttpResponse response =
      receive_export(request_with(export_of({span("b7ad6b7169203331", "first", {}),
                                             span("b7ad6b7169203332", "second", {})})),
                     Keys{}, max_body_bytes, [&](const std::vector<ObservationRow>& rows) {
                       stored.emplace_back();
                       for (const ObservationRow& row : rows) {
                         stored.back().push_back(row.name + " of " + row.ingestion_sdk_name);
                       }
                     });

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(stored, (std::vector<std::vector<std::string>>{{"first of cpp", "second of cpp"}}));
}

TEST(ExportHandler, NothingIsStoredWhereThereIsNothingToStore) {
  const auto never = [](const std::vector<ObservationRow>&) { FAIL(); };
  HttpRequest stranger = request_with(export_of({span("b7ad6b7169203331", "step", {})}));
  stranger.headers.erase("authorization");

  EXPECT_EQ(receive_export(request_with(Json::object()), Keys{}, max_body_bytes, never).status,
            200);
  EXPECT_EQ(receive_export(request_with("no export"), Keys{}, max_body_bytes, never).status, 400);
  EXPECT_EQ(receive_export(stranger, Keys{}, max_body_bytes, never).status, 401);
}

TEST(ExportHandler, WhatTheStoreThrowsPassesThrough) {
  const HttpRequest request = request_with(export_of({span("b7ad6b7169203331", "step", {})}));
  const auto full = [](const std::vector<ObservationRow>&) { throw std::length_error("full"); };

  EXPECT_THROW(receive_export(request, Keys{}, max_body_bytes, full), std::length_error);
}

}  // namespace
