#include "storage/crc32c.h"

#include <array>
#include <atomic>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define LANGFUSE_CRC32C_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#if defined(__clang__)  // whose arm_acle.h hides these where the whole unit is not compiled for
                        // them
#define LANGFUSE_CRC32C_TARGET __attribute__((target("crc")))
#define LANGFUSE_CRC32C_WORD __builtin_arm_crc32cd
#define LANGFUSE_CRC32C_BYTE __builtin_arm_crc32cb
#else
#include <arm_acle.h>
#define LANGFUSE_CRC32C_TARGET __attribute__((target("+crc")))
#define LANGFUSE_CRC32C_WORD __crc32cd
#define LANGFUSE_CRC32C_BYTE __crc32cb
#endif
#endif

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using Table = std::array<std::uint32_t, 256>;
// A function of 32 bits that is linear: one table for each byte.
using Operator = std::array<Table, 4>;

constexpr std::uint32_t reversed_polynomial = 0x82f63b78;

constexpr Table make_byte_table() {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? reversed_polynomial : 0);
    table[byte] = crc;
  }
  return table;
}

// `tables[n][byte]`: what `byte` makes of the checksum when n bytes of 0 follow it.
constexpr std::array<Table, 8> make_slicing_tables() {
  std::array<Table, 8> tables{};
  tables[0] = make_byte_table();
  for (std::size_t n = 1; n < 8; ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}
constexpr std::array<Table, 8> slicing = make_slicing_tables();

std::uint64_t load(const unsigned char* bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

#if defined(LANGFUSE_CRC32C_TARGET)

// What `zeros` bytes of 0 make of a checksum. Worked out for the 32 single bits; all else is their
// sum.
constexpr Operator make_shift(std::size_t zeros) {
  const Table table = make_byte_table();
  Operator shift{};
  for (std::size_t bit = 0; bit < 32; ++bit) {
    std::uint32_t crc = std::uint32_t{1} << bit;
    for (std::size_t i = 0; i < zeros; ++i) crc = (crc >> 8) ^ table[crc & 0xff];
    shift[bit / 8][std::size_t{1} << (bit % 8)] = crc;
  }
  for (Table& of_byte : shift) {
    for (std::size_t byte = 1; byte < 256; ++byte) {
      const std::size_t rest = byte & (byte - 1);  // without the lowest bit
      of_byte[byte] = of_byte[rest] ^ of_byte[byte ^ rest];
    }
  }
  return shift;
}

std::uint32_t apply(const Operator& shift, std::uint64_t crc) noexcept {
  return shift[0][crc & 0xff] ^ shift[1][(crc >> 8) & 0xff] ^ shift[2][(crc >> 16) & 0xff] ^
         shift[3][(crc >> 24) & 0xff];
}

#if defined(__x86_64__)

LANGFUSE_CRC32C_TARGET inline std::uint64_t add_word(std::uint64_t crc, std::uint64_t word) {
  return _mm_crc32_u64(crc, word);
}
LANGFUSE_CRC32C_TARGET inline std::uint64_t add_byte(std::uint64_t crc, unsigned char byte) {
  return _mm_crc32_u8(static_cast<std::uint32_t>(crc), byte);
}
bool ask_processor() noexcept {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2") != 0;
}

#else

LANGFUSE_CRC32C_TARGET inline std::uint64_t add_word(std::uint64_t crc, std::uint64_t word) {
  return LANGFUSE_CRC32C_WORD(static_cast<std::uint32_t>(crc), word);
}
LANGFUSE_CRC32C_TARGET inline std::uint64_t add_byte(std::uint64_t crc, unsigned char byte) {
  return LANGFUSE_CRC32C_BYTE(static_cast<std::uint32_t>(crc), byte);
}
bool ask_processor() noexcept {
  constexpr unsigned long has_crc32 = 1UL << 7;  // HWCAP_CRC32 of the kernel's asm/hwcap.h
  return (getauxval(AT_HWCAP) & has_crc32) != 0;
}

#endif

// Three thirds side by side: the instruction takes a new word each cycle, but needs three for its
// result.
template <std::size_t third>
LANGFUSE_CRC32C_TARGET std::uint64_t add_thirds(std::uint64_t crc, const unsigned char*& bytes,
                                                std::size_t& size) noexcept {
  static constexpr Operator shift = make_shift(third);
  for (; size >= 3 * third; size -= 3 * third, bytes += 3 * third) {
    std::uint64_t second = 0;
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < third; i += 8) {
      crc = add_word(crc, load(bytes + i));
      second = add_word(second, load(bytes + third + i));
      last = add_word(last, load(bytes + 2 * third + i));
    }
    crc = apply(shift, apply(shift, crc) ^ second) ^ last;
  }
  return crc;
}

LANGFUSE_CRC32C_TARGET std::uint32_t crc32c_by_instruction(std::uint32_t crc, const void* data,
                                                           std::size_t size) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint64_t running = ~crc;
  running = add_thirds<1024>(running, bytes, size);
  running = add_thirds<80>(running, bytes, size);
  for (; size >= 8; size -= 8, bytes += 8) running = add_word(running, load(bytes));
  for (; size > 0; --size, ++bytes) running = add_byte(running, *bytes);
  return ~static_cast<std::uint32_t>(running);
}

#endif

using Function = std::uint32_t (*)(std::uint32_t, const void*, std::size_t) noexcept;

Function choose() noexcept {
#if defined(LANGFUSE_CRC32C_TARGET)
  if (ask_processor()) return crc32c_by_instruction;
#endif
  return crc32c_portable;
}

std::uint32_t choose_and_call(std::uint32_t crc, const void* bytes, std::size_t size) noexcept;

// Every thread that stores to it stores the same; it publishes nothing.
std::atomic<Function> chosen{choose_and_call};

std::uint32_t choose_and_call(std::uint32_t crc, const void* bytes, std::size_t size) noexcept {
  const Function function = choose();
  chosen.store(function, std::memory_order_relaxed);
  return function(crc, bytes, size);
}

}  // namespace

std::uint32_t crc32c(std::uint32_t crc, const void* bytes, std::size_t size) noexcept {
  return chosen.load(std::memory_order_relaxed)(crc, bytes, size);
}

std::uint32_t crc32c_portable(std::uint32_t crc, const void* data, std::size_t size) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint32_t running = ~crc;
  for (; size >= 8; size -= 8, bytes += 8) {
    const std::uint64_t word = load(bytes) ^ running;  // little endian: `segment_format.h`
    running = 0;
    for (std::size_t i = 0; i < 8; ++i) running ^= slicing[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; size > 0; --size, ++bytes)
    running = (running >> 8) ^ slicing[0][(running ^ *bytes) & 0xff];
  return ~running;
}

bool has_crc32c_instruction() noexcept {
  return choose() != crc32c_portable;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
