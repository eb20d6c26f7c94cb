"""The embedded engine: Panda3D behind UnrealCV's protocol and Unreal's Remote Control.

Its content (the meshes of its levels) is imported without Panda3D.
"""
