#!/bin/sh
# Serve the built website to this machine only. Run it through `make serve`.
set -eu
port=${PORT:-8000}
echo "The book is at http://localhost:$port/ (Ctrl-C stops it)"
exec python -m http.server --bind 127.0.0.1 --directory _build/html "$port"
