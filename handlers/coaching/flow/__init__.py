"""The conversation with the coach: the profile, projects, commands, proposals, and the scripted coach."""
