"""The embedded engine: Panda3D behind UnrealCV's protocol and Unreal's Remote Control.

Its content (the meshes of its levels) can be imported without Panda3D.
"""
