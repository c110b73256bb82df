#!/bin/sh
# Starts the program of a disk image, without the builder's Python, and removes it again: smoke_test.sh IMAGE.dmg RESULTS
set -eu

mkdir -p "$2"
RESULTS=$(cd "$2" && pwd)
MOUNT=$(mktemp -d)
PLACE=$(mktemp -d)
trap 'hdiutil detach "$MOUNT" -quiet || true; rm -rf "$PLACE"' EXIT

hdiutil attach "$1" -nobrowse -readonly -mountpoint "$MOUNT" -quiet
cp -R "$MOUNT/MedGAN Viewer.app" "$PLACE/"
codesign --verify --deep --strict "$PLACE/MedGAN Viewer.app"

RUN="$PLACE/MedGAN Viewer.app/Contents/MacOS/medgan-viewer"
# What a person answers at the first start.
mkdir -p "$PLACE/config"
echo '{"accepted": "1"}' >"$PLACE/config/settings.json"
bare() { env -i HOME="$HOME" PATH=/usr/bin:/bin TMPDIR="${TMPDIR:-/tmp}" MEDGAN_CONFIG="$PLACE/config" "$@"; }
bare "$RUN" --version
bare "$RUN" doctor
bare "$RUN" demo --headless --out "$RESULTS/demo"
for kind in dcm png pdf mp4; do
    test -n "$(find "$RESULTS/demo" -name "*.$kind" -print -quit)"
done

bare "$RUN" &
VIEWER=$!
sleep 30
kill -0 $VIEWER
screencapture -x "$RESULTS/window.png" || echo "this session may not take pictures of the screen"
kill -TERM $VIEWER
wait $VIEWER || true
echo Passed
