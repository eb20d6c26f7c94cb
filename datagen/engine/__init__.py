"""The embedded engine: Panda3D behind UnrealCV's protocol and Unreal's Remote Control."""

from .checkup import doctor
from .serving import serve

__all__ = ["doctor", "serve"]
