"""The embedded engine: Panda3D behind the two protocols of an Unreal Engine 5 with UnrealCV and Remote Control."""

from .checkup import doctor
from .serving import serve

__all__ = ["doctor", "serve"]
