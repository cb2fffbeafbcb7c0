// The connections that the HTTP library has accepted. It hands none of them out and has no call to
// wake a thread that waits for a client, so they are found among the descriptors of this process.

#pragma once

#include <cstddef>

namespace langfuse_receiver {

// Ends reading on every connection of `port` but the listening socket `listener`: a thread that
// waits for a request, or for the rest of one, goes on at once, and an answer is still sent.
void end_reading_on_connections(int port, int listener);

// The same for the `count` connections over which nothing has gone, in either direction, for the
// longest time: idle ones, and those of clients that send little or nothing.
void end_reading_on_quietest(int port, int listener, std::size_t count);

}  // namespace langfuse_receiver
