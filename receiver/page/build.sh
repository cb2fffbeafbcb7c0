#!/usr/bin/env bash
# Type-checks the sources of the page and makes index.html of them. Needs Node 20 or newer and npm.
#   build.sh            writes index.html
#   build.sh --check    fails if the committed index.html is not what the sources make
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

npm ci --silent --no-progress
node_modules/.bin/tsc
if [[ ${1:-} != --check ]]; then
  node build.mjs
  exit
fi
built=$(mktemp)
trap 'rm -f "$built"' EXIT
node build.mjs "$built"
cmp "$built" index.html || {
  echo "receiver/page/index.html is not what its sources make: run receiver/page/build.sh" >&2
  exit 1
}
echo "receiver/page/index.html is what its sources make"
