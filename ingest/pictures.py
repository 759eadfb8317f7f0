"""A stranger's picture made ours: decoded, turned upright, made small and written anew, so that nothing but its pixels is left.

Knows nothing of HTTP or of tables. Whatever a file claims to be, only three decoders ever look at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

LONGEST_PX = 1600  # of the longer edge: kerbs and cracks can be told apart, in some 300 kB
SMALL_PX = 320  # likewise: which is which, in some 15 kB
QUALITY = 82  # of JPEG: above it the bytes grow faster than what can be seen
SCANS = 64  # a progressive JPEG has some ten; one of a million small ones takes hours
_FORMATS = ("JPEG", "PNG", "WEBP")
_START_OF_SCAN = b"\xff\xda"  # among compressed pixels 0xff is always followed by 0x00 or a restart: only markers match


class Unreadable(Exception):
    """It is none of the pictures that are taken; the text says why and what to do."""


class TooManyPixels(Exception):
    """Its header says that it is larger than is read here."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"the picture has above {most / 1e6:.0f} million pixels; make it smaller, or save it as JPEG")


@dataclass(frozen=True)
class Picture:
    """A JPEG without any metadata, upright, at most LONGEST_PX wide and high; small: the same of SMALL_PX."""

    jpeg: bytes
    small: bytes
    width: int
    height: int


def cleaned(data: bytes, most_pixels: int, most_whole_pixels: int) -> Picture:
    """The picture of a JPEG, PNG or WebP file. most_pixels: of what its header says, before anything is decoded;
    most_whole_pixels: of what cannot be decoded at a fraction of its size (PNG, WebP, progressive JPEG), some 18 bytes each.

    Raises Unreadable, TooManyPixels.
    """
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            _check(image, data, most_pixels, most_whole_pixels)
            return _clean(image)
    except (Unreadable, TooManyPixels):
        raise
    except Image.DecompressionBombError:
        raise TooManyPixels(most_pixels) from None  # of Pillow's own, still larger bound
    except Exception as error:  # hostile files make decoders stumble over anything: OSError, ValueError, struct.error …
        raise Unreadable("this is no whole JPEG, PNG or WebP picture; take it again, or save it as JPEG") from error


def _check(image: Image.Image, data: bytes, most_pixels: int, most_whole_pixels: int) -> None:
    is_jpeg = image.format in ("JPEG", "MPO")  # MPO: a JPEG with further ones behind it, as phones make for depth or brightness
    in_parts = is_jpeg and not image.info.get("progressive")
    most = most_pixels if in_parts else most_whole_pixels
    if image.width * image.height > most:
        raise TooManyPixels(most)
    if is_jpeg and data.count(_START_OF_SCAN) > SCANS:
        raise Unreadable("the picture comes in too many scans; save it as a plain JPEG")
    if not is_jpeg and getattr(image, "is_animated", False):
        raise Unreadable("the picture moves; send a single one")


def _clean(image: Image.Image) -> Picture:
    image.draft("RGB", (LONGEST_PX, LONGEST_PX))  # a JPEG is read at an eighth to half of its size where that is enough
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGBA")
    upright.thumbnail((LONGEST_PX, LONGEST_PX), reducing_gap=2.0)
    plain = Image.new("RGB", upright.size, "white")  # a new picture: no comment, profile, place or name comes along
    plain.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    jpeg, (width, height) = _written(plain), plain.size
    plain.thumbnail((SMALL_PX, SMALL_PX))
    return Picture(jpeg, _written(plain), width, height)


def _written(plain: Image.Image) -> bytes:
    out = BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
