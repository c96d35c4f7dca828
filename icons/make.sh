#!/bin/sh
# Makes the application icons in all sizes from carnet.svg. Needs chromium (draws SVG exactly) and node; run it after a change of the drawing.
set -eu
cd "$(dirname "$0")"
draw() { # size file
  page=$(mktemp --suffix=.html)
  printf '<style>*{margin:0}svg{display:block;width:%spx;height:%spx}</style>' "$1" "$1" > "$page"
  cat carnet.svg >> "$page"
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 --default-background-color=00000000 \
    --window-size="$1,$1" --screenshot="$2" "file://$page" >/dev/null 2>&1
  rm -f "$page"
}
tmp=$(mktemp -d)
for size in 512 256; do draw $size "$tmp/$size.png"; done
# Chromium keeps a smallest window, so the small ones are scaled from the largest.
for size in 16 24 32 48 64 128; do convert "$tmp/512.png" -filter Lanczos -resize ${size}x${size} "PNG32:$tmp/$size.png"; done
convert "$tmp/512.png" PNG32:icon.png
convert "$tmp/256.png" PNG32:128x128@2x.png
cp "$tmp/128.png" 128x128.png
cp "$tmp/32.png" 32x32.png
cp carnet.svg ../assets/app/icon.svg
cp carnet.svg ../assets/viewer/icon.svg
convert "$tmp/16.png" "$tmp/24.png" "$tmp/32.png" "$tmp/48.png" "$tmp/64.png" "$tmp/256.png" icon.ico
# An ICNS is a list of PNGs, each under a four-letter name with its length.
node -e '
const fs = require("fs"), dir = process.argv[1];
const parts = [["ic11", 32], ["ic12", 64], ["ic07", 128], ["ic08", 256], ["ic09", 512]].map(([name, size]) => {
  const png = fs.readFileSync(`${dir}/${size}.png`), head = Buffer.alloc(8);
  head.write(name, "latin1"); head.writeUInt32BE(png.length + 8, 4);
  return Buffer.concat([head, png]);
});
const body = Buffer.concat(parts), head = Buffer.alloc(8);
head.write("icns", "latin1"); head.writeUInt32BE(body.length + 8, 4);
fs.writeFileSync("icon.icns", Buffer.concat([head, body]));
' "$tmp"
rm -r "$tmp"
