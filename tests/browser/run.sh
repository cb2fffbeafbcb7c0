#!/usr/bin/env bash
# The page of the local receiver in headless Chromium, against the real program.
# Usage: run.sh BUILD_DIRECTORY [PART_OF_A_NAME]. Called by `./dev test browser`. Needs Node 20 or newer and npm; installs
# Debian's chromium if it is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)

major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/') || true
if [[ -z $major || $major -lt 20 ]]; then
  echo "browser: needs Node 20 or newer, here is ${major:-none}; skipped" >&2
  exit 77
fi
if ! command -v "${CHROMIUM:-chromium}" >/dev/null; then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq </dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium </dev/null >/dev/null
fi
CHROMIUM=$(command -v "${CHROMIUM:-chromium}")
export CHROMIUM

"$here/../../receiver/page/build.sh" --check
cd "$here"
npm ci --silent --no-progress
node main.mjs "$build/langfuse-cpp" "${2:-}"
