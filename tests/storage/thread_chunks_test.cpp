#include "storage/thread_chunks.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "storage/chunk.h"
#include "storage/chunk_home.h"
#include "tests/support/records.h"
#include "tests/support/sanitizers.h"

namespace langfuse::internal {
namespace {

const Chunk* chunk_of(const RecordPtr& record) {
  return &internal::chunk_of(*record);
}

// Runs on a thread of its own, which begins without a chunk.
template <class Body>
void on_a_new_thread(Body body) {
  std::thread(body).join();
}

// Gives back all that is free.
void trim_everything() {
  trim_chunks();
  trim_chunks();
}

class ThreadChunks : public ::testing::Test {
 protected:
  ThreadChunks() {
    limit_chunks(std::uint64_t{64} << 20);
    trim_everything();
  }
  ~ThreadChunks() override { limit_chunks(std::uint64_t{64} << 20); }
};

TEST_F(ThreadChunks, BeginSmallAndDouble) {
  on_a_new_thread([] {
    std::vector<RecordPtr> records;
    std::vector<std::uint32_t> sizes;
    const Chunk* last = nullptr;
    while (sizes.size() < 7) {
      records.push_back(make_record(std::string(400, 'x')));
      if (chunk_of(records.back()) == last) continue;
      last = chunk_of(records.back());
      sizes.push_back(last->size);
    }

    EXPECT_EQ(sizes, (std::vector<std::uint32_t>{4096, 4096, 8192, 16384, 32768, 65536, 65536}));
  });
}

TEST_F(ThreadChunks, AreOneForAThreadWhoseRecordsAreGoneInTime) {
  on_a_new_thread([] {
    std::set<const Chunk*> chunks;
    RecordPtr previous;
    for (int i = 0; i < 10'000; ++i) {
      RecordPtr record = make_record("little");
      chunks.insert(chunk_of(record));
      if (i % 7 == 0) previous = nullptr;
      if (i % 7 == 0) record = nullptr;
      previous = std::move(record);
    }

    EXPECT_LE(chunks.size(), 2u);
  });
}

TEST_F(ThreadChunks, AreUsedAgain) {
  on_a_new_thread([] {
    std::set<const Chunk*> chunks;
    std::vector<RecordPtr> in_flight(1000);
    for (std::size_t i = 0; i < 100'000; ++i) {
      RecordPtr& record = in_flight[i % in_flight.size()];
      record = make_record(std::string(400, 'x'));
      chunks.insert(chunk_of(record));
    }

    // 1 000 records take eight chunks; some more for the small ones, and for what comes and goes.
    EXPECT_LE(chunks.size(), 16u);
  });
}

TEST_F(ThreadChunks, GiveTheTailOfAChunkToTheNextRecordAsSlack) {
  on_a_new_thread([] {
    std::vector<RecordPtr> records;
    std::size_t footprints = 0;
    do {
      records.push_back(make_record(std::string(500, 'x')));
      footprints += records.back()->footprint();
    } while (chunk_of(records.back()) == chunk_of(records.front()));

    // All of the first chunk but its own header, and the first record of the second one.
    EXPECT_EQ(footprints, 4096 - sizeof(Chunk) + sizeof(Record) + 500);
  });
}

TEST_F(ThreadChunks, OfAThreadThatDiesHalfwayAreGivenBackWithTheirLastRecord) {
  const std::uint64_t before = chunk_bytes();
  std::vector<RecordPtr> records;

  on_a_new_thread([&] {
    for (int i = 0; i < 3; ++i) records.push_back(make_record("left behind"));
  });

  EXPECT_EQ(chunk_bytes(), before + 4096);
  for (const RecordPtr& record : records) EXPECT_EQ(record->bytes(), "left behind");
  records.clear();
  trim_everything();
  EXPECT_EQ(chunk_bytes(), before);
}

TEST_F(ThreadChunks, AreAllGivenBackAfterABurst) {
  const std::uint64_t before = chunk_bytes();
  std::vector<RecordPtr> records;
  on_a_new_thread([&] {
    for (int i = 0; i < 10'000; ++i) records.push_back(make_record(std::string(400, 'x')));
  });
  EXPECT_GT(chunk_bytes(), before + 4'000'000);

  records.clear();
  EXPECT_TRUE(has_free_chunks());
  trim_everything();

  EXPECT_EQ(chunk_bytes(), before);
  EXPECT_FALSE(has_free_chunks());
}

TEST_F(ThreadChunks, ThatAreInUseSurviveATrim) {
  on_a_new_thread([] {
    std::vector<RecordPtr> in_flight(1000);
    std::set<const Chunk*> chunks;
    for (std::size_t i = 0; i < 50'000; ++i) {
      in_flight[i % in_flight.size()] = make_record(std::string(400, 'x'));
      if (i > 10'000) chunks.insert(chunk_of(in_flight[i % in_flight.size()]));
      if (i % 5'000 == 0) trim_chunks();
    }

    EXPECT_LE(chunks.size(), 16u);
  });
}

TEST_F(ThreadChunks, BeyondTheLimitAreNoneAndEachRecordIsAlone) {
  limit_chunks(chunk_bytes() + 20'000);
  on_a_new_thread([] {
    std::vector<RecordPtr> records;
    for (int i = 0; i < 1000; ++i) records.push_back(make_record(std::to_string(i)));

    EXPECT_EQ(chunk_of(records.back())->home, nullptr);
    for (int i = 0; i < 1000; ++i)
      ASSERT_EQ(records[static_cast<std::size_t>(i)]->bytes(), std::to_string(i));
  });
}

// What one thread makes another one releases, as the flusher does, while a third one trims.
TEST_F(ThreadChunks, AreHandedBackByOtherThreadsUnderFire) {
  constexpr std::size_t ring_size = 256;
  constexpr int records = 50'000;
  std::vector<std::atomic<Record*>> ring(ring_size);
  std::atomic<bool> is_over{false};
  std::thread trimmer([&] {
    while (!is_over) trim_chunks();
  });
  int wrong = 0;
  std::thread releaser([&] {
    for (int i = 0; i < records; ++i) {
      std::atomic<Record*>& place = ring[static_cast<std::size_t>(i) % ring_size];
      Record* record = nullptr;
      while ((record = place.exchange(nullptr)) == nullptr) std::this_thread::yield();
      const RecordPtr owner(record);
      if (owner->bytes() != std::to_string(i)) ++wrong;
    }
  });

  for (int i = 0; i < records; ++i) {
    std::atomic<Record*>& place = ring[static_cast<std::size_t>(i) % ring_size];
    while (place.load() != nullptr) std::this_thread::yield();
    place.store(make_record(std::to_string(i)).release());
  }
  releaser.join();
  is_over = true;
  trimmer.join();

  EXPECT_EQ(wrong, 0);
}

struct MakesOneAtItsEnd {
  RecordPtr* made = nullptr;
  ~MakesOneAtItsEnd() { *made = make_record("late"); }
};

TEST_F(ThreadChunks, TakeWhatIsMadeWhileThreadLocalsAreDestroyed) {
  RecordPtr late;

  on_a_new_thread([&] {
    static thread_local MakesOneAtItsEnd maker;
    maker.made = &late;
    EXPECT_NE(make_record("early"), nullptr);
  });

  ASSERT_NE(late, nullptr);
  EXPECT_EQ(late->bytes(), "late");
}

// Other threads are in the middle of anything when a process forks; AddressSanitizer's own locks
// stay taken then in the child.
#if !LANGFUSE_TEST_HAS_ASAN
TEST_F(ThreadChunks, OfAForkedChildGoOn) {
  std::atomic<bool> is_over{false};
  std::atomic<int> made{0};
  std::thread other([&] {
    std::vector<RecordPtr> in_flight(100);
    for (std::size_t i = 0; !is_over; ++i, ++made) {
      in_flight[i % in_flight.size()] = make_record(std::string(400, 'x'));
    }
  });
  while (made < 1000) std::this_thread::yield();

  for (int round = 0; round < 20; ++round) {
    const RecordPtr before = make_record("before");
    const pid_t child = fork();
    if (child == 0) {
      std::vector<RecordPtr> records;
      for (int i = 0; i < 1000; ++i) records.push_back(make_record(std::string(400, 'y')));
      bool is_right = before->bytes() == "before";
      for (const RecordPtr& record : records)
        is_right = is_right && record->bytes() == std::string(400, 'y');
      records.clear();
      trim_chunks();
      trim_chunks();
      _exit(is_right ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  is_over = true;
  other.join();
}
#endif

}  // namespace
}  // namespace langfuse::internal
