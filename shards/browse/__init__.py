"""Browse: a local web page that plays the cameras of a take in step."""

from .server import BrowseServer

__all__ = ["BrowseServer"]
