"""Images of a filmed set as data URIs, as many as fit."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from multitake.errors import InputError

from ...footage import Footage


@dataclass
class PageImages:
    """Images for one part of the page.

    Attributes:
        footage: None if the source is not filmed.
        left: how many more images may be read, because each takes time.
        bytes_left: how many more bytes the page has for them.
    """

    footage: Footage | None
    left: int
    bytes_left: int

    def data_uri(
        self, take: str, cameras: Sequence[str], frames: Sequence[int], *, width_px: int
    ) -> tuple[str, str]:
        """Images of cameras (rows) at frames (columns), and a note; one of the two is empty.

        Both are empty if the source is not filmed, or if no more images fit.
        """
        if self.footage is None or self.left <= 0:
            return "", ""
        self.left -= 1
        try:
            jpeg = self.footage.pictures(take, cameras, frames, width_px=width_px)
        except InputError as error:
            return "", f"no image: {error.what}"
        uri = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
        if len(uri) > self.bytes_left:
            self.left = 0
            return "", ""
        self.bytes_left -= len(uri)
        return uri, ""
