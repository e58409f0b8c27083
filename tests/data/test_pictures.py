"""Pictures in files: right values whatever is in them, or an error that says what to do."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image
from support.failures import each

from cnnlab import data
from cnnlab.data import pictures

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (5, 7), np.uint8)
COLOR = RNG.integers(0, 256, (5, 7, 3), np.uint8)
ALPHA = RNG.integers(0, 256, (5, 7), np.uint8)
DEEP = RNG.integers(0, 65536, (5, 7), np.uint16)
SOFT = np.asarray(Image.fromarray(COLOR).resize((32, 24), Image.Resampling.BICUBIC))


def saved(tmp_path, picture, kind="PNG", **options):
    """Write a picture into a file; return its path."""
    path = tmp_path / "a picture"
    picture.save(path, kind, **options)
    return path


def depth_first(array):
    return array.transpose(2, 0, 1) / 255


def over(values, alpha, background):
    a = alpha / 255
    return a * values / 255 + (1 - a) * background


class TestValues:
    """What the numbers are."""

    def test_gray(self, tmp_path):
        X = data.image(saved(tmp_path, Image.fromarray(GRAY)))
        assert X.dtype == np.float64
        assert X.flags.c_contiguous
        assert X.flags.writeable
        np.testing.assert_array_equal(X, GRAY[np.newaxis] / 255)

    def test_color_is_as_from_photo(self, tmp_path):
        X = data.image(saved(tmp_path, Image.fromarray(COLOR)))
        assert X.flags.c_contiguous
        np.testing.assert_array_equal(X, depth_first(COLOR))
        photo = Image.fromarray(np.rint(data.photo() * 255).astype(np.uint8).transpose(1, 2, 0))
        np.testing.assert_array_equal(data.image(saved(tmp_path, photo)), data.photo())

    def test_float32(self, tmp_path):
        X = data.image(str(saved(tmp_path, Image.fromarray(COLOR))), dtype=np.float32)
        assert X.dtype == np.float32
        np.testing.assert_array_equal(X, depth_first(COLOR.astype(np.float32)).astype(np.float32))

    def test_black_and_white_are_0_and_1(self, tmp_path):
        bits = Image.fromarray(GRAY > 127)
        assert bits.mode == "1"
        np.testing.assert_array_equal(data.image(saved(tmp_path, bits))[0], GRAY > 127)

    def test_a_palette_is_looked_up(self, tmp_path):
        picture = Image.fromarray(COLOR).quantize(9)
        X = data.image(saved(tmp_path, picture))
        np.testing.assert_array_equal(X, depth_first(np.asarray(picture.convert("RGB"))))

    def test_sixteen_bits(self, tmp_path):
        X = data.image(saved(tmp_path, Image.fromarray(DEEP)))
        np.testing.assert_array_equal(X, DEEP[np.newaxis] / 65535)

    @each(background=[1.0, 0, 0.25])
    def test_transparency_shows_the_background(self, tmp_path, background):
        picture = Image.fromarray(np.dstack([COLOR, ALPHA]))
        X = data.image(saved(tmp_path, picture), background=background)
        wanted = over(COLOR.transpose(2, 0, 1), ALPHA, background)
        np.testing.assert_allclose(X, wanted, rtol=1e-14, atol=1e-15)
        gray = Image.fromarray(np.dstack([GRAY, ALPHA]), "LA")
        X = data.image(saved(tmp_path, gray), background=background)
        np.testing.assert_allclose(X[0], over(GRAY, ALPHA, background), rtol=1e-14, atol=1e-15)

    def test_white_is_behind_unless_said_otherwise(self, tmp_path):
        nothing = Image.new("RGBA", (3, 2), (0, 0, 0, 0))
        np.testing.assert_array_equal(data.image(saved(tmp_path, nothing)), np.ones((3, 2, 3)))

    def test_one_color_can_be_transparent(self, tmp_path):
        picture = Image.fromarray(COLOR).quantize(4)
        X = data.image(saved(tmp_path, picture, transparency=2))
        wanted = np.where(np.asarray(picture) == 2, 1, depth_first(np.asarray(picture.convert())))
        np.testing.assert_allclose(X, wanted, rtol=1e-15)
        X = data.image(saved(tmp_path, Image.fromarray(DEEP), transparency=int(DEEP[1, 2])))
        np.testing.assert_allclose(X[0], np.where(DEEP == DEEP[1, 2], 1, DEEP / 65535), rtol=1e-14)

    def test_jpeg(self, tmp_path):
        X = data.image(saved(tmp_path, Image.fromarray(SOFT), "JPEG", quality=95))
        assert X.shape == (3, 24, 32)
        assert np.abs(X - depth_first(SOFT)).max() < 0.2
        gray = Image.fromarray(SOFT[..., 0])
        assert data.image(saved(tmp_path, gray, "JPEG")).shape == (1, 24, 32)

    def test_cmyk_becomes_red_green_blue(self, tmp_path):
        plain = Image.new("CMYK", (8, 8), (0, 255, 255, 0))  # no cyan: red
        X = data.image(saved(tmp_path, plain, "JPEG", quality=100))
        np.testing.assert_allclose(X[:, 4, 4], [1, 0, 0], atol=0.02)

    @each(number=range(1, 9), kind=["PNG", "JPEG"])
    def test_exif_turns_the_picture(self, tmp_path, number, kind):
        seen = np.zeros((16, 24), np.uint8)
        seen[:8, :8] = 255  # upright, the light corner is top left
        turns = {1: seen, 2: seen[:, ::-1], 3: seen[::-1, ::-1], 4: seen[::-1], 5: seen.T,
                 6: np.rot90(seen), 7: seen[::-1, ::-1].T, 8: np.rot90(seen, -1)}  # fmt: skip
        exif = Image.Exif()
        exif[0x0112] = number
        picture = Image.fromarray(np.ascontiguousarray(turns[number]))
        X = data.image(saved(tmp_path, picture, kind, exif=exif))
        np.testing.assert_allclose(X[0], seen / 255, atol=0.02)

    def test_exif_that_cannot_be_read_leaves_the_picture(self, tmp_path):
        path = saved(tmp_path, Image.fromarray(GRAY), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
        np.testing.assert_array_equal(data.image(path), GRAY[np.newaxis] / 255)

    def test_the_first_of_several_in_a_jpeg(self, tmp_path):
        more = [Image.fromarray(255 - SOFT)]
        path = saved(tmp_path, Image.fromarray(SOFT), "MPO", save_all=True, append_images=more)
        assert np.abs(data.image(path) - depth_first(SOFT)).mean() < 0.1


def png(*chunks):
    """Return the bytes of a PNG of these parts."""
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def of_size(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return png((b"IHDR", head), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""))


def content(kind, **options):
    file = io.BytesIO()
    Image.fromarray(SOFT).save(file, kind, **options)
    return file.getvalue()


def animated():
    return content("PNG", save_all=True, append_images=[Image.fromarray(255 - SOFT)])


def refused(tmp_path, content, words):
    path = tmp_path / "a picture.png"
    path.write_bytes(content)
    with pytest.raises(data.DataError, match=words) as error:
        data.image(path)
    assert str(error.value).startswith(f"image: {path} ")
    assert str(error.value).endswith(".")


class TestRefused:
    """What is no picture, or none that can be read."""

    @each(kind=["PNG", "JPEG"])
    def test_cut_off_anywhere(self, tmp_path, kind):
        whole = content(kind)
        ends = [*range(12), *range(12, len(whole) - 2, 37)]
        for end in ends if kind == "JPEG" else [*ends, len(whole) - 12]:
            refused(tmp_path, whole[:end], "cut off or damaged|is empty|is none")

    def test_a_changed_byte_of_a_png(self, tmp_path):
        whole = bytearray(content("PNG"))
        for place in range(8, len(whole), 29):
            changed = whole.copy()
            changed[place] ^= 0x55
            refused(tmp_path, bytes(changed), "cut off or damaged|more than")

    @each(
        case={
            "nothing": (b"", "is empty"),
            "text": (b"hello, world", "is none: b'hello, w' ..."),
            "a web page": (b"\n<!doctype html>", "is a web page or an SVG file"),
            "a GIF": (content("GIF"), "is a GIF file, .* save the picture as PNG"),
            "a BMP": (content("BMP"), "is a BMP file"),
            "a TIFF": (content("TIFF"), "is a TIFF file"),
            "a WebP": (content("WEBP"), "is a WebP or another RIFF file"),
            "a HEIC": (b"\0\0\0\x18ftypheic", "is a HEIC, an AVIF or a film file"),
            "an animation": (animated(), "is animated, 2 pictures in one file"),
            "a bomb": (of_size(60_000, 60_000), r"more than 67,108,864 pixels"),
            "a large one": (of_size(9_000, 8_000), r"pixels \(9000 x 8000\); make it smaller"),
            "no pixels": (of_size(0, 0), "cut off or damaged"),
        }
    )
    def test_foreign(self, tmp_path, case):
        refused(tmp_path, *case)

    def test_no_file_and_a_folder(self, tmp_path):
        with pytest.raises(data.MissingDataError, match="^image: there is no file .*none.png"):
            data.image(tmp_path / "none.png")
        with pytest.raises(data.DataError, match="is no file; pass the path of a PNG or JPEG"):
            data.image(tmp_path)

    def test_no_path(self):
        with pytest.raises(TypeError, match=r'^image: path=.* pass a string, for example "photo'):
            data.image(GRAY)

    @each(background=[-0.1, 1.1, np.nan, "white", None])
    def test_background(self, tmp_path, background):
        with pytest.raises(ValueError, match="^image: background=.* from 0 to 1 is needed"):
            data.image(tmp_path / "none.png", background=background)

    def test_what_the_system_refuses_is_told(self, tmp_path, monkeypatch):
        path = saved(tmp_path, Image.fromarray(GRAY))
        monkeypatch.setattr(pictures, "_decode", lambda *arguments: tmp_path.read_bytes())
        with pytest.raises(data.DataError, match="cannot be read .*check the file and the rights"):
            data.image(path)

    def test_without_pillow(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "PIL.Image", None)
        with pytest.raises(ImportError, match=r"^image: needs Pillow"):
            data.image(tmp_path)
