"""Photos of defects: what is kept of them, who sees them, and where they go when defects are joined."""

from __future__ import annotations

import contextlib
import hashlib
import random
import threading
from dataclasses import replace
from io import BytesIO
from typing import Any

import city
import httpx
import numpy as np
import photo_files as files
import pytest
from callers import Phone
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select
from test_upload import code_of

from ingest import pictures
from ingest.settings import Limits
from ingest.store import Store, audit
from ingest.store.schema import DefectPhoto

LIMITS = Limits()


@pytest.fixture
def anna(store: Store) -> str:
    city.put_defects(store)
    return city.user(store, "anna", "crew")


def add(http: TestClient, token: str, data: bytes, name: str = city.COMMON, kind: str = "image/jpeg") -> httpx.Response:
    return http.post(f"/v1/defects/{name}/photos", content=data, headers=city.bearer(token) | {"Content-Type": kind})


def see(http: TestClient, token: str, photo: str, name: str = city.COMMON, **headers: str) -> httpx.Response:
    return http.get(f"/v1/defects/{name}/photos/{photo}", headers=city.bearer(token) | headers)


def drop(http: TestClient, token: str, photo: str, name: str = city.COMMON) -> httpx.Response:
    return http.delete(f"/v1/defects/{name}/photos/{photo}", headers=city.bearer(token))


def shown(http: TestClient, token: str, name: str = city.COMMON) -> list[str]:
    return [photo["id"] for photo in city.defect(http, token, name)["photos"]]


def small(seed: int) -> bytes:
    return files.file_of(files.picture(40, 30, seed))


def of(answer: httpx.Response) -> Image.Image:
    return Image.open(BytesIO(answer.content))


@pytest.mark.both_databases
def test_a_photo_is_kept_upright_and_small_and_tells_neither_place_nor_camera(http: TestClient, anna: str):
    sent = files.from_phone(orientation=6, width=3000, height=2000)  # to be turned a quarter to the right
    assert all(secret in sent for secret in files.SECRETS)
    answer = add(http, anna, sent)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["width"], told["height"], told["by"]) == (1067, 1600, "anna")
    assert city.defect(http, anna)["photos"] == [told]
    seen = see(http, anna, told["id"])
    assert seen.headers["content-type"] == "image/jpeg"
    assert not any(secret in seen.content for secret in files.SECRETS)
    image, tiny = of(seen), see(http, anna, f"{told['id']}?size=small")
    assert (image.size, of(tiny).size, image.format) == ((1067, 1600), (213, 320), "JPEG")
    assert not any(secret in tiny.content for secret in files.SECRETS)
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    top, foot = image.getpixel((500, 300)), image.getpixel((500, 1300))
    assert (top[0] > 180 > top[2], foot[2] > 180 > foot[0]) == (True, True)  # the red half, left before, is on top now


@pytest.mark.parametrize(("form", "kind"), [("PNG", "image/png"), ("WEBP", "image/webp"), ("PNG", "application/octet-stream")])
def test_pictures_of_other_kinds_become_jpegs_on_white(http: TestClient, anna: str, form: str, kind: str):
    clear = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    answer = add(http, anna, files.file_of(clear, form), kind=kind)
    assert answer.status_code == 201, answer.text
    image = of(see(http, anna, answer.json()["id"]))
    assert image.format == "JPEG"
    assert min(image.getpixel((25, 25))) > 250


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_way_of_telling_colours_is_read(mode: str):
    image = Image.new("I;16", (20, 10)) if mode == "I;16" else files.picture(20, 10).convert("L" if mode == "I;16" else mode)
    made = pictures.cleaned(files.file_of(image, "JPEG" if mode == "CMYK" else "PNG"), 1000, 1000)
    assert (made.width, made.height) == (20, 10)


def test_of_a_photo_with_others_behind_it_the_first_is_taken():
    """As phones make them that keep depth or brightness beside what is seen."""
    data = files.file_of(files.picture(40, 30), "MPO", save_all=True, append_images=[files.picture(20, 10)])
    made = pictures.cleaned(data, 2000, 10)
    assert (made.width, made.height) == (40, 30)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
