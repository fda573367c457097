"""Coaching: the launch of a paid community, walked in chat."""
