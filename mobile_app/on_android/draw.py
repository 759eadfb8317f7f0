"""Draws the app's pictures beside itself: `python mobile_app/on_android/draw.py`. A road seen from the side, and its jolt."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
NIGHT, ROAD, JOLT, WHITE = "#10243E", "#F4F1EA", "#FF8A3D", "#FFFFFF"
FINER = 4  # drawn so many times larger and made smaller: smooth edges
# Fractions of the middle of the picture: the trace is flat, falls into a hole, rings and is flat again.
TRACE = [(0.0, 0.5), (0.3, 0.5), (0.38, 0.44), (0.48, 0.86), (0.58, 0.14), (0.66, 0.62), (0.72, 0.5), (1.0, 0.5)]
FLAT, RINGS = [TRACE[:2], TRACE[-2:]], TRACE[1:-1]
SAFE = 0.6  # Android cuts an adaptive icon to any shape, and shows this part of it for certain


def trace(size: int, fraction: float, flat: str, rings: str) -> Image.Image:
    """The trace on nothing, so wide a part of a square picture."""
    picture = Image.new("RGBA", (size * FINER, size * FINER), (0, 0, 0, 0))
    draw, scale = ImageDraw.Draw(picture), size * FINER
    width = round(scale * fraction * 0.085)
    for points, colour in [*((part, flat) for part in FLAT), (RINGS, rings)]:
        at = [(((x - 0.5) * fraction + 0.5) * scale, ((y - 0.5) * fraction + 0.5) * scale) for x, y in points]
        draw.line(at, fill=colour, width=width)
        for x, y in at:  # round ends and corners
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def on(ground: str, picture: Image.Image) -> Image.Image:
    whole = Image.new("RGBA", picture.size, ground)
    whole.alpha_composite(picture)
    return whole.convert("RGB")


def main() -> None:
    foreground = trace(432, SAFE, ROAD, JOLT)
    pictures = {
        "icon.png": on(NIGHT, trace(512, 0.76, ROAD, JOLT)),  # before Android 8, and in the stores
        "icon_foreground.png": foreground,
        "icon_background.png": Image.new("RGB", foreground.size, NIGHT),
        "presplash.png": on(NIGHT, trace(512, 0.5, ROAD, JOLT)),
        "res/drawable/cahot_status.png": trace(96, 0.9, WHITE, WHITE),  # Android takes its transparency only
    }
    for name, picture in pictures.items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        picture.quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    main()
