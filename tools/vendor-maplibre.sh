#!/bin/sh
# Fetches MapLibre GL JS from npm into ingest/static/vendor (`make vendor`). Needed only to change its version:
# the files are committed. Usage: tools/vendor-maplibre.sh [VERSION], run from the repository's root.
set -eu
version=${1:-6.17.0}
target=ingest/static/vendor/maplibre-gl-$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# npm compares the archive with the sha512 the registry states for it, and fails on a difference.
(cd "$work" && npm pack --silent "maplibre-gl@$version" && tar xzf "maplibre-gl-$version.tgz")

mkdir -p "$target"
for file in dist/maplibre-gl.mjs dist/maplibre-gl-worker.mjs dist/maplibre-gl.css LICENSE.txt; do
    cp "$work/package/$file" "$target/"
done
(cd "$target" && sha256sum LICENSE.txt maplibre-gl.css maplibre-gl.mjs maplibre-gl-worker.mjs > SHA256SUMS)
cat "$target/SHA256SUMS"
echo "Now name maplibre-gl-$version in index.html and js/map_view.js, and in ingest/static/vendor/README.md."
