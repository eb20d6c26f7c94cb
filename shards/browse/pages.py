"""The answers of the server: the page with its files, the list of takes, and what a take has."""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from importlib.resources import files

from multitake.counts import many
from trajectories.audit import rig_script

from ..format import member_name
from ..reading import Dataset
from ..takes import Clip, Take
from .answers import Answer, RequestError, json_answer
from .layers import FARTHEST_M, NEAREST_M, layer_png
from .take_json import take_json
from .take_list import TakeList

_KINDS = {"html": "text/html; charset=utf-8", "css": "text/css", "js": "text/javascript"}
_FILES = ("page.html", "page.css", "clock.js", "rig.js", "follow.js", "page.js")
_LISTED = 100
# Takes and videos in memory; a player asks for a video in several parts.
_TAKES, _VIDEOS = 8, 40
_LAYERS = ("depth", "mask")
Query = Mapping[str, str]


class Pages:
    """What there is at each address below the root of the server."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._list = TakeList(dataset)
        self._keys = frozenset(dataset.keys)
        self._take = lru_cache(_TAKES)(dataset.take)
        self._video = lru_cache(_VIDEOS)(self._read_video)
        self._answers: dict[str, Callable[[list[str], Query], Answer]] = {
            "dataset": self._about,
            "takes": self._takes,
            "take": self._about_take,
            "video": self._video_answer,
            "layer": self._layer,
            "track": self._track,
        }

    def answer(self, names: list[str], query: Query) -> Answer:
        """The answer at an address, as its names; RequestError if there is none, InputError for damage."""
        first, *rest = names or [""]
        if not rest and first in ("", *_FILES, "rig_view.js"):
            return _file(first or "page.html")
        if first not in self._answers:
            raise RequestError(HTTPStatus.NOT_FOUND, f"there is no page {'/'.join(names)!r}")
        return self._answers[first](rest, query)

    def _about(self, names: list[str], query: Query) -> Answer:
        info, files_of = self._dataset.info, self._dataset.files
        about = {"url": files_of.url, "takes": len(self._dataset), "cameras": info.cameras, "fps": info.fps}
        return json_answer(about | {"nearest_m": NEAREST_M, "farthest_m": FARTHEST_M})

    def _takes(self, names: list[str], query: Query) -> Answer:
        offset, most = (_number(query, name, default) for name, default in (("offset", 0), ("most", _LISTED)))
        words, where = query.get("words", ""), query.get("where", "").strip()
        return json_answer(self._list.found(words=words, where=where, offset=offset, most=most))

    def _about_take(self, names: list[str], query: Query) -> Answer:
        return json_answer(take_json(self._named(names, 1)))

    def _video_answer(self, names: list[str], query: Query) -> Answer:
        clip = self._clip(names, 2)
        return Answer(content=self._video(clip.take.key, clip.camera), kind="video/mp4", has_ranges=True)

    def _read_video(self, take: str, camera: str) -> bytes:
        return self._take(take).clip(camera).video_bytes()

    def _layer(self, names: list[str], query: Query) -> Answer:
        clip, kind = self._clip(names, 3), names[2]
        if kind not in _LAYERS or not any(
            one.member == member_name(clip.take.key, kind, clip.camera) for one in clip.take.members
        ):
            raise RequestError(HTTPStatus.NOT_FOUND, f"{kind} was not filmed")
        return Answer(content=layer_png(clip.take, kind, clip.camera, _frame(clip, query)), kind="image/png")

    def _track(self, names: list[str], query: Query) -> Answer:
        """Where another camera, ``to``, sees in each frame what a pixel of this one shows."""
        clip = self._clip(names, 2)
        frame = _frame(clip, query)
        to, row = query.get("to", ""), clip.take.row
        if to not in clip.take.cameras:
            raise RequestError(HTTPStatus.NOT_FOUND, f"unknown camera {to!r}")
        point = _position(query, "x", row.width_px), _position(query, "y", row.height_px)
        found = clip.track([point], frame, cameras=(to,))
        points = zip(found.image_px[0, :, 0].tolist(), found.is_visible[0, :, 0].tolist(), strict=True)
        return json_answer(
            {
                "camera": to,
                "object": str(found.objects[0]),
                "points": [[*xy, seen] if all(map(math.isfinite, xy)) else None for xy, seen in points],
                "world_m": [
                    xyz if all(map(math.isfinite, xyz)) else None for xyz in found.world_m[:, 0].tolist()
                ],
            }
        )

    def _named(self, names: list[str], count: int) -> Take:
        if len(names) != count:
            raise RequestError(HTTPStatus.NOT_FOUND, f"{many(count, 'name')} needed, got {len(names)}")
        if names[0] not in self._keys:
            raise RequestError(HTTPStatus.NOT_FOUND, f"unknown take {names[0]!r}")
        return self._take(names[0])

    def _clip(self, names: list[str], count: int) -> Clip:
        take = self._named(names, count)
        if names[1] not in take.cameras:
            raise RequestError(HTTPStatus.NOT_FOUND, f"unknown camera {names[1]!r}")
        return take.clip(names[1])


def _file(name: str) -> Answer:
    """A file of the page."""
    text = (
        rig_script()
        if name == "rig_view.js"
        else files(__package__).joinpath("assets", name).read_text("utf-8")
    )
    return Answer(content=text.encode(), kind=_KINDS[name.rpartition(".")[2]])


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or len(text) > 9:
        raise RequestError(HTTPStatus.BAD_REQUEST, f"{name} is {text!r}; give a number of 0 or more")
    return int(text)


def _frame(clip: Clip, query: Query) -> int:
    frame, frames = _number(query, "frame", 0), clip.take.row.frames
    if frame >= frames:
        raise RequestError(HTTPStatus.NOT_FOUND, f"no frame {frame}; choose from 0..{frames - 1}")
    return frame


def _position(query: Query, name: str, size_px: int) -> float:
    try:
        value = float(query.get(name, ""))
    except ValueError:
        value = math.nan
    if not 0 <= value < size_px:
        what = f"{name} is no position in the image; give 0 or more, and less than {size_px}"
        raise RequestError(HTTPStatus.BAD_REQUEST, what)
    return value
