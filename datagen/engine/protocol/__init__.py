"""UnrealCV and Remote Control: what clients of the engine talk to."""
