"""The indoor environments, by level name."""

from collections.abc import Callable

import numpy as np

from ..environment import Environment
from .cafe_brick import cafe_brick
from .cafe_parlour import cafe_parlour
from .computer_room import lecture_lab
from .indoor_culture import gallery
from .indoor_goods import warehouse
from .indoor_gyms import gym_fitness
from .indoor_homes import living_loft, living_manor
from .indoor_kitchens import kitchen_family, kitchen_restaurant
from .indoor_museum import museum
from .indoor_offices import office_open, office_studio
from .indoor_schools import classroom, library
from .indoor_shop import shop
from .indoor_sports_hall import gym_sports
from .indoor_stage import stage
from .indoor_station import station

INDOOR: dict[str, Callable[[np.random.Generator], Environment]] = {
    "CafeBrick": cafe_brick,
    "CafeParlour": cafe_parlour,
    "KitchenFamily": kitchen_family,
    "KitchenRestaurant": kitchen_restaurant,
    "LivingLoft": living_loft,
    "LivingManor": living_manor,
    "OfficeOpen": office_open,
    "OfficeStudio": office_studio,
    "Classroom": classroom,
    "ComputerRoom": lecture_lab,
    "Library": library,
    "Gallery": gallery,
    "Museum": museum,
    "Stage": stage,
    "FitnessRoom": gym_fitness,
    "SportsHall": gym_sports,
    "Warehouse": warehouse,
    "Grocery": shop,
    "StationHall": station,
}
