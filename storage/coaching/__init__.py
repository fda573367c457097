"""Coaching: the profile, projects with their plans, decisions, proposals, the conversation and what the model cost.

Every row of a project names its person too, and the pair is a foreign key: a row can only belong to the project of the
person whom it names (rule PJ-2). Words of a person are sealed; states, dates, amounts and ids are not.
"""
