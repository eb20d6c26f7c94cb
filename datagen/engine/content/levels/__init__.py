"""The levels, one function each, and what builds them."""
