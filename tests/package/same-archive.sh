#!/bin/sh
# same-archive.sh ROOT: two release archives of one commit are the same, byte for byte: one made here, the other one in
# a clone elsewhere, at another time, under another umask and in another time zone.
set -eu
. "$(dirname "$0")/workplace.sh"

"$root/ci/dist" "$work/here"
git clone --quiet --no-checkout "$root" "$work/another/place/lintel"
(
    umask 077
    cd "$work/another/place/lintel"
    git checkout --quiet --detach "$(git -C "$root" rev-parse HEAD)"
    TZ=Asia/Tokyo ci/dist "$work/there"
)
cd "$work/here"
sha256sum --check --quiet ./*.sha256sum
for file in *; do
    cmp "$file" "$work/there/$file" || exit 1
done
echo "the same twice: $(cat ./*.sha256sum)"