UNREADABLE = {
    "nothing": b"",
    "text": b"this is a jpeg, honestly",
    "html": HTML,
    "svg": SVG,
    "html behind a jpeg's first bytes": b"\xff\xd8\xff\xe0" + HTML,
    "cut in the middle": small(0)[:-300],
    "cut in the header": small(0)[:20],
    "a png cut in the middle": files.file_of(files.picture(40, 30), "PNG")[:-300],
    "gif": files.file_of(files.picture(40, 30), "GIF"),
    "tiff": files.file_of(files.picture(40, 30), "TIFF"),
    "a moving webp": files.moving("WEBP"),
    "a moving png": files.moving("PNG"),
    "a hundred scans": files.of_many_scans(100),
    "zeros": bytes(1000),
}
TOO_LARGE = {
    "a png of 400 million pixels": files.png_bomb(20_000),
    "a png of 17 million pixels": files.png_bomb(4100),
    "a jpeg that claims 4 thousand million": files.claiming(small(0), 65_500, 65_500),
    "a jpeg that claims 80 million": files.claiming(small(0), 10_000, 8_000),
    "a progressive jpeg of 17 million": files.claiming(small(0), 4100, 4100).replace(b"\xff\xc0", b"\xff\xc2", 1),
}


def test_what_is_no_picture_is_refused_whatever_it_claims(http: TestClient, anna: str):
    for name, data in UNREADABLE.items():
        answer = add(http, anna, data)
        assert code_of(answer) == (422, "photo.unreadable"), name
        assert "; " in answer.json()["detail"], "and what to do"
    assert shown(http, anna) == []


def test_a_bomb_is_refused_by_its_header_before_it_is_decoded(http: TestClient, anna: str):
    for name, data in TOO_LARGE.items():
        answer = add(http, anna, data)
        assert code_of(answer) == (413, "body.expands_too_large"), name
        assert "million pixels" in answer.json()["detail"]
    assert shown(http, anna) == []


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of damaged EXIF
def test_whatever_is_changed_in_a_file_it_is_read_or_refused_and_nothing_else():
    draw, whole = random.Random(7), [files.from_phone(width=200, height=150), files.of_many_scans(10)]
    whole += [files.file_of(files.picture(40, 30), form) for form in ("PNG", "WEBP")]
    read = 0
    for number in range(1200):
        with contextlib.suppress(pictures.Unreadable, pictures.TooManyPixels):
            pictures.cleaned(files.damaged(whole[number % 4], draw), LIMITS.photo_pixels, LIMITS.photo_whole_pixels)
            read += 1
    assert 100 < read < 1100  # both happened


def test_the_bytes_are_counted_while_they_come(http: TestClient, anna: str):
    too_many = small(0) + bytes(LIMITS.photo_bytes)
    assert code_of(add(http, anna, too_many)) == (413, "body.too_large")
    parts = iter([too_many[: 7 << 20], too_many[7 << 20 :]])
    headers = city.bearer(anna) | {"Content-Type": "image/jpeg"}
    assert code_of(http.post(f"/v1/defects/{city.COMMON}/photos", content=parts, headers=headers)) == (413, "body.too_large")
    assert add(http, anna, small(0) + bytes(1000)).status_code == 201  # what lies behind a picture is not kept


def test_what_does_not_even_claim_to_be_a_picture_is_not_looked_at(http: TestClient, anna: str):
    for kind in ("image/svg+xml", "text/html", "application/json", "", "image/heic"):
        assert code_of(add(http, anna, small(0), kind=kind)) == (415, "body.unsupported"), kind


@pytest.mark.both_databases
def test_the_same_bytes_again_are_the_same_photo(http: TestClient, store: Store, anna: str):
    ben = city.user(store, "ben", "admin")
    first, again = add(http, anna, small(1)), add(http, ben, small(1))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert add(http, anna, small(1), city.RARE).json()["id"] != first.json()["id"]  # of another defect it is another
    assert drop(http, ben, first.json()["id"]).status_code == 204
    assert add(http, anna, small(1)).status_code == 201


