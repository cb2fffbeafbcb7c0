// In front of the installed spdlog's: it then says that it is 1.9.2.
#pragma once

#define SPDLOG_VER_MAJOR 1
#define SPDLOG_VER_MINOR 9
#define SPDLOG_VER_PATCH 2
#define SPDLOG_VERSION (SPDLOG_VER_MAJOR * 10000 + SPDLOG_VER_MINOR * 100 + SPDLOG_VER_PATCH)
