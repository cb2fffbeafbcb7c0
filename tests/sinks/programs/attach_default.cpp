// What a program does with the spdlog headers at least: it only has to compile.
#include <langfuse/sinks/spdlog_attach.h>

int main() {
  langfuse::AttachOptions options;
  options.pattern = "%v";
  langfuse::attach(spdlog::default_logger(), options);
  spdlog::default_logger()->sinks().push_back(std::make_shared<langfuse::SpdlogSink>());
}
