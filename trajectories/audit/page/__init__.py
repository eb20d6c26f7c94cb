"""The report of an audit as one HTML file that needs no network, server or library."""

from .svg import motion_colour
from .write import checked_page, rig_script, write_audit_page

__all__ = ["checked_page", "motion_colour", "rig_script", "write_audit_page"]
