"""The cuts of clothes, and what an outfit consists of."""

from dataclasses import dataclass

from ..shapes.meshes import Rgb
from ..unreal_space import Number


@dataclass(frozen=True, kw_only=True)
class TopCut:
    """The cut of what covers the torso.

    ``sleeve`` is a share of the arm, ``hem`` of the torso (0: hip joints, below 0: shares of the thigh),
    ``collar_cm`` the height of its edge at the neck. It is ``thickness_cm`` off the body; ``flare`` says how
    much wider it gets below the hips (0: straight). An open front is a gap of ``gap_cm``.
    """

    sleeve: Number
    hem: Number
    thickness_cm: Number = 0.8
    collar_cm: Number = 0.0
    gap_cm: Number = 0.0
    hood: bool = False
    flare: Number = 0.0


TOPS = {
    "tank": TopCut(sleeve=0.0, hem=0.14, thickness_cm=0.6),
    "tshirt": TopCut(sleeve=0.26, hem=0.02, thickness_cm=0.9),
    "shirt": TopCut(sleeve=0.95, hem=0.16, thickness_cm=0.9, collar_cm=2.5),
    "polo": TopCut(sleeve=0.28, hem=0.02, thickness_cm=0.9, collar_cm=2.2),
    "sweater": TopCut(sleeve=0.98, hem=0.04, thickness_cm=1.2, collar_cm=1.2),
    "turtleneck": TopCut(sleeve=0.98, hem=0.05, thickness_cm=1.1, collar_cm=6.0),
    "hoodie": TopCut(sleeve=0.99, hem=0.0, thickness_cm=1.4, collar_cm=1.5, hood=True),
    "jacket": TopCut(sleeve=0.99, hem=-0.02, thickness_cm=1.5, collar_cm=3.5),
    "blazer": TopCut(sleeve=0.96, hem=-0.12, thickness_cm=1.2, collar_cm=1.0, gap_cm=4.0),
    "cardigan": TopCut(sleeve=0.96, hem=-0.06, thickness_cm=1.2, collar_cm=0.5, gap_cm=3.0),
    "coat": TopCut(sleeve=0.98, hem=-0.85, thickness_cm=1.6, collar_cm=4.0, flare=0.15),
    "dress": TopCut(sleeve=0.12, hem=-0.92, thickness_cm=0.7, flare=0.45),
    "gown": TopCut(sleeve=0.9, hem=-1.7, thickness_cm=0.8, collar_cm=1.0, flare=0.35),
}


@dataclass(frozen=True, kw_only=True)
class BottomCut:
    """The cut of what covers the legs: where it ends (share of the leg), and its width there (cm)."""

    hem: Number
    thickness_cm: Number = 0.9
    width_cm: Number = 0.0
    is_skirt: bool = False
    flare: Number = 0.0


BOTTOMS = {
    "trousers": BottomCut(hem=0.985, width_cm=6.4),
    "jeans": BottomCut(hem=0.97, width_cm=5.6),
    "leggings": BottomCut(hem=0.93, thickness_cm=0.35),
    "wide": BottomCut(hem=0.985, thickness_cm=1.4, width_cm=9.5),
    "shorts": BottomCut(hem=0.42, thickness_cm=1.6, width_cm=9.4),
    "skirt": BottomCut(hem=0.5, is_skirt=True, flare=0.45),
    "long-skirt": BottomCut(hem=0.85, is_skirt=True, flare=0.35),
    "mini": BottomCut(hem=0.3, is_skirt=True, flare=0.15),
}
SHOES = ("sneakers", "boots", "plain")
# The height of trousers and skirts, as a share of the torso.
WAIST = 0.30
# Tops with higher hems are tucked in.
TUCKED = 0.12


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """Names of cuts, textures and colours of clothes; ``inner`` is what an open front shows."""

    top: str = "tshirt"
    top_color: Rgb = (0.8, 0.8, 0.8)
    top_texture: str = "fabric"
    bottom: str = "trousers"
    bottom_color: Rgb = (0.2, 0.25, 0.35)
    bottom_texture: str = "fabric"
    shoes: str = "sneakers"
    shoes_color: Rgb = (0.3, 0.2, 0.15)
    inner_color: Rgb = (0.93, 0.93, 0.93)
    tie_color: Rgb | None = None
