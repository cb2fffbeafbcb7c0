#include "storage/segment_format.h"

#include <cstring>
#include <optional>

#include "model/sha256.h"
#include "storage/crc32c.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "numbers are stored as they are in memory");

constexpr char right_magic[8] = {'L', 'F', 'S', 'E', 'G', 'M', 'N', 'T'};
constexpr std::size_t texts_in_head = 4;

// The first 128 bytes of a head. The texts follow, and bytes of 0 up to `head_bytes`. Magic,
// version and checksum stay where they are in later versions.
struct HeadLayout {
  char magic[8];
  std::uint32_t version;
  std::uint32_t crc32c;  // of the whole head but these four bytes
  std::uint32_t head_bytes;
  std::uint32_t block_bytes;
  std::uint32_t blocks;
  std::uint32_t pid;
  std::int64_t created_unix_nano;
  std::uint64_t salt;
  unsigned char boot_id[16];
  std::uint64_t start_time;
  std::uint64_t copy;
  unsigned char project[32];
  std::uint16_t text_sizes[texts_in_head];
  std::uint16_t unused[4];
};
static_assert(sizeof(HeadLayout) == 128, "as docs/segment_format.md says");
constexpr std::size_t crc_begin = 12;
constexpr std::size_t crc_end = 16;

std::uint32_t head_crc(const char* head, std::size_t size) noexcept {
  return crc32c(crc32c(0, head, crc_begin), head + crc_end, size - crc_end);
}

// The texts of a head in their order.
template <class Head>
auto texts_of(Head& head) {
  return std::array{&head.machine, &head.base_url, &head.resource, &head.scope};
}

constexpr std::size_t round_up(std::size_t size, std::size_t unit) {
  return (size + unit - 1) / unit * unit;
}

std::string encode_head(const SegmentHead& head) {
  HeadLayout layout{};
  std::string texts;
  const auto all_texts = texts_of(head);
  for (std::size_t i = 0; i < texts_in_head; ++i) {
    layout.text_sizes[i] = static_cast<std::uint16_t>(all_texts[i]->size());
    texts += *all_texts[i];
  }
  const std::size_t size = round_up(sizeof(layout) + texts.size(), smallest_block);
  if (size > largest_head) return {};
  std::memcpy(layout.magic, right_magic, sizeof(right_magic));
  layout.version = segment_version;
  layout.head_bytes = static_cast<std::uint32_t>(size);
  layout.block_bytes = head.block_bytes;
  layout.blocks = head.blocks;
  layout.pid = head.owner.pid;
  layout.created_unix_nano = head.created_unix_nano;
  layout.salt = head.salt;
  std::memcpy(layout.boot_id, head.owner.boot_id.data(), sizeof(layout.boot_id));
  layout.start_time = head.owner.start_time;
  layout.copy = head.owner.copy;
  std::memcpy(layout.project, head.project.data(), sizeof(layout.project));

  std::string bytes(reinterpret_cast<const char*>(&layout), sizeof(layout));
  bytes += texts;
  bytes.resize(size);
  const std::uint32_t crc = head_crc(bytes.data(), bytes.size());
  std::memcpy(bytes.data() + crc_begin, &crc, sizeof(crc));
  return bytes;
}

bool is_sound(const HeadLayout& layout) noexcept {
  const auto is_multiple = [](std::size_t size, std::size_t most) {
    return size >= smallest_block && size <= most && size % smallest_block == 0;
  };
  return is_multiple(layout.head_bytes, largest_head) &&
         is_multiple(layout.block_bytes, largest_block);
}

// The head that begins here, if it is whole; `newer` if it says that it is of a later version.
std::optional<SegmentHead> decode_head(std::string_view bytes, std::size_t& size, bool& newer) {
  HeadLayout layout{};
  if (bytes.size() < sizeof(layout)) return std::nullopt;
  std::memcpy(&layout, bytes.data(), sizeof(layout));
  if (std::memcmp(layout.magic, right_magic, sizeof(right_magic)) != 0) return std::nullopt;
  newer = newer || layout.version > segment_version;
  if (layout.version != segment_version || !is_sound(layout)) return std::nullopt;
  size = layout.head_bytes;
  if (size > bytes.size() || head_crc(bytes.data(), size) != layout.crc32c) return std::nullopt;

  SegmentHead head;
  std::string_view texts = bytes.substr(sizeof(layout), size - sizeof(layout));
  const auto all_texts = texts_of(head);
  for (std::size_t i = 0; i < texts_in_head; ++i) {
    if (layout.text_sizes[i] > texts.size()) return std::nullopt;
    *all_texts[i] = texts.substr(0, layout.text_sizes[i]);
    texts.remove_prefix(layout.text_sizes[i]);
  }
  head.block_bytes = layout.block_bytes;
  head.blocks = layout.blocks;
  head.created_unix_nano = layout.created_unix_nano;
  head.salt = layout.salt;
  std::memcpy(head.owner.boot_id.data(), layout.boot_id, sizeof(layout.boot_id));
  head.owner.pid = layout.pid;
  head.owner.start_time = layout.start_time;
  head.owner.copy = layout.copy;
  std::memcpy(head.project.data(), layout.project, sizeof(layout.project));
  return head;
}

