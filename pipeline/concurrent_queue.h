// The one place that includes moodycamel's queue, whose header lies in different folders on
// different systems.
#pragma once

#if __has_include(<concurrentqueue/moodycamel/concurrentqueue.h>)
#include <concurrentqueue/moodycamel/concurrentqueue.h>  // Debian 13, Arch, upstream's install
#elif __has_include(<concurrentqueue/concurrentqueue.h>)
#include <concurrentqueue/concurrentqueue.h>  // Debian 12
#elif __has_include(<moodycamel/concurrentqueue.h>)
#include <moodycamel/concurrentqueue.h>  // vcpkg, Conan
#else
#include <concurrentqueue.h>  // FetchContent
#endif
