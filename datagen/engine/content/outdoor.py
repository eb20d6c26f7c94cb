"""The outdoor environments by level name."""

from collections.abc import Callable

import numpy as np

from . import coast, country, green, roofs, sport, squares, stylised, town, wild
from .environment import Environment

OUTDOOR: dict[str, Callable[[np.random.Generator], Environment]] = {
    "OldTownStreet": town.old_town_street,
    "Canal": town.canal,
    "Avenue": town.avenue,
    "Suburb": town.suburb,
    "FountainSquare": squares.fountain_square,
    "MonumentSquare": squares.monument_square,
    "Market": squares.market,
    "Arcade": squares.arcade,
    "Park": green.park,
    "AutumnPond": green.autumn_pond,
    "Playground": green.playground,
    "ForestEdge": green.forest_edge,
    "BirchWood": green.birch_wood,
    "Beach": coast.beach,
    "Harbour": coast.harbour,
    "Farm": country.farm,
    "Lavender": country.lavender,
    "RoofTerrace": roofs.roof_terrace,
    "RoofPlant": roofs.roof_plant,
    "BasketballCourt": sport.basketball_court,
    "FootballPitch": sport.football_pitch,
    "StationPlatform": sport.station_platform,
    "Desert": wild.desert,
    "Canyon": wild.canyon,
    "WinterVillage": wild.winter_village,
    "FrozenLake": wild.frozen_lake,
    "ToyTown": stylised.toy_town,
    "PastelStudio": stylised.pastel_studio,
}
