// What `diagnose` says where no server answers: settings, names, connections, TLS and proxies.
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/client.h"
#include "tests/pipeline/diagnosis/diagnose_fixture.h"
#include "tests/support/fault_server.h"
#include "tests/support/tls_server.h"

namespace langfuse::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(DiagnoseTest, WithoutKeysNothingIsAsked) {
  FaultServer server;
  set("LANGFUSE_BASE_URL", server.url());

  const Diagnosis diagnosis = diagnose();

  EXPECT_EQ(statuses(diagnosis),
            (std::vector<std::string>{"1 ok", "2 failed", "3 ok", "4 skipped", "5 skipped",
                                      "6 skipped", "7 skipped", "8 skipped", "9 skipped",
                                      "10 skipped", "11 skipped", "12 skipped"}));
  EXPECT_EQ(check(diagnosis, CheckNumber::enabled).seen,
            "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are not set");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DiagnoseTest, TheEnvironmentSaysWhichVariableWonAndHidesTheSecret) {
  set("LANGFUSE_HOST", "http://127.0.0.1:1");
  set("LANGFUSE_PUBLIC_KEY", "pk-lf-shown");
  set("LANGFUSE_SECRET_KEY", "sk-lf-hidden");
  set("LANGFUSE_FLUSH_AT", "many");

  const Diagnosis diagnosis = diagnose();

  const Check& environment = check(diagnosis, CheckNumber::environment);
  EXPECT_EQ(environment.status, CheckStatus::warning);
  EXPECT_THAT(environment.seen, AllOf(HasSubstr("base_url = http://127.0.0.1:1 (LANGFUSE_HOST)"),
                                      HasSubstr("public_key = pk-lf-shown (LANGFUSE_PUBLIC_KEY)"),
                                      HasSubstr("secret_key = ******** (LANGFUSE_SECRET_KEY)"),
                                      HasSubstr("LANGFUSE_FLUSH_AT \"many\" is invalid"),
                                      Not(HasSubstr("sk-lf-hidden"))));
}

TEST_F(DiagnoseTest, AMalformedAddressIsNoAddress) {
  const Diagnosis diagnosis = diagnose(config_for("ftp://somewhere"));

  EXPECT_EQ(diagnosis.first_failed(), 2);
  EXPECT_EQ(check(diagnosis, CheckNumber::address).status, CheckStatus::failed);
}

TEST_F(DiagnoseTest, AProcessThatDidNotInitIsToldSo) {
  FaultServer server;
  set("LANGFUSE_BASE_URL", server.url());
  set("LANGFUSE_PUBLIC_KEY", "pk-lf-1");
  set("LANGFUSE_SECRET_KEY", "sk-lf-2");

  const Check enabled = check(diagnose(), CheckNumber::enabled);

  EXPECT_EQ(enabled.status, CheckStatus::warning);
  EXPECT_THAT(enabled.seen, HasSubstr("init() was not called"));
}

TEST_F(DiagnoseTest, ANameThatDoesNotExistIsTheNamesFault) {
  const Diagnosis diagnosis = diagnose(config_for("https://nothing.invalid"));

  expect_ended_at(diagnosis, CheckNumber::dns);
  EXPECT_THAT(check(diagnosis, CheckNumber::dns).seen, HasSubstr("nothing.invalid"));
}

TEST_F(DiagnoseTest, APortWithoutAServerIsTheConnectionsFault) {
  const std::string port = std::to_string(closed_port());

  const Diagnosis diagnosis = diagnose(config_for("http://127.0.0.1:" + port));

  expect_ended_at(diagnosis, CheckNumber::tcp);
  EXPECT_THAT(check(diagnosis, CheckNumber::tcp).seen, HasSubstr(port));
}

TEST_F(DiagnoseTest, ACertificateThatNobodySignedIsTlssFault) {
  const langfuse_test::TlsServer server;

  const Diagnosis diagnosis = diagnose(config_for(server.url("localhost")));

  expect_ended_at(diagnosis, CheckNumber::tls);
  EXPECT_THAT(check(diagnosis, CheckNumber::tls).seen, HasSubstr("certificate"));
}

TEST_F(DiagnoseTest, ATrustedCertificateIsNamedWithItsRemainingDays) {
  const std::string file = std::filesystem::temp_directory_path() /
                           ("langfuse-diagnose-" + std::to_string(getpid()) + ".pem");
  const langfuse_test::TlsServer server(24L * 60 * 60 * 7 + 3600);
  server.write_certificate(file);
  Config config = config_for(server.url("localhost"));
  config.ca_file = file;

  const Diagnosis right_host = diagnose(config);
  config.base_url = server.url("127.0.0.1");
  const Diagnosis wrong_host = diagnose(config);

  std::filesystem::remove(file);
  EXPECT_EQ(check(right_host, CheckNumber::tls).status, CheckStatus::warning);
  EXPECT_EQ(check(right_host, CheckNumber::tls).seen,
            "the certificate is valid for 7 days, issued by CN = localhost");
  expect_ended_at(wrong_host, CheckNumber::tls);
  EXPECT_THAT(check(wrong_host, CheckNumber::tls).seen, HasSubstr("127.0.0.1"));
}

