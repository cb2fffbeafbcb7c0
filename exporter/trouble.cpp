#include "exporter/trouble.h"

#include "model/diagnostics.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::string count_of(std::uint64_t records) {
  return std::to_string(records) + (records == 1 ? " record" : " records");
}

std::string waiting(std::uint64_t records) {
  return count_of(records) + (records == 1 ? " waits" : " wait");
}

// What the server said, as long as it is worth reading; control characters are escaped where the
// message is written.
std::string server_words(const std::string& words) {
  constexpr std::size_t most = 203;  // with the dots
  return words.empty() ? std::string() : ": " + shortened(words, most);
}

std::string describe_hold(const HttpReply& reply) {
  if (reply.status < 300) {
    return "answers with a web page or something else that is not Langfuse's, so that nothing "
           "counts as delivered: check LANGFUSE_BASE_URL" +
           server_words(reply.body);
  }
  if (reply.status < 400) {
    return "redirects to " +
           (reply.location.empty() ? "another address" : shortened(reply.location, 203)) +
           ", which is never followed: set LANGFUSE_BASE_URL to the final address";
  }
  switch (reply.status) {
    case 401:
      return "does not know the keys: check LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, and that "
             "LANGFUSE_BASE_URL is the region they belong to (https://cloud.langfuse.com, "
             "https://us.cloud.langfuse.com, https://jp.cloud.langfuse.com or "
             "https://hipaa.cloud.langfuse.com)";
    case 403:
      return "does not accept records with these keys: they must be a project's keys, and the "
             "usage limit must not be reached" +
             server_words(reply.body);
    case 407:
      return "is behind a proxy that wants credentials: check the proxy settings";
    default:
      return "is not where Langfuse takes records: check LANGFUSE_BASE_URL, and that the server is "
             "version 3.22 or newer";
  }
}

}  // namespace

std::string describe_trouble(Verdict verdict, const HttpReply& reply, std::string_view address,
                             std::uint64_t records, std::chrono::nanoseconds next_try) {
  const std::string where(address);
  const std::string status = std::to_string(reply.status);
  switch (verdict) {
    case Verdict::hold:
      return where + " (status " + status + ") " + describe_hold(reply) + "; " + waiting(records) +
             ", next try in " +
             std::to_string(std::chrono::duration_cast<std::chrono::seconds>(next_try).count()) +
             " s";
    case Verdict::throttle:
      return where + " asks for fewer requests (status " + status + "); " + waiting(records);
    case Verdict::drop:
      return describe_refusal(address, records, reply.status, reply.body);
    case Verdict::split:
      return where + " refused " + count_of(records) + " as too large (status " + status + ")";
    default:
      if (!reply.error.empty()) {
        return "cannot reach " + where + server_words(reply.error) + "; " + waiting(records);
      }
      if (reply.status < 300) {
        return where + " does not say what became of each record (status " + status + "); " +
               waiting(records);
      }
      return where + " is in trouble (status " + status + "); " + waiting(records);
  }
}

std::string describe_refusal(std::string_view address, std::uint64_t records, int status,
                             const std::string& words) {
  return std::string(address) + " refused " + count_of(records) + " for good (status " +
         std::to_string(status) + ")" + server_words(words);
}

std::string describe_warning(std::string_view address, const std::string& words) {
  return std::string(address) + " took the records with a warning" + server_words(words);
}

std::string describe_no_route(std::string_view scores_url, std::uint64_t records) {
  return std::string(scores_url) +
         " takes no scores and is not Langfuse: scores are switched off, and " + count_of(records) +
         (records == 1 ? " is" : " are") +
         " lost; set LANGFUSE_CPP_SCORES_URL to the Langfuse server";
}

std::string describe_request(const HttpReply& reply, std::string_view request,
                             std::size_t body_bytes) {
  const auto microseconds =
      std::chrono::duration_cast<std::chrono::microseconds>(reply.duration).count();
  return std::string(request) + ": " +
         (reply.error.empty() ? "status " + std::to_string(reply.status)
                              : shortened(reply.error, 203)) +
         ", " + std::to_string(body_bytes) + " bytes sent, " + std::to_string(microseconds / 1000) +
         "." + std::to_string(microseconds / 100 % 10) + " ms";
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
