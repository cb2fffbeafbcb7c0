# The reader's own project, before it links the library.
cmake_minimum_required(VERSION 3.16)
project(app LANGUAGES CXX)
find_package(langfuse 0.1 REQUIRED)
find_package(spdlog REQUIRED)
add_executable(app main.cpp)