@pytest.mark.both_databases
def test_sent_eight_times_at_once_it_is_stored_once(http: TestClient, store: Store, anna: str):
    found: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: found.append(add(http, anna, small(1)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in found) == [200] * 7 + [201]
    with store.database.read() as session:
        assert session.scalar(select(func.count()).select_from(DefectPhoto)) == 1


def test_a_defect_has_a_handful_and_no_more(http: TestClient, anna: str):
    kept = [add(http, anna, small(seed)).json()["id"] for seed in range(6)]
    answer = add(http, anna, small(6))
    assert code_of(answer) == (409, "photo.too_many")
    assert "delete one first" in answer.json()["detail"]
    assert add(http, anna, small(0)).status_code == 200  # it is there
    assert drop(http, anna, kept[0]).status_code == 204
    assert add(http, anna, small(6)).status_code == 201
    assert len(shown(http, anna)) == 6


def test_users_see_photos_and_the_public_learns_not_even_that_there_are_any(http: TestClient, store: Store, anna: str):
    photo = add(http, anna, small(0)).json()["id"]
    before = http.get(f"/v1/defects/{city.COMMON}")
    for role in ("crew", "analyst", "admin"):
        token = city.user(store, f"the-{role}", role)
        assert see(http, token, photo).status_code == 200
        assert shown(http, token) == [photo]
    assert "photo" not in before.text
    driver = Phone.enrol(http)
    assert "photo" not in http.get(f"/v1/defects/{city.COMMON}", headers=driver.headers).text
    address = f"/v1/defects/{city.COMMON}/photos/{photo}"
    assert code_of(http.get(address)) == (401, "auth.missing")
    assert code_of(http.get(address, headers=driver.headers)) == (403, "auth.role")
    analyst = city.user(store, "the-analyst", "analyst")
    assert code_of(drop(http, analyst, photo)) == (403, "auth.role")
    assert code_of(add(http, analyst, small(1))) == (403, "auth.role")
    assert drop(http, anna, photo).status_code == 204
    assert http.get(f"/v1/defects/{city.COMMON}").content == before.content


def test_a_photo_may_be_kept_by_its_reader_alone_and_is_nothing_but_a_picture(http: TestClient, anna: str):
    photo = add(http, anna, small(0)).json()["id"]
    told = see(http, anna, photo).headers
    assert told["cache-control"] == "private, no-cache"
    assert told["x-content-type-options"] == "nosniff"
    assert told["content-disposition"].startswith("inline")
    assert told["cross-origin-resource-policy"] == "same-origin"
    again = see(http, anna, photo, **{"If-None-Match": told["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert see(http, anna, f"{photo}?size=small", **{"If-None-Match": told["etag"]}).status_code == 200
    assert code_of(see(http, anna, f"{photo}?size=huge")) == (422, "field.range")
    assert code_of(http.get(f"/v1/defects/{city.COMMON}/photos/{photo}", headers={"If-None-Match": told["etag"]}))[0] == 401


def test_another_site_cannot_have_a_photo_added_or_deleted(http: TestClient, store: Store, anna: str):
    photo = add(http, anna, small(0)).json()["id"]
    http.post("/v1/session", json={"link": city.give_link(store, "anna")})
    for site, expected in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
        headers = {"Sec-Fetch-Site": site, "Content-Type": "image/jpeg"}
        answer = http.post(f"/v1/defects/{city.COMMON}/photos", content=small(0), headers=headers)
        assert answer.status_code == expected, answer.text
    assert http.delete(f"/v1/defects/{city.COMMON}/photos/{photo}", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_photo_that_is_not_there_is_not_found(http: TestClient, anna: str):
    for call in (see, drop):
        assert code_of(call(http, anna, "0" * 16)) == (404, "not_found")
        for wrong in ("x", "0" * 17, "A" * 16, "0" * 15 + "'"):
            assert code_of(call(http, anna, wrong)) == (422, "id.format")


def test_a_photo_is_found_with_its_own_defect_alone(http: TestClient, anna: str):
    photo = add(http, anna, small(0)).json()["id"]
    assert code_of(see(http, anna, photo, city.RARE)) == (404, "not_found")
    assert code_of(drop(http, anna, photo, city.RARE)) == (404, "not_found")
    assert code_of(add(http, anna, small(0), "nowhere")) == (404, "not_found")


@pytest.mark.both_databases
def test_photos_outlive_the_estimates(http: TestClient, store: Store, anna: str):
    photo = add(http, anna, small(0)).json()["id"]
    city.put_defects(store, city.some_defects(other=5))  # found no more
    assert see(http, anna, photo).status_code == 200
    city.put_defects(store)  # and found again
    assert shown(http, anna) == [photo]
    city.put_defects(store, city.some_defects(other=5))
    assert drop(http, anna, photo).status_code == 204  # whoever is seen on it need not wait for the defect


def joined(http: TestClient, token: str, path: str, **fields: Any) -> dict[str, Any]:
    answer = http.post(f"/v1/defects/{path}", json=fields, headers=city.bearer(token))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.both_databases
def test_photos_of_merged_defects_are_shown_together_and_go_back_when_they_are_parted(http: TestClient, store: Store, anna: str):
    near = replace(city.some_defects(a=5, b=5, c=5), latitude=48.1 + 0.0003 * np.arange(3))
    city.put_defects(store, near)
    photos = {name: add(http, anna, small(seed), name).json()["id"] for seed, name in enumerate("abc")}
    joined(http, anna, "a/merge", into="b")
    joined(http, anna, "b/merge", into="c")
    assert shown(http, anna, "c") == [photos[name] for name in "abc"]
    assert see(http, anna, photos["a"], "c").status_code == see(http, anna, photos["a"], "a").status_code == 200
    assert code_of(add(http, anna, small(9), "a")) == (409, "defect.merged")
    assert add(http, anna, small(0), "c").json()["id"] == photos["a"]  # it has this one already
    later = add(http, anna, small(9), "c").json()["id"]
    joined(http, anna, "c/undo")
    assert shown(http, anna, "b") == [photos["a"], photos["b"]]
    assert shown(http, anna, "c") == [photos["c"], later]
    assert code_of(see(http, anna, photos["c"], "b")) == (404, "not_found")


@pytest.mark.both_databases
def test_photos_of_a_split_defect_stay_with_its_id_and_those_of_both_are_its_own_when_it_is_one_again(
    http: TestClient, store: Store, anna: str
):
    before = add(http, anna, small(0)).json()["id"]
    longitude, latitude = city.defect(http, anna)["geometry"]["coordinates"]
    places = [{"latitude": latitude + shift, "longitude": longitude} for shift in (0.0, 0.0001)]
    other = joined(http, anna, f"{city.COMMON}/split", places=places)["changes"][-1]["told"]["split"]
    assert (shown(http, anna), shown(http, anna, other)) == ([before], [])
    assert add(http, anna, small(0), other).status_code == 201
    later = add(http, anna, small(1), other).json()["id"]
    joined(http, anna, f"{city.COMMON}/undo")
    assert shown(http, anna) == [before, later]
    assert see(http, anna, later).status_code == 200


def test_adding_and_deleting_stands_in_the_audit_log(http: TestClient, store: Store, anna: str):
    photo = add(http, anna, small(0)).json()["id"]
    add(http, anna, small(0))
    drop(http, anna, photo)
    with store.database.read() as session:
        told = [(entry.what, entry.who, entry.subject, entry.before, entry.after) for entry in audit.entries(session)][-2:]
        assert audit.verify(session).fault is None
    digest = hashlib.sha256(small(0)).hexdigest()[:32]
    assert told == [
        ("defect.photo", "user:anna", city.COMMON, None, f"{photo}, sha256 {digest}"),
        ("defect.photo_deleted", "user:anna", city.COMMON, photo, None),
    ]


def test_a_deleted_photo_is_overwritten_in_the_database(http: TestClient, store: Store, anna: str, installation: Any):
    photo = add(http, anna, files.from_phone()).json()["id"]
    seen = see(http, anna, photo).content
    middle = seen[len(seen) // 2 :][:64]
    held = b"".join(path.read_bytes() for path in installation.data.glob("cahot.sqlite*"))
    assert middle in held
    drop(http, anna, photo)
    assert store.database.scrub()
    assert middle not in b"".join(path.read_bytes() for path in installation.data.glob("cahot.sqlite*"))
