"""The pure rules of a plan: its template, progress, rhythms, dates and the next step; no database, no clock."""
