"""Triangle meshes, and the shapes that everything is built from."""
