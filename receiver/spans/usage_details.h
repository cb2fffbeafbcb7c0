// Token counts and costs as a Langfuse server reads them: which shapes it recognises, which values
// it keeps, how it completes totals.

#pragma once

#include "receiver/base/json_text.h"

namespace langfuse_receiver {

// True for one of the two shapes of OpenAI: complete, and without any other key.
bool is_openai_usage(const Json& usage);

// The counts that are stored as provided: the two OpenAI shapes become `input`, `output`, `total`
// and their details, any other object keeps its keys. Integers ≥ 0, also as text, are kept, the
// rest is left out. Throws `std::out_of_range`, naming the key, for a count above 2^63 - 1.
Json provided_usage(const Json& usage);

// `provided` with `total`, which is the sum of the others if it was not given.
Json completed_usage(const Json& provided);

// The costs as provided: numbers, and text that is a number. Throws `std::out_of_range`, naming the
// key, for a cost that a Decimal(18,12) cannot hold.
Json provided_cost(const Json& cost);

// `provided` with `total` where it can be derived: when there is nothing but `input` and `output`.
Json completed_cost(const Json& provided);

}  // namespace langfuse_receiver
