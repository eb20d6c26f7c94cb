"""The engine's two servers: UnrealCV and Remote Control."""
