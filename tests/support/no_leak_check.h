// Turns LeakSanitizer off for the whole program that includes this, in one file. It looks for the
// threads of the process and for what they own; in a forked child the parent's are not there, and
// what they own is "lost" to it, and it says so on stderr. Other builds take no notice.
#pragma once

extern "C" int __lsan_is_turned_off();  // declared in <sanitizer/lsan_interface.h>
extern "C" int __lsan_is_turned_off() {
  return 1;
}
