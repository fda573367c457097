"""The documents, executed: what they show is run, what they name exists, and what exists is named."""
