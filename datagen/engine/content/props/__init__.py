"""Things that stand in levels, as parts of meshes."""
