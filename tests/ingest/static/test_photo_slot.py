"""Photos of a defect on the page: a crew adds one, looks at it large and deletes it; whoever is nobody is not told of any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from crews_city import City, opened
from PIL import Image
from test_access import none_found
from visit import DESK, PHONE, Visit, Visitor

SIZES = pytest.mark.parametrize(
    "size", [{"viewport": DESK}, {"viewport": PHONE, "is_mobile": True, "has_touch": True}], ids=["desk", "phone"]
)
BROKEN = "[...document.querySelectorAll('#detail .photo img')].filter((img) => !img.complete || !img.naturalWidth).length"


def street(path: Path, seed: int = 1, width: int = 2400, height: int = 1800) -> Path:
    """A file above a megabyte: grey grains, a darker hole."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    shade = draw.normal(128, 22, (height, width)) - 70.0 * (np.hypot((x - width / 2) / 2, y - height / 2) < height / 5)
    Image.fromarray(np.clip(shade, 0, 255).astype(np.uint8)).convert("RGB").save(path, quality=92)
    return path


def told(city: City) -> list[dict[str, Any]]:
    """The defect's photos as another user reads of them."""
    answer = httpx.get(f"{city.address}v1/defects/{city.defect}", headers={"Authorization": f"Bearer {city.token}"})
    return list(answer.json()["photos"])


def put(city: City, path: Path) -> None:
    """Ben adds one from elsewhere."""
    headers = {"Authorization": f"Bearer {city.token}", "Content-Type": "image/jpeg"}
    address = f"{city.address}v1/defects/{city.defect}/photos"
    assert httpx.post(address, content=path.read_bytes(), headers=headers, timeout=30).status_code == 201


def choose(visitor: Visit, path: Path) -> None:
    """As a finger does it: the button, then a file in the system's dialog."""
    with visitor.page.expect_file_chooser() as chooser:
        visitor.page.get_by_role("button", name="Add a photo").click()
    chooser.value.set_files(path)


@SIZES
def test_a_photo_is_added_seen_and_deleted(city: City, visit: Visitor, tmp_path: Path, size: dict[str, Any]) -> None:
    visitor = opened(city, visit, **size)
    panel, dialog = visitor.page.locator("#detail"), visitor.page.get_by_role("dialog")
    sent: list[int] = []
    visitor.page.on(
        "request", lambda request: sent.append(len(request.post_data_buffer or b"")) if "/photos" in request.url else None
    )
    choose(visitor, street(tmp_path / "hole.jpg"))
    visitor.until(lambda: len(told(city)) == 1, "the server has it")
    visitor.until(lambda: visitor.page.locator("#toasts").inner_text().startswith("Photo added."), "and the page says so")
    assert max(sent) < 1_000_000 < (tmp_path / "hole.jpg").stat().st_size, "made smaller before it is sent"
    assert (told(city)[0]["width"], told(city)[0]["height"]) == (1600, 1200)
    visitor.until(f"document.querySelectorAll('#detail .photo').length === 1 && {BROKEN} === 0", "it is shown small")
    small = panel.get_by_role("img", name="Photo by anna, ")
    none_found(visitor)
    small.click()
    visitor.until("document.querySelector('.photo-view img').naturalWidth === 1600", "and large")
    none_found(visitor)
    dialog.get_by_role("button", name="Delete …").click()
    assert visitor.page.evaluate("document.activeElement.textContent") == "Keep it"
    dialog.get_by_role("button", name="Keep it").click()
    assert len(told(city)) == 1
    dialog.get_by_role("button", name="Delete …").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    visitor.until(lambda: told(city) == [], "it is gone")
    visitor.until("document.querySelectorAll('#detail .photo').length === 0 && !document.querySelector('.photo-view').open")
    assert visitor.page.evaluate("document.activeElement.textContent") == "Add a photo"


def test_photos_of_others_are_walked_through_by_keys_alone(city: City, visit: Visitor, tmp_path: Path) -> None:
    for seed in (1, 2):
        put(city, street(tmp_path / f"{seed}.jpg", seed, 640, 480))
    visitor = opened(city, visit)
    first = visitor.page.locator("#detail .photo").first
    first.focus()
    visitor.page.keyboard.press("Enter")
    head = visitor.page.locator(".photo-view header")
    assert head.get_by_role("heading", name="Photo by ben").is_visible()
    for key, number in (("ArrowLeft", 2), ("ArrowRight", 1), ("ArrowRight", 2)):
        visitor.page.keyboard.press(key)
        assert head.inner_text().rstrip().endswith(f"{number}\u00a0of\u00a02")
    visitor.page.keyboard.press("Escape")
    visitor.until("!document.querySelector('.photo-view').open")
    assert not visitor.page.evaluate("document.querySelector('#detail').hidden"), "the panel stays"
    assert visitor.page.evaluate("document.activeElement.className") == "photo"


def test_what_the_server_refuses_is_told_in_its_own_words(city: City, visit: Visitor, tmp_path: Path) -> None:
    visitor = opened(city, visit, forgive=True)  # the browser itself tells of a refused request
    for name, data, words in (
        ("claims.jpg", b"honestly a photo", "Not added: this is no whole JPEG, PNG or WebP picture"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Not added: photos are JPEG, PNG or WebP"),
        ("large.png", bytes(13 << 20), "Not added: the body is above 12582912 bytes"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        choose(visitor, path)
        visitor.until(lambda words=words: words in visitor.page.locator(".photo-add").inner_text(), words)
    assert told(city) == []
    visitor.page.route("**/photos", lambda route: route.abort())
    choose(visitor, street(tmp_path / "hole.jpg", width=640, height=480))
    visitor.until(lambda: "Not added: the server does not answer" in visitor.page.locator(".photo-add").inner_text())
    visitor.page.unroute("**/photos")
    choose(visitor, tmp_path / "hole.jpg")
    visitor.until(lambda: len(told(city)) == 1, "the same again, once it answers")


def test_nobody_is_shown_a_photo_who_is_not_signed_in(city: City, visit: Visitor, tmp_path: Path) -> None:
    put(city, street(tmp_path / "hole.jpg", width=640, height=480))
    visitor = visit(f"{city.address}#defect={city.defect}").drawn()
    visitor.page.locator("#detail .chart").wait_for()
    assert visitor.page.locator(".photo-slot, .photo").count() == 0
    assert "hoto" not in visitor.page.locator("#detail").inner_text()
