#!/usr/bin/env python3
"""Writes cli/terminal/width_tables.h from the Unicode data that this Python has.

usage: tools/width_tables.py > cli/terminal/width_tables.h
"""

import sys
import unicodedata

LAST = 0x10FFFF
# What Unicode Annex 11 says is wide also where no character is assigned yet, and the block that new
# emoji come to.
WIDE_BLOCKS = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x1FA70, 0x1FAFF),
               (0x20000, 0x2FFFD), (0x30000, 0x3FFFD)]
# Vowels and final consonants of Hangul are drawn into the syllable before them.
HANGUL_PARTS = [(0x1160, 0x11FF), (0xD7B0, 0xD7FB)]


def is_in(blocks, code_point):
    return any(first <= code_point <= last for first, last in blocks)


def width_of(code_point):
    """None where no character is assigned."""
    character = chr(code_point)
    if is_in(HANGUL_PARTS, code_point):
        return 0
    if is_in(WIDE_BLOCKS, code_point):
        return 2
    category = unicodedata.category(character)
    if category == "Cn":
        return None
    if category in ("Mn", "Me") or (category == "Cf" and code_point != 0xAD):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def ranges(width):
    """The code points of that width; a range goes on over those that are not assigned."""
    found = []
    begun = last = None
    for code_point in range(LAST + 1):
        here = width_of(code_point)
        if here == width:
            begun = code_point if begun is None else begun
            last = code_point
        elif here is not None and begun is not None:
            found.append((begun, last))
            begun = None
    if begun is not None:
        found.append((begun, last))
    return found


def print_table(name, comment, table):
    entries = [f"{{0x{first:04X}, 0x{last:04X}}}" for first, last in table]
    print(f"// {comment}\ninline constexpr std::array<CharacterRange, {len(table)}> {name}{{{{")
    for i in range(0, len(entries), 4):
        print("    " + ", ".join(entries[i:i + 4]) + ",")
    print("}};\n")


print(f"""// How wide characters are in a terminal, from Unicode {unicodedata.unidata_version}.
// Written by tools/width_tables.py; what is in no table takes one column.

#pragma once

// clang-format off
#include <array>
#include <cstdint>

namespace langfuse_cli {{

struct CharacterRange {{
  std::uint32_t first;
  std::uint32_t last;
}};
""")
print_table("zero_width", "Marks over other characters, joiners, variation selectors.", ranges(0))
print_table("double_width", "East Asian wide and full-width characters, emoji.", ranges(2))
print("}  // namespace langfuse_cli")
