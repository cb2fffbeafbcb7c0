#include "receiver/spans/known_keys.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using langfuse_receiver::is_known_key;
using langfuse_receiver::key_advice;

TEST(KnownKeys, OnlyTheVocabularyOfLangfuseIsJudged) {
  EXPECT_TRUE(is_known_key("anything"));
  EXPECT_TRUE(is_known_key("langfuse.version"));
  EXPECT_TRUE(is_known_key("langfuse.trace.metadata.a.b"));
  EXPECT_FALSE(is_known_key("langfuse.trace.metadata."));
  EXPECT_FALSE(is_known_key("langfuse.trace.metadatum"));
}

TEST(KnownKeys, TheNearestKeyIsSuggestedIfItIsNear) {
  EXPECT_EQ(key_advice("langfuse.relaese"), "did you mean langfuse.release?");
  EXPECT_EQ(key_advice("langfuse.observation.prompt"),
            "did you mean langfuse.observation.prompt.name?");
  EXPECT_EQ(key_advice("langfuse.colour"), "send langfuse.observation.metadata.<name>");
  EXPECT_EQ(key_advice("langfuse." + std::string(1'000'000, 'x')),
            "send langfuse.observation.metadata.<name>");
}

}  // namespace
