// Segment files for tests: what is written and read, as text that can be compared.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "storage/segment_reader.h"
#include "storage/segment_writer.h"

namespace langfuse_test {

using langfuse::internal::Appended;
using langfuse::internal::Damage;
using langfuse::internal::DamageKind;
using langfuse::internal::DecodedHead;
using langfuse::internal::Found;
using langfuse::internal::HeadState;
using langfuse::internal::largest_head;
using langfuse::internal::Record;
using langfuse::internal::RecordKind;
using langfuse::internal::SegmentFile;
using langfuse::internal::SegmentHead;
using langfuse::internal::SegmentReader;
using langfuse::internal::SegmentTally;
using langfuse::internal::SegmentWriter;

// A file without a name, gone with its last descriptor.
inline int anonymous_file(const std::string& content = "") {
  const int file = memfd_create("segment", MFD_CLOEXEC);
  if (file < 0 ||
      pwrite(file, content.data(), content.size(), 0) != static_cast<ssize_t>(content.size())) {
    throw std::runtime_error("no file in memory");
  }
  return file;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }

 private:
  const int number_;
};

inline std::string content_of(int file) {
  struct stat status {};
  fstat(file, &status);
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  if (pread(file, content.data(), content.size(), 0) != status.st_size) {
    throw std::runtime_error("cannot read");
  }
  return content;
}

// The same on every machine and in every run.
inline SegmentHead fixed_head(std::uint32_t block_bytes, std::uint32_t blocks) {
  SegmentHead head;
  head.block_bytes = block_bytes;
  head.blocks = blocks;
  head.created_unix_nano = 1'790'000'000'123'456'789;
  head.salt = 0x0123456789abcdef;
  for (std::size_t i = 0; i < head.owner.boot_id.size(); ++i) {
    head.owner.boot_id[i] = static_cast<unsigned char>(0xb0 + i);
  }
  head.owner.pid = 4711;
  head.owner.start_time = 123'456;
  head.owner.copy = 0x1122334455667788;
  head.project = langfuse::internal::project_digest("https://cloud.langfuse.com", "pk-lf-1");
  head.machine = "build-7";
  head.base_url = "https://cloud.langfuse.com";
  head.resource = "(resource)";
  head.scope = "(scope)";
  return head;
}

// A writer of a new file in memory, with a descriptor that outlives it.
struct WrittenSegment {
  explicit WrittenSegment(const SegmentHead& written_head)
      : head(written_head),
        file(anonymous_file(encode_heads(head))),
        writer(SegmentFile(dup(file), {}, "segment"), head) {
    const std::size_t size =
        encode_heads(head).size() + std::size_t{head.blocks} * head.block_bytes;
    if (ftruncate(file, static_cast<off_t>(size)) != 0) throw std::runtime_error("no room");
  }

  SegmentHead head;
  Descriptor file;
  SegmentWriter writer;
};

// The n-th of a series of records; its ids say which.
inline Record numbered_record(std::uint64_t number, RecordKind kind = RecordKind::span) {
  Record record;
  record.kind = kind;
  record.sequence = number;
  for (unsigned char& byte : record.trace_id.bytes) byte = static_cast<unsigned char>(number);
  for (unsigned char& byte : record.span_id.bytes) byte = static_cast<unsigned char>(number);
  record.start_unix_nano = 1'790'000'000'000'000'000 + static_cast<std::int64_t>(number);
  return record;
}

inline std::string kind_name(DamageKind kind) {
  constexpr const char* names[] = {"head", "chunk",   "record",  "unknown kind",
                                   "mark", "missing", "surplus", "unreadable"};
  return names[static_cast<std::size_t>(kind)];
}

struct ReadRecord {
  std::uint64_t sequence;
  std::string bytes;
};

// All that a reader says of a file.
struct Reading {
  HeadState head_state = HeadState::damaged;
  SegmentHead head;
  std::vector<ReadRecord> records;
  std::vector<Damage> damages;
  SegmentTally tally;

  // "1 2 3": the numbers of the records in their order.
  std::string numbers() const {
    std::string text;
    for (const ReadRecord& record : records) {
      text += (text.empty() ? "" : " ") + std::to_string(record.sequence);
    }
    return text;
  }
  // "chunk 8192+4096, record 12224+64"
  std::string damage() const {
    std::string text;
    for (const Damage& damage : damages) {
      text += (text.empty() ? "" : ", ") + kind_name(damage.kind) + " " +
              std::to_string(damage.offset) + "+" + std::to_string(damage.size);
    }
    return text;
  }
};

inline DecodedHead decoded_head(int file) {
  std::string begin(2 * largest_head, '\0');
  const ssize_t size = pread(file, begin.data(), begin.size(), 0);
  begin.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return langfuse::internal::decode_heads(begin);
}

inline Reading read_segment(int file) {
  Reading reading;
  const DecodedHead decoded = decoded_head(file);
  reading.head_state = decoded.state;
  reading.head = decoded.head;
  if (decoded.state != HeadState::whole) return reading;
  SegmentReader reader(file, decoded);
  for (Found found = reader.next(); found != Found::end; found = reader.next()) {
    if (found == Found::damage) {
      reading.damages.push_back(reader.damage());
      continue;
    }
    std::string bytes(reader.record().size, '\0');
    if (!reader.copy_bytes(bytes.data())) throw std::runtime_error("a record went away");
    reading.records.push_back({reader.record().sequence, std::move(bytes)});
  }
  reading.tally = reader.tally();
  return reading;
}

}  // namespace langfuse_test
