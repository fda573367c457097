"""Charts: bars with their values, 1080 pixels wide, in light and dark."""

from integrations.charts.adapter import Charts

__all__ = ["Charts"]
