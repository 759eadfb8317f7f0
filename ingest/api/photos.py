"""Photos of a defect: crews add and delete them, users see them, the public never does: faces and number plates are on them."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from ingest import pictures
from ingest.api import body, pressure
from ingest.api.access import ADeed, ASettings, AStore, AUser
from ingest.api.answers import PhotoStored, problems
from ingest.api.defects import DefectId, photo_told
from ingest.api.lanes import Lanes
from ingest.api.problems import Problem
from ingest.store import Store, photos, triage
from ingest.store.audit import Deed

router = APIRouter(tags=["crews"])

JPEG = "image/jpeg"
TAKEN = (JPEG, "image/png", "image/webp", "application/octet-stream")  # a claim: what the bytes are is found out
PhotoId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
Size = Annotated[Literal["large", "small"], Query(description="small: at most 320 pixels wide and high")]

_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "description": "a photo as it was taken", "content": dict.fromkeys(TAKEN, _BYTES)}}
_CODES = ("auth.missing", "auth.invalid", "auth.role", "not_found", "id.format")


@router.post(
    "/v1/defects/{defect_id}/photos",
    status_code=201,
    response_model=PhotoStored,
    responses={
        200: {"model": PhotoStored, "description": "It has this photo already"},
        **problems(
            *(*_CODES, "auth.cross_site", "defect.merged", "photo.unreadable", "photo.too_many"),
            *("body.unsupported", "body.too_large", "body.expands_too_large", "body.cut_off", "storage.full", "storage.failed"),
        ),
    },
    openapi_extra=_BODY,
    summary="Add a photo of a defect",
)
async def post_photo(
    defect_id: DefectId, request: Request, user: AUser, deed: ADeed, store: AStore, settings: ASettings
) -> JSONResponse:
    """A JPEG, PNG or WebP. Kept of it is what is seen, upright, at most 1600 pixels wide and high, as a JPEG: neither place
    nor time nor camera. The same bytes again: 200 and the same photo. A defect has at most six."""
    _check_kind(request)
    await run_in_threadpool(_check_room, request, store, defect_id)
    limits, lanes = settings.limits, _lanes(request)
    async with pressure.reading_of(request).body() as count:
        data = await body.read_body(request, limits.photo_bytes, count)
        clean = partial(pictures.cleaned, data, limits.photo_pixels, limits.photo_whole_pixels)
        picture = await to_thread.run_sync(clean, limiter=lanes.photos)
        sha256 = hashlib.sha256(data).hexdigest()
    new = photos.NewPhoto(picture.jpeg, picture.small, picture.width, picture.height, sha256, user.name or "")
    photo, is_new = await run_in_threadpool(_add, store, defect_id, new, deed)
    return JSONResponse(photo_told(photo), 201 if is_new else 200)


@router.get(
    "/v1/defects/{defect_id}/photos/{photo_id}",
    response_class=Response,
    responses={200: {"description": "The photo", "content": {JPEG: _BYTES}}, **problems(*_CODES, "field.range")},
    summary="One photo of a defect",
)
def get_photo(
    defect_id: DefectId, photo_id: PhotoId, request: Request, _user: AUser, store: AStore, size: Size = "large"
) -> Response:
    """For users, and kept by no cache that others read. Its bytes never change; asked again, an unchanged one is a 304."""
    with store.database.read() as session:
        data = photos.read(session, defect_id, photo_id, size == "small")
    headers = {"ETag": f'"{photo_id}-{size}"', "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers |= {"Content-Disposition": f'inline; filename="{photo_id}.jpg"', "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(data, headers=headers, media_type=JPEG)


@router.delete(
    "/v1/defects/{defect_id}/photos/{photo_id}",
    status_code=204,
    response_class=Response,
    responses=problems(*_CODES, "auth.cross_site", "storage.full", "storage.failed"),
    summary="Delete a photo for ever",
)
async def delete_photo(defect_id: DefectId, photo_id: PhotoId, _user: AUser, deed: ADeed, store: AStore) -> Response:
    """By anybody of the crews, whoever added it. That it was there stays in the audit log, nothing of what was seen on it."""

    def work(session: Session) -> None:
        photos.remove(session, defect_id, photo_id, deed, time.time())

    await run_in_threadpool(store.database.run, work)
    return Response(status_code=204)


def _check_kind(request: Request) -> None:
    kind = body.media_type(request)
    if kind not in TAKEN or body.coding(request) != "identity":
        detail = "photos are JPEG, PNG or WebP; save it as one of these, and send it as it is with its Content-Type"
        raise Problem("body.unsupported", detail, field="Content-Type", value=kind)


def _check_room(request: Request, store: Store, defect_id: str) -> None:
    """Before megabytes come: whether there is such a defect, and anything is stored at all."""
    with store.database.read() as session:
        triage.held(session, defect_id)
    problem = pressure.pressure_of(request).problem()
    if problem is not None and problem.code == "storage.full":  # trips that wait do not concern it
        raise problem


def _add(store: Store, defect_id: str, new: photos.NewPhoto, deed: Deed) -> tuple[photos.Photo, bool]:
    def work(session: Session) -> tuple[photos.Photo, bool]:
        triage.held(session, defect_id)
        return photos.add(session, defect_id, new, deed, time.time())

    return store.database.run(work)


def _lanes(request: Request) -> Lanes:
    lanes: Lanes = request.app.state.lanes
    return lanes
