#!/usr/bin/env bash
# The published JavaScript SDK against our receiver, and our bytes through the decoder that Langfuse's server uses.
# Usage: run.sh BUILD_DIRECTORY. Called by `./dev test js-sdk`. Needs Node 20 or newer and npm.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)

major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/') || true
if [[ -z $major || $major -lt 20 ]]; then
  echo "js-sdk: needs Node 20 or newer, here is ${major:-none}; skipped" >&2
  exit 77
fi

cd "$here"
npm ci --silent --no-progress

coproc receiver { exec "$build/langfuse-cpp" local --memory --port 0; }
trap 'kill "$receiver_PID" 2>/dev/null || true' EXIT
while IFS= read -r line <&"${receiver[0]}"; do
  if [[ $line =~ LANGFUSE_BASE_URL=([^[:space:]]+) ]]; then
    export LANGFUSE_BASE_URL=${BASH_REMATCH[1]}
    break
  fi
done
export LANGFUSE_PUBLIC_KEY=pk-lf-local LANGFUSE_SECRET_KEY=sk-lf-local

trace=$(node scenario.mjs | tail -n 1)
node verify.mjs "$trace" "$here/../data/js-sdk/server-rows.json"
node decode_wire.mjs "$build/tests/exit_program" "$here/../data/otlp_trace.proto"
