"""Whole journeys: the real App in demo mode, the real adapters, the vendors' fakes, people's phones."""
