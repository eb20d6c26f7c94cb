"""The report of an audit as one HTML file that needs no network, server or library."""

from .write import checked_page, write_audit_page

__all__ = ["checked_page", "write_audit_page"]
