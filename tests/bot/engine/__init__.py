"""The engine's promises about turns: one commit, order, poison, duplicates, first contact, albums."""
