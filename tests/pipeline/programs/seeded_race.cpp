// A race on purpose: a record's bytes are written by one thread and read by another, with the queue
// between them in the wrong order. ThreadSanitizer runs with a suppression for the queue's own code
// and must still find this one.
#include <cstdio>
#include <thread>

#include "pipeline/queue.h"
#include "tests/support/records.h"

int main() {
  using langfuse::internal::Queue;
  using langfuse::internal::QueuedRecord;
  using langfuse::internal::RecordPtr;

  static langfuse::internal::DropCounters dropped;
  static Queue& queue = *new Queue({10, 1'000'000}, dropped);
  queue.set_wake([] {});
  std::thread producer([] {
    RecordPtr record = langfuse::internal::make_record("bytes");
    char* const bytes = record->data();
    queue.push(std::move(record));
    bytes[0] = 'B';  // not ours any more
  });
  QueuedRecord popped{};
  while (queue.slots() == nullptr || queue.pop(*queue.slots(), &popped, 1) == 0)
    std::this_thread::yield();
  std::printf("%c\n", popped.record->data()[0]);
  producer.join();
  const RecordPtr owner(popped.record);
  return 0;
}
