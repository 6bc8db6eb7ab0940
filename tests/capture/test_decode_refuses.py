"""What is not a whole picture gets a sentence that says what to do, never pixels."""

from __future__ import annotations

import errno
import os
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from deeprx_gui.capture.decode import decode, decode_bytes, decode_mask, read_size, thumbnail
from deeprx_gui.domain.errors import ImageError
from tests.capture.conftest import Bytes, encoded
from tests.capture.tiff_bytes import tiff

Reader = Callable[[Path], object]
READERS: list[Reader] = [decode, read_size, decode_mask, lambda path: thumbnail(path, 16)]
LOSSLESS_WEBP: dict[str, Any] = {"lossless": True}


def sentence(path: Path, reader: Reader = decode) -> str:
    with pytest.raises(ImageError) as caught:
        reader(path)
    text = str(caught.value)
    assert path.name in text
    assert text.endswith(".")
    return text


@pytest.mark.parametrize("reader", READERS)
def test_a_text_file_named_png(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "notes.png"
    path.write_text("this is not a picture")
    assert sentence(path, reader) == (
        "notes.png is not a picture that can be read here. Use PNG, JPEG, BMP, TIFF or WebP."
    )


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_file(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "nothing.jpg"
    path.touch()
    assert "is empty (0 bytes). Copy it again" in sentence(path, reader)


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_named_like_a_picture(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.png"
    path.mkdir()
    assert "is a folder, not a picture. Add the pictures inside it" in sentence(path, reader)


@pytest.mark.parametrize("reader", READERS)
def test_a_picture_that_vanished(tmp_path: Path, reader: Reader) -> None:
    assert "is not there. Check whether it was moved" in sentence(tmp_path / "gone.png", reader)


def test_a_path_through_a_file_and_a_path_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert "is not there" in sentence(tmp_path / "a.png" / "b.png")
    with pytest.raises(ImageError, match="is not a file"):
        decode(Path("a\0b.png"))
    long_name = tmp_path / ("x" * 300 + ".png")
    assert "too long" in sentence(long_name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.png"
    os.mkfifo(path)
    assert "is not a file" in sentence(path)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EACCES, "may not be opened with this user account"),
        (errno.EPERM, "may not be opened with this user account"),
        (errno.EIO, "drive or network folder does not answer"),
        (errno.ESTALE, "drive or network folder does not answer"),
        (errno.ETIMEDOUT, "drive or network folder does not answer"),
        (errno.EHOSTDOWN, "drive or network folder does not answer"),
        (errno.EMFILE, "could not be opened: Too many open files"),
    ],
)
def test_what_the_system_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    path = tmp_path / "part.png"

    def refuse(*args: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr("deeprx_gui.capture.files.os.stat", refuse)
    assert says in sentence(path)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (53, "drive or network folder does not answer"),
        (64, "drive or network folder does not answer"),
        (21, "drive or network folder does not answer"),
        (32, "is in use by another program. Wait until"),
    ],
)
def test_what_windows_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, says: str
) -> None:
    # Windows reports a share that went away as "file not found" and a file that the camera program
    # still writes as "no permission"; only its own number tells.
    error: Any = FileNotFoundError(errno.ENOENT, "?") if code != 32 else PermissionError(13, "?")
    error.winerror = code

    def refuse(*args: object) -> None:
        raise error

    monkeypatch.setattr("deeprx_gui.capture.files.os.stat", refuse)
    assert says in sentence(tmp_path / "part.png")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission_for_real(save: Callable[..., Path], scene: Bytes) -> None:
    path = save("secret.png", scene)
    path.chmod(0)
    assert "may not be opened" in sentence(path)


def test_a_file_of_gigabytes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    with path.open("wb") as stream:
        stream.truncate(3 << 30)  # a hole in the disk, not 3 GB on it
    assert "has 3.0 GB; pictures of up to 1 GB" in sentence(path)


def _whole(form: str) -> bytes:
    y, x = np.mgrid[0:80, 0:120]
    picture = np.stack([x * 2, y * 3, (x * y) % 256], axis=2).astype(np.uint8)
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "jpeg": ("JPEG", {}),
        "progressive": ("JPEG", {"progressive": True}),
        "cmyk": ("JPEG", {}),
        "png": ("PNG", {}),
        "bmp": ("BMP", {}),
        "tiff": ("TIFF", {}),
        "lzw": ("TIFF", {"compression": "tiff_lzw"}),
        "webp": ("WEBP", {}),
        "lossless": ("WEBP", LOSSLESS_WEBP),
    }
    name, options = kinds[form]
    image = Image.fromarray(picture).convert("CMYK" if form == "cmyk" else "RGB")
    return encoded(image, name, **options)