template <class T>
std::uint32_t add(std::uint32_t crc, const T& value) noexcept {
  return crc32c(crc, &value, sizeof(value));
}

std::uint64_t mark_of(std::uint32_t seed, std::uint32_t what, std::uint32_t count) noexcept {
  return std::uint64_t{add(add(seed, what), count)} << 32 | count;
}

std::uint32_t chunk_head_crc(std::uint64_t salt, const ChunkHead& head) noexcept {
  constexpr std::size_t begin = offsetof(ChunkHead, number);
  return crc32c(add(0, salt), reinterpret_cast<const char*>(&head) + begin, sealed_offset - begin);
}
static_assert(offsetof(ChunkHead, sealed) == sealed_offset);
static_assert(offsetof(ChunkHead, settled) == settled_offset);

}  // namespace

ProjectDigest project_digest(std::string_view base_url, std::string_view public_key) {
  std::string text("lf1\0", 4);
  text += base_url;
  text += '\0';
  text += public_key;
  return sha256(text);
}

std::string encode_heads(const SegmentHead& head) {
  const std::string one = encode_head(head);
  return one + one;
}

DecodedHead decode_heads(std::string_view begin) {
  DecodedHead decoded;
  bool newer = false;
  // How long the first one is, is not known when it is damaged. So the second one is looked for
  // wherever it may begin.
  for (std::size_t at = 0; at < begin.size() && at <= largest_head; at += smallest_block) {
    std::size_t size = 0;
    std::optional<SegmentHead> head = decode_head(begin.substr(at), size, newer);
    if (!head || (at != 0 && at != size)) continue;
    decoded.state = HeadState::whole;
    decoded.is_copy = at != 0;
    decoded.in_front = 2 * size;
    decoded.head = std::move(*head);
    return decoded;
  }
  if (newer) decoded.state = HeadState::newer;
  return decoded;
}

ChunkHead make_chunk_head(std::uint64_t salt, std::uint32_t number, std::uint32_t blocks,
                          std::uint64_t generation) noexcept {
  ChunkHead head;
  head.number = number;
  head.blocks = blocks;
  head.generation = generation;
  head.crc32c = chunk_head_crc(salt, head);
  return head;
}

bool is_whole(const ChunkHead& head, std::uint64_t salt, std::uint32_t number,
              std::uint32_t blocks) noexcept {
  return head.magic == ChunkHead::right_magic && head.crc32c == chunk_head_crc(salt, head) &&
         head.number == number && number < blocks && head.blocks > 0 &&
         head.blocks <= blocks - number;
}

std::uint32_t chunk_seed(std::uint64_t salt, const ChunkHead& head) noexcept {
  return add(add(add(0, salt), head.generation), head.number);
}

std::uint64_t seal_mark(std::uint32_t seed, std::uint32_t count) noexcept {
  return mark_of(seed, 1, count);
}

std::uint64_t settled_mark(std::uint32_t seed, std::uint32_t count) noexcept {
  return mark_of(seed, 2, count);
}

std::uint32_t record_crc(std::uint32_t seed, const Record& record,
                         std::uint32_t bytes_crc) noexcept {
  constexpr std::size_t begin = offsetof(Record, sequence);
  constexpr std::size_t end = offsetof(Record, unused);
  const std::uint32_t header =
      crc32c(add(seed, record.size), reinterpret_cast<const char*>(&record) + begin, end - begin);
  const std::uint32_t crc = add(header, bytes_crc);
  return crc == 0 ? 1 : crc;
}

void commit_record(Record& record, std::uint32_t seed, Record* next) noexcept {
  if (next != nullptr) *next = Record{};
  const std::uint32_t crc = record_crc(seed, record, crc32c(0, record.data(), record.size));
  // Release: the compiler too keeps all other stores in front of it. What a process that was killed
  // leaves in the page cache are its stores in their order.
  __atomic_store_n(&record.crc32c, crc, __ATOMIC_RELEASE);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
