# Sourced by build_under_wine.sh: portable zip, setup and their hashes, and the setup tried.
# shellcheck shell=bash

version() { sed -n 's/^__version__ = "\(.*\)"/\1/p' "$ROOT/deeprx_gui/__init__.py"; }

make_zip() {
  local file="$FILE-$(version)-portable.zip"
  mkdir -p "$OUT"
  rm -f "$OUT"/*
  chroot "$TREE" sh -c "cd /source/build/$FROZEN && zip -q -r -X '/out/$file' 'DeepRX Inspector'"
  ls -l "$OUT/$file" | awk '{ printf "%.0f MB zip\n", $5 / 1e6 }'
}

make_setup() {
  local file="$FILE-$(version)-setup.exe" options=()
  [ "$COMPRESSION" = zlib ] || options+=(-DLZMA)
  [ "$EDITION" = full ] || options+=("-DEDITION=$EDITION")
  "$PYTHON" "$ROOT/packaging/setup_pictures.py" "$SOURCE/build/setup-pictures"
  chroot "$TREE" makensis -V2 -INPUTCHARSET UTF8 "${options[@]}" -DVERSION="$(version)" \
    -DICON=/source/packaging/app.ico -DPICTURES=/source/build/setup-pictures "-DSOURCE=/source/build/$FROZEN/DeepRX Inspector" \
    "-DSETUP=/out/$file" /source/packaging/windows/installer.nsi
  (cd "$OUT" && sha256sum ./*.exe ./*.zip | sed 's# \./# #' >SHA256SUMS.txt && cat SHA256SUMS.txt)
  # The budget is for what is handed over: zlib is for whoever waits for it.
  [ "$COMPRESSION" = zlib ] || "$PYTHON" "$ROOT/packaging/check_dist.py" "$PROGRAM" --edition "$EDITION" \
    --setup "$OUT/$file"
  ls -l "$OUT/$file" | awk '{ printf "%.0f MB setup\n", $5 / 1e6 }'
}

try_setup() {
  PYTHONPATH="$ROOT:$ROOT/packaging" "$PYTHON" "$HERE/wine_setup_trials.py" "$TREE" \
    "$OUT/$FILE-$(version)-setup.exe" --out "$FOLDER/trial"
}