FORMS = ["jpeg", "progressive", "cmyk", "png", "bmp", "tiff", "lzw", "webp", "lossless"]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.99, 1.0])
def test_a_truncated_file_is_an_error_wherever_it_ends(form: str, share: float) -> None:
    data = _whole(form)
    # The last byte of a TIFF directory may be padding; everything else must be there.
    end = min(max(4, int(len(data) * share)), len(data) - (5 if form in ("tiff", "lzw") else 1))
    with pytest.raises(ImageError):
        decode_bytes(data[:end], "cut")


@pytest.mark.parametrize("form", ["jpeg", "progressive", "cmyk", "png", "lzw"])
def test_a_file_whose_end_is_zeros_is_an_error(form: str) -> None:
    # What a power cut during copying leaves: the right length, the end never written.
    data = _whole(form)
    cut = len(data) * 6 // 10
    with pytest.raises(ImageError):
        decode_bytes(data[:cut] + bytes(len(data) - cut), "cut")


@pytest.mark.parametrize("grey", [False, True])
def test_a_jpeg_filled_up_with_grey_is_an_error_even_with_an_end_marker(grey: bool) -> None:
    image = Image.fromarray(np.tile(np.arange(120, dtype=np.uint8), (80, 2)))
    data = encoded(image.convert("L" if grey else "RGB"), "JPEG", quality=95)
    for share in (0.5, 0.8, 0.95):
        cut = data[: int(len(data) * share)] + b"\xff\xd9"
        with pytest.raises(ImageError, match="incomplete or damaged"):
            decode_bytes(cut, "cut.jpg")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8, 0.95])
def test_a_blurred_progressive_jpeg_is_an_error_even_with_an_end_marker(share: float) -> None:
    data = _whole("progressive")
    assert decode_bytes(data, "whole.jpg").width == 120
    with pytest.raises(ImageError, match="incomplete or damaged"):
        decode_bytes(data[: int(len(data) * share)] + b"\xff\xd9", "cut.jpg")


def test_that_grey_in_a_whole_jpeg_is_no_error(save: Callable[..., Path], scene: Bytes) -> None:
    flat = np.full((40, 48, 3), 128, np.uint8)
    assert (decode(save("grey.jpg", flat)).pixels == 128).all()
    flat[:16] = 30
    found = decode(save("half.jpg", flat, quality=95, restart_marker_blocks=1)).pixels
    assert (found[-8:] == 128).all()
    assert thumbnail(save("thumb.jpg", np.full((400, 480), 128, np.uint8)), 48).shape == (40, 48, 3)


