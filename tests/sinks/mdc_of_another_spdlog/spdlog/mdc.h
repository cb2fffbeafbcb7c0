// A newer spdlog's header, found on the include path of an older one.
#error "the header of another spdlog is included"
