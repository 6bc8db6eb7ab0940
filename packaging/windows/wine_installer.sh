# Sourced by build_under_wine.sh: portable zip, setup and their hashes, and the setup tried.
# shellcheck shell=bash

version() { sed -n 's/^__version__ = "\(.*\)"/\1/p' "$ROOT/deeprx_gui/__init__.py"; }

make_zip() {
  local file="DeepRX-Inspector-$(version)-portable.zip"
  mkdir -p "$OUT"
  rm -f "$OUT"/*
  chroot "$TREE" sh -c "cd /source/build/frozen && zip -q -r -X '/out/$file' 'DeepRX Inspector'"
  ls -l "$OUT/$file" | awk '{ printf "%.0f MB zip\n", $5 / 1e6 }'
}

make_setup() {
  local file="DeepRX-Inspector-$(version)-setup.exe" small=()
  [ "$COMPRESSION" = zlib ] || small=(-DLZMA)
  "$PYTHON" "$ROOT/packaging/setup_pictures.py" "$SOURCE/build/setup-pictures"
  chroot "$TREE" makensis -V2 -INPUTCHARSET UTF8 "${small[@]}" -DVERSION="$(version)" \
    -DICON=/source/packaging/app.ico -DPICTURES=/source/build/setup-pictures "-DSOURCE=/source/build/frozen/DeepRX Inspector" \
    "-DSETUP=/out/$file" /source/packaging/windows/installer.nsi
  (cd "$OUT" && sha256sum ./*.exe ./*.zip | sed 's# \./# #' >SHA256SUMS.txt && cat SHA256SUMS.txt)
  # The budget is for what is handed over: zlib is for whoever waits for it.
  [ "$COMPRESSION" = zlib ] || "$PYTHON" "$ROOT/packaging/check_dist.py" "$PROGRAM" --setup "$OUT/$file"
  ls -l "$OUT/$file" | awk '{ printf "%.0f MB setup\n", $5 / 1e6 }'
}

try_setup() {
  PYTHONPATH="$ROOT:$ROOT/packaging" "$PYTHON" "$HERE/wine_setup_trials.py" "$TREE" \
    "$OUT/DeepRX-Inspector-$(version)-setup.exe" --out "$FOLDER/trial"
}
