"""Textures of surfaces, each made from its name."""
