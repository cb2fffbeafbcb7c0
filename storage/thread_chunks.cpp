#include "storage/thread_chunks.h"

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <new>

#include "storage/chunk.h"
#include "storage/chunk_home.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Trivially destructible: it can be read until the thread's very end, and `has_ended` says that the
// chunk has been left.
struct ThreadChunk {
  char* free_begin = nullptr;  // behind the bytes of the last record …
  char* free_end = nullptr;    // … and in front of its header
  Chunk* chunk = nullptr;
  ChunkHome* home = nullptr;
  std::atomic<bool> is_busy{false};  // for a signal handler on this thread
  bool has_ended = false;

  std::size_t room() const noexcept { return static_cast<std::size_t>(free_end - free_begin); }
  std::int64_t made() const noexcept {
    return (chunk->end() - free_end) / static_cast<std::int64_t>(sizeof(Record));
  }
  void begin_anew() noexcept {
    free_begin = chunk->begin();
    free_end = chunk->end();
  }
};
thread_local ThreadChunk thread_chunk;

// True while this thread alone, and no handler that interrupted it, is between its two ends.
class Use {
 public:
  explicit Use(ThreadChunk& used) noexcept
      : used_(used), is_first_(!used.is_busy.load(std::memory_order_relaxed)) {
    used_.is_busy.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~Use() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (is_first_) used_.is_busy.store(false, std::memory_order_relaxed);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  explicit operator bool() const noexcept { return is_first_; }

 private:
  ThreadChunk& used_;
  const bool is_first_;
};

// Leaves the chunk to the owners of its records.
void leave_chunk(ThreadChunk& own) noexcept {
  if (own.chunk == nullptr) return;
  release(*own.chunk, Chunk::opened - own.made());
  own.chunk = nullptr;
  own.free_begin = own.free_end = nullptr;
}

extern "C" void end_thread_chunk(void*) {
  ThreadChunk& own = thread_chunk;
  own.has_ended = true;
  leave_chunk(own);
  leave_home(*own.home);
}

// A key of POSIX and not a thread_local with a destructor: it needs no memory, and comes after
// those, which may still make records.
bool notice_end(ChunkHome& home) noexcept {
  static pthread_key_t key;
  static const bool has_key = pthread_key_create(&key, end_thread_chunk) == 0;
  return has_key && pthread_setspecific(key, &home) == 0;
}

bool settle_in(ThreadChunk& own) noexcept {
  if (own.home != nullptr) return true;
  ChunkHome* const home = find_home();
  if (home == nullptr) return false;
  if (!notice_end(*home)) {
    leave_home(*home);
    return false;
  }
  own.home = home;
  return true;
}

// Makes room for a record that takes `room`. Returns false when there is none to be had.
bool move_on(ThreadChunk& own, std::size_t room, std::size_t& slack) noexcept {
  if (own.has_ended || !settle_in(own)) return false;
  if (own.chunk != nullptr) {
    const bool fits = own.chunk->size - sizeof(Chunk) >= room;
    // Acquire: who released the last record has read it by now.
    if (fits && own.chunk->balance.load(std::memory_order_acquire) == Chunk::opened - own.made()) {
      own.chunk->balance.store(Chunk::opened, std::memory_order_relaxed);
      own.begin_anew();
      return true;
    }
    slack = own.room();
    leave_chunk(own);
  }
  own.chunk = take_chunk(*own.home, room);
  if (own.chunk == nullptr) return false;
  own.begin_anew();
  return true;
}

bool is_last(const ThreadChunk& own, const Record& record) noexcept {
  return reinterpret_cast<const char*>(&record) == own.free_end;
}

}  // namespace

Record* make_record_in_chunk(std::size_t capacity) noexcept {
  ThreadChunk& own = thread_chunk;
  const Use use(own);
  if (!use) return nullptr;
  const std::size_t room = capacity + sizeof(Record);
  std::size_t slack = 0;
  if (own.room() < room && !move_on(own, room, slack)) return nullptr;
  char* const bytes = own.free_begin;
  own.free_begin += capacity;
  own.free_end -= sizeof(Record);
  Record* const record = new (own.free_end) Record();
  record->capacity = static_cast<std::uint32_t>(capacity);
  record->to_data = static_cast<std::int32_t>(bytes - own.free_end);
  record->headers_to_block = static_cast<std::uint16_t>(
      (own.free_end - reinterpret_cast<char*>(own.chunk)) / std::int64_t{sizeof(Record)});
  record->slack = static_cast<std::uint16_t>(slack);
  return record;
}

bool trim_last_record(Record& record) noexcept {
  ThreadChunk& own = thread_chunk;
  const Use use(own);
  if (!use || !is_last(own, record)) return false;
  own.free_begin = record.data() + record.size;
  record.capacity = record.size;
  return true;
}

bool undo_last_record(Record& record) noexcept {
  ThreadChunk& own = thread_chunk;
  const Use use(own);
  if (!use || !is_last(own, record)) return false;
  own.free_begin = record.data();
  own.free_end += sizeof(Record);
  return true;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
