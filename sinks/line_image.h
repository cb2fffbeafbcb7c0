// The image of a line: all of its record that the next line of its thread and logger has as well.
//
// Lines of one thread that come through one logger differ in ids, time, number, severity and
// message. The rest (logger, thread, the release and environment of the program, and the keys of
// what differs) is encoded once, laid out as in a record, and kept by the thread for its next line:
// that copies it and fills in the differences.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "langfuse/ids.h"
#include "langfuse/sinks/log_line.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/record.h"
#include "model/span_head.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What differs, but for severity and message.
struct LineIdentity {
  const SpanContext& parent;
  SpanId span_id;
  std::int64_t time_unix_nano;
  std::uint64_t number;  // among all lines of the process
};

// The number of a line, as an attribute whose value takes a fixed number of bytes.
class SequenceAttribute : public ConstantBytes {
 public:
  static constexpr std::size_t number_size = padded_length_size;
  static_assert(largest_plain_integer < std::uint64_t{1} << 35);

  constexpr SequenceAttribute() noexcept {
    constexpr int int_value_field = 3;
    add(length_tag(span_attributes_field));
    add(static_cast<char>(keys::line_sequence.size() + 2 + number_size));
    add(keys::line_sequence.view());
    add(static_cast<char>(1 + number_size));
    add(varint_tag(int_value_field));
    add(std::string_view("\0\0\0\0\0", number_size));
  }
};

// What a thread keeps: the head of a span, the number, and the attributes of thread and logger. The
// longest texts that are common fit.
//
// Trivial, so that it also works in the destructors of other thread-locals.
struct KeptImage {
  static constexpr std::size_t origin_at = span_head.size() + SequenceAttribute().size();
  static constexpr std::size_t number_at = origin_at - SequenceAttribute::number_size;
  static constexpr std::size_t room = 448;
  static constexpr std::size_t longest_logger = 64;

  // Seen by the thread and its signal handlers only. A handler that logs while a line is encoded
  // gets no image: else it could change the one that is being copied.
  std::atomic<bool> is_borrowed;
  std::uint64_t client;  // its number, plus 1; 0: nothing is kept
  std::uint64_t thread_id;
  std::size_t logger_size;
  std::size_t size;
  std::size_t size_without_environment;
  char logger[longest_logger];  // as the line has it
  char bytes[room + attribute_slack];

  bool is_of(const Client& of, const LogLine& line) const noexcept {
    return client == of.number() + 1 && thread_id == line.thread_id &&
           line.logger == std::string_view(logger, logger_size);
  }
  // Encodes that of the line. False, and nothing is kept, where it is too long or a text of it has
  // to be cut.
  bool keep(const Client& of, const LogLine& line) noexcept;
};
KeptImage& kept_image() noexcept;

// The image of the line's thread and logger, borrowed from the thread.
class LineImage {
 public:
  LineImage(const Client& client, const LogLine& line) noexcept : kept_(kept_image()) {
    if (!likely(!kept_.is_borrowed.load(std::memory_order_relaxed))) return;
    kept_.is_borrowed.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    is_borrowed_ = true;
    if (likely(kept_.is_of(client, line)) || kept_.keep(client, line)) size_ = kept_.size;
  }
  ~LineImage() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (is_borrowed_) kept_.is_borrowed.store(false, std::memory_order_relaxed);
  }
  LineImage(const LineImage&) = delete;
  LineImage& operator=(const LineImage&) = delete;

  // Whether there is one, and this number, as a plain integer, fits in.
  bool is_for(std::uint64_t number) const noexcept {
    return size_ != 0 && number <= largest_plain_integer;
  }

  // REQUIRES, for all below: there is one.
  std::size_t size() const noexcept { return size_; }
  // For a line that has an environment of its own.
  void leave_out_environment() noexcept { size_ = kept_.size_without_environment; }
  // Writes the image into the record, the differences filled in. Returns where the next field goes.
  // REQUIRES: the record has room for it.
  char* write(Record& record, const LineIdentity& identity) const noexcept {
    char* const out = record.data();
    std::memcpy(out, kept_.bytes, size_);
    SpanHead::fill(record, identity.parent.trace_id, identity.span_id, identity.parent.span_id,
                   identity.time_unix_nano, identity.time_unix_nano);
    write_padded_length(out + KeptImage::number_at, identity.number);
    return out + size_;
  }

 private:
  KeptImage& kept_;
  std::size_t size_ = 0;  // 0: there is none
  bool is_borrowed_ = false;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
