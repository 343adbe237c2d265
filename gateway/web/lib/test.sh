#!/bin/bash
# Compiles the library and runs its unit tests. Exit code 77: npm packages are not installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if [[ ! -x node_modules/.bin/tsc ]]; then
  echo "skipped: run \`npm ci\` in gateway/web/lib"
  exit 77
fi
rm -rf build
node_modules/.bin/tsc -p .
shopt -s nullglob
node --test build/*.test.js
