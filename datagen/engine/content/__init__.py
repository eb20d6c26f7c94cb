"""What the engine can load: environments, characters, animations."""
