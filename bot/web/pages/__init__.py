"""Pages that people open from a link: the pay page, private documents, how to know it is us."""
