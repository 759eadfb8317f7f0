"""Photos as phones make them, and files that only claim to be some."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image

GPS, ORIENTATION, MAKE, EXIF_IFD, USER_COMMENT = 0x8825, 0x0112, 0x010F, 0x8769, 0x9286
SECRETS = (b"Acme phone", b"of Anna's home", b"a comment", b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE")


def picture(width: int = 800, height: int = 600, seed: int = 0) -> Image.Image:
    """Of a red half at the left and a blue one at the right, with some noise."""
    shades = np.random.default_rng(seed).integers(0, 40, (height, width, 3), dtype=np.uint8)
    shades[:, : width // 2, 0] += 200
    shades[:, width // 2 :, 2] += 200
    return Image.fromarray(shades)


def file_of(image: Image.Image, form: str = "JPEG", **how: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def from_phone(orientation: int = 6, width: int = 800, height: int = 600) -> bytes:
    """A JPEG that tells where and with what it was taken, and that it has to be turned."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, "Acme phone"
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 8.0, 12.5), 3: "E", 4: (11.0, 34.0, 1.5)})
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"ASCII\0\0\0of Anna's home"
    return file_of(picture(width, height), exif=exif, comment=b"a comment", icc_profile=b"p" * 200, xmp=b"<x>of Anna's home</x>")


def png_bomb(side: int) -> bytes:
    """A whole PNG of side × side black pixels, one bit each, in a thousandth of the bytes."""
    packer, row = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    parts = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    chunks = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def claiming(data: bytes, width: int, height: int) -> bytes:
    """A baseline JPEG whose header says another size."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def of_many_scans(times: int) -> bytes:
    """A progressive JPEG whose second scan stands there so many times."""
    data = file_of(picture(64, 64), progressive=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    third = data.index(b"\xff\xda", second + 2)
    return data[:second] + data[second:third] * times + data[third:]


def damaged(data: bytes, draw: random.Random) -> bytes:
    """With a few bytes changed, added or taken out, half of them in the header."""
    made = bytearray(data)
    for _ in range(draw.choice((1, 2, 5, 20))):
        at = draw.randrange(len(made) if draw.random() < 0.5 else min(len(made), 300))
        made[at : at + draw.randrange(9)] = draw.randbytes(draw.randrange(9))
    return bytes(made)


def moving(form: str) -> bytes:
    """Three pictures one after another in one file."""
    return file_of(picture(64, 64), form, save_all=True, append_images=[picture(64, 64, seed) for seed in (1, 2)])
