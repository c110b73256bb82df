#!/bin/sh
# Tries what `make installer` built, before it is given to anybody; as root, on Debian or Ubuntu:
#   check_artefacts.sh RESULTS [BARE_ROOT]
# Each artefact goes through smoke_test.sh in a bare Debian without Python, which debootstrap makes (or a copy of BARE_ROOT,
# one made before); then the frozen program's start is measured against the unfrozen one's. RESULTS gets all that was seen
# and table.md. MEDGAN_BUILD and MEDGAN_DIST name the build's folders, MIRROR another Debian mirror, ROUNDS how often a
# start is measured. What is mounted is mounted in namespaces of its own, and so is gone with the last process.
# Exit code 0: all of it worked and is within the limits.
set -eu

HERE=$(dirname "$(readlink -f "$0")")
CHECKOUT=$(readlink -f "$HERE/../..")
BUILD=${MEDGAN_BUILD:-$CHECKOUT/build}
DIST=${MEDGAN_DIST:-$CHECKOUT/dist}
MIRROR=${MIRROR:-http://deb.debian.org/debian}
LARGEST=1200000000

say() { echo "######## $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

[ $# -ge 1 ] || fail "say where the results go: check_artefacts.sh RESULTS [BARE_ROOT]"
[ "$(id -u)" = 0 ] || fail "run this as root: it makes a bare Debian and installs the package there"
for program in debootstrap unshare xvfb-run xauth xwininfo; do
    command -v $program >/dev/null ||
        fail "$program is missing; install what is needed with: apt-get install debootstrap util-linux xvfb xauth x11-utils"
done
mkdir -p "$1"
RESULTS=$(readlink -f "$1")
BARE=${2:-}

# The only file of a kind in dist/.
only() {
    set -- "$DIST"/$1
    [ $# = 1 ] && [ -f "$1" ] || fail "there is not one $(basename "$1") in $DIST; run make installer in a fresh clone"
    echo "$1"
}
PACKAGE=$(only "*.deb")
ARCHIVE=$(only "*.tar.zst")
MODELS=$(only "*-models-noncommercial-*.zip")
PARTS=$(only "*.cdx.json")

WORK=$(mktemp -d)
TRIAL=
# With unshare its namespaces end, and all that runs and is mounted in them.
clean_up() {
    if [ -n "$TRIAL" ]; then
        kill -KILL "$TRIAL" 2>/dev/null && wait "$TRIAL" 2>/dev/null || true
    fi
    rm -rf --one-file-system "$WORK"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say "Sums"
(cd "$DIST" && sha256sum -c SHA256SUMS-linux.txt)

if [ -z "$BARE" ]; then
    say "Making a bare Debian (minutes)"
    BARE=$WORK/bare
    debootstrap --variant=minbase bookworm "$BARE" "$MIRROR" >"$RESULTS/debootstrap.txt" 2>&1 || fail "debootstrap"
fi

# try NAME ARTEFACT: the smoke test of an artefact in a root of its own.
try() {
    say "Smoke test of $(basename "$2")"
    cp -a "$BARE" "$WORK/root"
    cp -L /etc/resolv.conf "$WORK/root/etc/resolv.conf"
    mkdir -p "$RESULTS/$1" "$WORK/root/artefacts" "$WORK/root/results" "$WORK/root/test"
    begun=$(date +%s)
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child sh -euc '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount -t tmpfs -o size=2g tmpfs "$1/dev/shm"
        mount --bind "$2" "$1/artefacts"
        mount --bind "$3" "$1/results"
        mount --bind "$4" "$1/test"
        exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh /test/smoke_test.sh "/artefacts/$5" /results "/artefacts/$6"
        ' sh "$WORK/root" "$DIST" "$RESULTS/$1" "$HERE" "$(basename "$2")" "$(basename "$MODELS")" \
        >"$RESULTS/$1/smoke-test.txt" 2>&1 &
    # Waited for in this way it can be interrupted.
    TRIAL=$!
    wait $TRIAL && outcome=passed || outcome=FAILED
    TRIAL=
    tail -n 3 "$RESULTS/$1/smoke-test.txt"
    echo "$outcome in $(($(date +%s) - begun)) s" | tee "$RESULTS/$1/outcome.txt"
    rm -rf --one-file-system "$WORK/root"
}
try deb "$PACKAGE"
try tar "$ARCHIVE"

say "Start, frozen against unfrozen"
mkdir "$WORK/home"
HOME=$WORK/home xvfb-run -a -s -noreset "$BUILD/environment/bin/python" "$HERE/measure_start.py" "${ROUNDS:-5}" \
    "$BUILD/frozen/medgan-viewer/medgan-viewer" "$BUILD/environment/bin/medgan-viewer" >"$RESULTS/start.txt" 2>&1 &&
    start=within || start=FAILED
cat "$RESULTS/start.txt"

size() { stat -c %s "$1" | awk '{ printf "%.1f MB", $1 / 1e6 }'; }
smoke() { cat "$RESULTS/$1/outcome.txt"; }
unpacked() { cat "$RESULTS/$1/size.txt" 2>/dev/null || echo 0; }
{
    echo "| what | value |"
    echo "|---|---:|"
    echo "| build | $(sed -n 's/^build: //p' "$RESULTS/deb/doctor.txt" 2>/dev/null) |"
    echo "| Debian package | $(size "$PACKAGE") |"
    echo "| portable archive | $(size "$ARCHIVE") |"
    echo "| archive of the models of non-commercial data | $(size "$MODELS") |"
    echo "| parts in the bill of materials | $(($(grep -c '"bom-ref"' "$PARTS") - 1)) |"
    for kind in deb tar; do
        echo "| $kind: unpacked (limit 1.2 GB) | $(unpacked $kind | awk '{ printf "%.3f GB", $1 / 1e9 }') |"
        echo "| $kind: smoke test in a root without Python | $(smoke $kind) |"
    done
    sed -n 's/^\(wall\|processor\): \(.*\); ratio of each round, median \(.*\)$/| start, \1: \2; ratio (limit 1.5) | \3 |/p' \
        "$RESULTS/start.txt"
} | tee "$RESULTS/table.md"

for kind in deb tar; do
    grep -q '^passed' "$RESULTS/$kind/outcome.txt" || fail "the smoke test; see $RESULTS/$kind/smoke-test.txt"
    [ "$(unpacked $kind)" -le $LARGEST ] || fail "the program is larger than 1.2 GB"
done
[ "$start" = within ] || fail "the frozen program starts too slowly; see $RESULTS/start.txt"
say "Passed"
