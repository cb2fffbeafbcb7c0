// An exporter between batches that a test makes and a transport that it plays.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "exporter/exporter.h"
#include "model/diagnostics.h"
#include "model/otlp_batch.h"
#include "tests/support/fake_transport.h"
#include "tests/support/records.h"

namespace langfuse::internal {

class ExporterTest : public ::testing::Test {
 protected:
  ExporterTest() {
    DiagnosticsOptions diagnostics;
    diagnostics.on_error = [this](const Diagnostic& diagnostic) {
      said_.emplace_back(diagnostic.message);
    };
    configure_diagnostics(std::move(diagnostics));
  }
  ~ExporterTest() override { configure_diagnostics({}); }

  static ExporterOptions options() {
    ExporterOptions options;
    options.resource = {{"service.name", "test"}};
    options.public_key = "pk-lf-1";
    options.traces_url = "https://traces.test/v1";
    options.scores_url = "https://scores.test";
    options.compression = Compression::none;
    options.random_seed = 1;
    return options;
  }

  // Adds one batch with a record for each text.
  void add(const std::vector<std::string>& texts, std::uint64_t epoch = 1,
           Route route = Route::spans) {
    Batch batch;
    batch.route = route;
    batch.epoch = epoch;
    for (const std::string& text : texts) {
      batch.records.push_back(
          make_record(text, route == Route::spans ? RecordKind::span : RecordKind::score));
    }
    added_ += texts.size();
    exporter_.add(std::move(batch));
  }

  // Polls, and checks the law: every record that came in is delivered, dropped or unsettled.
  void poll() {
    exporter_.poll(settled_);
    check_the_law();
  }
  void check_the_law() {
    EXPECT_EQ(added_, delivered() + dropped() + exporter_.unsettled(~std::uint64_t{0}));
  }
  void answer(HttpReply reply, Route route = Route::spans) {
    transport_.answer(std::move(reply), route);
    poll();
  }
  void answer(int status, Route route = Route::spans) {
    answer(FakeTransport::status(status), route);
  }
  void pass(std::chrono::nanoseconds time) {
    transport_.advance(time);
    poll();
  }
  // Lets the time pass until the exporter has something to do.
  void pass_until_due() {
    ASSERT_NE(exporter_.due(), SteadyTime::max());
    if (exporter_.due() > transport_.now()) transport_.advance(exporter_.due() - transport_.now());
    poll();
  }

  std::uint64_t delivered() const {
    std::uint64_t records = 0;
    for (const Settlement& settlement : settled_) {
      if (settlement.is_delivered) records += settlement.records;
    }
    return records;
  }
  std::uint64_t dropped() const {
    std::uint64_t records = 0;
    for (const Settlement& settlement : settled_) {
      if (!settlement.is_delivered) records += settlement.records;
    }
    return records;
  }
  std::uint64_t dropped(DropReason reason) const {
    std::uint64_t records = 0;
    for (const Settlement& settlement : settled_) {
      if (!settlement.is_delivered && settlement.reason == reason) records += settlement.records;
    }
    return records;
  }
  std::chrono::nanoseconds time_to_next() const { return exporter_.due() - transport_.now(); }
  // What the `index`-th request carried behind the header of the batch.
  std::string sent(std::size_t index) const {
    std::string header;
    const std::string body = transport_.requests().at(index).body;
    for (std::size_t size = 0; size <= body.size(); ++size) {
      header.clear();
      header_.append_to(header, size);
      if (header.size() + size == body.size()) {
        EXPECT_EQ(body.substr(0, header.size()), header);
        return body.substr(header.size());
      }
    }
    ADD_FAILURE() << "no header";
    return {};
  }

  const OtlpBatchHeader header_{{{"service.name", "test"}}, "0.1.0", "pk-lf-1"};
  FakeTransport transport_;
  Exporter exporter_{options(), transport_, transport_};
  std::vector<Settlement> settled_;
  std::uint64_t added_ = 0;
  std::vector<std::string> said_;
};

}  // namespace langfuse::internal
