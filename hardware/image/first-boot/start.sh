#!/bin/sh
# Starts Hedgerow: by the launcher, which keeps the last good version at hand, or the current version as it is.
opt=/opt/hedgerow
if [ "${1:-}" = device ] && [ -n "${HEDGEROW_SERVICE:-}" ] && [ -f "$opt/launcher.mjs" ]; then
  exec "$opt/node/bin/node" "$opt/launcher.mjs" "$@"
fi
exec "$opt/node/bin/node" "$opt/current/dist/cli/main.js" "$@"
