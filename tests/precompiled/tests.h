// What every test begins with, parsed once a program.
#pragma once

#include <gtest/gtest.h>
