#!/usr/bin/env bash
# Makes the pictures of the page in docs/ again, with fonts that any Debian machine can install.
#   tools/screenshots.sh [BUILD_DIRECTORY]    build/release, unless another is named
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$(realpath "${1:-build/release}")

as_root=()
((EUID == 0)) || as_root=(sudo)
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  chromium fonts-inter fonts-jetbrains-mono </dev/null >/dev/null
npm ci --silent --no-progress --prefix tests/browser
node tests/browser/screenshots.mjs "$build" docs
