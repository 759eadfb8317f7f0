#!/bin/sh
# Fetches MapLibre GL JS from npm into ingest/static/vendor (`make vendor`). Needed only to change its version:
# the files are committed. Usage: tools/vendor-maplibre.sh [VERSION], run from the repository's root; needs npm.
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

# The published bundle holds its dependencies; their licences want to go along and are not in LICENSE.txt.
(cd "$work" && npm install --silent --ignore-scripts --no-save --prefix . "maplibre-gl@$version")
for folder in "$work"/node_modules/*/ "$work"/node_modules/@*/*/; do
    [ -f "$folder/package.json" ] || continue
    case $folder in */maplibre-gl/ | */@types/* ) continue ;; esac
    node -p "const p = require('$folder/package.json'); \`==== \${p.name} \${p.version}: \${p.license}\`"
    find "$folder" -maxdepth 1 -iname 'licen[cs]e*' -exec cat {} +
    echo
done > "$target/THIRD_PARTY_LICENSES.txt"

(cd "$target" && rm -f SHA256SUMS && sha256sum ./* | sed 's, \./, ,' > "$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
cat "$target/SHA256SUMS"
echo "Now name maplibre-gl-$version in index.html and js/map_view.js, and in ingest/static/vendor/README.md."
