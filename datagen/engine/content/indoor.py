"""The indoor environments, by level name."""

from collections.abc import Callable

import numpy as np

from .environment import Environment
from .indoor_culture import gallery, museum, stage
from .indoor_food import cafe_brick, cafe_parlour, kitchen_family, kitchen_restaurant
from .indoor_halls import gym_fitness, gym_sports, shop, station, warehouse
from .indoor_homes import living_loft, living_manor
from .indoor_work import classroom, lecture_lab, library, office_open, office_studio

INDOOR: dict[str, Callable[[np.random.Generator], Environment]] = {
    "CafeBrick": cafe_brick, "CafeParlour": cafe_parlour, "KitchenFamily": kitchen_family,
    "KitchenRestaurant": kitchen_restaurant, "LivingLoft": living_loft, "LivingManor": living_manor,
    "OfficeOpen": office_open, "OfficeStudio": office_studio, "Classroom": classroom,
    "ComputerRoom": lecture_lab, "Library": library,
    "Gallery": gallery, "Museum": museum, "Stage": stage, "FitnessRoom": gym_fitness, "SportsHall": gym_sports,
    "Warehouse": warehouse, "Grocery": shop, "StationHall": station,
}  # fmt: skip
