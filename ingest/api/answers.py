"""How answers are described in /openapi.json: their bodies, and the problems each call may return."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from ingest.api.problems import CODES, MEDIA_TYPE

State = Literal["receiving", "queued", "processed", "rejected"]


class ProblemBody(BaseModel):
    """RFC 9457; `code` is stable, `detail` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    value: Any = None
    missing: list[int] | None = Field(None, description="trip.incomplete: numbers of missing chunks, at most 1000")
    changed: dict[str, Any] | None = Field(None, description="defect.changed: status, note, by and version of the last change")
    incident: str | None = Field(None, description="internal: what the operator finds in the log")


class NewDevice(BaseModel):
    device_id: str
    token: str = Field(description="shown this once; send it as Authorization: Bearer")


class NewToken(BaseModel):
    device_id: str
    token: str = Field(description="shown this once; the one before stays good until `previous_until`")
    previous_until: str = Field(description="RFC 3339")


class Enrolment(BaseModel):
    code: str | None = Field(None, description="where the city asks for one; dashes and case do not matter")


class SignIn(BaseModel):
    link: str = Field(description="the part of a sign-in link after its #; good once")


class WhoAmI(BaseModel):
    name: str | None = Field(description="null: not a user")
    role: str = Field(description="anyone, driver, crew, analyst or admin")
    until: str | None = Field(description="RFC 3339, when the session or token ends")


_VERSION = "of the defect as it was seen, as `If-Match` may also say: 409 where somebody changed it since"


class StatusChange(BaseModel):
    status: str | None = Field(None, description="one of the statuses that may follow; left out: only a note")
    note: str | None = Field(None, description="plain text, at most 2000 characters")
    version: int | None = Field(None, description=_VERSION)
    assignee: str | None = Field(None, description="whose work it is, at most 64 characters; an empty text: nobody's")
    known_as: str | None = Field(
        None, alias="as", description="with dismissed: casting, hump, crossing or joint; it then stays so"
    )


class Bulk(BaseModel):
    """The same change of several defects, each by itself."""

    ids: list[str] = Field(min_length=1, max_length=500)
    versions: dict[str, int] | None = Field(None, description="of each as it was seen; those left out are changed as they are")
    status: str | None = None
    note: str | None = None
    assignee: str | None = None
    known_as: str | None = Field(None, alias="as")


class Merge(BaseModel):
    into: str = Field(description="id of the defect that is to count for both")
    note: str | None = None
    version: int | None = Field(None, description=_VERSION)


class Undo(BaseModel):
    note: str | None = None
    version: int | None = Field(None, description=_VERSION)


class Place(BaseModel):
    latitude: float = Field(ge=-90, le=90, description="WGS 84 degrees")
    longitude: float = Field(ge=-180, le=180)


class Split(BaseModel):
    places: list[Place] | None = Field(None, description="two; left out: where its jolts part")
    by: str | None = Field(None, description="without places: position (where the jolts spread most, the default) or side")
    note: str | None = None
    version: int | None = Field(None, description=_VERSION)


class Waveforms(BaseModel):
    metres: list[float] = Field(description="of road, from where the front axle meets the thing")
    waveforms: list[list[float]] = Field(description="vertical m/s² without gravity at each of `metres`, hardest first")
    k: int = Field(description="none are told of fewer devices")


class PhotoStored(BaseModel):
    """One photo of a defect; its bytes at `/v1/defects/{id}/photos/{id of the photo}`."""

    id: str
    time: str = Field(description="RFC 3339, when it was added")
    by: str = Field(description="a user's name")
    width: int = Field(description="pixels")
    height: int


class NewReport(BaseModel):
    kind: str = Field(description="of a defect, or lamp, graffiti, sign_not_visible")
    place: Place
    note: str | None = Field(None, description="plain text, at most 2000 characters")
    report_id: str | None = Field(None, description="a UUID chosen by the phone: the same report again is stored once")


class ReportStored(BaseModel):
    report_id: str
    duplicate: bool
    receipt: str = Field(description="shown this once: send it as `Report-Receipt` to hear what became of the report")
    defect_id: str | None = Field(None, description="the known defect that it is of")
    same_as: str | None = Field(None, description="the earlier report of the same thing")


class ReportState(BaseModel):
    """What became of a report."""

    report_id: str
    kind: str
    latitude: float
    longitude: float
    note: str
    time: str = Field(description="RFC 3339")
    status: str = Field(description="of its defect, else what a crew says of the report itself")
    answer: str = Field(description="of a crew, plain text")
    defect_id: str | None = Field(None, description="the defect that it is of, where the map shows it")
    same_as: str | None = Field(None, description="the earlier report of the same thing")


class ReportAnswer(BaseModel):
    status: str | None = Field(None, description="new, confirmed, scheduled, repaired, dismissed or reopened")
    answer: str | None = Field(None, description="for its writer, plain text, at most 2000 characters")


class Contribution(BaseModel):
    """What this driver's trips brought."""

    km: float
    trips: int
    jolts: int
    defects: int = Field(description="that their jolts helped to confirm")
    repairs: int = Field(description="of these, repaired after a trip of theirs")
    first_km: float = Field(description="of streets that at least k devices drove by now, what this one drove first")
    reports: list[ReportState] = Field(description="the device's own, newest first, at most a hundred")


class ChunkStored(BaseModel):
    trip_id: str
    chunk: int
    sha256: str = Field(description="of the body after Content-Encoding is removed; delete the chunk only if it matches")
    duplicate: bool


class MessageStored(BaseModel):
    trip_id: str | None = Field(description="what the session will be once it is silent; null where there was nothing to keep")
    kept: int = Field(description="readings")
    dropped: dict[str, int] = Field(description="readings of our sensors left out, by reason: time, value")
    duplicate: bool


class TripBody(BaseModel):
    trip_id: str
    state: State
    chunks: int = Field(description="stored so far")
    expected: int | None = Field(description="what it was finished with")
    reason: str | None = Field(description="why it was rejected")
    jolts: int | None = Field(description="found; null until processed")
    driven_m: float | None
    driven_s: float | None
    quarantined: dict[int, str] = Field(description="chunks that were found damaged here and left out: number → why")


class Finish(BaseModel):
    chunks: int = Field(ge=1, description="how many chunks the trip has")


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these; what any route may answer is added."""
    answers: dict[int | str, dict[str, Any]] = {}
    for code in (*codes, "internal", "busy", "rate.limited"):
        status, title = CODES[code]
        told = answers.setdefault(status, {"description": "", "content": {MEDIA_TYPE: _PROBLEM}})
        told["description"] += f"{', ' if told['description'] else ''}`{code}` {title.lower()}"
    return answers


def json_body(model: type[BaseModel] | None, media_type: str = "application/json", *, required: bool = True) -> dict[str, Any]:
    """`openapi_extra` of a route that reads its body by itself."""
    schema = model.model_json_schema() if model else {"type": "object"}
    return {"requestBody": {"required": required, "content": {media_type: {"schema": schema}}}}


_PROBLEM = {"schema": ProblemBody.model_json_schema()}
