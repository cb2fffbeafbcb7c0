#!/usr/bin/env python3
"""Writes a file as a C++ array, so that a program carries it. Used by the meson build; the CMake
build uses embed_file.cmake, and both write the same bytes.

    embed_file.py INPUT OUTPUT NAMESPACE NAME
"""
import sys


def main() -> int:
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    source, target, namespace, name = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    lines = [
        "".join(f"0x{byte:02x}," for byte in data[at : at + 16]) for at in range(0, len(data), 16)
    ]
    with open(target, "w", encoding="ascii", newline="\n") as file:
        file.write(
            "// Generated; do not edit.\n"
            "#include <cstddef>\n"
            f"namespace {namespace} {{\n"
            f"extern const unsigned char {name}[];\n"
            f"extern const std::size_t {name}_size;\n"
            f"const unsigned char {name}[] = {{\n" + "\n".join(lines) + "\n"
            "};\n"
            f"const std::size_t {name}_size = {len(data)};\n"
            f"}}  // namespace {namespace}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
