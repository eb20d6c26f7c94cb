"""The characters: skeletons, skins, faces, hair and clothes."""
