#!/bin/sh
# Builds the disk image for macOS: the frozen program as .app, signed, started once, and notarised where asked.
# Run by `python3 installers/setup_environment.py installer` as: build.sh PYTHON
#   MEDGAN_SIGN          the identity "Developer ID Application: …"; without one it is signed for this computer alone
#   MEDGAN_NOTARY        the name of a notarytool profile in the key chain; without one nothing is sent to Apple
set -eu

PYTHON=$1
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE/../.."

# Name, Program, Frozen, Dist, MacosArtefact and the others of installers/definition.py.
eval "$("$PYTHON" -m installers.definition shell)"
"$PYTHON" -m installers.build frozen

APP="$Frozen/$Name.app"
RUN="$APP/Contents/MacOS/$Program"
IMAGE="$Dist/$MacosArtefact"
STAGE="$Frozen/image"
ENTITLEMENTS="$HERE/entitlements.plist"
IDENTITY=${MEDGAN_SIGN:--}

# The licences lie beside the code: a resource of the program, so that the signature covers them.
cp -R "$ProgramFolder/licences" "$APP/Contents/Resources/licences"

# Every library first, the program last: a signature covers what is below it as it is then. The hardened runtime and a time
# stamp are what notarisation wants; a stamp needs an identity.
STAMP=--timestamp
[ "$IDENTITY" != - ] || STAMP=--timestamp=none
find "$APP/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -100 \) ! -path "$RUN" -print0 |
    xargs -0 -n 64 codesign --force --options runtime "$STAMP" --sign "$IDENTITY"
codesign --force --options runtime "$STAMP" --entitlements "$ENTITLEMENTS" --sign "$IDENTITY" "$RUN"
codesign --force --options runtime "$STAMP" --entitlements "$ENTITLEMENTS" --sign "$IDENTITY" "$APP"
codesign --verify --deep --strict "$APP"

"$RUN" doctor

rm -rf "$STAGE" "$IMAGE"
mkdir -p "$STAGE"
cp -R "$APP" "$STAGE/"
ln -s /Applications "$STAGE/Applications"
hdiutil create -volname "$Name" -srcfolder "$STAGE" -fs HFS+ -format UDZO -ov "$IMAGE"
rm -rf "$STAGE"

if [ "$IDENTITY" != - ]; then
    codesign --force "$STAMP" --sign "$IDENTITY" "$IMAGE"
fi
if [ -n "${MEDGAN_NOTARY:-}" ]; then
    xcrun notarytool submit "$IMAGE" --keychain-profile "$MEDGAN_NOTARY" --wait
    xcrun stapler staple "$IMAGE"
    xcrun stapler validate "$IMAGE"
fi
"$PYTHON" -m installers.build sums
echo "$IMAGE"
