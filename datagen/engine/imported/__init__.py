"""The user's own assets: levels, characters and animations from glTF and BVH files."""
