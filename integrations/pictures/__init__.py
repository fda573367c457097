"""Pictures: strangers' photos and scans made into copies to print, to read and to sign with, in a limited child."""

from integrations.pictures.copies import MOST_BYTES, Copies, copies
from integrations.pictures.pictures import Pictures

__all__ = ["MOST_BYTES", "Copies", "Pictures", "copies"]
