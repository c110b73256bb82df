#!/bin/sh
# Installs and starts an artefact in a bare Debian without Python or checkout, as root, and removes it again:
#   smoke_test.sh ARTEFACT.deb|ARTEFACT.tar.zst RESULTS [MODELS.zip]
# RESULTS gets what doctor says, what the demonstration makes and pictures of the window. MODELS is the archive of models
# that are not in the artefact. Exit code 0: all of it worked.
set -eu

ARTEFACT=$(readlink -f "$1")
mkdir -p "$2"
RESULTS=$(readlink -f "$2")
MODELS=${3:+$(readlink -f "$3")}
HERE=$(dirname "$(readlink -f "$0")")
PLACE=/opt/smoke-test
PORT=44377
export DEBIAN_FRONTEND=noninteractive HOME=/root LANG=C.UTF-8

say() { echo "==== $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

if command -v python3 >/dev/null || command -v python >/dev/null; then
    fail "there is a Python here; use a bare place"
fi
apt-get update -qq

say "Installing $(basename "$ARTEFACT")"
case $ARTEFACT in
*.deb)
    apt-get install -y -qq --no-install-recommends "$ARTEFACT" >"$RESULTS/install.txt" 2>&1 || fail "apt-get install"
    PROGRAM=/usr/bin/medgan-viewer FOLDER=/usr/lib/medgan-viewer
    ;;
*.tar.zst)
    apt-get install -y -qq --no-install-recommends zstd >"$RESULTS/install.txt" 2>&1
    mkdir -p "$PLACE"
    tar -I zstd -xf "$ARTEFACT" -C "$PLACE"
    PROGRAM=$PLACE/medgan-viewer/medgan-viewer FOLDER=$PLACE/medgan-viewer
    say "Doctor names what a bare system lacks"
    "$PROGRAM" doctor >"$RESULTS/doctor-bare.txt" 2>&1 && fail "doctor misses nothing on a bare system"
    # As its sentence says, and nothing else.
    LACKS=$(sed -n 's/.*install them with: apt install //p' "$RESULTS/doctor-bare.txt")
    [ -n "$LACKS" ] || fail "doctor does not say what to install"
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $LACKS fonts-dejavu-core >>"$RESULTS/install.txt" 2>&1
    ;;
*) fail "neither a .deb nor a .tar.zst" ;;
esac
if command -v python3 >/dev/null; then
    fail "a Python came with it"
fi

du -sb "$FOLDER" | cut -f1 >"$RESULTS/size.txt"

say "Every library is found"
find "$FOLDER" -name '*.so*' -type f -exec ldd {} + 2>/dev/null | grep 'not found' | sort | uniq -c >"$RESULTS/libraries.txt" || true
# Wayland's are a desktop's own business; each library beside its own kind is found by its own search path when it is loaded.
if [ -s "$RESULTS/libraries.txt" ]; then
    cat "$RESULTS/libraries.txt"
fi

say "Version and doctor"
"$PROGRAM" --version
"$PROGRAM" doctor >"$RESULTS/doctor.txt" 2>&1 || { cat "$RESULTS/doctor.txt"; fail "doctor"; }
cat "$RESULTS/doctor.txt"

say "Demonstration without a window"
rm -rf "$RESULTS/demo"
"$PROGRAM" demo --headless --out "$RESULTS/demo" >"$RESULTS/demo.txt" 2>&1 || { cat "$RESULTS/demo.txt"; fail "demo"; }
for kind in dcm png pdf mp4 csv; do
    [ -n "$(find "$RESULTS/demo" -name "*.$kind" -size +0 -print -quit)" ] || fail "the demonstration wrote no .$kind"
done

