"""The embedded engine: Panda3D behind UnrealCV's protocol and Unreal's Remote Control."""

from .doctor import doctor
from .serve import serve

__all__ = ["doctor", "serve"]