def test_a_thumbnail_is_not_fooled_by_grey_either(tmp_path: Path) -> None:
    image = Image.fromarray(np.tile(np.arange(240, dtype=np.uint8), (400, 2)))
    data = encoded(image, "JPEG", quality=95)
    path = tmp_path / "cut.jpg"
    path.write_bytes(data[: len(data) // 2] + b"\xff\xd9")
    assert "incomplete or damaged" in sentence(path, lambda p: thumbnail(p, 60))


@pytest.mark.parametrize("where", [0.3, 0.6, 0.9])
def test_one_flipped_bit_in_a_png_is_an_error(where: float) -> None:
    data = bytearray(_whole("png"))
    data[int(len(data) * where)] ^= 0x10
    with pytest.raises(ImageError, match="incomplete or damaged"):
        decode_bytes(bytes(data), "flipped.png")


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">L", zlib.crc32(name + body))
        return struct.pack(">L", len(body)) + name + body + check

    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_png_with_whole_chunks_but_too_few_rows_is_an_error() -> None:
    assert decode_bytes(_png(10, 5, bytes(11 * 5)), "x").height == 5
    with pytest.raises(ImageError, match="incomplete or damaged"):
        decode_bytes(_png(10, 5, bytes(11 * 3)), "short.png")


@pytest.mark.parametrize(
    "size", [(20_000, 20_000), (70_000, 3), (3, 70_000), (2**31 - 1, 2**31 - 1)]
)
@pytest.mark.parametrize("reader", [decode, decode_mask, lambda path: thumbnail(path, 16)])
def test_a_gigantic_picture_is_refused_from_its_header(
    tmp_path: Path, size: tuple[int, int], reader: Reader
) -> None:
    path = tmp_path / "panorama.png"
    path.write_bytes(_png(*size, bytes(1000)))
    tracemalloc.start()
    text = sentence(path, reader)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text == (
        f"panorama.png is {size[0]} x {size[1]} pixels; pictures of up to 100 megapixels can be "
        "read. Crop or reduce the picture first."
    )
    assert peak < 1_000_000
    assert read_size(path) == size


@pytest.mark.parametrize("form", ["tiff", "bmp", "webp", "jpeg"])
def test_gigantic_pictures_of_the_other_formats(form: str) -> None:
    side = 16_000
    vp8x = b"VP8X" + struct.pack("<LL", 10, 0) + struct.pack("<L", side - 1)[:3] * 2
    data = {
        "tiff": tiff("<", (side, side), b"\0" * 64, bits=8),
        "bmp": b"BM" + struct.pack("<LLLLllHHLLllLL", 99, 0, 54, 40, side, side, 1, 24, *[0] * 6),
        "webp": b"RIFF" + struct.pack("<L", 4 + len(vp8x)) + b"WEBP" + vp8x,
        "jpeg": b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", side, side) + b"\3" + bytes(9),
    }[form]
    with pytest.raises(ImageError, match="16000 x 16000 pixels"):
        decode_bytes(data, "huge")


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_pixels_without_a_brightness_scale_are_refused(
    save: Callable[..., Path], kind: type[Any]
) -> None:
    path = save("height.tif", np.arange(48).reshape(6, 8).astype(kind))
    assert "do not say how bright white is. Save it as an 8-bit or 16-bit" in sentence(path)
    assert "how bright white is" in sentence(path, read_size)


def test_signed_pixels_are_refused_too() -> None:
    data = tiff("<", (4, 4), bytes(32), bits=16, extra=[(339, 2)])
    with pytest.raises(ImageError, match="how bright white is"):
        decode_bytes(data, "signed.tif")


def test_a_rare_variety_is_called_rare_not_damaged(save: Callable[..., Path]) -> None:
    lab = save("lab.tif", Image.new("LAB", (8, 8)))
    assert "is a rare kind of picture" in sentence(lab)
    deep = bytearray(encoded(np.zeros((8, 8), np.uint8), "JPEG"))
    deep[deep.index(b"\xff\xc0") + 4] = 12  # 12 bits per channel
    with pytest.raises(ImageError, match="rare kind"):
        decode_bytes(bytes(deep), "deep.jpg")


@pytest.mark.parametrize("form", ["GIF", "PPM", "ICO", "TGA"])
def test_other_picture_formats_say_which_to_use(form: str) -> None:
    data = encoded(np.zeros((16, 16, 3), np.uint8), form)
    with pytest.raises(ImageError, match="Use PNG, JPEG, BMP, TIFF or WebP"):
        decode_bytes(data, "other")


def test_offsets_beyond_any_file() -> None:
    for mark in (b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"):
        with pytest.raises(ImageError, match="incomplete or damaged"):
            decode_bytes(mark + b"\xff" * 40, "far.tif")


def test_sound_in_a_riff_file_is_not_webp() -> None:
    with pytest.raises(ImageError, match="not a picture"):
        decode_bytes(b"RIFF" + struct.pack("<L", 100) + b"WAVEfmt " + bytes(92), "beep.webp")


def test_no_memory_left(save: Callable[..., Path], scene: Bytes, monkeypatch: Any) -> None:
    path = save("part.png", scene)

    def no_room(*args: object) -> None:
        raise MemoryError

    monkeypatch.setattr("deeprx_gui.capture.pixels.cv2.imdecode", no_room)
    assert "not enough memory to open part.png. Close other programs" in sentence(path)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(form=st.sampled_from(FORMS), at=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_of_any_kind_ends_in_a_picture_or_a_sentence(
    form: str, at: float, byte: int, cut: bool
) -> None:
    data = bytearray(_whole(form))
    place = min(int(at * len(data)), len(data) - 1)
    data[place] = byte
    if cut:
        del data[place + 1 :]
    try:
        frame = decode_bytes(bytes(data), "damaged")
    except ImageError:
        return
    assert frame.pixels.dtype == np.uint8


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(
    head=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*",
                          b"II+\0", b"RIFF\x40\0\0\0WEBP", b""]),
    body=st.binary(max_size=200),
)  # fmt: skip
def test_rubbish_behind_a_signature_ends_in_a_sentence(head: bytes, body: bytes) -> None:
    with pytest.raises(ImageError):
        decode_bytes(head + body, "rubbish")
