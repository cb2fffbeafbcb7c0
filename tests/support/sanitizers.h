// Which sanitizers a test runs under, for what they do not take.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define LANGFUSE_TEST_HAS_TSAN 1
#elif defined(__has_feature)
#define LANGFUSE_TEST_HAS_TSAN __has_feature(thread_sanitizer)
#else
#define LANGFUSE_TEST_HAS_TSAN 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define LANGFUSE_TEST_HAS_ASAN 1
#elif defined(__has_feature)
#define LANGFUSE_TEST_HAS_ASAN __has_feature(address_sanitizer)
#else
#define LANGFUSE_TEST_HAS_ASAN 0
#endif
