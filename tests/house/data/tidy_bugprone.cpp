// Refused by bugprone-*: the comparison is the wrong way round for a `sizeof` of a pointer.
unsigned long size_of_text(const char* text) {
  return sizeof(text) / sizeof(text[0]);
}