TEST_F(DiagnoseTest, ACertificateThatHasExpiredIsTlssFault) {
  const std::string file = std::filesystem::temp_directory_path() /
                           ("langfuse-diagnose-" + std::to_string(getpid()) + ".pem");
  const langfuse_test::TlsServer server(-3600);
  server.write_certificate(file);
  Config config = config_for(server.url("localhost"));
  config.ca_file = file;

  const Diagnosis diagnosis = diagnose(config);

  std::filesystem::remove(file);
  expect_ended_at(diagnosis, CheckNumber::tls);
  EXPECT_THAT(check(diagnosis, CheckNumber::tls).seen, HasSubstr("expired"));
}

TEST_F(DiagnoseTest, HttpsToAPlainServerIsTlssFault) {
  FaultServer server;
  server.script(FaultServer::bytes("HTTP/1.1 400 Bad Request\r\n\r\n", End::close));

  // The client's first bytes are no HTTP, so the server waits until we give up.
  const Diagnosis diagnosis =
      diagnose(config_for("https" + server.url().substr(4)), milliseconds(300));

  expect_ended_at(diagnosis, CheckNumber::tls);
}

TEST_F(DiagnoseTest, AServerThatHangsIsLeftAtTheDeadline) {
  FaultServer server;
  server.script(FaultServer::bytes("", End::hang));
  const auto began = steady_clock::now();

  const Diagnosis diagnosis = diagnose(config_for(server.url()), milliseconds(200));

  const auto took = steady_clock::now() - began;
  EXPECT_GE(took, milliseconds(150));
  EXPECT_LT(took, seconds(4));  // before the time limit of one request
  expect_ended_at(diagnosis, CheckNumber::health);
  EXPECT_THAT(check(diagnosis, CheckNumber::health).seen, HasSubstr("timed out"));
}

TEST_F(DiagnoseTest, WithoutTimeNothingIsAskedAndAllChecksAreThere) {
  FaultServer server;

  const Diagnosis diagnosis = diagnose(config_for(server.url()), seconds(0));

  expect_ended_at(diagnosis, CheckNumber::dns);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DiagnoseTest, AProxyThatIsNotThereIsNamedWhereTheConnectionFails) {
  const std::string port = std::to_string(closed_port());
  set("http_proxy", "http://ada:secret@127.0.0.1:" + port);

  const Diagnosis diagnosis = diagnose(config_for("http://langfuse.test"));

  expect_ended_at(diagnosis, CheckNumber::tcp);
  EXPECT_THAT(
      check(diagnosis, CheckNumber::tcp).advice,
      AllOf(HasSubstr("http_proxy is \"127.0.0.1:" + port + "\""), Not(HasSubstr("secret"))));
}

TEST_F(DiagnoseTest, AProxyThatRefusesIsTheProxysFault) {
  FaultServer proxy;
  proxy.script(FaultServer::reply(407));
  set("https_proxy", proxy.url());

  const Diagnosis diagnosis = diagnose(config_for("https://langfuse.test"));

  expect_ended_at(diagnosis, CheckNumber::proxy);
  EXPECT_THAT(check(diagnosis, CheckNumber::proxy).seen, HasSubstr("https_proxy is"));
  EXPECT_EQ(proxy.requests().at(0).line, "CONNECT langfuse.test:443 HTTP/1.1");
}

TEST_F(DiagnoseTest, AProxyThatWorksIsNamed) {
  FaultServer proxy;
  proxy.script(health("4.16.0"));
  set("http_proxy", proxy.url());

  const Check seen =
      check(diagnose(config_for("http://langfuse.test"), seconds(1)), CheckNumber::proxy);

  EXPECT_EQ(seen.status, CheckStatus::ok);
  EXPECT_THAT(seen.seen, HasSubstr("the connection went to " + proxy.url().substr(7)));
}

TEST_F(DiagnoseTest, AProxyIsNotAskedForThisMachine) {
  FaultServer server;
  server.script(health("4.16.0"));
  set("http_proxy", "http://127.0.0.1:" + std::to_string(closed_port()));

  const Diagnosis diagnosis = diagnose_server(server);

  EXPECT_EQ(check(diagnosis, CheckNumber::tcp).status, CheckStatus::ok);
  EXPECT_THAT(check(diagnosis, CheckNumber::proxy).seen, HasSubstr("not asked for this machine"));
}

}  // namespace
}  // namespace langfuse::internal
