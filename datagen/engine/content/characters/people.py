"""The people of the catalog."""

from .people_drawn import DRAWN
from .people_first import FIRST
from .people_more import MORE

PEOPLE = (*FIRST, *MORE, *DRAWN)
