#include "model/random_ids.h"

#include <cstring>
#include <exception>
#include <random>
#include <type_traits>

#include "model/clock.h"
#include "model/forks.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// xoshiro256++ 1.0 of David Blackman and Sebastiano Vigna. Trivial, so that it also works in the
// destructors of other thread-locals.
struct Generator {
  std::uint64_t words[4];
  std::uint64_t generation;  // of the process in which it was seeded

  std::uint64_t next() noexcept;
};
static_assert(std::is_trivially_destructible<Generator>::value);

constexpr std::uint64_t never_seeded = ~std::uint64_t{0};
thread_local Generator generator = {{}, never_seeded};

std::uint64_t rotated(std::uint64_t value, int bits) noexcept {
  return value << bits | value >> (64 - bits);
}

// splitmix64, for a system without a random device.
std::uint64_t mixed(std::uint64_t& state) noexcept {
  std::uint64_t value = state += 0x9E3779B97F4A7C15u;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
  value = (value ^ value >> 27) * 0x94D049BB133111EBu;
  return value ^ value >> 31;
}

void seed() noexcept {
  generator.generation = process_generation();
  try {
    std::random_device device;
    for (std::uint64_t& word : generator.words) {
      word = std::uint64_t{device()} << 32;
      word |= device();
    }
  } catch (const std::exception&) {
    // The generator's address tells the threads of a process apart, the clocks the processes.
    std::uint64_t state = static_cast<std::uint64_t>(wall_now_ns()) ^
                          rotated(static_cast<std::uint64_t>(steady_now_ns()), 32) ^
                          reinterpret_cast<std::uintptr_t>(&generator);
    for (std::uint64_t& word : generator.words) word = mixed(state);
  }
  // The one state from which the generator would not move.
  generator.words[0] |= 1;
}

inline std::uint64_t Generator::next() noexcept {
  const std::uint64_t result = rotated(words[0] + words[3], 23) + words[0];
  const std::uint64_t shifted = words[1] << 17;
  words[2] ^= words[0];
  words[3] ^= words[1];
  words[1] ^= words[2];
  words[0] ^= words[3];
  words[2] ^= shifted;
  words[3] = rotated(words[3], 45);
  return result;
}

// That of the calling thread, seeded.
Generator& own_generator() noexcept {
  if (!is_of_this_process(generator.generation)) seed();
  return generator;
}

}  // namespace

std::uint64_t random_bits() noexcept {
  return own_generator().next();
}

TraceId random_trace_id() noexcept {
  TraceId id;
  do {
    const std::uint64_t words[2] = {random_bits(), random_bits()};
    std::memcpy(id.bytes, words, sizeof id.bytes);
  } while (!id.is_valid());
  return id;
}

void make_random_ids(TraceId& trace_id, SpanId& span_id) noexcept {
  Generator own = own_generator();  // not in memory meanwhile
  do {
    const std::uint64_t words[3] = {own.next(), own.next(), own.next()};
    std::memcpy(trace_id.bytes, words, sizeof trace_id.bytes);
    std::memcpy(span_id.bytes, words + 2, sizeof span_id.bytes);
  } while (!trace_id.is_valid() || !span_id.is_valid());
  generator = own;
}

UuidText random_uuid() noexcept {
  constexpr char digits[] = "0123456789abcdef";
  std::uint64_t words[2] = {random_bits(), random_bits()};
  words[0] = (words[0] & ~std::uint64_t{0xF000}) | 0x4000;                         // version
  words[1] = (words[1] & ~(std::uint64_t{0xC} << 60)) | std::uint64_t{0x8} << 60;  // variant
  UuidText uuid;
  char* out = uuid.text;
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) *out++ = '-';
    *out++ = digits[words[digit / 16] >> (60 - 4 * (digit % 16)) & 15];
  }
  return uuid;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
