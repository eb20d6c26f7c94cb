"""How takes are made: batches, plans, engines, filming with Ray."""