if [ -n "$MODELS" ]; then
    say "Models that are not in the program"
    "$PROGRAM" import-model "$MODELS" --yes >"$RESULTS/models.txt" 2>&1 || { cat "$RESULTS/models.txt"; fail "import-model"; }
    "$PROGRAM" models >>"$RESULTS/models.txt" 2>&1
    while read -r ADDED; do
        case $ADDED in
        /*) grep -q "^$(basename "$ADDED") " "$RESULTS/models.txt" || fail "$ADDED is not listed" ;;
        esac
    done <"$RESULTS/models.txt"
    cat "$RESULTS/models.txt"
fi

if [ "$FOLDER" = /usr/lib/medgan-viewer ]; then
    say "Menu entry, file type, manual"
    test -f /usr/share/applications/medgan-viewer.desktop
    test -f /usr/share/mime/packages/medgan-viewer.xml
    test -f /usr/share/man/man1/medgan-viewer.1.gz || say "this system leaves manuals out"
    test -f /usr/share/icons/hicolor/scalable/apps/medgan-viewer.svg
    # It tells what is not as it was packed; documents that a system leaves out are no fault.
    CHANGED=$(dpkg --verify medgan-viewer | grep -v ' /usr/share/\(doc\|man\)/' || true)
    [ -z "$CHANGED" ] || fail "not as packed: $CHANGED"
fi

say "A newer version is told of when somebody asks, from a file and by https"
apt-get install -y -qq --no-install-recommends openssl >>"$RESULTS/install.txt" 2>&1
FEED=$(mktemp -d)
trap 'rm -rf "$FEED"' EXIT
echo '{"version": "999.0", "page": "https://localhost/newer"}' >"$FEED/feed.json"
# asked WORDS FEED: doctor says WORDS of a feed when it is asked for newer versions, and nothing of it when it is not.
asked() {
    echo "{\"release_feed\": \"$2\"}" >"$FEED/settings.json"
    MEDGAN_CONFIG=$FEED "$PROGRAM" doctor --updates >"$RESULTS/updates.txt" 2>&1 || true
    grep -q "$1" "$RESULTS/updates.txt" || { cat "$RESULTS/updates.txt"; fail "doctor --updates does not say: $1"; }
    if MEDGAN_CONFIG=$FEED "$PROGRAM" doctor 2>&1 | grep -q '999\.0'; then
        fail "doctor asks the feed by itself"
    fi
}
asked "Version 999.0 can be had" "$FEED/feed.json"
(
    cd "$FEED"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj /CN=smoke-test \
        -addext subjectAltName=IP:127.0.0.1 2>/dev/null
    exec openssl s_server -accept "127.0.0.1:$PORT" -key key.pem -cert certificate.pem -WWW >log.txt 2>&1 </dev/null
) &
SERVER=$!
trap 'kill $SERVER 2>/dev/null || true; rm -rf "$FEED"' EXIT
for _ in $(seq 1 60); do
    if grep -q ACCEPT "$FEED/log.txt" 2>/dev/null; then break; fi
    sleep 1
done
asked "feed cannot be read" "https://127.0.0.1:$PORT/feed.json"
export REQUESTS_CA_BUNDLE="$FEED/certificate.pem"
asked "Version 999.0 can be had" "https://127.0.0.1:$PORT/feed.json"
cat "$RESULTS/updates.txt"

say "Window"
apt-get install -y -qq --no-install-recommends xvfb x11-utils imagemagick procps strace >>"$RESULTS/install.txt" 2>&1
# What a person answers at the first start, and the feed, which is not asked.
mkdir -p "$HOME/.config/medgan-viewer"
echo '{"accepted": "1"}' >"$HOME/.config/medgan-viewer/settings.json"
sed -i "s|}|, \"release_feed\": \"https://127.0.0.1:$PORT/feed.json\"}|" "$HOME/.config/medgan-viewer/settings.json"
# A number of its own: a chroot shares the numbers of the system it is in.
Xvfb -displayfd 3 -screen 0 1600x900x24 3>"$FEED/display" >/dev/null 2>&1 &
XVFB=$!
trap 'kill $XVFB $SERVER 2>/dev/null || true; rm -rf "$FEED"' EXIT
for _ in $(seq 1 60); do
    if [ -s "$FEED/display" ]; then break; fi
    sleep 1
done
DISPLAY=:$(cat "$FEED/display")
export DISPLAY
# Wait until a window of this name is on the screen.
shown() {
    for _ in $(seq 1 90); do
        if xwininfo -root -tree 2>/dev/null | grep -q "\"$1\""; then return; fi
        kill -0 "$VIEWER" 2>/dev/null || { cat "$RESULTS/window.txt"; fail "the viewer ended"; }
        sleep 1
    done
    fail "the window $1 did not come up"
}
# Every connection that the viewer and its worker make is written down; the tracer stands aside, so that the viewer is $!.
strace -D -f -qq -e trace=connect,sendto,sendmsg -o "$RESULTS/network.txt" \
    "$PROGRAM" demo >"$RESULTS/window.txt" 2>&1 &
VIEWER=$!
shown "MedGAN Viewer"
# The images and the models come behind the first paint.
sleep 30
kill -0 $VIEWER || fail "the viewer ended"
import -window root "$RESULTS/window.png"
grep -q AF_UNIX "$RESULTS/network.txt" || fail "nothing was written down of the connection to the screen"
if grep AF_INET "$RESULTS/network.txt"; then
    fail "the program called out by itself"
fi

say "A crash is reported at the next start"
kill -SEGV $VIEWER
wait $VIEWER || true
[ -n "$(find "$HOME/.local/state/medgan-viewer" -path '*crashes/*' -size +0 -print -quit)" ] || fail "the crash left no report"
"$PROGRAM" >"$RESULTS/window.txt" 2>&1 &
VIEWER=$!
shown "Crash report"
sleep 2
import -window root "$RESULTS/crash-report.png"
kill -TERM $VIEWER
wait $VIEWER || true
for _ in $(seq 1 20); do
    pgrep -f "$FOLDER" >/dev/null || break
    sleep 1
done
if pgrep -af "$FOLDER"; then
    fail "a process was left behind"
fi

say "Removing"
case $ARTEFACT in
*.deb) apt-get purge -y -qq medgan-viewer >>"$RESULTS/install.txt" 2>&1 ;;
*) rm -rf "$PLACE" ;;
esac
LEFT=$(find / -xdev \( -path /proc -o -path /root -o -path "$RESULTS" -o -path "$HERE" -o -path "$(dirname "$ARTEFACT")" \) \
    -prune -o -iname '*medgan*' -print)
[ -z "$LEFT" ] || fail "left behind: $LEFT"
say "What is the user's own and stays:"
find /root -ipath '*medgan*' -prune -print
say "Passed"
