"""The outdoor environments by level name."""

from collections.abc import Callable

import numpy as np

from ..environment import Environment
from .arcade import arcade
from .avenue import avenue
from .coast import beach, harbour
from .country import farm, lavender
from .desert import canyon, desert
from .parks import autumn_pond, park, playground
from .pastel import pastel_studio
from .roofs import roof_plant, roof_terrace
from .sport import basketball_court, football_pitch
from .squares import fountain_square, market, monument_square
from .station_platform import station_platform
from .suburb import suburb
from .town import canal, old_town_street
from .toy_town import toy_town
from .winter import frozen_lake, winter_village
from .woods import birch_wood, forest_edge

OUTDOOR: dict[str, Callable[[np.random.Generator], Environment]] = {
    "OldTownStreet": old_town_street,
    "Canal": canal,
    "Avenue": avenue,
    "Suburb": suburb,
    "FountainSquare": fountain_square,
    "MonumentSquare": monument_square,
    "Market": market,
    "Arcade": arcade,
    "Park": park,
    "AutumnPond": autumn_pond,
    "Playground": playground,
    "ForestEdge": forest_edge,
    "BirchWood": birch_wood,
    "Beach": beach,
    "Harbour": harbour,
    "Farm": farm,
    "Lavender": lavender,
    "RoofTerrace": roof_terrace,
    "RoofPlant": roof_plant,
    "BasketballCourt": basketball_court,
    "FootballPitch": football_pitch,
    "StationPlatform": station_platform,
    "Desert": desert,
    "Canyon": canyon,
    "WinterVillage": winter_village,
    "FrozenLake": frozen_lake,
    "ToyTown": toy_town,
    "PastelStudio": pastel_studio,
}
