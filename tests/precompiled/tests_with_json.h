#pragma once

#include <nlohmann/json.hpp>

#include "tests.h"
