"""How takes are made: batches, plans, engines, filming with Ray.

Names are loaded when first used, so that a started engine does not load Ray.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Batch": "batch",
    "Catalog": "catalog",
    "GenerateReport": "generating",
    "ProgressLine": "progress",
    "RunningEngine": "drive",
    "Stage": "drive",
    "TakeOutcome": "run",
    "TakeSpec": "plan",
    "dataset_status": "report",
    "doctor": "engine",
    "film_take": "film",
    "generate": "generating",
    "load_batch": "batch",
    "load_catalog": "catalog",
    "plan_report": "report",
    "plan_take": "plan",
    "plan_takes": "plan",
    "planned_poses": "plan",
    "resolved_toml": "batch",
    "serve": "engine",
    "take_rig": "plan",
    "take_rows": "plan",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'datagen' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
